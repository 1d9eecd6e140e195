//! Ed25519 (RFC 8032), judged strictly, and quickly for keys that sign often.
//!
//! A log, an edge and a verifier see a few keys sign very many times. Once a key has been asked
//! often enough, the multiples of its point are laid out in a table, as they are for the base point
//! anyway; what is left of the work is additions. Why this is the same judgement as
//! `verify_strict`: docs/decisions/0005-key-tables.md.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};

use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use sha2::{Digest as _, Sha512};

use crate::sign::SignError;

mod multiples;
mod signing;

use multiples::Multiples;
pub(super) use signing::SigningKey;

/// How many signatures a key verifies before its table is made, a power of two. A table costs what
/// it saves on about ten.
const OFTEN: u32 = 32;

/// How many keys have a table at most, at one time: 64 MiB in all.
const MOST: usize = 512;

/// How many have one.
static TABLES: AtomicUsize = AtomicUsize::new(0);

/// The multiples of the group's base point, 640 KiB, for all keys with a table.
static BASE: LazyLock<Multiples<8>> = LazyLock::new(|| Multiples::new(&ED25519_BASEPOINT_POINT));

/// A public key of prime order in its one encoding. Copies of it share their table.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    bytes: [u8; 32],
    minus_a: EdwardsPoint,
    wear: Arc<Wear>,
}

/// The multiples of a key's negated point, 128 KiB, once the key was asked [`OFTEN`] enough.
#[derive(Default)]
struct Wear {
    asked: AtomicU32,
    table: OnceLock<(Multiples<5>, Room)>,
}

/// Room for one table, given back when dropped.
struct Room(&'static AtomicUsize);

/// Why bytes are no such key.
#[derive(Debug)]
pub(super) enum Unfit {
    /// No point of the curve.
    NoPoint,
    /// A point of another order than the group's, or in a second encoding.
    Weak,
}

impl VerifyingKey {
    /// The key with these bytes.
    #[allow(clippy::arithmetic_side_effects, reason = "every point has a negative")]
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Unfit> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| Unfit::NoPoint)?;
        let point = key.to_edwards();
        // No point of prime order has a second encoding: all 38 candidates are among the vectors.
        if key.is_weak() || !point.is_torsion_free() {
            return Err(Unfit::Weak);
        }
        Ok(Self { bytes: *bytes, minus_a: -point, wear: Arc::default() })
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Whether the signature `R || S` is this key's: `S` below the group's order, `R` not of small
    /// order, and `R` the encoding of `[S]B - [k]A`.
    ///
    /// `A` has prime order, so the sum lies in the group of prime order, and the only point of
    /// small order there is the identity.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), SignError> {
        let (r, s) = halves(signature);
        let s = Option::from(Scalar::from_canonical_bytes(s)).ok_or(SignError::Mismatch)?;
        let hash = Sha512::new().chain_update(r).chain_update(self.bytes).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let expected = self.sum(&k, &s);
        if expected.is_identity() || expected.compress().to_bytes() != r {
            return Err(SignError::Mismatch);
        }
        Ok(())
    }

    /// `[s]B - [k]A`
    #[allow(clippy::arithmetic_side_effects, reason = "a sum of points is a point")]
    fn sum(&self, k: &Scalar, s: &Scalar) -> EdwardsPoint {
        match self.wear.table(&self.minus_a) {
            Some(table) => table.add_product(BASE.product(s), k),
            None => EdwardsPoint::vartime_double_scalar_mul_basepoint(k, &self.minus_a, s),
        }
    }
}

impl Wear {
    /// The table, if it is there. Whoever asks as the last before it pays makes it; where there is
    /// no room for one more, it is tried again after twice as many signatures, and so on.
    fn table(&self, point: &EdwardsPoint) -> Option<&Multiples<5>> {
        let table = self.table.get();
        if let Some((table, _)) = table {
            return Some(table);
        }
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        if asked < OFTEN || !asked.is_power_of_two() {
            return None;
        }
        let room = Room::take(&TABLES)?;
        Some(&self.table.get_or_init(|| (Multiples::new(point), room)).0)
    }
}

impl Room {
    fn take(taken: &'static AtomicUsize) -> Option<Self> {
        let more = |count: usize| (count < MOST).then_some(count.wrapping_add(1));
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok().map(|_| Self(taken))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn halves(signature: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (mut r, mut s) = ([0; 32], [0; 32]);
    let (first, second) = signature.split_at(32);
    r.copy_from_slice(first);
    s.copy_from_slice(second);
    (r, s)
}

#[cfg(test)]
mod tests;
