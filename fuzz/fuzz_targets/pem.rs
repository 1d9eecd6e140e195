//! Encrypted private keys: files of any bytes, and files that open to any bytes.
#![no_main]

use canon::{KeyError, PrivateKey, Signer as _};
use libfuzzer_sys::fuzz_target;
use pkcs8::der::pem::{LineEnding, decode_vec};
use pkcs8::der::{Decode as _, EncodePem as _, asn1::OctetString};
use pkcs8::pkcs5::{EncryptionScheme, pbes2};
use pkcs8::{EncryptedPrivateKeyInfoOwned, EncryptedPrivateKeyInfoRef};

/// That of the vectors.
const PASSPHRASE: &[u8] = b"correct horse";

/// Ed25519 as RFC 8410 has it, without the 32 bytes of the seed at its end.
const ED25519: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        any_file(text);
    }
    inside(bytes);
    // A good key with some bytes bent: pairs of place and value.
    let mut bent = [ED25519, &[5; 32]].concat();
    let length = bent.len();
    for [place, value] in bytes.as_chunks::<2>().0.iter().take(4) {
        bent[usize::from(*place) % length] ^= value;
    }
    inside(&bent);
});

/// A file from anywhere.
fn any_file(text: &str) {
    if !is_cheap(text) {
        return;
    }
    let opened = PrivateKey::from_encrypted_pem(text, PASSPHRASE);
    if let Ok(key) = opened {
        signs(&key);
        let noted = format!("a remark\n{text}");
        let again = PrivateKey::from_encrypted_pem(&noted, PASSPHRASE).expect("a remark in front");
        assert_eq!(again.public().id(), key.public().id());
        let other = PrivateKey::from_encrypted_pem(text, b"another");
        assert!(other.is_err(), "two passphrases open one file");
    }
}

/// A file of ours that opens to these bytes.
fn inside(bytes: &[u8]) {
    let scheme = scheme();
    let Ok(encrypted_data) = scheme.encrypt(PASSPHRASE, bytes) else { return };
    let Ok(encrypted_data) = OctetString::new(encrypted_data) else { return };
    let info = EncryptedPrivateKeyInfoOwned { encryption_algorithm: scheme, encrypted_data };
    let pem = info.to_pem(LineEnding::LF).expect("a file of reasonable length");
    match PrivateKey::from_encrypted_pem(&pem, PASSPHRASE) {
        Ok(key) => signs(&key),
        Err(error) => {
            let is_file = matches!(error, KeyError::Cost { .. } | KeyError::NotEncryptedPem);
            assert!(!is_file || pem.len() > 60_000, "the file was in order: {error}");
        }
    }
}

/// The cheapest cost there is.
fn scheme() -> EncryptionScheme {
    let salt = pbes2::Salt::new([3; 16]).expect("a salt of usual length");
    let scrypt = pbes2::ScryptParams {
        salt,
        cost_parameter: 2,
        block_size: 1,
        parallelization: 1,
        key_length: None,
    };
    let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: [4; 16] };
    EncryptionScheme::Pbes2(pbes2::Parameters { kdf: scrypt.into(), encryption })
}

fn signs(key: &PrivateKey) {
    let signature = key.sign(b"message").expect("a key that opens signs");
    assert_eq!(key.public().verify(b"message", &signature), Ok(()));
}

/// Whether trying the file costs little, or so much that it has to be refused untried.
fn is_cheap(text: &str) -> bool {
    let begin = text.find("-----BEGIN ").unwrap_or_default();
    let Ok((_, document)) = decode_vec(text[begin..].trim_end().as_bytes()) else { return true };
    let Ok(info) = EncryptedPrivateKeyInfoRef::from_der(&document) else { return true };
    let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm else { return true };
    let (work, refused) = match &parameters.kdf {
        pbes2::Kdf::Scrypt(scrypt) => {
            let r = u128::from(scrypt.block_size);
            let blocks = u128::from(scrypt.cost_parameter) * r;
            (blocks * u128::from(scrypt.parallelization), 1 << 24)
        }
        pbes2::Kdf::Pbkdf2(pbkdf2) => (u128::from(pbkdf2.iteration_count) * 4, 40_000_000),
        _ => return true,
    };
    work <= 1 << 15 || work > refused
}
