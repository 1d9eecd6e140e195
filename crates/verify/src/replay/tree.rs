//! The tree as the leaves give it, kept small: one hash for 256 leaves.
//!
//! Leaf tiles are hashed in parallel, each on its own. What stays is the root of each full leaf
//! tile, from which every higher tile follows, and the low edge of the sizes that heads speak of,
//! from which their roots follow.

use std::collections::BTreeMap;

use canon::Digest;
use tlog::merkle::{Frontier, node_hash, root_of};
use tlog::tile::{FULL_WIDTH, Place};

/// What one leaf tile gives to the tree.
#[derive(Debug, Clone)]
pub(crate) struct TileHashes {
    /// Where it stands, as wide as the head's size makes it.
    pub(crate) place: Place,
    /// Its leaf hashes.
    pub(crate) hashes: Vec<Digest>,
}

/// The subtrees below a full tile that end at some size: at most eight, largest first.
type LowEdge = Vec<Digest>;

/// The tree over the leaves read so far.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// The root of each full leaf tile; none for one that could not be read.
    full: Vec<Option<Digest>>,
    /// The leaf hashes after the last full tile.
    edge: Vec<Digest>,
    /// The number of leaves known without a gap.
    known: u64,
    /// The low edges of sizes that somebody asks for.
    edges: BTreeMap<u64, LowEdge>,
}

impl Tree {
    /// Will keep what is needed for the roots of these sizes.
    pub(crate) fn asked_for(sizes: impl IntoIterator<Item = u64>) -> Self {
        let edges = sizes.into_iter().map(|size| (size, LowEdge::new())).collect();
        Self { edges, ..Self::default() }
    }

    /// Number of leaves from the first on that are known without a gap.
    pub(crate) fn known(&self) -> u64 {
        self.known
    }

    /// Takes the next leaf tile; `root` is that of a full one, as [`root_of`] gives it.
    pub(crate) fn add(&mut self, tile: &TileHashes, root: Option<Digest>) {
        let position = usize::try_from(tile.place.number()).unwrap_or(usize::MAX);
        if tile.place.is_full() {
            while self.full.len() < position {
                self.full.push(None);
            }
            self.full.push(root);
        } else {
            self.edge.clone_from(&tile.hashes);
        }
        if self.known == tile.place.first() {
            self.known = tile.place.end();
        }
        self.keep_edges(tile);
    }

    fn keep_edges(&mut self, tile: &TileHashes) {
        let first = tile.place.first();
        let mut frontier = Frontier::new();
        let mut pushed = 0_u64;
        for (size, edge) in self.edges.range_mut(first..=tile.place.end()) {
            let width = size.saturating_sub(first);
            if width == u64::from(FULL_WIDTH) {
                // A full tile leaves no low edge.
                continue;
            }
            for hash in tile.hashes.iter().skip(usize::try_from(pushed).unwrap_or(usize::MAX)) {
                if pushed == width || frontier.push(*hash).is_err() {
                    break;
                }
                pushed = pushed.saturating_add(1);
            }
            *edge = frontier.parts().1.to_vec();
        }
    }

    /// The roots of all sizes that were asked for and are known.
    pub(crate) fn roots(&self) -> BTreeMap<u64, Digest> {
        let mut high = Frontier::new();
        let mut roots = BTreeMap::new();
        for (&size, edge) in self.edges.range(..=self.known) {
            if self.raise(&mut high, size).is_none() {
                break;
            }
            if let Some(root) = with_low_edge(&high, size, edge) {
                roots.insert(size, root);
            }
        }
        roots
    }

    /// The root at a size nobody asked for in time, from the hashes of the leaf tile that holds
    /// its edge. None unless that tile is the one the tree was built from.
    pub(crate) fn root_with(&self, size: u64, tile: &[Digest]) -> Option<Digest> {
        let width = usize::try_from(size & 0xff).ok()?;
        let number = usize::try_from(size >> 8).ok()?;
        let same = match self.full.get(number) {
            Some(root) => *root == Some(root_of(tile)),
            None => tile == self.edge,
        };
        if size > self.known || (width > 0 && !same) {
            return None;
        }
        let mut high = Frontier::new();
        self.raise(&mut high, size)?;
        for hash in tile.get(..width)? {
            high.push(*hash).ok()?;
        }
        Some(high.root())
    }

