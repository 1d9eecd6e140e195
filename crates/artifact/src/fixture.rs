//! What the tests of this crate share: the charter of the vectors, and its keys.

use std::path::Path;

use canon::key::{Algorithm, PrivateKey};
use canon::{Digest, Signer};
use tlog::note::{KeyType, NoteSigner};

use crate::admit::{self, Founded};
use crate::charter::Charter;
use crate::payload::{Payload, PayloadType};

/// A file of `vectors/`.
pub(crate) fn vector(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A valid payload of the vectors.
pub(crate) fn payload<P: PayloadType>(name: &str) -> P {
    let bytes = vector(&format!("artifacts/{}/valid-{name}.json", P::KIND.row().name));
    canon::json::from_strict(&bytes).unwrap()
}

/// The charter of the vectors.
pub(crate) fn charter() -> Charter {
    payload("audit")
}

fn seed(name: &str) -> [u8; 32] {
    Digest::of_parts(&[b"scrutineer vector key ", name.as_bytes()]).0
}

/// The key of a holder of the vectors; of anybody else by other names.
pub(crate) fn signer(name: &str) -> PrivateKey {
    PrivateKey::from_seed(Algorithm::Ed25519, &seed(name)).unwrap()
}

/// The signer of notes with a key of the vectors.
pub(crate) fn note_signer(name: &str, kind: KeyType, key: &str) -> NoteSigner {
    NoteSigner::from_seed(name, kind, &seed(key)).unwrap()
}

/// Signs a payload as it is, broken rules and all.
pub(crate) fn signed<P: PayloadType>(payload: &P, holders: &[&str]) -> Vec<u8> {
    let keys: Vec<_> = holders.iter().map(|name| signer(name)).collect();
    let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
    let kind = P::KIND.as_str().parse().unwrap();
    canon::envelope::sign_to_bytes(&kind, payload, &signers).unwrap()
}

/// The charter's election, founded.
pub(crate) fn founded() -> Founded {
    admit::found(&signed(&charter(), &["county-clerk"])).unwrap()
}

/// The payload of something that must have been admitted.
pub(crate) fn admitted(bytes: &[u8], founded: &Founded, index: u64) -> Payload {
    admit::judge(bytes, &founded.register, index).unwrap().payload
}
