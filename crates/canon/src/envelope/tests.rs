use super::*;
use crate::digest::Digest;
use crate::key::{Algorithm, PrivateKey};
use proptest::prelude::*;
use serde_json::json;

fn key(byte: u8) -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, &[byte; 32]).unwrap()
}

#[test]
fn round_trip_of_each_algorithm() {
    let p256 = PrivateKey::from_seed(Algorithm::EcdsaP256, &[7; 32]).unwrap();
    let signers: [&dyn Signer; 2] = [&key(1), &p256];
    let payload = json!({"election_id": "e", "b": [1, 2], "a": null});
    let kind: Kind = "cvr/v1".parse().unwrap();
    let bytes = sign_to_bytes(&kind, &payload, &signers).unwrap();
    let signed = SignedBytes::parse(&bytes).unwrap();
    assert_eq!(signed.kind, "cvr/v1");
    assert_eq!(signed.payload, br#"{"a":null,"b":[1,2],"election_id":"e"}"#);
    for (index, signer) in signers.iter().enumerate() {
        signed.verify(index, &signer.public_key()).unwrap();
    }
    let envelope = Envelope::sign(kind, &payload, &signers).unwrap();
    assert_eq!(envelope.to_bytes().unwrap(), bytes);
}

#[test]
fn signers_are_one_to_sixteen_and_different() {
    let keys: Vec<PrivateKey> = (1..=17).map(key).collect();
    let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
    let kind: Kind = "cvr/v1".parse().unwrap();
    let payload = json!({});
    let sign = |signers: &[&dyn Signer]| sign_to_bytes(&kind, &payload, signers);
    assert_eq!(sign(&[]), Err(EnvelopeError::Count { found: 0 }));
    assert_eq!(sign(&signers), Err(EnvelopeError::Count { found: 17 }));
    let bytes = sign(&signers[..16]).unwrap();
    assert_eq!(SignedBytes::parse(&bytes).unwrap().signatures.len(), 16);
    let key_id = keys[0].public().id();
    let twice = EnvelopeError::TwoOfOneKey { key_id };
    assert_eq!(sign(&[signers[0], signers[1], signers[0]]), Err(twice.clone()));
    let mut envelope = Envelope::sign(kind.clone(), &payload, &signers[..1]).unwrap();
    assert_eq!(envelope.countersign(signers[0]), Err(twice));
    assert_eq!(envelope.signatures.len(), 1, "a refused signature leaves no trace");
    envelope.signatures.clear();
    assert_eq!(envelope.to_bytes(), Err(EnvelopeError::Count { found: 0 }));
}

#[test]
fn a_payload_is_an_object_of_canonical_values() {
    let signer = key(1);
    let sign = |payload: serde_json::Value| {
        sign_to_bytes(&"cvr/v1".parse().unwrap(), &payload, &[&signer]).unwrap_err()
    };
    for payload in [json!([]), json!("x"), json!(null), json!(1)] {
        assert!(matches!(sign(payload), EnvelopeError::Shape { what: "the payload", .. }));
    }
    assert!(matches!(sign(json!({"x": 1.5})), EnvelopeError::Json(_)));
    assert!(matches!(sign(json!({"x": u64::MAX})), EnvelopeError::Json(_)));
}

#[test]
fn an_envelope_counts_as_a_level() {
    let nest = |levels: usize| (1..levels).fold(json!([]), |inner, _| json!([inner]));
    let kind: Kind = "cvr/v1".parse().unwrap();
    let sign = |levels| sign_to_bytes(&kind, &json!({"x": nest(levels)}), &[&key(1)]);
    let deepest = sign(62).unwrap();
    assert!(SignedBytes::parse(&deepest).is_ok());
    assert!(matches!(sign(63), Err(EnvelopeError::Json(_))));
}

/// A device that is not there.
struct Unplugged(PrivateKey);

impl Signer for Unplugged {
    fn public_key(&self) -> crate::PublicKey {
        self.0.public_key()
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
        Err(SignError::Device { reason: "no token".to_owned() })
    }
}

#[test]
fn a_device_that_does_not_sign_is_named() {
    let kind = "cvr/v1".parse().unwrap();
    let error = sign_to_bytes(&kind, &json!({}), &[&key(1), &Unplugged(key(2))]).unwrap_err();
    assert_eq!(error.to_string(), "signature 1: the device did not sign: no token");
}

#[test]
fn the_name_of_an_unknown_algorithm_is_kept() {
    let signer = key(1);
    let kind: Kind = "cvr/v9".parse().unwrap();
    let mut envelope = Envelope::sign(kind, json!({}), &[&signer]).unwrap();
    envelope.countersign(&key(2)).unwrap();
    envelope.signatures[1].alg = "ed25519.ml-dsa-44".parse().unwrap();
    let bytes = envelope.to_bytes().unwrap();
    let signed = SignedBytes::parse(&bytes).unwrap();
    assert_eq!(signed.unknown_algorithm(), Some((1, "ed25519.ml-dsa-44")));
    assert_eq!(signed.verify(0, signer.public()), Ok(()));
    let found = "ed25519.ml-dsa-44".to_owned();
    assert_eq!(
        signed.verify(1, key(2).public()),
        Err(EnvelopeError::Algorithm { index: 1, found })
    );
    for name in ["", "Ed25519", "-a", "ed25519 ", "é", &"a".repeat(41)] {
        assert!(name.parse::<AlgorithmName>().is_err(), "{name:?}");
    }
    let known: AlgorithmName = "ed25519".parse().unwrap();
    assert_eq!((known.known(), known.unknown()), (Some(Algorithm::Ed25519), None));
}

#[test]
fn a_statement_is_what_the_signatures_are_over() {
    let payload = json!({"election_id": "e"});
    let kind: Kind = "cvr/v1".parse().unwrap();
    let sign = |keys: &[&dyn Signer]| sign_to_bytes(&kind, &payload, keys).unwrap();
    let (one, other) = (sign(&[&key(1)]), sign(&[&key(2), &key(3)]));
    let expected = Digest::of(b"scrutineer/v1\ncvr/v1\n{\"election_id\":\"e\"}");
    for bytes in [one, other] {
        assert_eq!(SignedBytes::parse(&bytes).unwrap().statement(), expected);
    }
}

#[test]
fn what_is_no_envelope_is_shown_cut_short() {
    let shown = |bytes: &str| SignedBytes::parse(bytes.as_bytes()).unwrap_err();
    let long = "\u{1F5F3}\\n".repeat(1000);
    let EnvelopeError::Unknown { name, of } = shown(&format!("{{\"{long}\":[]}}")) else {
        panic!("another error")
    };
    assert_eq!((name, of), ("\u{1F5F3}\n".repeat(30), "the envelope"));
    let kind = format!("{{\"kind\":\"{long}\",\"payload\":{{}},\"signatures\":[]}}");
    assert_eq!(shown(&kind), EnvelopeError::Kind { found: "\u{1F5F3}\n".repeat(40) });
    let many = "0,".repeat(99_999);
    let many = format!("{{\"kind\":\"cvr/v1\",\"payload\":{{}},\"signatures\":[{many}0]}}");
    assert_eq!(shown(&many), EnvelopeError::Count { found: 100_000 });
}

#[test]
fn kinds_have_name_and_version() {
    let kind: Kind = "ballot_record/v12".parse().unwrap();
    assert_eq!((kind.name(), kind.version()), ("ballot_record", 12));
    assert_eq!(kind.to_string(), "ballot_record/v12");
    assert_eq!(serde_json::to_string(&kind).unwrap(), "\"ballot_record/v12\"");
    assert_eq!(serde_json::from_str::<Kind>("\"ballot_record/v12\"").unwrap(), kind);
    assert!(serde_json::from_str::<Kind>("\"ballot record/v12\"").is_err());
    let long = format!("{}/v1", "k".repeat(77));
    assert_eq!(long.parse::<Kind>().unwrap().as_str(), long);
}

#[test]
fn payloads_are_read_as_types() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Total {
        election_id: String,
        total: u32,
    }
    let total = Total { election_id: "e".to_owned(), total: 618 };
    let bytes = sign_to_bytes(&"result/v1".parse().unwrap(), &total, &[&key(1)]).unwrap();
    let signed = SignedBytes::parse(&bytes).unwrap();
    assert_eq!(signed.payload_as::<Total>().unwrap(), total);
    assert_eq!(Envelope::<Total>::from_bytes(&bytes).unwrap().payload, total);
    assert!(matches!(signed.payload_as::<Vec<u8>>(), Err(EnvelopeError::Json(_))));
}

