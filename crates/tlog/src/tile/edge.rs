//! The tiles of a growing tree, computed from its leaf hashes.

use canon::Digest;

use super::growth::{LEVELS, hashes_at};
use super::path::{Place, TilePath};
use super::read::{TileReadError, TileSource, fetch};
use super::{FULL_WIDTH, Tile};
use crate::merkle::{Frontier, FrontierError, Head, root_of};

/// Why an edge could not grow or be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError<E: std::error::Error + 'static> {
    /// A tile of the edge could not be read.
    #[error(transparent)]
    Read(#[from] TileReadError<E>),
    /// The tiles read do not have the root that they should have.
    #[error("the tiles have the root {found}, not {expected}")]
    Root {
        /// The root that the caller trusts.
        expected: Digest,
        /// The root of the tiles.
        found: Digest,
    },
}

/// The right edge of a tree as partial tiles: at most 255 hashes at each of 8 levels.
///
/// It takes leaf hashes and gives the tiles that they complete. Unlike a
/// [`Frontier`] it can be read back from what a log serves, and the next tiles follow from it
/// without reading older ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: [Vec<Digest>; LEVELS as usize],
}

impl Default for Edge {
    fn default() -> Self {
        Self::new()
    }
}

impl Edge {
    /// The edge of the empty tree.
    pub fn new() -> Self {
        Self { size: 0, levels: std::array::from_fn(|_| Vec::new()) }
    }

    /// The edge of the tree with this head, from its stored tiles.
    ///
    /// Fails when a tile is missing or malformed, and when the tiles have another root.
    pub fn read<S: TileSource>(head: &Head, source: &S) -> Result<Self, EdgeError<S::Error>> {
        let mut edge = Self { size: head.size, ..Self::new() };
        for (level, hashes) in (0..LEVELS).zip(&mut edge.levels) {
            if let Some(path) = partial_at(level, head.size) {
                *hashes = fetch(source, path)?.hashes;
            }
        }
        let found = edge.frontier().root();
        if found == head.root {
            Ok(edge)
        } else {
            Err(EdgeError::Root { expected: head.root, found })
        }
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The same edge as full subtrees, which has the root.
    pub fn frontier(&self) -> Frontier {
        let parts = self.levels.iter().rev().flat_map(|hashes| {
            let mut rest = hashes.as_slice();
            let mut subtrees = Vec::new();
            while let Some(level) = rest.len().checked_ilog2() {
                let (subtree, after) = rest.split_at(1_usize.checked_shl(level).unwrap_or(0));
                subtrees.push(root_of(subtree));
                rest = after;
            }
            subtrees
        });
        // The lengths of the levels are the size's digits to the base 256, so the parts fit it.
        Frontier::assemble(self.size, parts.collect())
    }

    /// Appends leaf hashes and gives the tiles that became full, lower levels first where one
    /// completes another. Fails only at 2^64 - 1 leaves, and then keeps what came before.
    pub fn extend(&mut self, leaves: &[Digest]) -> Result<Vec<Tile>, FrontierError> {
        let mut full = Vec::new();
        for leaf in leaves {
            self.size = self.size.checked_add(1).ok_or(FrontierError::Full { size: self.size })?;
            let mut carry = *leaf;
            for (level, hashes) in (0..LEVELS).zip(&mut self.levels) {
                hashes.push(carry);
                if hashes.len() < usize::from(FULL_WIDTH) {
                    break;
                }
                let hashes = std::mem::take(hashes);
                carry = root_of(&hashes);
                let number = hashes_at(level, self.size).wrapping_sub(1) >> 8;
                if let Ok(path) = TilePath::new(level, number, FULL_WIDTH) {
                    full.push(Tile { path, hashes });
                }
            }
        }
        Ok(full)
    }

    /// The partial tiles of the present size, level 0 first; none at a level where the size is
    /// a multiple of 256 hashes.
    pub fn partial(&self) -> impl Iterator<Item = Tile> + '_ {
        (0..LEVELS).zip(&self.levels).filter_map(|(level, hashes)| {
            Some(Tile { path: partial_at(level, self.size)?, hashes: hashes.clone() })
        })
    }

    /// Appends leaf hashes and gives every tile that the growth brings: those of
    /// [`tiles_for_growth`](super::tiles_for_growth) for the old and the new size.
    pub fn grow(&mut self, leaves: &[Digest]) -> Result<Vec<Tile>, FrontierError> {
        let old = self.size;
        let mut tiles = self.extend(leaves)?;
        tiles.extend(self.partial().filter(|tile| {
            let level = tile.path.level();
            hashes_at(level, old) != hashes_at(level, self.size)
        }));
        tiles.sort_by_key(Tile::path);
        Ok(tiles)
    }
}

/// The partial tile of a level in the tree of `size` leaves, if it has one.
fn partial_at(level: u8, size: u64) -> Option<TilePath> {
    let hashes = hashes_at(level, size);
    let place = Place::holding(hashes.checked_sub(1)?, hashes)?;
    if place.is_full() { None } else { TilePath::at(level, place).ok() }
}
