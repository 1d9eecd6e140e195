//! Private keys in memory.

use std::fmt;

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use super::ed25519::SigningKey;
use super::stack::wiping;
use super::{Algorithm, KeyError, PublicKey};
use crate::sign::{SignError, Signer};

/// A private key in memory: wiped when dropped, and never shown by `Debug`.
pub struct PrivateKey {
    public: PublicKey,
    secret: Secret,
}

/// Boxed, so that moving a key leaves no copies of it behind. What making one leaves on the stack
/// is wiped: [`wiping`].
pub(super) enum Secret {
    Ed25519(SigningKey),
    EcdsaP256(Box<p256::ecdsa::SigningKey>),
}

impl PrivateKey {
    /// A new key.
    pub fn generate<R: TryCryptoRng + ?Sized>(
        alg: Algorithm,
        rng: &mut R,
    ) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        loop {
            fill(rng, seed.as_mut())?;
            match Self::from_seed(alg, &seed) {
                // One seed of P-256 in 2^32 is no key: draw again.
                Err(KeyError::Seed) => {}
                other => return other,
            }
        }
    }

    /// The key of a seed: the private key of RFC 8032, or the scalar of P-256, big-endian.
    ///
    /// The seed is lent, so that no copy of it stays behind on the stack; wiping it is its owner's
    /// business. Every seed is a key of Ed25519. Of P-256 the scalar has to lie between 1 and the
    /// group's order.
    pub fn from_seed(alg: Algorithm, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let secret = match alg {
            Algorithm::Ed25519 => Secret::Ed25519(SigningKey::from_seed(seed)?),
            Algorithm::EcdsaP256 => {
                let key = wiping(|| p256::ecdsa::SigningKey::from_slice(seed).ok().map(Box::new));
                Secret::EcdsaP256(key.ok_or(KeyError::Seed)?)
            }
        };
        Self::from_secret(secret)
    }

    pub(super) fn from_secret(secret: Secret) -> Result<Self, KeyError> {
        let public = match &secret {
            Secret::Ed25519(key) => PublicKey::from_parts(Algorithm::Ed25519, key.public())?,
            Secret::EcdsaP256(key) => PublicKey::from_parts(
                Algorithm::EcdsaP256,
                key.verifying_key().to_sec1_point(true).as_bytes(),
            )?,
        };
        Ok(Self { public, secret })
    }

    /// The public half.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The algorithm.
    pub const fn alg(&self) -> Algorithm {
        self.public.alg()
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }
}

impl Signer for PrivateKey {
    fn public_key(&self) -> PublicKey {
        self.public.clone()
    }

    /// Deterministic: RFC 8032 for Ed25519; RFC 6979 for P-256, with `s` in the lower half.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.secret {
            Secret::Ed25519(key) => key.sign(message),
            Secret::EcdsaP256(key) => {
                use p256::ecdsa::signature::Signer as _;
                let signature = wiping(|| key.try_sign(message).ok().map(Box::new));
                let signature: p256::ecdsa::Signature = *signature.ok_or(SignError::Scalar)?;
                Ok(signature.normalize_s().to_bytes().to_vec())
            }
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({} {}, ..)", self.alg(), self.public.id())
    }
}

/// Fills a buffer with randomness.
pub(super) fn fill<R: TryCryptoRng + ?Sized>(
    rng: &mut R,
    buffer: &mut [u8],
) -> Result<(), KeyError> {
    rng.try_fill_bytes(buffer).map_err(|error| KeyError::Random { reason: error.to_string() })
}