fn object() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(|n| json!(n)),
        "\\PC{0,6}".prop_map(|s| json!(s))
    ];
    let value = leaf.prop_recursive(3, 20, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|items| json!(items))
    });
    prop::collection::btree_map("\\PC{0,4}", value, 0..5).prop_map(|members| json!(members))
}

proptest! {
    /// Every change of one byte is refused, or leaves another statement that the key did not sign.
    #[test]
    fn a_changed_byte_never_verifies(
        payload in object(),
        place in any::<prop::sample::Index>(),
        change in 1..=255_u8,
    ) {
        let signer = key(1);
        let mut bytes = sign_to_bytes(&"cvr/v1".parse().unwrap(), &payload, &[&signer]).unwrap();
        let at = place.index(bytes.len());
        bytes[at] ^= change;
        if let Ok(signed) = SignedBytes::parse(&bytes) {
            prop_assert!(signed.verify(0, signer.public()).is_err());
        }
    }

    #[test]
    fn reading_agrees_with_the_slow_way(
        payload in object(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2),
    ) {
        let mut bytes = sign_to_bytes(&"cvr/v1".parse().unwrap(), &payload, &[&key(1)]).unwrap();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let signed = SignedBytes::parse(&bytes);
        if let Ok(signed) = &signed {
            prop_assert!(json::require_canonical(&bytes).is_ok());
            let value = json::parse(&bytes).unwrap();
            prop_assert_eq!(value.get("kind").and_then(json::Value::as_str), Some(signed.kind));
            let payload = value.get("payload").map(json::to_vec);
            prop_assert_eq!(payload.as_deref(), Some(signed.payload));
        }
        if json::require_canonical(&bytes).is_err() {
            prop_assert!(matches!(signed, Err(EnvelopeError::Json(_))));
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(SignedBytes::parse(&bytes).is_err());
    }
}
