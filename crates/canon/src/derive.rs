//! HKDF-SHA-256 (RFC 5869).

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The longest output that HKDF-SHA-256 allows, in bytes: 255 blocks.
pub const MAX_OUTPUT: usize = 255 * 32;

/// Why nothing could be derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// More bytes wanted than RFC 5869 allows.
    #[error("{wanted} bytes wanted of one key, RFC 5869 allows 8160")]
    TooLong {
        /// Bytes wanted.
        wanted: usize,
    },
}

/// A pseudorandom key: the result of the extract step, ready to be expanded many times.
///
/// It holds the two hash states that begin every HMAC under this key, so that an expansion of 32
/// bytes with a short info costs two compressions of SHA-256. Both are wiped when it is dropped.
/// What was derived is the caller's to wipe.
#[derive(Clone)]
pub struct Prk(Hkdf<Sha256>);

impl ZeroizeOnDrop for Prk {}

// The two states wipe themselves, for `sha2` is built with `zeroize`; else this does not compile.
const _: () = {
    const fn wipes<T: ZeroizeOnDrop>() {}
    wipes::<Sha256>();
};

/// The extract step: `PRK = HMAC-SHA-256(salt, ikm)` (RFC 5869, 2.2).
///
/// An empty salt counts as 32 zero bytes, as the RFC has it.
pub fn extract(salt: &[u8], ikm: &[u8]) -> Prk {
    let (mut key, states) = Hkdf::extract(Some(salt), ikm);
    key.as_mut_slice().zeroize();
    Prk(states)
}

impl Prk {
    /// The expand step (RFC 5869, 2.3): fills `out`; `info` is the parts one after another.
    ///
    /// The parts are not delimited: the caller puts separators where parts vary in length.
    pub fn expand(&self, info: &[&[u8]], out: &mut [u8]) -> Result<(), DeriveError> {
        let wanted = out.len();
        self.0.expand_multi_info(info, out).map_err(|_| DeriveError::TooLong { wanted })
    }

    /// The expand step for 32 bytes, which cannot fail.
    ///
    /// # Panics
    ///
    /// Never: 32 bytes are within the 255 blocks of RFC 5869.
    pub fn expand_32(&self, info: &[&[u8]]) -> [u8; 32] {
        let mut out = [0_u8; 32];
        let result = self.expand(info, &mut out);
        // A key of zeros must never leave here, in no build.
        assert!(result.is_ok(), "32 bytes are within 255 blocks");
        out
    }
}

impl fmt::Debug for Prk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prk(..)")
    }
}

#[cfg(test)]
mod tests;
