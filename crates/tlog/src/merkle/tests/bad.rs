//! Proofs changed by program: none is taken that the algorithms of RFC 9162 refuse.

use proptest::prelude::*;

use super::super::*;
use super::leaves;

/// RFC 9162 §2.1.3.2, step by step.
fn rfc9162_inclusion(leaf: &Digest, index: u64, size: u64, proof: &[Digest]) -> Option<Digest> {
    if index >= size {
        return None;
    }
    let (mut at, mut last, mut node) = (index, size - 1, *leaf);
    for hash in proof {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            node = node_hash(hash, &node);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(&node, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(node)
}

/// RFC 9162 §2.1.4.2, step by step, for `0 < old < new`.
fn rfc9162_consistency(
    old: u64,
    old_root: &Digest,
    new: u64,
    proof: &[Digest],
) -> Option<(Digest, Digest)> {
    let mut path = proof.to_vec();
    if path.is_empty() {
        return None;
    }
    if old.is_power_of_two() {
        path.insert(0, *old_root);
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old_node, mut new_node) = (path[0], path[0]);
    for hash in &path[1..] {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            old_node = node_hash(hash, &old_node);
            new_node = node_hash(hash, &new_node);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_node = node_hash(&new_node, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    (last == 0).then_some((old_node, new_node))
}

/// One change to a list of hashes.
#[derive(Clone, Copy, Debug)]
enum Change {
    Flip,
    Drop,
    Double,
    Swap,
    Append,
    Clear,
}

fn change() -> impl Strategy<Value = Change> {
    use Change::{Append, Clear, Double, Drop, Flip, Swap};
    prop::sample::select(vec![Flip, Drop, Double, Swap, Append, Clear])
}

fn changed(proof: &[Digest], change: Change, at: prop::sample::Index, byte: u8) -> Vec<Digest> {
    let mut proof = proof.to_vec();
    if proof.is_empty() {
        proof.push(Digest([byte; 32]));
        return proof;
    }
    let i = at.index(proof.len());
    match change {
        Change::Flip => proof[i].0[usize::from(byte) % 32] ^= byte | 1,
        Change::Drop => drop(proof.remove(i)),
        Change::Double => proof.insert(i, proof[i]),
        Change::Swap => {
            let last = proof.len() - 1;
            proof.swap(i, if i == last { 0 } else { last });
        }
        Change::Append => proof.push(Digest([byte; 32])),
        Change::Clear => proof.clear(),
    }
    proof
}

proptest! {
    #[test]
    fn a_changed_path_is_refused(
        size in 1_u64..300, at in any::<prop::sample::Index>(),
        change in change(), place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let index = at.index(size as usize) as u64;
        let tree: MemoryTree = leaves(size).into_iter().collect();
        let (leaf, root) = (tree.node(0, index).unwrap(), root_at(size, &tree).unwrap());
        let proof = inclusion_proof(index, size, &tree).unwrap();
        let bad = changed(&proof, change, place, byte);
        prop_assume!(bad != proof);
        prop_assert!(check_inclusion(&leaf, index, size, &bad, &root).is_err());
    }

    #[test]
    fn a_changed_consistency_proof_is_refused(
        new in 1_u64..300, at in any::<prop::sample::Index>(),
        change in change(), place in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        let old = at.index(new as usize) as u64;
        let tree: MemoryTree = leaves(new).into_iter().collect();
        let (old_root, new_root) = (root_at(old, &tree).unwrap(), root_at(new, &tree).unwrap());
        let proof = consistency_proof(old, new, &tree).unwrap();
        let bad = changed(&proof, change, place, byte);
        prop_assume!(bad != proof);
        prop_assert!(check_consistency(old, &old_root, new, &new_root, &bad).is_err());
    }

    #[test]
    fn any_index_size_and_path_lead_where_rfc_9162_leads(
        index in prop_oneof![0_u64..40, any::<u64>()],
        size in prop_oneof![0_u64..40, any::<u64>()],
        bytes in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        let proof: Vec<_> = bytes.iter().map(|byte| Digest([*byte; 32])).collect();
        let leaf = leaf_hash(b"leaf");
        // The lengths that are right for these sizes come up too seldom by chance.
        for length in 0..=proof.len() {
            let proof = &proof[..length];
            let ours = root_of_inclusion(&leaf, index, size, proof).ok();
            prop_assert_eq!(ours, rfc9162_inclusion(&leaf, index, size, proof));
        }
    }

    #[test]
    fn any_sizes_and_proof_are_judged_as_rfc_9162_judges(
        old in prop_oneof![1_u64..40, any::<u64>()],
        more in prop_oneof![1_u64..40, any::<u64>()],
        bytes in prop::collection::vec(any::<u8>(), 0..70),
    ) {
        let Some(new) = old.checked_add(more).filter(|_| old > 0 && more > 0) else {
            return Ok(());
        };
        let proof: Vec<_> = bytes.iter().map(|byte| Digest([*byte; 32])).collect();
        let old_root = leaf_hash(b"root");
        for length in 0..=proof.len() {
            let proof = &proof[..length];
            match rfc9162_consistency(old, &old_root, new, proof) {
                None => {
                    let checked = check_consistency(old, &old_root, new, &old_root, proof);
                    let is_length = matches!(checked, Err(ProofError::Length { .. }));
                    prop_assert!(is_length, "{:?}", checked);
                }
                Some((old_end, new_end)) => {
                    // The seed of a power of two is the old root itself, so it always fits.
                    let checked = check_consistency(old, &old_end, new, &new_end, proof);
                    prop_assert_eq!(checked.is_ok(), !old.is_power_of_two() || old_end == old_root);
                    let moved = check_consistency(old, &old_end, new, &Digest([7; 32]), proof);
                    prop_assert!(moved.is_err());
                }
            }
        }
    }
}
