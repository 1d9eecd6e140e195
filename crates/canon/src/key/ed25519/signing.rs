//! Signatures of Ed25519 (RFC 8032), by the library that makes them fastest on this machine.
//!
//! They are deterministic, so every library makes the same.

use zeroize::Zeroizing;

use crate::key::KeyError;
use crate::sign::SignError;

/// A private key with its seed, which are both wiped when it is dropped. Neither lies within the
/// value itself, so moving it leaves no copies behind. The seed is laid out where it stays.
pub(in crate::key) struct SigningKey {
    seed: Box<Zeroizing<[u8; 32]>>,
    public: [u8; 32],
    key: machine::Key,
}

impl SigningKey {
    /// The key of a seed; every seed is one.
    pub(in crate::key) fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let (key, public) = machine::Key::from_seed(seed).ok_or(KeyError::NotTaken)?;
        let mut kept = Box::new(Zeroizing::new([0; 32]));
        kept.copy_from_slice(seed);
        Ok(Self { seed: kept, public, key })
    }

    pub(in crate::key) fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The bytes of the public key.
    pub(in crate::key) const fn public(&self) -> &[u8; 32] {
        &self.public
    }

    pub(in crate::key) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.key.sign(message).ok_or(SignError::NotSigned)
    }
}

/// `aws-lc-rs` keeps the key in memory of its own, which it wipes before it gives it back. It also
/// wipes what it puts on the stack.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod machine {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

    pub(super) struct Key(Ed25519KeyPair);

    impl Key {
        pub(super) fn from_seed(seed: &[u8; 32]) -> Option<(Self, [u8; 32])> {
            let key = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
            let public = key.public_key().as_ref().try_into().ok()?;
            Some((Self(key), public))
        }

        pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
            self.0.try_sign(message).ok().map(|signature| signature.as_ref().to_vec())
        }
    }
}

/// `ed25519-dalek` gives a key out by value, so the copy that goes into the box leaves others on
/// the stack; those are wiped.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod machine {
    use ed25519_dalek::Signer as _;

    use crate::key::stack::wiping;

    pub(super) struct Key(Box<ed25519_dalek::SigningKey>);

    impl Key {
        pub(super) fn from_seed(seed: &[u8; 32]) -> Option<(Self, [u8; 32])> {
            let key = wiping(|| Some(Box::new(ed25519_dalek::SigningKey::from_bytes(seed))))?;
            let public = key.verifying_key().to_bytes();
            Some((Self(key), public))
        }

        pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
            let signature = wiping(|| self.0.try_sign(message).ok().map(Box::new));
            signature.map(|signature| signature.to_bytes().to_vec())
        }
    }
}
