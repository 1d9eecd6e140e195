//! Every path that a bundle may hold.

use core::fmt;
use core::str::FromStr;

use canon::Digest;
use tlog::tile::{EntriesPath, LeafPath, TilePath};

use super::sizes::plain_size;

/// A path of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BundlePath {
    /// `checkpoint`: the latest witnessed head.
    Checkpoint,
    /// `checkpoint.pending`: a head still short of its threshold. Served by a log, never part of
    /// an export.
    CheckpointPending,
    /// `checkpoints/<size>`: the witnessed head of that size.
    CheckpointAt(u64),
    /// `checkpoints/sizes`: the sizes of those heads, for readers who cannot list files.
    CheckpointSizes,
    /// `tile/<L>/<N>[.p/<W>]`: hashes.
    Tile(TilePath),
    /// `tile/entries/<N>[.p/<W>]`: entries.
    Entries(EntriesPath),
    /// `leaf/<N>[.p/<W>]`: leaves.
    Leaf(LeafPath),
    /// `artifact/<sha256>`: an envelope or a raw file.
    Artifact(Digest),
}

/// A text that is no path of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a path of a bundle")]
pub struct PathError {
    /// The text, cut short.
    pub found: String,
}

impl BundlePath {
    /// Whether the bytes at this path change while the log grows.
    pub const fn is_mutable(&self) -> bool {
        matches!(self, Self::Checkpoint | Self::CheckpointPending | Self::CheckpointSizes)
    }
}

impl fmt::Display for BundlePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint => out.write_str("checkpoint"),
            Self::CheckpointPending => out.write_str("checkpoint.pending"),
            Self::CheckpointAt(size) => write!(out, "checkpoints/{size}"),
            Self::CheckpointSizes => out.write_str("checkpoints/sizes"),
            Self::Tile(path) => path.fmt(out),
            Self::Entries(path) => path.fmt(out),
            Self::Leaf(path) => path.fmt(out),
            Self::Artifact(digest) => write!(out, "artifact/{digest}"),
        }
    }
}

impl FromStr for BundlePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let path = match text.split_once('/') {
            None if text == "checkpoint" => Some(Self::Checkpoint),
            None if text == "checkpoint.pending" => Some(Self::CheckpointPending),
            Some(("checkpoints", "sizes")) => Some(Self::CheckpointSizes),
            Some(("checkpoints", size)) => plain_size(size.as_bytes()).map(Self::CheckpointAt),
            Some(("artifact", digest)) => digest.parse().ok().map(Self::Artifact),
            Some(("leaf", _)) => text.parse().ok().map(Self::Leaf),
            Some(("tile", rest)) if rest.starts_with("entries/") => {
                text.parse().ok().map(Self::Entries)
            }
            Some(("tile", _)) => text.parse().ok().map(Self::Tile),
            _ => None,
        };
        path.ok_or_else(|| PathError { found: text.chars().take(120).collect() })
    }
}
