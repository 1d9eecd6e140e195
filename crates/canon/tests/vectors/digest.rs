//! SHA-256 and HKDF against `vectors/digest` and `vectors/hkdf`.

use canon::Digest;
use canon::derive::{DeriveError, extract};
use serde::Deserialize;

use crate::{cases, hex};

#[derive(Deserialize)]
struct Sha256 {
    message: String,
    sha256: String,
}

#[test]
fn sha256() {
    let file = include_str!("../../../../vectors/digest/sha256.json");
    for Sha256 { message, sha256 } in cases(file) {
        let message = hex(&message);
        assert_eq!(Digest::of(&message).to_string(), sha256);
        let parts: Vec<&[u8]> = message.chunks(37).collect();
        assert_eq!(Digest::of_parts(&parts).to_string(), sha256);
    }
}

#[derive(Deserialize)]
struct Hkdf {
    name: String,
    ikm: String,
    salt: String,
    info: String,
    okm: String,
    too_long: Option<usize>,
}

#[test]
fn hkdf() {
    for case in cases::<Hkdf>(include_str!("../../../../vectors/hkdf/hkdf-sha256.json")) {
        let prk = extract(&hex(&case.salt), &hex(&case.ikm));
        let (info, expected) = (hex(&case.info), hex(&case.okm));
        if let Some(wanted) = case.too_long {
            let result = prk.expand(&[&info], &mut vec![0; wanted]);
            assert_eq!(result, Err(DeriveError::TooLong { wanted }), "{}", case.name);
            continue;
        }
        let mut out = vec![0; expected.len()];
        let (front, back) = info.split_at(info.len() / 3);
        prk.expand(&[front, &[], back], &mut out).unwrap();
        assert_eq!(out, expected, "{}", case.name);
        if let Some(first) = expected.first_chunk::<32>() {
            assert_eq!(&prk.expand_32(&[front, back]), first, "{}", case.name);
        }
    }
}
