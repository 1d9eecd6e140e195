use canon::Signer;
use proptest::prelude::*;

use super::*;
use crate::fixture::{payload, signer, vector};
use crate::kind::KINDS;

#[test]
fn null_is_not_an_absent_member() {
    let plan: AuditPlan = payload("smallest");
    let text = String::from_utf8(canon::json::to_canonical(&plan).unwrap()).unwrap();
    assert!(decode::<AuditPlan>(text.as_bytes()).is_ok());
    let with_null = text.replacen("{\"contests\"", "{\"ballot_manifest\":null,\"contests\"", 1);
    assert_ne!(with_null, text);
    assert!(matches!(
        decode::<AuditPlan>(with_null.as_bytes()),
        Err(PayloadError::Form { kind: ArtifactKind::AuditPlan, .. })
    ));
}

#[test]
fn what_is_absent_stays_absent_when_written() {
    for row in KINDS {
        let index: serde_json::Value =
            serde_json::from_slice(&vector(&format!("artifacts/{}/index.json", row.name))).unwrap();
        for file in index["valid"].as_array().unwrap() {
            let bytes = vector(&format!("artifacts/{}/{}", row.name, file.as_str().unwrap()));
            let read = Payload::decode_strict(row.kind, &bytes).unwrap();
            assert_eq!(read.kind(), row.kind);
            assert_eq!(read.election_id().as_str(), "hinsdale-2024-general");
            assert_eq!(read.to_bytes().unwrap(), canon::json::canonicalize(&bytes).unwrap());
            assert_eq!(check(row.kind, &read.to_bytes().unwrap()), Ok(()));
            // Canonical readers do not take the layout of people.
            assert!(matches!(Payload::decode(row.kind, &bytes), Err(PayloadError::Form { .. })));
        }
    }
}

#[test]
fn rules_are_told_all_at_once() {
    let mut sample: Sample = payload("hkdf");
    sample.count = 9;
    sample.draws[0].draw = 5;
    sample.draws[1].index = 9;
    sample.cards = 8;
    let rules: Vec<_> = sample.rules().iter().map(|broken| broken.rule).collect();
    assert_eq!(
        rules,
        [
            "the number of draws",
            "numbered from 1 without a gap",
            "index between 1 and cards",
            "no card twice without replacement",
        ]
    );
    let error = judged(sample).unwrap_err();
    assert!(error.to_string().starts_with("the payload breaks 4 rules of sample/v1: "), "{error}");
}

#[test]
fn nobody_signs_what_nobody_would_accept() {
    let key = signer("audit-lead");
    let mut sample: Sample = payload("colorado");
    sample.count = 4;
    let refused = sign(&sample, &[&key as &dyn Signer]);
    assert!(matches!(
        refused,
        Err(SignPayloadError::Payload(PayloadError::Rules { kind: ArtifactKind::Sample, .. }))
    ));
    sample.count = 3;
    let bytes = sign(&sample, &[&key as &dyn Signer]).unwrap();
    assert_eq!(Payload::from(sample).sign(&[&key as &dyn Signer]).unwrap(), bytes);
    assert!(matches!(
        sign(&payload::<Sample>("colorado"), &[]),
        Err(SignPayloadError::Envelope(EnvelopeError::Count { found: 0 }))
    ));
}

#[test]
fn a_record_digest_hides_behind_the_salt_of_its_batch() {
    let batch: CvrBatch = payload("batch");
    // Computed with Python's json and hashlib over the same three members.
    let expected = "c41d02ba4cdeb4975ab0a6302cc1f733483b69ebb813404ada112457c753e8c5";
    let digest = batch.record_digest(&batch.cvrs[0]).unwrap();
    assert_eq!(digest.to_string(), expected);
    let other = CvrBatch { salt: crate::id::Salt::new([1; 32]), ..batch.clone() };
    assert_ne!(other.record_digest(&batch.cvrs[0]).unwrap(), digest);
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(
        which in 0..KINDS.len(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = Payload::decode(KINDS[which].kind, &bytes);
        let _ = Payload::decode_strict(KINDS[which].kind, &bytes);
    }
}
