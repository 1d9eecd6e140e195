//! Keys that follow from a seed and a name.

use canon::{Algorithm, Digest, PrivateKey};
use tlog::note::{KeyType, NoteSigner};

/// Makes keys: the same name gives the same key under the same seed.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    seed: u64,
}

impl Keys {
    /// The keys of this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The Ed25519 key of a holder.
    pub fn key(&self, holder: &str) -> PrivateKey {
        PrivateKey::from_seed(Algorithm::Ed25519, &self.secret("holder", holder)).expect("a key")
    }

    /// The key of a log or witness that signs notes.
    pub fn note(&self, name: &str, kind: KeyType) -> NoteSigner {
        let secret = self.secret(&format!("note {kind}"), name);
        NoteSigner::from_seed(name, kind, &secret).expect("a note key")
    }

    /// The key that takes the place of [`Keys::note`] under the same name.
    pub fn rotated_note(&self, name: &str, kind: KeyType) -> NoteSigner {
        let secret = self.secret(&format!("rotated note {kind}"), name);
        NoteSigner::from_seed(name, kind, &secret).expect("a note key")
    }

    fn secret(&self, purpose: &str, name: &str) -> [u8; 32] {
        Digest::of(format!("testkit {} {purpose} {name}", self.seed).as_bytes()).0
    }
}
