//! Ed25519 (RFC 8032), judged strictly, and quickly for keys that sign often.
//!
//! A log, an edge and a verifier see a few keys sign very many times. Once a key has been asked
//! often enough, the multiples of its point are laid out in a table, as they are for the base point
//! anyway; what is left of the work is additions. Why this is the same judgement as
//! `verify_strict`: docs/decisions/0005-key-tables.md.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE;
use curve25519_dalek::edwards::{EdwardsBasepointTable, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{BasepointTable as _, IsIdentity as _};
use sha2::{Digest as _, Sha512};

use crate::sign::SignError;

/// How many signatures a key verifies before its table is made. A table costs what it saves on
/// about 90.
const OFTEN: u32 = 128;

/// A public key of prime order in its one encoding. Copies of it share their table.
#[derive(Clone)]
pub(super) struct VerifyingKey {
    bytes: [u8; 32],
    minus_a: EdwardsPoint,
    multiples: Arc<Multiples>,
}

/// The multiples of a key's negated point, 30 KiB, once it was asked for [`OFTEN`] enough.
#[derive(Default)]
struct Multiples {
    asked: AtomicU32,
    table: OnceLock<Box<EdwardsBasepointTable>>,
}

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
        Ok(Self { bytes: *bytes, minus_a: -point, multiples: Arc::default() })
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
        match self.multiples.of(&self.minus_a) {
            Some(table) => table.mul_base(k) + ED25519_BASEPOINT_TABLE.mul_base(s),
            None => EdwardsPoint::vartime_double_scalar_mul_basepoint(k, &self.minus_a, s),
        }
    }
}

impl Multiples {
    /// The table, if it is there. Whoever asks as the last before it pays makes it; nobody waits.
    fn of(&self, point: &EdwardsPoint) -> Option<&EdwardsBasepointTable> {
        let table = self.table.get();
        if table.is_none() && self.asked.fetch_add(1, Ordering::Relaxed) == OFTEN {
            return Some(self.table.get_or_init(|| Box::new(EdwardsBasepointTable::create(point))));
        }
        table.map(Box::as_ref)
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
