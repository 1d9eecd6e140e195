//! What belongs to a bundle: everything that its latest head reaches.

use std::collections::BTreeSet;

use canon::{Digest, SignedBytes};
use tlog::checkpoint::{Checkpoint, CheckpointError};
use tlog::note::MAX_NOTE_BYTES;
use tlog::tile::{EntriesPath, LeafPath, decode_leaves, places_for_growth, tiles_for_growth};

use super::sizes::head_sizes;
use super::{BundlePath, ReadSizesError, SizesError, Source, SourceError};
use crate::admit::MAX_ENVELOPE_BYTES;
use crate::charter::{Charter, PublicationRules};
use crate::leaf::{Leaf, MAX_LEAVES_BYTES};
use crate::manifest::{File, Manifest};
use crate::payload::{Close, SeedReveal};
use crate::role::EntryType;

/// Why it cannot be told what belongs to a bundle.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// The source could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file that names others is not there.
    #[error("{path} is missing")]
    Missing {
        /// Its path.
        path: String,
    },
    /// The list of the heads' sizes cannot be read.
    #[error("checkpoints/sizes: {0}")]
    Sizes(#[from] SizesError),
    /// The latest head cannot be read.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A bundle of leaves cannot be read.
    #[error("{path}: line {line} is not a leaf")]
    Leaf {
        /// Its path.
        path: String,
        /// The line, from 1.
        line: usize,
    },
}

/// What a bundle's latest head reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Entries under the head.
    pub size: u64,
    /// The head, earlier heads that are there, tiles, entries, leaves, artifacts, raw files.
    pub paths: Vec<BundlePath>,
    /// The sizes of the heads by size among them, ascending: what `checkpoints/sizes` must say.
    pub heads: Vec<u64>,
    /// The artifacts and raw files among them that the charter withholds, and that may be absent
    /// therefore.
    pub withheld: BTreeSet<Digest>,
    /// The bytes of the head that all this was found from.
    pub checkpoint: Vec<u8>,
}

/// Artifacts and raw files that leaves and manifests name.
#[derive(Default)]
struct Named {
    all: BTreeSet<Digest>,
    /// Those that the charter does not withhold.
    needed: BTreeSet<Digest>,
    /// The charter's rules; none where it cannot be read, and then nothing is withheld.
    rules: Option<PublicationRules>,
}

impl Named {
    fn artifact(&mut self, leaf: &Leaf) {
        let is_withheld = self.rules.as_ref().is_some_and(|rules| rules.withhold(leaf.entry_type));
        self.insert(leaf.artifact_sha256, is_withheld);
    }

    fn file(&mut self, file: &File) {
        let file_type = file.r#type.as_str();
        let is_withheld = self.rules.as_ref().is_some_and(|rules| rules.withhold_file(file_type));
        self.insert(file.sha256, is_withheld);
    }

    fn insert(&mut self, digest: Digest, is_withheld: bool) {
        self.all.insert(digest);
        if !is_withheld {
            self.needed.insert(digest);
        }
    }
}

/// Finds what the latest head of a bundle reaches.
///
/// Reads the head, every leaf, and the artifacts that name further files or heads: manifests, seed
/// reveals and the close. An artifact that is not there names nothing, and is for the verifier to
/// miss. Nothing is verified here.
pub fn reach(source: &dyn Source) -> Result<Reach, ReachError> {
    let limit = u64::try_from(MAX_NOTE_BYTES).unwrap_or(u64::MAX);
    let checkpoint = needed(source, "checkpoint", limit)?;
    let (head, _) = Checkpoint::parse_signed(&checkpoint)?;
    let size = head.size;
    let mut paths = vec![BundlePath::Checkpoint];
    let mut named = Named::default();
    let mut heads: BTreeSet<u64> = BTreeSet::from([size]);
    for place in places_for_growth(0, size) {
        paths.push(BundlePath::Entries(EntriesPath(place)));
        let path = BundlePath::Leaf(LeafPath(place));
        paths.push(path);
        let path = path.to_string();
        let bytes = needed(source, &path, MAX_LEAVES_BYTES)?;
        let lines = decode_leaves(&bytes, place.width())
            .map_err(|_| ReachError::Leaf { path: path.clone(), line: 1 })?;
        for (line, text) in (1_usize..).zip(lines) {
            let leaf = Leaf::parse(text);
            let leaf = leaf.map_err(|_| ReachError::Leaf { path: path.clone(), line })?;
            if named.all.is_empty() {
                named.rules = rules(source, &leaf)?;
            }
            named.artifact(&leaf);
            further(source, &leaf, &mut named, &mut heads)?;
        }
    }
    // Only now: a head may claim any size, the leaves read so far are there.
    paths.extend(tiles_for_growth(0, size).map(BundlePath::Tile));
    let withheld = named.all.difference(&named.needed).copied().collect();
    paths.extend(named.all.into_iter().map(BundlePath::Artifact));
    let heads = earlier_heads(source, size, heads, limit)?;
    paths.extend(heads.iter().copied().map(BundlePath::CheckpointAt));
    Ok(Reach { size, paths, heads, withheld, checkpoint })
}

