//! Platform stamps and decoys.

use std::fmt;

use canon::{Algorithm, KeyError, PublicKey, base64};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha512};
use subtle::{Choice, ConditionallySelectable as _};
use zeroize::Zeroize as _;

use crate::campaign::Period;

/// A platform stamp, genuine or not: the headers `P-UTC` and `P-SIG`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlatformStamp {
    /// The start of a stamp period.
    pub period: Period,
    /// An Ed25519 signature over the period's decimal digits.
    pub signature: [u8; 64],
}

impl PlatformStamp {
    /// Whether the stamp is genuine: the stamp key's signature, judged strictly.
    pub fn is_genuine(&self, stamp_key: &PublicKey) -> bool {
        stamp_key.verify(self.period.to_string().as_bytes(), &self.signature).is_ok()
    }

    /// The header `P-SIG`.
    pub fn signature_text(&self) -> String {
        base64::encode(&self.signature)
    }
}

/// One of the two keys, with what signing needs of it.
struct Half {
    scalar: Scalar,
    prefix: [u8; 32],
    point: EdwardsPoint,
    public: PublicKey,
}

impl Half {
    fn new(seed: &[u8; 32]) -> Result<Self, KeyError> {
        // RFC 8032, 5.1.5: the scalar is the first half of the seed's hash, clamped; the prefix is
        // the second.
        let mut hash: [u8; 64] = Sha512::digest(seed).into();
        let expanded = ExpandedSecretKey::from_bytes(&hash);
        hash.zeroize();
        let key = SigningKey::from_bytes(seed).verifying_key();
        let public = PublicKey::from_parts(Algorithm::Ed25519, key.as_bytes())?;
        let (scalar, prefix) = (expanded.scalar, expanded.hash_prefix);
        Ok(Self { scalar, prefix, point: key.to_edwards(), public })
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        self.scalar.zeroize();
        self.prefix.zeroize();
    }
}

/// The two keys that a campaign delegates to its edges. Whoever breaks into an edge can stamp.
pub struct StampKeys {
    stamp: Half,
    decoy: Half,
}

impl StampKeys {
    /// The keys of two seeds, those of RFC 8032's private keys. They must not be the same.
    pub fn new(stamp: &[u8; 32], decoy: &[u8; 32]) -> Result<Self, KeyError> {
        if stamp == decoy {
            return Err(KeyError::Seed);
        }
        Ok(Self { stamp: Half::new(stamp)?, decoy: Half::new(decoy)? })
    }

    /// The key under which stamps are genuine. Secret until the close.
    pub const fn stamp_key(&self) -> &PublicKey {
        &self.stamp.public
    }

    /// The key of the decoys. Secret until the close.
    pub const fn decoy_key(&self) -> &PublicKey {
        &self.decoy.public
    }

    /// A stamp for a period: genuine if `right`, else a decoy.
    ///
    /// Which key signs is selected without a branch, and both kinds take the same steps. `fresh` is
    /// 32 random bytes, never used before. Hashed with the key's own prefix they stand in that
    /// prefix's place, so that no two signatures are alike, although all are over the same few
    /// digits. Should `fresh` be known to somebody or come twice, the key is still safe.
    pub fn issue(&self, period: Period, right: Choice, fresh: &[u8; 32]) -> PlatformStamp {
        let (stamp, decoy) = (&self.stamp, &self.decoy);
        let scalar = Scalar::conditional_select(&decoy.scalar, &stamp.scalar, right);
        let point = EdwardsPoint::conditional_select(&decoy.point, &stamp.point, right);
        let mut prefix = <[u8; 32]>::conditional_select(&decoy.prefix, &stamp.prefix, right);
        let mut hash: [u8; 64] =
            Sha512::new_with_prefix(prefix).chain_update(fresh).finalize().into();
        prefix.iter_mut().zip(&hash).for_each(|(to, from)| *to = *from);
        hash.zeroize();
        let key = ExpandedSecretKey { scalar, hash_prefix: prefix };
        prefix.zeroize();
        let message = period.to_string();
        let signature =
            raw_sign::<Sha512>(&key, message.as_bytes(), &VerifyingKey::from(point)).to_bytes();
        PlatformStamp { period, signature }
    }
}

impl fmt::Debug for StampKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StampKeys(..)")
    }
}
