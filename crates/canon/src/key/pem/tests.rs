use std::io::Write as _;
use std::process::{Command, Stdio};

use super::*;
use crate::sign::Signer as _;

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::EcdsaP256];

/// A key file that is cheap to try, for tests that try it often.
fn cheap(alg: Algorithm) -> String {
    let key = PrivateKey::from_seed(alg, &[3; 32]).unwrap();
    let mut parameters = parameters(&mut getrandom::SysRng).unwrap();
    let pbes2::Kdf::Scrypt(scrypt) = &mut parameters.kdf else { unreachable!() };
    scrypt.cost_parameter = 2;
    scrypt.parallelization = 1;
    let document = key.document().unwrap();
    let info = PrivateKeyInfoRef::try_from(document.as_bytes()).unwrap();
    let encrypted = info.encrypt_with_params(parameters, b"passphrase").unwrap();
    let pem = encrypted.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF).unwrap();
    format!("{NAME}{alg} {}\n{}", key.public().id(), *pem)
}

#[test]
fn a_key_comes_back_with_its_passphrase_only() {
    for alg in ALGORITHMS {
        let key = PrivateKey::generate(alg, &mut getrandom::SysRng).unwrap();
        let pem = key.to_encrypted_pem("pässphrase".as_bytes(), &mut getrandom::SysRng).unwrap();
        let again = PrivateKey::from_encrypted_pem(&pem, "pässphrase".as_bytes()).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(again.sign(b"x"), key.sign(b"x"));
        let error = PrivateKey::from_encrypted_pem(&pem, b"passphrase").unwrap_err();
        assert_eq!(error, KeyError::Passphrase);
        let other = key.to_encrypted_pem("pässphrase".as_bytes(), &mut getrandom::SysRng).unwrap();
        assert_ne!(*pem, *other, "salt and initial vector are fresh");
    }
}

#[test]
fn an_empty_passphrase_protects_nothing() {
    let key = PrivateKey::from_seed(Algorithm::Ed25519, &[1; 32]).unwrap();
    let error = key.to_encrypted_pem(b"", &mut getrandom::SysRng).unwrap_err();
    assert_eq!(error, KeyError::EmptyPassphrase);
}

/// The public key that OpenSSL finds in a key file, as DER; `None` without an OpenSSL.
fn openssl_public(pem: &str) -> Option<Vec<u8>> {
    let mut child = Command::new("openssl")
        .args(["pkey", "-passin", "pass:correct horse", "-pubout", "-outform", "DER"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(pem.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl does not read the file");
    Some(output.stdout)
}

#[test]
fn openssl_reads_our_files() {
    for alg in ALGORITHMS {
        let key = PrivateKey::from_seed(alg, &[3; 32]).unwrap();
        let pem = key.to_encrypted_pem(b"correct horse", &mut getrandom::SysRng).unwrap();
        let Some(der) = openssl_public(&pem) else {
            println!("skipped: no openssl on this machine");
            return;
        };
        match alg {
            Algorithm::Ed25519 => assert!(der.ends_with(key.public().bytes())),
            Algorithm::EcdsaP256 => {
                let point = p256::ecdsa::VerifyingKey::from_sec1_bytes(&der[der.len() - 65..]);
                let point = point.unwrap().to_sec1_point(true);
                assert_eq!(point.as_bytes(), key.public().bytes());
            }
        }
    }
}

#[test]
fn a_file_with_white_space_around_it_opens() {
    let pem = format!("\n  {}\n\n", cheap(Algorithm::Ed25519).replace('\n', "\r\n"));
    assert!(PrivateKey::from_encrypted_pem(&pem, b"passphrase").is_ok());
}

#[test]
fn a_damaged_file_is_refused_without_panic() {
    for (alg, step) in [(Algorithm::Ed25519, 1), (Algorithm::EcdsaP256, 5)] {
        let pem = cheap(alg);
        let pem = pem.trim_end();
        let expected = PrivateKey::from_encrypted_pem(pem, b"passphrase").unwrap();
        for at in (0..pem.len()).step_by(step) {
            let mut damaged = pem.to_owned().into_bytes();
            damaged[at] ^= 1;
            let damaged = String::from_utf8(damaged).unwrap();
            // A change can hit a part without a meaning, such as the word in front. It never leads
            // to another key, though AES-CBC lets it through.
            if let Ok(key) = PrivateKey::from_encrypted_pem(&damaged, b"passphrase") {
                assert_eq!(key.public(), expected.public(), "byte {at}");
            }
            assert!(PrivateKey::from_encrypted_pem(&pem[..at], b"passphrase").is_err());
        }
    }
}

#[test]
fn the_line_in_front_has_to_name_the_key() {
    let pem = cheap(Algorithm::Ed25519);
    let found = PrivateKey::from_encrypted_pem(&pem, b"passphrase").unwrap().public().id();
    assert!(pem.starts_with(&format!("scrutineer key ed25519 {found}\n-----BEGIN ENCRYPTED")));
    let (_, bare) = pem.split_once('\n').unwrap();
    assert!(PrivateKey::from_encrypted_pem(bare, b"passphrase").is_ok());
    let noted = format!("The county clerk's key\n\n{pem}");
    assert!(PrivateKey::from_encrypted_pem(&noted, b"passphrase").is_ok());
    let other = PrivateKey::from_seed(Algorithm::Ed25519, &[4; 32]).unwrap().public().id();
    for front in [format!("ed25519 {other}"), format!("ecdsa-p256 {found}"), "ed25519".to_owned()] {
        let pem = format!("scrutineer key {front}\n{bare}");
        let error = PrivateKey::from_encrypted_pem(&pem, b"passphrase").unwrap_err();
        assert_eq!(error, KeyError::OtherKey { found });
    }
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let pem = cheap(Algorithm::Ed25519) + &" ".repeat(70_000);
    let error = PrivateKey::from_encrypted_pem(&pem, b"passphrase").unwrap_err();
    assert!(matches!(error, KeyError::Cost { what: "bytes of file", .. }), "{error}");
}