    /// Grows `high` by full tiles up to `size`.
    fn raise(&self, high: &mut Frontier, size: u64) -> Option<()> {
        let have = usize::try_from(high.size() >> 8).ok()?;
        let want = usize::try_from(size >> 8).ok()?;
        for root in self.full.get(have..want)? {
            high.push_subtree(8, (*root)?).ok()?;
        }
        Some(())
    }

    /// The hashes at tile level 1: one for each full leaf tile, up to the first gap.
    pub(crate) fn level(&self) -> Vec<Digest> {
        self.full.iter().map_while(|root| *root).collect()
    }
}

/// The hashes one tile level above some hashes.
pub(crate) fn above(row: &[Digest]) -> Vec<Digest> {
    row.chunks_exact(usize::from(FULL_WIDTH)).map(root_of).collect()
}

/// The root of a tree whose high part is `high` and whose last leaves have this edge.
fn with_low_edge(high: &Frontier, size: u64, edge: &[Digest]) -> Option<Digest> {
    let width = size & 0xff;
    if usize::try_from(width.count_ones()) != Ok(edge.len()) || high.size() != size & !0xff {
        return None;
    }
    let all = high.parts().1.iter().chain(edge).copied();
    let root = all.rev().reduce(|right, left| node_hash(&left, &right));
    Some(root.unwrap_or_else(tlog::merkle::empty_root))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(number: u64) -> Digest {
        tlog::merkle::leaf_hash(&number.to_be_bytes())
    }

    /// A tree of `size` leaves asked for `sizes`, fed tile by tile.
    fn tree(size: u64, sizes: &[u64]) -> Tree {
        let mut tree = Tree::asked_for(sizes.iter().copied());
        for first in (0..size).step_by(256) {
            let place = Place::holding(first, size).unwrap();
            let hashes: Vec<Digest> = (place.first()..place.end()).map(leaf).collect();
            let root = place.is_full().then(|| root_of(&hashes));
            tree.add(&TileHashes { place, hashes }, root);
        }
        tree
    }

    /// The root of the first leaves, by one frontier from the start.
    fn expected(size: u64) -> Digest {
        let mut frontier = Frontier::new();
        (0..size).for_each(|number| frontier.push(leaf(number)).unwrap());
        frontier.root()
    }

    #[test]
    fn roots_are_those_of_the_leaves() {
        let sizes = [0, 1, 2, 3, 255, 256, 257, 511, 512, 600, 1000, 1024, 1025];
        for size in [1, 255, 256, 257, 1025] {
            let roots = tree(size, &sizes).roots();
            for asked in sizes {
                let root = (asked <= size).then(|| expected(asked));
                assert_eq!(roots.get(&asked).copied(), root, "{asked} of {size}");
            }
        }
    }

    #[test]
    fn a_root_not_asked_for_needs_the_right_tile() {
        let tree = tree(700, &[]);
        for size in [0_u64, 5, 256, 300, 512, 600, 700] {
            let first = size & !0xff;
            let tile: Vec<Digest> = (first..(first + 256).min(700)).map(leaf).collect();
            assert_eq!(tree.root_with(size, &tile), Some(expected(size)), "{size}");
            if size % 256 != 0 {
                let other: Vec<Digest> = tile.iter().map(|h| node_hash(h, h)).collect();
                assert_eq!(tree.root_with(size, &other), None, "{size}");
            }
        }
        assert_eq!(tree.root_with(701, &[]), None);
    }

    #[test]
    fn a_gap_ends_what_is_known() {
        let mut tree = Tree::asked_for([256, 700]);
        for number in [0_u64, 2] {
            let place = Place::new(number, 256).unwrap();
            let hashes: Vec<Digest> = (place.first()..place.end()).map(leaf).collect();
            let root = Some(root_of(&hashes));
            tree.add(&TileHashes { place, hashes }, root);
        }
        assert_eq!(tree.known(), 256);
        assert_eq!(tree.roots().into_iter().collect::<Vec<_>>(), [(256, expected(256))]);
        assert_eq!(tree.level().len(), 1);
    }

    #[test]
    fn higher_levels_follow_from_full_tiles() {
        let size = 256 * 257;
        let tree = tree(size, &[]);
        assert_eq!(tree.level().len(), 257);
        let row: Vec<Digest> = (0..65536).map(leaf).collect();
        assert_eq!(above(&tree.level()), [root_of(&row)]);
    }
}
