//! Where bundles go, and how they get there.

use std::collections::BTreeSet;
use std::io;

use super::overlay::Overlay;
use super::{BundlePath, Reach, ReachError, Reading, Source, SourceError, encode_sizes, reach};

/// The most bytes of one file that are copied: 1 GiB.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024 * 1024;

/// Takes the files of a bundle. Some need them in ascending order of their paths.
pub trait Sink {
    /// Takes one file.
    fn write(&mut self, path: &BundlePath, bytes: &[u8]) -> Result<(), SinkError>;

    /// Takes one file in pieces; how many bytes they were.
    fn write_from(&mut self, path: &BundlePath, reading: Reading<'_>) -> Result<u64, CopyError> {
        let bytes = reading.rest()?;
        self.write(path, &bytes)?;
        Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX))
    }

    /// Ends the bundle. Without it nothing is sure to be there.
    fn finish(&mut self) -> Result<(), SinkError>;
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// The folder holds something.
    #[error("{path} is not empty")]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// A path that does not come after the one before it.
    #[error("{path} comes after {last}, a zip is written in ascending order")]
    Order {
        /// The path.
        path: String,
        /// The one before it.
        last: String,
    },
    /// The operating system refused.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        error: io::Error,
    },
}

/// Why a bundle could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The source could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The source does not say what belongs to it.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// The sink could not be written.
    #[error(transparent)]
    Sink(#[from] SinkError),
}

/// What was copied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Files written.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that the log reaches and the source does not have.
    pub missing: Vec<String>,
    /// Those of them that the charter does not withhold: the bundle is not whole.
    pub owed: Vec<String>,
}

/// Copies the files at some paths, byte for byte, in ascending order of the paths. No file is held
/// whole, unless source or sink can do no better.
pub fn copy(
    source: &dyn Source,
    sink: &mut dyn Sink,
    paths: &[BundlePath],
) -> Result<Copied, CopyError> {
    let mut ordered: Vec<(String, &BundlePath)> =
        paths.iter().map(|path| (path.to_string(), path)).collect();
    ordered.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    ordered.dedup_by(|one, other| one.0 == other.0);
    let mut copied = Copied::default();
    for (text, path) in ordered {
        let Some(reading) = source.reader(&text, MAX_FILE_BYTES)? else {
            copied.missing.push(text);
            continue;
        };
        let bytes = sink.write_from(path, reading)?;
        copied.files = copied.files.saturating_add(1);
        copied.bytes = copied.bytes.saturating_add(bytes);
    }
    sink.finish()?;
    Ok(copied)
}

/// Exports a bundle: everything that its latest head reaches, and nothing else.
///
/// The list of the heads' sizes is written anew: it tells of the heads that are exported, while
/// the source may tell of more, or of none.
pub fn export(source: &dyn Source, sink: &mut dyn Sink) -> Result<Copied, CopyError> {
    let Reach { mut paths, heads, withheld, checkpoint, .. } = reach(source)?;
    let mut source = Overlay::over(source);
    // A log may have published a larger head since; what that reaches was not looked for.
    source.insert(BundlePath::Checkpoint.to_string(), checkpoint);
    if !heads.is_empty() {
        let path = BundlePath::CheckpointSizes;
        source.insert(path.to_string(), encode_sizes(heads.iter().copied()));
        paths.push(path);
    }
    let mut copied = copy(&source, sink, &paths)?;
    let withheld: BTreeSet<String> =
        withheld.into_iter().map(|digest| BundlePath::Artifact(digest).to_string()).collect();
    copied.owed = copied.missing.iter().filter(|path| !withheld.contains(*path)).cloned().collect();
    Ok(copied)
}
