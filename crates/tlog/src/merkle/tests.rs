//! The tree against published vectors, the recursive definitions of RFC 6962, and two other
//! implementations.
#![allow(clippy::cast_possible_truncation, reason = "sizes in tests are small")]

mod bad;
mod large;
mod oracle;
mod published;

use proptest::prelude::*;

use super::*;
use oracle::Other;

pub(crate) use oracle::{Definition, Sumdb};

/// The leaf hashes of `count` entries that differ.
pub(crate) fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

const LARGEST: u64 = 600;

#[test]
fn hashes_begin_with_their_prefix() {
    // SHA-256 of one zero byte, and of 0x01 with 64 zero bytes (sha256sum).
    let leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    assert_eq!(leaf_hash(b"").to_string(), leaf);
    let node = "ae0798d0ecaed2b778eddebf18f071a561c53658c05e76cedecc27cafbdbc577";
    assert_eq!(node_hash(&Digest([0; 32]), &Digest([0; 32])).to_string(), node);
}

#[test]
fn every_small_size_has_the_root_of_the_others() {
    let leaves = leaves(LARGEST);
    let mut frontier = Frontier::new();
    let mut tree = MemoryTree::new();
    let mut other = Other::new();
    let sumdb = Sumdb::of(&leaves);
    for size in 0..=leaves.len() {
        let root = frontier.root();
        let count = size as u64;
        assert_eq!(frontier.size(), count);
        assert_eq!(tree.size(), count);
        assert_eq!(tree.head_at(count), Ok(Head { size: count, root }));
        assert_eq!(root_of(&leaves[..size]), root);
        assert_eq!(Definition::root(&leaves[..size]), root);
        assert_eq!(other.root(), root, "ct-merkle at {size}");
        assert_eq!(sumdb.root(count), root, "tlog_tiles at {size}");
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf).unwrap();
            tree.push(*leaf);
            other.push(count);
        }
    }
}

#[test]
fn every_proof_of_every_size_up_to_64_is_that_of_the_definition() {
    let leaves = leaves(64);
    let tree: MemoryTree = leaves.iter().copied().collect();
    for size in 1..=leaves.len() {
        let (part, count) = (&leaves[..size], size as u64);
        let root = Definition::root(part);
        for (index, leaf) in part.iter().enumerate() {
            let proof = inclusion_proof(index as u64, count, &tree).unwrap();
            assert_eq!(proof, Definition::path(index, part));
            check_inclusion(leaf, index as u64, count, &proof, &root).unwrap();
        }
        for old in 1..=size {
            let proof = consistency_proof(old as u64, count, &tree).unwrap();
            assert_eq!(proof, Definition::consistency(old, part));
            let old_root = Definition::root(&leaves[..old]);
            check_consistency(old as u64, &old_root, count, &root, &proof).unwrap();
        }
        let from_nothing = consistency_proof(0, count, &tree).unwrap();
        check_consistency(0, &empty_root(), count, &root, &from_nothing).unwrap();
    }
}

#[test]
fn a_proof_that_cannot_be_is_refused() {
    let tree: MemoryTree = leaves(10).into_iter().collect();
    let index = |index, size| Err(TreeError::Bounds(ProofError::Index { index, size }));
    assert_eq!(inclusion_proof(0, 0, &tree), index(0, 0));
    assert_eq!(inclusion_proof(10, 10, &tree), index(10, 10));
    assert_eq!(inclusion_proof(u64::MAX, u64::MAX, &tree), index(u64::MAX, u64::MAX));
    let shrinks = ProofError::Shrinks { old: 10, new: 9 };
    assert_eq!(consistency_proof(10, 9, &tree), Err(TreeError::Bounds(shrinks)));
    let missing = NodeMissing { level: 0, index: 10, size: 10 };
    assert_eq!(inclusion_proof(3, 11, &tree), Err(TreeError::Read(missing)));
    assert_eq!(tree.head_at(11), Err(missing));
}

