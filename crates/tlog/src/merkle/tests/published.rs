//! The vectors of `vectors/merkle`.

use serde::Deserialize;

use super::super::*;

#[derive(Deserialize)]
struct Published {
    leaves: Vec<String>,
    roots: Vec<Digest>,
    inclusion: Vec<Inclusion>,
    consistency: Vec<Consistency>,
}

#[derive(Deserialize)]
struct Inclusion {
    size: u64,
    index: u64,
    proof: Vec<Digest>,
}

#[derive(Deserialize)]
struct Consistency {
    old: u64,
    new: u64,
    proof: Vec<Digest>,
}

fn published() -> (Published, MemoryTree) {
    let text = include_str!("../../../../../vectors/merkle/ct.json");
    let published: Published = serde_json::from_str(text).unwrap();
    let hex = data_encoding::HEXLOWER;
    let tree = published.leaves.iter().map(|leaf| leaf_hash(&hex.decode(leaf.as_bytes()).unwrap()));
    let tree = tree.collect();
    (published, tree)
}

#[test]
fn published_roots_come_out() {
    let (published, tree) = published();
    assert_eq!(published.roots.len(), 9);
    for (size, root) in (0..).zip(&published.roots) {
        assert_eq!(tree.head_at(size).unwrap().root, *root);
        assert_eq!(Frontier::read(size, &tree).unwrap().root(), *root);
    }
}

#[test]
fn published_inclusion_proofs_come_out_and_hold() {
    let (published, tree) = published();
    assert_eq!(published.inclusion.len(), 7);
    for Inclusion { size, index, proof } in published.inclusion {
        assert_eq!(inclusion_proof(index, size, &tree).unwrap(), proof);
        let leaf = tree.node(0, index).unwrap();
        let root = &published.roots[size as usize];
        assert_eq!(check_inclusion(&leaf, index, size, &proof, root), Ok(()));
    }
}

#[test]
fn published_consistency_proofs_come_out_and_hold() {
    let (published, tree) = published();
    assert_eq!(published.consistency.len(), 5);
    for Consistency { old, new, proof } in published.consistency {
        assert_eq!(consistency_proof(old, new, &tree).unwrap(), proof);
        let (old_root, new_root) = (published.roots[old as usize], published.roots[new as usize]);
        assert_eq!(check_consistency(old, &old_root, new, &new_root, &proof), Ok(()));
    }
}

#[derive(Deserialize)]
struct Bad {
    inclusion: Vec<BadInclusion>,
    consistency: Vec<BadConsistency>,
}

#[derive(Deserialize)]
struct BadInclusion {
    why: String,
    error: String,
    index: u64,
    size: u64,
    leaf: Digest,
    proof: Vec<Digest>,
    root: Digest,
}

#[derive(Deserialize)]
struct BadConsistency {
    why: String,
    error: String,
    old: u64,
    old_root: Digest,
    new: u64,
    new_root: Digest,
    proof: Vec<Digest>,
}

fn word(error: ProofError) -> &'static str {
    match error {
        ProofError::Index { .. } => "index",
        ProofError::Shrinks { .. } => "shrinks",
        ProofError::Length { .. } => "length",
        ProofError::EmptyRoot { .. } => "empty_root",
        ProofError::Root { .. } => "root",
        ProofError::OldRoot { .. } => "old_root",
        ProofError::NewRoot { .. } => "new_root",
    }
}

#[test]
fn bad_proofs_are_refused_for_the_right_reason() {
    let text = include_str!("../../../../../vectors/merkle/bad-proofs.json");
    let bad: Bad = serde_json::from_str(text).unwrap();
    assert_eq!((bad.inclusion.len(), bad.consistency.len()), (23, 26));
    for case in bad.inclusion {
        let checked = check_inclusion(&case.leaf, case.index, case.size, &case.proof, &case.root);
        assert_eq!(checked.map_err(word), Err(case.error.as_str()), "{}", case.why);
    }
    for case in bad.consistency {
        let checked =
            check_consistency(case.old, &case.old_root, case.new, &case.new_root, &case.proof);
        assert_eq!(checked.map_err(word), Err(case.error.as_str()), "{}", case.why);
    }
}
