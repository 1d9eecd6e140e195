//! Which tiles and bundles a growth of the tree brings, and which tile holds a node.

use super::path::{Place, TilePath};
use crate::merkle::Node;

/// Levels that a tree of less than 2^64 leaves can have tiles at.
pub(super) const LEVELS: u8 = 8;

/// The tiles to store when the tree grows from `old` to `new` leaves: at each level whose
/// hashes grew, the tiles that became full and then the partial tile of the new size, if any.
///
/// Level 0 first, numbers ascending. From size 0 it is every tile of the tree of `new` leaves
/// without those partial ones that full ones replaced. Empty when `new <= old`. It is lazy:
/// the number of tiles is that of the leaves divided by 255.
pub fn tiles_for_growth(old: u64, new: u64) -> impl Iterator<Item = TilePath> {
    (0..LEVELS).flat_map(move |level| {
        places_for_growth(hashes_at(level, old), hashes_at(level, new))
            .filter_map(move |place| TilePath::at(level, place).ok())
    })
}

/// The places to store when a row grows from `old` to `new` items, in ascending order.
///
/// Entries and leaves stand at these places (see [`EntriesPath`](super::EntriesPath) and
/// [`LeafPath`](super::LeafPath)); so do the hashes of each tile level.
pub fn places_for_growth(old: u64, new: u64) -> impl Iterator<Item = Place> {
    // A row that did not grow has its partial place stored already.
    let numbers = if old < new { (old >> 8)..new.div_ceil(256) } else { 0..0 };
    numbers.filter_map(move |number| Place::holding(number << 8, new))
}

/// The tile that holds a node or the nodes below it, in the tree of `size` leaves; none if the
/// node is not a full subtree there.
pub fn tile_of_node(node: Node, size: u64) -> Option<TilePath> {
    let (tile, _) = locate(node, size)?;
    Some(tile)
}

/// Number of hashes at a tile level of the tree of `size` leaves.
pub(super) fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level).saturating_mul(8)).unwrap_or(0)
}

/// The tile that holds a node or the nodes below it, and the range of its hashes there: the
/// node's own hash, or the 2^k hashes whose root it is, k levels below.
pub(super) fn locate(node: Node, size: u64) -> Option<(TilePath, std::ops::Range<usize>)> {
    let in_tree = size.checked_shr(u32::from(node.level))?;
    if node.index >= in_tree {
        return None;
    }
    let level = node.level >> 3;
    let below = u32::from(node.level & 7);
    // The node exists, so none of these shifts passes the size.
    let first = node.index.checked_shl(below)?;
    let place = Place::holding(first, hashes_at(level, size))?;
    let start = usize::try_from(first & 0xff).ok()?;
    let end = start.checked_add(1_usize.checked_shl(below)?)?;
    Some((TilePath::at(level, place).ok()?, start..end))
}
