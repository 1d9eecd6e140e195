//! A whole tree in memory.

use canon::Digest;

use super::node::NodeReader;
use super::{Head, node_hash, root_at};

/// There is no full subtree at this place yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the tree of {size} leaves has no full subtree {level}.{index}")]
pub struct NodeMissing {
    /// Height above the leaves.
    pub level: u8,
    /// Position among the nodes of that level.
    pub index: u64,
    /// Leaves in the tree.
    pub size: u64,
}

/// Every full subtree of a tree, level by level: about 64 bytes a leaf.
///
/// For small trees, tests and one-off proofs; a log keeps tiles instead.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<Digest>>,
}

impl MemoryTree {
    /// The empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| u64::try_from(leaves.len()).unwrap_or(u64::MAX))
    }

    /// Appends one leaf hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut carry = leaf;
        let mut level = 0_usize;
        loop {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else {
                return;
            };
            row.push(carry);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => carry = node_hash(left, right),
                _ => return,
            }
            level = level.saturating_add(1);
        }
    }

    /// The head of the first `size` leaves.
    pub fn head_at(&self, size: u64) -> Result<Head, NodeMissing> {
        Ok(Head { size, root: root_at(size, self)? })
    }
}

impl Extend<Digest> for MemoryTree {
    fn extend<T: IntoIterator<Item = Digest>>(&mut self, leaves: T) {
        for leaf in leaves {
            self.push(leaf);
        }
    }
}

impl FromIterator<Digest> for MemoryTree {
    fn from_iter<T: IntoIterator<Item = Digest>>(leaves: T) -> Self {
        let mut tree = Self::new();
        tree.extend(leaves);
        tree
    }
}

impl NodeReader for MemoryTree {
    type Error = NodeMissing;

    fn node(&self, level: u8, index: u64) -> Result<Digest, NodeMissing> {
        let missing = NodeMissing { level, index, size: self.size() };
        let row = self.levels.get(usize::from(level)).ok_or(missing)?;
        usize::try_from(index).ok().and_then(|i| row.get(i)).copied().ok_or(missing)
    }
}
