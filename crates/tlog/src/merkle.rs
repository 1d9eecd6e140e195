//! The Merkle tree of RFC 6962 §2.1 (the same tree as RFC 9162 §2.1), with SHA-256.
//!
//! ```text
//! MTH({})            = SHA-256("")
//! MTH({e})           = SHA-256(0x00 || e)
//! MTH(e[0..n])       = SHA-256(0x01 || MTH(e[0..k]) || MTH(e[k..n]))
//!                      k = the largest power of two below n
//! ```
//!
//! A tree of seven entries. Nodes with a name are full subtrees and never change again; the
//! node marked `*` changes as the tree grows.
//!
//! ```text
//! level 3                 root *
//!                       /        \
//! level 2           2.0            *
//!                 /     \        /   \
//! level 1      1.0      1.1    1.2    \
//!             /   \    /   \   /  \    \
//! level 0   0.0  0.1 0.2  0.3 0.4 0.5  0.6
//! ```
//!
//! Node `level.index` covers the leaves `index * 2^level .. (index + 1) * 2^level`.
//! [`NodeReader`] yields such nodes; everything else is computed from them. No function here
//! recurses, and every size up to 2^64 - 1 is safe.

mod check;
mod frontier;
mod memory;
mod node;
mod prove;

pub use check::{ProofError, check_consistency, check_inclusion, root_of_inclusion};
pub use frontier::{Frontier, FrontierError};
pub use memory::{MemoryTree, NodeMissing};
pub use node::{Node, NodeReader, root_at, root_nodes};
pub use prove::{
    TreeError, consistency_nodes, consistency_proof, inclusion_nodes, inclusion_proof,
};

use canon::Digest;

/// The size of a tree and its root: what a checkpoint states and what a head signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Head {
    /// Number of leaves.
    pub size: u64,
    /// The Merkle tree hash over them.
    pub root: Digest,
}

impl Head {
    /// The head of the tree without leaves.
    pub fn empty() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

/// The hash of one entry: `SHA-256(0x00 || entry)` (RFC 6962 §2.1).
pub fn leaf_hash(entry: &[u8]) -> Digest {
    // An entry of 32 bytes, such as this project's logs have, is hashed in one piece.
    let mut bytes = [0_u8; 33];
    match bytes.split_first_mut() {
        Some((_, rest)) if rest.len() == entry.len() => {
            rest.copy_from_slice(entry);
            Digest::of(&bytes)
        }
        _ => Digest::of_parts(&[&[0x00], entry]),
    }
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)` (RFC 6962 §2.1).
///
/// The first byte differs from a leaf's, so no entry can pass for an inner node.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    // One 65-byte buffer hashed at once is faster than three updates of a streaming hasher.
    let mut bytes = [0_u8; 65];
    let (prefix, children) = bytes.split_at_mut(1);
    prefix.fill(0x01);
    let (first, second) = children.split_at_mut(32);
    first.copy_from_slice(left.as_bytes());
    second.copy_from_slice(right.as_bytes());
    Digest::of(&bytes)
}

/// The root of the tree without leaves: `SHA-256("")`.
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// The root over a run of neighbouring nodes of one level, taken as a tree of their own.
///
/// For leaf hashes from index 0 this is the tree's root. For 2^k neighbours whose first index
/// is a multiple of 2^k it is their common ancestor, k levels up. No hashes give
/// [`empty_root`].
pub fn root_of(hashes: &[Digest]) -> Digest {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        // An odd last node rises unchanged: it is a full subtree waiting for its sibling.
        row = row
            .chunks(2)
            .filter_map(|pair| match pair {
                [left, right] => Some(node_hash(left, right)),
                [alone] => Some(*alone),
                _ => None,
            })
            .collect();
    }
    row.first().copied().unwrap_or_else(empty_root)
}

/// The parent's hash from a node, its sibling, and the side on which the sibling stands.
fn join(sibling_is_left: bool, sibling: &Digest, node: &Digest) -> Digest {
    if sibling_is_left { node_hash(sibling, node) } else { node_hash(node, sibling) }
}

#[cfg(test)]
pub(crate) mod tests;
