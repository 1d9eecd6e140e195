//! Signatures and public keys against `vectors/signatures`.

use canon::{Algorithm, KeyError, PrivateKey, PublicKey, SignError, Signer};
use serde::Deserialize;

use crate::{cases, hex, seed};

#[derive(Deserialize)]
struct Rfc8032 {
    name: String,
    seed: String,
    key: String,
    message: String,
    signature: String,
}

#[test]
fn ed25519_of_rfc_8032() {
    let file = include_str!("../../../../vectors/signatures/ed25519-rfc8032.json");
    for case in cases::<Rfc8032>(file) {
        let key = PrivateKey::from_seed(Algorithm::Ed25519, &seed(&case.seed)).unwrap();
        let (message, signature) = (hex(&case.message), hex(&case.signature));
        assert_eq!(key.public().bytes(), hex(&case.key), "{}", case.name);
        assert_eq!(key.sign(&message).unwrap(), signature, "{}", case.name);
        assert_eq!(key.public().verify(&message, &signature), Ok(()), "{}", case.name);
    }
}

#[derive(Deserialize)]
struct Rfc6979 {
    name: String,
    seed: String,
    key: String,
    message: String,
    r: String,
    s: String,
    low_s: String,
}

#[test]
fn p256_of_rfc_6979() {
    let file = include_str!("../../../../vectors/signatures/p256-rfc6979.json");
    for case in cases::<Rfc6979>(file) {
        let key = PrivateKey::from_seed(Algorithm::EcdsaP256, &seed(&case.seed)).unwrap();
        let message = hex(&case.message);
        assert_eq!(key.public().bytes(), hex(&case.key), "{}", case.name);
        let expected = hex(&format!("{}{}", case.r, case.low_s));
        assert_eq!(key.sign(&message).unwrap(), expected, "{}", case.name);
        assert_eq!(key.public().verify(&message, &expected), Ok(()), "{}", case.name);
        if case.s != case.low_s {
            let high = hex(&format!("{}{}", case.r, case.s));
            let result = key.public().verify(&message, &high);
            assert_eq!(result, Err(SignError::HighS), "{}", case.name);
        }
    }
}

#[derive(Deserialize)]
struct Wycheproof {
    id: u32,
    comment: String,
    key: String,
    message: String,
    signature: String,
    result: String,
    #[serde(default)]
    high_s: bool,
}

fn wycheproof(alg: Algorithm, file: &str) -> usize {
    let mut held = 0;
    for case in cases::<Wycheproof>(file) {
        let key = PublicKey::from_parts(alg, &hex(&case.key)).unwrap();
        let result = key.verify(&hex(&case.message), &hex(&case.signature));
        let id = format!("{} {}: {result:?}", case.id, case.comment);
        match (case.result.as_str(), case.high_s) {
            ("valid", false) => assert_eq!(result, Ok(()), "{id}"),
            ("valid", true) => assert_eq!(result, Err(SignError::HighS), "{id}"),
            _ => assert!(result.is_err(), "{id}"),
        }
        held += usize::from(result.is_ok());
    }
    held
}

#[test]
fn ed25519_of_wycheproof() {
    let file = include_str!("../../../../vectors/signatures/ed25519-wycheproof.json");
    assert_eq!(wycheproof(Algorithm::Ed25519, file), 88);
}

#[test]
fn p256_of_wycheproof() {
    let file = include_str!("../../../../vectors/signatures/p256-wycheproof.json");
    assert_eq!(wycheproof(Algorithm::EcdsaP256, file), 103);
}

#[derive(Deserialize)]
struct Speccheck {
    id: u32,
    comment: String,
    key: String,
    message: String,
    signature: String,
}

/// Every key of these twelve has a part of small order, so none becomes a key at all, and the one
/// signature that strict verifiers accept (case 3) is refused as well.
#[test]
fn ed25519_of_speccheck() {
    let file = include_str!("../../../../vectors/signatures/ed25519-speccheck.json");
    for case in cases::<Speccheck>(file) {
        let id = format!("{} {}", case.id, case.comment);
        let key = PublicKey::from_parts(Algorithm::Ed25519, &hex(&case.key));
        match key {
            Err(error) => assert_eq!(error, KeyError::Weak, "{id}"),
            Ok(key) => {
                let result = key.verify(&hex(&case.message), &hex(&case.signature));
                assert_eq!(result, Err(SignError::Mismatch), "{id}");
            }
        }
    }
}

#[derive(Deserialize)]
struct Point {
    key: String,
    why: String,
    comment: String,
}

#[test]
fn ed25519_points_that_are_no_keys() {
    let file = include_str!("../../../../vectors/signatures/ed25519-points.json");
    for case in cases::<Point>(file) {
        let expected = match case.why.as_str() {
            "weak" => KeyError::Weak,
            "point" => KeyError::Point { alg: Algorithm::Ed25519 },
            other => panic!("{other}"),
        };
        let key = PublicKey::from_parts(Algorithm::Ed25519, &hex(&case.key));
        assert_eq!(key.unwrap_err(), expected, "{} {}", case.comment, case.key);
    }
}
