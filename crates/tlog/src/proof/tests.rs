//! Proof files, among them one of a public log with its public witnesses.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::merkle::leaf_hash;

#[derive(Deserialize)]
struct Vectors {
    proof: String,
    leaf: String,
    leaf_hash: String,
    index: u64,
    size: u64,
    hashes: usize,
    accepted: Vec<Accepted>,
    refused: Vec<Refused>,
    times: BTreeMap<String, i64>,
    malformed: Vec<Malformed>,
    not_included: Vec<NotIncluded>,
}

#[derive(Deserialize)]
struct Accepted {
    name: String,
    policy: String,
    cosigned: usize,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    policy: String,
    error: String,
}

#[derive(Deserialize)]
struct Malformed {
    name: String,
    proof: String,
    error: String,
}

#[derive(Deserialize)]
struct NotIncluded {
    name: String,
    proof: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../vectors/note/proofs.json")).unwrap()
}

fn policy(text: &str) -> Policy {
    Policy::parse(text.as_bytes()).unwrap()
}

#[test]
fn the_proof_of_a_public_log_holds() {
    let vectors = vectors();
    let proof = TlogProof::parse(vectors.proof.as_bytes()).unwrap();
    assert_eq!(proof.index(), vectors.index);
    assert_eq!(proof.hashes().len(), vectors.hashes);
    assert_eq!(proof.extra(), None);
    assert_eq!(proof.to_string(), vectors.proof);
    let leaf = leaf_hash(vectors.leaf.as_bytes());
    assert_eq!(base64::encode(leaf.as_bytes()), vectors.leaf_hash);
    for case in &vectors.accepted {
        let policy = policy(&case.policy);
        let judgement = proof.check(&leaf, &policy).unwrap();
        assert_eq!(judgement.checkpoint.size, vectors.size, "{}", case.name);
        assert_eq!(judgement.cosigned.len(), case.cosigned, "{}", case.name);
        for line in &judgement.cosigned {
            let expected = vectors.times[line.witness.key.name()];
            assert_eq!(line.time.unix(), expected, "{}", case.name);
        }
    }
}

#[test]
fn the_same_proof_fails_under_another_policy() {
    let vectors = vectors();
    let proof = TlogProof::parse(vectors.proof.as_bytes()).unwrap();
    let leaf = leaf_hash(vectors.leaf.as_bytes());
    for case in &vectors.refused {
        let policy = policy(&case.policy);
        let class = match proof.check(&leaf, &policy) {
            Err(TlogProofError::NoQuorum) => "quorum",
            Err(TlogProofError::Judge(JudgeError::NotSigned { .. })) => "not signed",
            other => panic!("{}: {other:?}", case.name),
        };
        assert_eq!(class, case.error, "{}", case.name);
    }
}

#[test]
fn another_leaf_or_path_is_not_included() {
    let vectors = vectors();
    let policy = policy(&vectors.accepted[0].policy);
    let leaf = leaf_hash(vectors.leaf.as_bytes());
    for case in &vectors.not_included {
        let proof = TlogProof::parse(case.proof.as_bytes()).unwrap();
        let result = proof.check(&leaf, &policy);
        assert!(matches!(result, Err(TlogProofError::NotIncluded(_))), "{}", case.name);
    }
    let mut changed = vectors.leaf.into_bytes();
    changed[365] ^= 1;
    let proof = TlogProof::parse(vectors.proof.as_bytes()).unwrap();
    let result = proof.check(&leaf_hash(&changed), &policy);
    assert!(matches!(result, Err(TlogProofError::NotIncluded(_))));
}

#[test]
fn malformed_files_are_refused_for_the_right_reason() {
    for case in vectors().malformed {
        let class = match TlogProof::parse(case.proof.as_bytes()) {
            Err(TlogProofError::Header) => "header",
            Err(TlogProofError::Extra) => "extra",
            Err(TlogProofError::Index) => "index",
            Err(TlogProofError::Hash { .. }) => "hash",
            Err(TlogProofError::TooManyHashes) => "too many",
            Err(TlogProofError::NoCheckpoint) => "no checkpoint",
            Err(TlogProofError::Checkpoint(_)) => "checkpoint",
            other => panic!("{}: {other:?}", case.name),
        };
        assert_eq!(class, case.error, "{}", case.name);
    }
}

#[test]
fn a_file_beyond_any_proof_and_bytes_that_are_no_text_are_refused() {
    let long = vec![b'a'; MAX_NOTE_BYTES + 2 * MAX_EXTRA_BYTES + 1];
    assert_eq!(TlogProof::parse(&long), Err(TlogProofError::TooLarge));
    assert_eq!(TlogProof::parse(b"\xff\n\n"), Err(TlogProofError::NotUtf8));
}

/// The forms of `transparency-dev/formats` `proof/tlog_proof_test.go`, around a real checkpoint.
#[test]
fn files_are_written_as_elsewhere() {
    let vectors = vectors();
    let checkpoint = vectors.proof.split_once("\n\n").unwrap().1;
    let (a, b) = (Digest::of(b"hash1"), Digest::of(b"hash2"));
    let (h1, h2) = (base64::encode(a.as_bytes()), base64::encode(b.as_bytes()));
    let written = |index, hashes, extra: Option<&[u8]>| {
        TlogProof::new(index, hashes, checkpoint.as_bytes(), extra.map(<[u8]>::to_vec))
            .unwrap()
            .to_string()
    };
    assert_eq!(
        written(5, vec![a, b], None),
        format!("c2sp.org/tlog-proof@v1\nindex 5\n{h1}\n{h2}\n\n{checkpoint}")
    );
    assert_eq!(
        written(10, vec![a], Some(b"extra information")),
        format!(
            "c2sp.org/tlog-proof@v1\nextra ZXh0cmEgaW5mb3JtYXRpb24=\nindex 10\n{h1}\n\n{checkpoint}"
        )
    );
    assert_eq!(
        written(0, vec![], None),
        format!("c2sp.org/tlog-proof@v1\nindex 0\n\n{checkpoint}")
    );
    let empty = TlogProof::new(0, vec![], checkpoint.as_bytes(), Some(vec![]));
    assert_eq!(empty, Err(TlogProofError::Extra));
}

proptest! {
    #[test]
    fn written_files_read_back(
        index in 0..=crate::checkpoint::MAX_SIZE,
        hashes in prop::collection::vec(any::<[u8; 32]>(), 0..=MAX_HASHES),
        extra in prop::option::of(prop::collection::vec(any::<u8>(), 1..40)),
    ) {
        let vectors = vectors();
        let checkpoint = vectors.proof.split_once("\n\n").unwrap().1;
        let hashes = hashes.into_iter().map(Digest).collect();
        let proof = TlogProof::new(index, hashes, checkpoint.as_bytes(), extra).unwrap();
        prop_assert_eq!(TlogProof::parse(proof.to_string().as_bytes()), Ok(proof));
    }

    /// No change of one byte of the part before the checkpoint passes unseen.
    #[test]
    fn one_changed_byte_is_seen(at in 0_usize..560, bit in 0_u8..8) {
        let vectors = vectors();
        let policy = policy(&vectors.accepted[0].policy);
        let leaf = leaf_hash(vectors.leaf.as_bytes());
        let mut bytes = vectors.proof.into_bytes();
        bytes[at] ^= 1 << bit;
        let holds = TlogProof::parse(&bytes).is_ok_and(|proof| proof.check(&leaf, &policy).is_ok());
        prop_assert!(!holds);
    }
}
