//! The right edge of a growing tree: all that is needed to append and to know the root.

use canon::Digest;

use super::node::{NodeReader, root_nodes};
use super::{Head, empty_root, node_hash};

/// Why parts do not make a frontier, or why one cannot grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrontierError {
    /// The number of subtrees does not fit the size.
    #[error("a tree of {size} leaves has {expected} subtrees at its edge, not {found}")]
    Parts {
        /// The size given.
        size: u64,
        /// The bits set in it.
        expected: u32,
        /// The number of hashes given.
        found: usize,
    },
    /// The leaf count would pass 2^64 - 1.
    #[error("the tree is full at {size} leaves")]
    Full {
        /// The present size.
        size: u64,
    },
    /// A subtree can only be appended where one of its size begins.
    #[error("a subtree of 2^{level} leaves cannot begin at leaf {size}")]
    Unaligned {
        /// The subtree's height.
        level: u8,
        /// The present size.
        size: u64,
    },
}

/// The hashes of the full subtrees that make up a tree, from the largest (left) to the
/// smallest (right): one for each bit set in the size, at most 64.
///
/// ```text
/// size 13 = 0b1101   [ 8 leaves ][ 4 leaves ][ 1 leaf ]
/// ```
///
/// Appending costs less than one node hash a leaf on average, 64 at worst.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    edge: Vec<Digest>,
}

impl Frontier {
    /// The frontier of the empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// The frontier with these parts, as [`Frontier::parts`] gives them.
    ///
    /// Checks that there is one hash for each bit of the size. Whether the hashes are the
    /// right ones shows in the root.
    pub fn from_parts(size: u64, edge: Vec<Digest>) -> Result<Self, FrontierError> {
        let expected = size.count_ones();
        if usize::try_from(expected) == Ok(edge.len()) {
            Ok(Self { size, edge })
        } else {
            Err(FrontierError::Parts { size, expected, found: edge.len() })
        }
    }

    /// The frontier of the tree of `size` leaves, from a source of its nodes.
    pub fn read<R: NodeReader>(size: u64, reader: &R) -> Result<Self, R::Error> {
        let edge = root_nodes(size)
            .iter()
            .map(|node| reader.node(node.level, node.index))
            .collect::<Result<_, _>>()?;
        Ok(Self::assemble(size, edge))
    }

    /// The frontier of parts that are known to fit the size.
    pub(crate) fn assemble(size: u64, edge: Vec<Digest>) -> Self {
        debug_assert_eq!(usize::try_from(size.count_ones()), Ok(edge.len()));
        Self { size, edge }
    }

    /// The size and the subtree hashes from left to right.
    pub fn parts(&self) -> (u64, &[Digest]) {
        (self.size, &self.edge)
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Digest {
        self.edge
            .iter()
            .copied()
            .rev()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }

    /// Size and root together.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root() }
    }

    /// Appends one leaf hash. Fails only at 2^64 - 1 leaves.
    pub fn push(&mut self, leaf: Digest) -> Result<(), FrontierError> {
        self.push_subtree(0, leaf)
    }

    /// Appends a full subtree of 2^level leaves by its hash, for trees hashed in parallel.
    ///
    /// Fails unless the present size is a multiple of 2^level.
    pub fn push_subtree(&mut self, level: u8, hash: Digest) -> Result<(), FrontierError> {
        let unaligned = FrontierError::Unaligned { level, size: self.size };
        let leaves = 1_u64.checked_shl(u32::from(level)).ok_or(unaligned)?;
        if self.size & leaves.wrapping_sub(1) != 0 {
            return Err(unaligned);
        }
        let full = FrontierError::Full { size: self.size };
        let size = self.size.checked_add(leaves).ok_or(full)?;
        // As in binary addition: each carry joins the new subtree with a neighbour of its own
        // height. There are as many as there are ones in the size from this level up.
        let carries = self.size.checked_shr(u32::from(level)).unwrap_or(0).trailing_ones();
        let mut node = hash;
        for _ in 0..carries {
            if let Some(left) = self.edge.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.edge.push(node);
        self.size = size;
        Ok(())
    }
}
