//! Proof files are read back as they are written; honest proofs hold and bent ones do not.
#![no_main]

use canon::Digest;
use libfuzzer_sys::fuzz_target;
use tlog::merkle::{
    MemoryTree, check_consistency, check_inclusion, consistency_proof, inclusion_proof, leaf_hash,
};
use tlog::proof::TlogProof;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
        let extra = proof.extra().map(<[u8]>::to_vec);
        let made =
            TlogProof::new(proof.index(), proof.hashes().to_vec(), proof.checkpoint(), extra);
        assert_eq!(made.expect("made of its parts"), proof);
    }
    raw(bytes);
    trees(bytes);
});

/// Numbers and hashes of no tree at all: refused or not, without a panic.
fn raw(bytes: &[u8]) {
    let Some((numbers, hashes)) = bytes.split_first_chunk::<16>() else {
        return;
    };
    let (first, second) = numbers.split_at(8);
    let first = u64::from_be_bytes(first.try_into().expect("eight bytes"));
    let second = u64::from_be_bytes(second.try_into().expect("eight bytes"));
    let hashes: Vec<Digest> = hashes.as_chunks::<32>().0.iter().map(|hash| Digest(*hash)).collect();
    let Some((root, proof)) = hashes.split_first() else {
        return;
    };
    let _ = check_inclusion(root, first, second, proof, root);
    let _ = check_consistency(first, root, second, root, proof);
}

/// A small tree and the proofs about it, one of them bent by one bit.
fn trees(bytes: &[u8]) {
    let [size, index, old, place, bit, ..] = *bytes else {
        return;
    };
    let size = u64::from(size) + 1;
    let (index, old) = (u64::from(index) % size, u64::from(old) % (size + 1));
    let mut tree = MemoryTree::new();
    for number in 0..size {
        tree.push(leaf_hash(&number.to_be_bytes()));
    }
    let head = tree.head_at(size).expect("a whole tree");
    let leaf = leaf_hash(&index.to_be_bytes());
    let mut proof = inclusion_proof(index, size, &tree).expect("a leaf of the tree");
    assert_eq!(check_inclusion(&leaf, index, size, &proof, &head.root), Ok(()));
    if bend(&mut proof, place, bit) {
        assert!(check_inclusion(&leaf, index, size, &proof, &head.root).is_err());
    }
    let before = tree.head_at(old).expect("an earlier tree");
    let mut proof = consistency_proof(old, size, &tree).expect("an earlier size");
    let check = |proof: &[Digest]| {
        check_consistency(before.size, &before.root, head.size, &head.root, proof)
    };
    assert_eq!(check(&proof), Ok(()));
    if bend(&mut proof, place, bit) {
        assert!(check(&proof).is_err());
    }
}

/// Turns one bit of one hash; false when there is none.
fn bend(proof: &mut [Digest], place: u8, bit: u8) -> bool {
    let length = proof.len();
    let Some(hash) = proof.get_mut(usize::from(place) % length.max(1)) else {
        return false;
    };
    hash.0[usize::from(bit >> 3)] ^= 1 << (bit & 7);
    true
}
