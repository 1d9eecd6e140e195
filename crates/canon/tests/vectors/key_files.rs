//! Private keys in files against `vectors/key-files`.

use canon::{Algorithm, KeyError, PrivateKey};
use serde::Deserialize;

use crate::{cases, seed};

#[derive(Deserialize)]
struct Case {
    name: String,
    passphrase: String,
    alg: Option<Algorithm>,
    seed: Option<String>,
    why: Option<String>,
    pem: String,
}

fn name(error: &KeyError) -> &'static str {
    match error {
        KeyError::NotEncryptedPem => "not-encrypted",
        KeyError::Scheme { .. } => "scheme",
        KeyError::Cost { .. } => "cost",
        KeyError::Passphrase => "passphrase",
        KeyError::ForeignKey { .. } => "foreign-key",
        KeyError::Malformed => "malformed",
        _ => "other",
    }
}

#[test]
fn files_of_openssl_and_files_by_hand() {
    let file = include_str!("../../../../vectors/key-files/key-files.json");
    for case in cases::<Case>(file) {
        let result = PrivateKey::from_encrypted_pem(&case.pem, case.passphrase.as_bytes());
        match (result, case.alg, case.why) {
            (Ok(key), Some(alg), None) => {
                let expected = PrivateKey::from_seed(alg, &seed(&case.seed.unwrap())).unwrap();
                assert_eq!(key.public(), expected.public(), "{}", case.name);
            }
            (Err(error), None, Some(why)) => {
                assert_eq!(name(&error), why, "{}: {error}", case.name);
            }
            (Ok(_), _, _) => panic!("{}: opened", case.name),
            (Err(error), _, _) => panic!("{}: {error}", case.name),
        }
    }
}