#[test]
fn the_nodes_named_beforehand_are_those_that_a_proof_reads() {
    struct Noting<'a>(&'a MemoryTree, std::cell::RefCell<Vec<Node>>);
    impl NodeReader for Noting<'_> {
        type Error = NodeMissing;
        fn node(&self, level: u8, index: u64) -> Result<Digest, NodeMissing> {
            self.1.borrow_mut().push(Node { level, index });
            self.0.node(level, index)
        }
    }
    let tree: MemoryTree = leaves(100).into_iter().collect();
    let sorted = |mut nodes: Vec<Node>| {
        nodes.sort();
        nodes
    };
    for size in 1..=100 {
        for other in 0..size {
            let noting = Noting(&tree, std::cell::RefCell::default());
            inclusion_proof(other, size, &noting).unwrap();
            let named = inclusion_nodes(other, size).unwrap();
            assert_eq!(sorted(named), sorted(noting.1.take()));
            consistency_proof(other, size, &noting).unwrap();
            let named = consistency_nodes(other, size).unwrap();
            assert_eq!(sorted(named), sorted(noting.1.take()));
            root_at(size, &noting).unwrap();
            assert_eq!(sorted(root_nodes(size)), sorted(noting.1.take()));
        }
    }
}

#[test]
fn a_frontier_is_made_from_its_parts_only() {
    let leaves = leaves(77);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let mut frontier = Frontier::new();
    for leaf in &leaves {
        let (size, edge) = frontier.parts();
        assert_eq!(Frontier::from_parts(size, edge.to_vec()), Ok(frontier.clone()));
        assert_eq!(Frontier::read(size, &tree).unwrap(), frontier);
        let mut longer = edge.to_vec();
        longer.push(*leaf);
        let found = longer.len();
        let refused = FrontierError::Parts { size, expected: size.count_ones(), found };
        assert_eq!(Frontier::from_parts(size, longer), Err(refused));
        frontier.push(*leaf).unwrap();
    }
    let refused = FrontierError::Parts { size: 7, expected: 3, found: 0 };
    assert_eq!(Frontier::from_parts(7, Vec::new()), Err(refused));
}

#[test]
fn a_subtree_is_appended_only_where_one_begins() {
    let leaves = leaves(1024);
    let mut by_leaf = Frontier::new();
    let mut by_subtree = Frontier::new();
    for part in leaves.chunks(256) {
        by_subtree.push_subtree(8, root_of(part)).unwrap();
        for leaf in part {
            by_leaf.push(*leaf).unwrap();
        }
        assert_eq!(by_subtree, by_leaf);
    }
    by_leaf.push(leaves[0]).unwrap();
    for level in [1, 8, 63, 64, 255] {
        let refused = FrontierError::Unaligned { level, size: 1025 };
        assert_eq!(by_leaf.push_subtree(level, leaves[0]), Err(refused));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn other_implementations_make_and_take_the_same_inclusion_proofs(
        size in 1_u64..=LARGEST, at in any::<prop::sample::Index>(),
    ) {
        let index = at.index(size as usize) as u64;
        let leaves = leaves(size);
        let tree: MemoryTree = leaves.iter().copied().collect();
        let proof = inclusion_proof(index, size, &tree).unwrap();
        let root = tree.head_at(size).unwrap().root;
        prop_assert_eq!(&proof, &Other::of(size).inclusion(index));
        let sumdb = Sumdb::of(&leaves);
        prop_assert_eq!(&proof, &sumdb.inclusion(index, size));
        prop_assert!(Sumdb::takes_inclusion(&proof, size, &root, index, &leaves[index as usize]));
        check_inclusion(&leaves[index as usize], index, size, &proof, &root).unwrap();
    }

    #[test]
    fn other_implementations_make_and_take_the_same_consistency_proofs(
        new in 1_u64..=LARGEST, at in any::<prop::sample::Index>(),
    ) {
        let old = at.index(new as usize) as u64 + 1;
        let leaves = leaves(new);
        let tree: MemoryTree = leaves.iter().copied().collect();
        let proof = consistency_proof(old, new, &tree).unwrap();
        let (old_root, new_root) = (root_at(old, &tree).unwrap(), root_at(new, &tree).unwrap());
        prop_assert_eq!(&proof, &Other::of(new).consistency(old));
        prop_assert_eq!(&proof, &Sumdb::of(&leaves).consistency(old, new));
        prop_assert!(Sumdb::takes_consistency(&proof, new, &new_root, old, &old_root));
        check_consistency(old, &old_root, new, &new_root, &proof).unwrap();
    }
}
