//! Inclusion and consistency proofs, checked.
//!
//! A proof has one right length for its sizes; any other is refused before a hash is
//! computed, so a proof cannot be stretched or cut to fit another tree.

use canon::Digest;

use super::{empty_root, join, node_hash};

/// Why a proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf lies outside the tree; in particular, an empty tree contains nothing.
    #[error("leaf {index} is not in a tree of {size}")]
    Index {
        /// The leaf asked for.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The later tree is smaller than the earlier one.
    #[error("the tree shrinks from {old} to {new}")]
    Shrinks {
        /// The earlier size.
        old: u64,
        /// The later size.
        new: u64,
    },
    /// The proof has too few or too many hashes.
    #[error("the proof has {found} hashes where {expected} are needed")]
    Length {
        /// The only right number for these sizes.
        expected: usize,
        /// The number given.
        found: usize,
    },
    /// A head of size 0 whose root is not that of the empty tree.
    #[error("a tree of size 0 has the root {found}")]
    EmptyRoot {
        /// The root given.
        found: Digest,
    },
    /// The leaf and its path lead to another root.
    #[error("the path leads to the root {computed}, not {expected}")]
    Root {
        /// The root given.
        expected: Digest,
        /// The root that follows from leaf and path.
        computed: Digest,
    },
    /// The proof leads to another root for the earlier tree.
    #[error("the proof leads to the earlier root {computed}, not {expected}")]
    OldRoot {
        /// The root given.
        expected: Digest,
        /// The root that follows from the proof.
        computed: Digest,
    },
    /// The proof leads to another root for the later tree.
    #[error("the proof leads to the later root {computed}, not {expected}")]
    NewRoot {
        /// The root given.
        expected: Digest,
        /// The root that follows from the proof.
        computed: Digest,
    },
}

/// Checks that `leaf` (a leaf hash) is leaf `index` of the tree of `size` leaves with `root`.
///
/// Source: RFC 9162 §2.1.3.2. Any deviation is a [`ProofError`].
pub fn check_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    let computed = root_of_inclusion(leaf, index, size, proof)?;
    if computed == *root { Ok(()) } else { Err(ProofError::Root { expected: *root, computed }) }
}

/// The root to which a leaf hash and its audit path lead.
///
/// Fails on an index outside the tree and on a proof of the wrong length. The caller must
/// compare the root with one that it trusts.
pub fn root_of_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
) -> Result<Digest, ProofError> {
    if index >= size {
        return Err(ProofError::Index { index, size });
    }
    let route = Route::of(index, size.saturating_sub(1), 0);
    require_length(route.length(), proof)?;
    let (inner, border) = proof.split_at_checked(route.inner).unwrap_or((proof, &[]));
    let below =
        inner.iter().zip(route.sides()).fold(*leaf, |node, (hash, left)| join(left, hash, &node));
    Ok(border.iter().fold(below, |node, hash| node_hash(hash, &node)))
}

/// Checks that the tree of `old_size` leaves with `old_root` is a prefix of the tree of
/// `new_size` leaves with `new_root`.
///
/// Source: RFC 9162 §2.1.4.2. For equal sizes and for `old_size` 0 the proof must be empty;
/// equal sizes need equal roots; a size of 0 needs the empty root.
pub fn check_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Shrinks { old: old_size, new: new_size });
    }
    for (size, root) in [(old_size, old_root), (new_size, new_root)] {
        if size == 0 && *root != empty_root() {
            return Err(ProofError::EmptyRoot { found: *root });
        }
    }
    if old_size == new_size || old_size == 0 {
        require_length(0, proof)?;
        if old_size == new_size && old_root != new_root {
            return Err(ProofError::NewRoot { expected: *new_root, computed: *old_root });
        }
        return Ok(());
    }
    let (old, new) = consistent_roots(old_size, old_root, new_size, proof)?;
    if old != *old_root {
        return Err(ProofError::OldRoot { expected: *old_root, computed: old });
    }
    if new != *new_root {
        return Err(ProofError::NewRoot { expected: *new_root, computed: new });
    }
    Ok(())
}

/// The two roots to which a consistency proof leads, for `0 < old_size < new_size`.
///
/// Both walks start at the last full subtree of the old tree, `level` levels up, and climb to
/// the two roots. The old tree has on its way up only what stands to the left; the new tree
/// has also what was added on the right.
fn consistent_roots(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    proof: &[Digest],
) -> Result<(Digest, Digest), ProofError> {
    let level = old_size.trailing_zeros();
    let route = Route::of(old_size.saturating_sub(1), new_size.saturating_sub(1), level);
    // A power of two is one full subtree: its hash is the old root and is not repeated.
    let (seed, steps) = if old_size.is_power_of_two() {
        require_length(route.length(), proof)?;
        (old_root, proof)
    } else {
        require_length(route.length().saturating_add(1), proof)?;
        proof.split_first().unwrap_or((old_root, &[]))
    };
    let (inner, border) = steps.split_at_checked(route.inner).unwrap_or((steps, &[]));
    let mut old = *seed;
    let mut new = *seed;
    for (hash, left) in inner.iter().zip(route.sides()) {
        if left {
            old = node_hash(hash, &old);
        }
        new = join(left, hash, &new);
    }
    for hash in border {
        old = node_hash(hash, &old);
        new = node_hash(hash, &new);
    }
    Ok((old, new))
}

fn require_length(expected: usize, proof: &[Digest]) -> Result<(), ProofError> {
    if proof.len() == expected {
        Ok(())
    } else {
        Err(ProofError::Length { expected, found: proof.len() })
    }
}

/// The way from a node up to the root.
///
/// As long as the node and the tree's last leaf lie in different subtrees, the sibling stands
/// left or right by the bits of the index: the inner part. Once the walk has met the tree's
/// right border, only left siblings are left, one for each bit set: the border part.
struct Route {
    /// The index at the level where the walk starts.
    index: u64,
    /// Number of siblings in the inner part.
    inner: usize,
    /// Number of siblings in the border part.
    border: usize,
}

impl Route {
    /// The way from the ancestor of leaf `index`, `level` levels up, in the tree whose last
    /// leaf is `last`.
    fn of(index: u64, last: u64, level: u32) -> Self {
        let index = index.checked_shr(level).unwrap_or(0);
        let last = last.checked_shr(level).unwrap_or(0);
        let inner = u64::BITS.saturating_sub((index ^ last).leading_zeros());
        let border = index.checked_shr(inner).unwrap_or(0).count_ones();
        // Both are at most 64.
        Self {
            index,
            inner: usize::try_from(inner).unwrap_or(usize::MAX),
            border: usize::try_from(border).unwrap_or(usize::MAX),
        }
    }

    fn length(&self) -> usize {
        self.inner.saturating_add(self.border)
    }

    /// For each level of the inner part, whether the sibling stands on the left.
    fn sides(&self) -> impl Iterator<Item = bool> + use<> {
        let index = self.index;
        (0..u64::BITS).map(move |level| index.checked_shr(level).unwrap_or(0) & 1 == 1)
    }
}
