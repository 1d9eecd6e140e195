//! The sizes of the heads that a log has published, for readers who cannot list its files.
//!
//! ```text
//! checkpoints/sizes      one size a line: decimal, no leading zero, ascending, each line
//!                        ended by a line feed
//! ```
//!
//! The list is not signed. What it names must be there; what it leaves out cannot be told from it.

use tlog::checkpoint::MAX_SIZE;

use super::{BundlePath, Source, SourceError};

/// The longest list that is read, in bytes: 16 MiB, more than a million heads.
pub const MAX_SIZES_BYTES: u64 = 16 * 1024 * 1024;

/// A list of sizes that has another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a size above the one before it, in plain digits and a line feed")]
pub struct SizesError {
    /// The line, from 1.
    pub line: usize,
}

/// Why a source's list of sizes cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadSizesError {
    /// It could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It has another form.
    #[error("checkpoints/sizes: {0}")]
    Form(#[from] SizesError),
}

/// The list of some sizes, which must ascend.
pub fn encode_sizes(sizes: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut text = String::new();
    for size in sizes {
        text.push_str(&size.to_string());
        text.push('\n');
    }
    text.into_bytes()
}

/// The sizes of a list, ascending.
pub fn parse_sizes(bytes: &[u8]) -> Result<Vec<u64>, SizesError> {
    let mut sizes: Vec<u64> = Vec::new();
    for (line, text) in (1_usize..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        let size = text.strip_suffix(b"\n").and_then(plain_size);
        match size.filter(|size| sizes.last().is_none_or(|last| last < size)) {
            Some(size) => sizes.push(size),
            None => return Err(SizesError { line }),
        }
    }
    Ok(sizes)
}

/// A tree size in its one spelling.
pub(super) fn plain_size(text: &[u8]) -> Option<u64> {
    let digits = text.iter().all(u8::is_ascii_digit);
    let plain = digits && (text == b"0" || !text.starts_with(b"0"));
    let text = core::str::from_utf8(text).ok().filter(|_| plain)?;
    text.parse().ok().filter(|size| *size <= MAX_SIZE)
}

/// The sizes of the heads that a source keeps under `checkpoints/`, ascending: those that it
/// lists, or of a source without a list those that its `checkpoints/sizes` names. `None` if
/// neither tells.
pub fn head_sizes(source: &dyn Source) -> Result<Option<Vec<u64>>, ReadSizesError> {
    let mut sizes: Vec<u64> = Vec::new();
    let is_listed = source.each_path(&mut |path| {
        if let Ok(BundlePath::CheckpointAt(size)) = path.parse() {
            sizes.push(size);
        }
    })?;
    if !is_listed {
        let path = BundlePath::CheckpointSizes.to_string();
        let bytes = source.read(&path, MAX_SIZES_BYTES)?;
        return Ok(bytes.map(|bytes| parse_sizes(&bytes)).transpose()?);
    }
    sizes.sort_unstable();
    sizes.dedup();
    Ok(Some(sizes))
}
