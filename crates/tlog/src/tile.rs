//! Tiles, entry bundles and leaf bundles: how the tree is kept and served (C2SP tlog-tiles).
//!
//! A tile holds 256 neighbouring nodes of one level; tile levels are 8 tree levels apart, so
//! hash `i` of tile `n` at level `L` covers 256^L leaves:
//!
//! ```text
//! tile L/n, hash i  =  MTH(entries[(n*256 + i) * 256^L .. (n*256 + i + 1) * 256^L])
//!
//! full tile      256 hashes of 32 bytes, one after the other: 8,192 bytes
//! partial tile   1..=255 hashes, the right edge of a level at a certain tree size
//! ```
//!
//! | path | what | type |
//! |---|---|---|
//! | `tile/<L>/<N>[.p/<W>]` | hashes | [`TilePath`], [`Tile`] |
//! | `tile/entries/<N>[.p/<W>]` | entries | [`EntriesPath`], [`encode_entries`] |
//! | `leaf/<N>[.p/<W>]` | leaves, whose digests are the entries | [`LeafPath`], [`encode_leaves`] |
//!
//! `N` is written in groups of three digits, all but the last with an `x` before them
//! (1234067 is `x001/x234/067`); `W` is the width of a partial tile. A full tile has no suffix.
//!
//! [`TileReader`] reads nodes out of tiles, so every proof of [`merkle`](crate::merkle) can be
//! made from them; [`Edge`] makes the tiles of a growing tree.

mod edge;
mod entries;
mod growth;
mod path;
mod read;

pub use edge::{Edge, EdgeError};
pub use entries::{
    MAX_ENTRY_BYTES, decode_entries, decode_leaves, encode_entries, encode_leaves, first_leaf,
};
pub use growth::{places_for_growth, tile_of_node, tiles_for_growth};
pub use path::{EntriesPath, LeafPath, Place, TilePath};
pub use read::{TileReadError, TileReader, TileSource};

use canon::Digest;

/// Hashes in a full tile, entries in a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// Bytes of a full tile.
pub const FULL_TILE_BYTES: usize = 8192;

/// Why bytes or text are not a tile, a bundle or their path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// The text is not a path of the form wanted.
    #[error("not a tile path: {0}")]
    Path(&'static str),
    /// The level is above 63.
    #[error("tile level {0} is above 63")]
    Level(u8),
    /// The width is not in 1..=256.
    #[error("tile width {0} is not between 1 and 256")]
    Width(u16),
    /// The number is one that no tree of less than 2^64 leaves reaches.
    #[error("tile number {0} is above 2^56 - 1")]
    Number(u64),
    /// A tile has another length than its width asks for.
    #[error("the tile has {found} bytes where {expected} are needed")]
    Length {
        /// 32 bytes a hash.
        expected: usize,
        /// The length given.
        found: usize,
    },
    /// An entry is longer than its length field can say.
    #[error("entry of {found} bytes is above 65535")]
    EntryLength {
        /// The entry's length.
        found: usize,
    },
    /// An entry bundle ends before its last entry does.
    #[error("the entry bundle ends within entry {entry}")]
    EntryCut {
        /// The position of that entry in the bundle, from 0.
        entry: usize,
    },
    /// An entry bundle goes on after its last entry.
    #[error("the entry bundle has {extra} bytes after its last entry")]
    EntryExcess {
        /// The number of bytes left over.
        extra: usize,
    },
    /// A leaf is empty or holds a newline, or a leaf bundle ends before its last newline.
    #[error("leaf {leaf} of the bundle is not one line")]
    LeafLine {
        /// The position of that leaf in the bundle, from 0.
        leaf: usize,
    },
    /// A leaf bundle goes on after its last leaf.
    #[error("the leaf bundle has {extra} bytes after its last leaf")]
    LeafExcess {
        /// The number of bytes left over.
        extra: usize,
    },
}

/// A tile: where it stands, and its hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    path: TilePath,
    hashes: Vec<Digest>,
}

impl Tile {
    /// The tile at `path` with these bytes, which must be exactly 32 for each hash of its width.
    pub fn decode(path: TilePath, bytes: &[u8]) -> Result<Self, TileError> {
        let expected = usize::from(path.width()).saturating_mul(32);
        let (hashes, rest) = bytes.as_chunks::<32>();
        if bytes.len() != expected || !rest.is_empty() {
            return Err(TileError::Length { expected, found: bytes.len() });
        }
        Ok(Self { path, hashes: hashes.iter().copied().map(Digest).collect() })
    }

    /// The bytes as they are stored and served: the hashes one after the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(Digest::as_bytes).copied().collect()
    }

    /// Where the tile stands.
    pub fn path(&self) -> TilePath {
        self.path
    }

    /// Its hashes, as many as the path's width says.
    pub fn hashes(&self) -> &[Digest] {
        &self.hashes
    }
}

#[cfg(test)]
mod tests;
