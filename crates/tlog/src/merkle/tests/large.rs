//! Sizes up to 2^64 - 1: a tree whose leaves are all alike but one needs no memory.

use proptest::prelude::*;

use super::super::*;
use super::oracle::Sumdb;

/// A tree without end in which leaf `odd` differs from all the others.
struct Vast {
    odd: u64,
}

impl NodeReader for Vast {
    type Error = std::convert::Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error> {
        let mut plain = leaf_hash(b"plain");
        let mut odd = leaf_hash(b"odd");
        for height in 0..level {
            odd = match self.odd >> height & 1 {
                0 => node_hash(&odd, &plain),
                _ => node_hash(&plain, &odd),
            };
            plain = node_hash(&plain, &plain);
        }
        Ok(if self.odd >> level == index { odd } else { plain })
    }
}

fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (0_u32..64, any::<u64>()).prop_map(|(shift, size)| size >> shift),
        (0_u32..64, -3_i64..=3).prop_map(|(shift, off)| (1_u64 << shift).wrapping_add_signed(off)),
    ]
}

#[test]
fn the_largest_tree_has_proofs_of_64_hashes() {
    let tree = Vast { odd: 5 };
    let root = root_at(u64::MAX, &tree).unwrap();
    for (index, length) in [(0, 64), (1 << 63, 64), (u64::MAX - 1, 63)] {
        let proof = inclusion_proof(index, u64::MAX, &tree).unwrap();
        assert_eq!(proof.len(), length);
        let leaf = tree.node(0, index).unwrap();
        assert_eq!(check_inclusion(&leaf, index, u64::MAX, &proof, &root), Ok(()));
    }
    let proof = consistency_proof(u64::MAX - 1, u64::MAX, &tree).unwrap();
    let old_root = root_at(u64::MAX - 1, &tree).unwrap();
    assert_eq!(check_consistency(u64::MAX - 1, &old_root, u64::MAX, &root, &proof), Ok(()));
}

#[test]
fn a_full_tree_takes_no_more() {
    let mut frontier = Frontier::read(u64::MAX - 1, &Vast { odd: 0 }).unwrap();
    frontier.push(leaf_hash(b"plain")).unwrap();
    assert_eq!(frontier, Frontier::read(u64::MAX, &Vast { odd: 0 }).unwrap());
    let full = frontier.clone();
    let refused = Err(FrontierError::Full { size: u64::MAX });
    assert_eq!(frontier.push(leaf_hash(b"plain")), refused);
    assert_eq!(frontier, full);
    let mut half = Frontier::read(1 << 63, &Vast { odd: 0 }).unwrap();
    let refused = Err(FrontierError::Full { size: 1 << 63 });
    assert_eq!(half.push_subtree(63, leaf_hash(b"plain")), refused);
}

proptest! {
    #[test]
    fn paths_hold_at_any_size(size in sizes(), other in sizes(), inside in any::<u64>()) {
        prop_assume!(size > 0);
        let index = other % size;
        let tree = Vast { odd: index };
        let root = root_at(size, &tree).unwrap();
        let proof = inclusion_proof(index, size, &tree).unwrap();
        let (odd, plain) = (leaf_hash(b"odd"), leaf_hash(b"plain"));
        prop_assert_eq!(check_inclusion(&odd, index, size, &proof, &root), Ok(()));
        prop_assert!(check_inclusion(&plain, index, size, &proof, &root).is_err());
        let elsewhere = inside % size;
        if elsewhere != index {
            prop_assert!(check_inclusion(&odd, elsewhere, size, &proof, &root).is_err());
        }
        // The other implementation holds sizes as signed numbers.
        if size < 1 << 62 {
            prop_assert!(Sumdb::takes_inclusion(&proof, size, &root, index, &odd));
        }
    }

    #[test]
    fn consistency_holds_at_any_size(a in sizes(), b in sizes(), odd in sizes()) {
        let (old, new) = (a.min(b), a.max(b));
        let tree = Vast { odd };
        let (old_root, new_root) = (root_at(old, &tree).unwrap(), root_at(new, &tree).unwrap());
        let proof = consistency_proof(old, new, &tree).unwrap();
        prop_assert_eq!(check_consistency(old, &old_root, new, &new_root, &proof), Ok(()));
        if odd < old {
            // Another history up to the old size.
            let forked = root_at(new, &Vast { odd: odd ^ 1 }).unwrap();
            prop_assume!(forked != new_root);
            prop_assert!(check_consistency(old, &old_root, new, &forked, &proof).is_err());
        }
        if 0 < old && new < 1 << 62 {
            prop_assert!(Sumdb::takes_consistency(&proof, new, &new_root, old, &old_root));
        }
    }

    #[test]
    fn a_frontier_grows_alike_at_any_size(size in sizes(), odd in sizes()) {
        let tree = Vast { odd };
        let mut frontier = Frontier::read(size, &tree).unwrap();
        prop_assert_eq!(frontier.root(), root_at(size, &tree).unwrap());
        if size < u64::MAX {
            frontier.push(tree.node(0, size).unwrap()).unwrap();
            prop_assert_eq!(frontier, Frontier::read(size + 1, &tree).unwrap());
        }
    }
}
