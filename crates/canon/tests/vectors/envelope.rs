//! Envelopes against `vectors/envelope`.

use canon::{
    Algorithm, Digest, Envelope, EnvelopeError, Kind, PrivateKey, PublicKey, SignError,
    SignedBytes, Signer, envelope, json,
};
use serde::Deserialize;

use crate::{cases, seed};

#[derive(Deserialize)]
struct Key {
    alg: Algorithm,
    seed: String,
    #[serde(rename = "key")]
    public: String,
    #[serde(rename = "key_id")]
    id: String,
}

impl Key {
    fn private(&self) -> PrivateKey {
        let key = PrivateKey::from_seed(self.alg, &seed(&self.seed)).unwrap();
        assert_eq!(key.public().to_base64(), self.public);
        assert_eq!(key.public().id().to_string(), self.id);
        key
    }
}

#[derive(Deserialize)]
struct Accept {
    kind: String,
    payload: String,
    keys: Vec<Key>,
    envelope: String,
    digest: Digest,
}

#[test]
fn accepted() {
    let file = include_str!("../../../../vectors/envelope/accept.json");
    for case in cases::<Accept>(file) {
        let bytes = case.envelope.as_bytes();
        let signed = SignedBytes::parse(bytes).unwrap();
        assert_eq!(signed.kind, case.kind);
        assert_eq!(signed.payload, case.payload.as_bytes());
        assert_eq!(signed.signatures.len(), case.keys.len());
        assert_eq!(Digest::of(bytes), case.digest);

        let keys: Vec<PrivateKey> = case.keys.iter().map(Key::private).collect();
        for (index, key) in keys.iter().enumerate() {
            signed.verify(index, key.public()).unwrap();
        }
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
        let kind: Kind = case.kind.parse().unwrap();
        let payload = json::parse(case.payload.as_bytes()).unwrap();
        assert_eq!(envelope::sign_to_bytes(&kind, &payload, &signers).unwrap(), bytes);
        let mut whole = Envelope::sign(kind, payload, &signers[..1]).unwrap();
        for signer in &signers[1..] {
            whole.countersign(*signer).unwrap();
        }
        assert_eq!(whole.to_bytes().unwrap(), bytes);
        assert_eq!(Envelope::from_bytes(bytes).unwrap(), whole);
    }
}

#[derive(Deserialize)]
struct Refuse {
    comment: String,
    why: String,
    envelope: String,
}

fn name(error: &EnvelopeError) -> &'static str {
    match error {
        EnvelopeError::Json(_) => "json",
        EnvelopeError::Kind { .. } => "kind",
        EnvelopeError::Missing { .. } => "missing",
        EnvelopeError::Unknown { .. } => "unknown",
        EnvelopeError::Shape { .. } => "shape",
        EnvelopeError::Algorithm { .. } => "algorithm",
        EnvelopeError::Count { .. } => "count",
        EnvelopeError::TwoOfOneKey { .. } => "two-of-one-key",
        EnvelopeError::NoSuchSignature { .. } => "no-such-signature",
        EnvelopeError::OtherKey { .. } => "other-key",
        EnvelopeError::Signature { error: SignError::Length { .. }, .. } => "length",
        EnvelopeError::Signature { error: SignError::Mismatch, .. } => "mismatch",
        EnvelopeError::Signature { .. } => "signature",
    }
}

#[test]
fn refused() {
    let file = include_str!("../../../../vectors/envelope/refuse.json");
    for Refuse { comment, why, envelope } in cases(file) {
        let error = SignedBytes::parse(envelope.as_bytes()).unwrap_err();
        assert_eq!(name(&error), why, "{comment}: {error}");
        let result = Envelope::<json::Value>::from_bytes(envelope.as_bytes());
        assert_eq!(result, Err(error), "{comment}");
    }
}

#[derive(Deserialize)]
struct Broken {
    comment: String,
    why: String,
    envelope: String,
    key: Key,
}

#[test]
fn signatures_that_do_not_hold() {
    let file = include_str!("../../../../vectors/envelope/broken.json");
    for Broken { comment, why, envelope, key } in cases(file) {
        let signed = SignedBytes::parse(envelope.as_bytes()).unwrap();
        let public = PublicKey::from_base64(key.alg, &key.public).unwrap();
        let error = signed.verify(0, &public).unwrap_err();
        assert_eq!(name(&error), why, "{comment}: {error}");
        let none = signed.verify(1, &public);
        assert_eq!(none, Err(EnvelopeError::NoSuchSignature { index: 1 }));
    }
}