/// The rules of the charter, which stands first.
fn rules(source: &dyn Source, first: &Leaf) -> Result<Option<PublicationRules>, SourceError> {
    let path = BundlePath::Artifact(first.artifact_sha256).to_string();
    let limit = u64::try_from(MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX);
    let bytes = source.read(&path, limit)?.unwrap_or_default();
    let charter = SignedBytes::parse(&bytes).ok();
    let charter = charter.and_then(|charter| charter.payload_as::<Charter>().ok());
    Ok(charter.map(|charter| charter.publication))
}

/// The files and heads that one artifact names.
fn further(
    source: &dyn Source,
    leaf: &Leaf,
    named: &mut Named,
    heads: &mut BTreeSet<u64>,
) -> Result<(), SourceError> {
    let names_others =
        matches!(leaf.entry_type, EntryType::Manifest | EntryType::SeedReveal | EntryType::Close);
    if !names_others {
        return Ok(());
    }
    let path = BundlePath::Artifact(leaf.artifact_sha256).to_string();
    let limit = u64::try_from(MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX);
    let Some(bytes) = source.read(&path, limit)? else {
        return Ok(());
    };
    let Ok(envelope) = SignedBytes::parse(&bytes) else {
        return Ok(());
    };
    match leaf.entry_type {
        EntryType::Manifest => {
            if let Ok(manifest) = envelope.payload_as::<Manifest>() {
                manifest.files.iter().for_each(|file| named.file(file));
            }
        }
        EntryType::SeedReveal => {
            heads.extend(envelope.payload_as::<SeedReveal>().map(|reveal| reveal.head.tree_size));
        }
        EntryType::Close => {
            heads.extend(envelope.payload_as::<Close>().map(|close| close.head.tree_size));
        }
        _ => {}
    }
    Ok(())
}

/// The heads kept by their size, ascending: all that the source tells of, or, of a source that
/// tells of none, those cited and there.
fn earlier_heads(
    source: &dyn Source,
    size: u64,
    cited: BTreeSet<u64>,
    limit: u64,
) -> Result<Vec<u64>, ReachError> {
    let is_listed = source.each_path(&mut |_| ())?;
    let told = head_sizes(source).map_err(|error| match error {
        ReadSizesError::Source(error) => ReachError::Source(error),
        ReadSizesError::Form(error) => ReachError::Sizes(error),
    })?;
    if let (Some(told), true) = (&told, is_listed) {
        return Ok(told.iter().copied().filter(|at| *at <= size).collect());
    }
    let all: BTreeSet<u64> = told.into_iter().flatten().chain(cited).collect();
    let mut there = Vec::new();
    for at in all.into_iter().filter(|at| *at <= size) {
        if source.read(&BundlePath::CheckpointAt(at).to_string(), limit)?.is_some() {
            there.push(at);
        }
    }
    Ok(there)
}

fn needed(source: &dyn Source, path: &str, limit: u64) -> Result<Vec<u8>, ReachError> {
    source.read(path, limit)?.ok_or_else(|| ReachError::Missing { path: path.to_owned() })
}
