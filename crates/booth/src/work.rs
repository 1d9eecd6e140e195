//! Proof of work: the nonce that makes a vote's hash begin with zero bits.
//!
//! ```text
//! SHA-256( P-UTC in decimal digits || P-SIG, 64 bytes || voter stamp as printed ||
//!          say in UTF-8 || nonce, 8 to 32 bytes )
//! ```
//!
//! The score is the number of leading zero bits. Work is a throttle, not a wall: a graphics card
//! finds 25 bits in milliseconds. Nothing in the hash names the mandate; that a stamp belongs to
//! one mandate is for the edge to see to.

use std::fmt;
use std::str::FromStr;

use canon::{Digest, Hasher};
use data_encoding::HEXLOWER;

use crate::text;

mod miner;
#[cfg(not(target_family = "wasm"))]
mod threads;

pub use miner::Miner;
#[cfg(not(target_family = "wasm"))]
pub use threads::{Mining, mine};

/// Bytes of the nonces that our clients try.
pub const NONCE_BYTES: usize = 8;

/// The longest nonce that is taken, in bytes.
const MAX_NONCE_BYTES: usize = 32;

/// A nonce of 8 to 32 bytes; as text, in lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce {
    length: u8,
    bytes: [u8; MAX_NONCE_BYTES],
}

/// Why something is no nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a nonce is 8 to 32 bytes in lower-case hexadecimal digits")]
pub struct NonceError;

impl Nonce {
    /// The nonce of 8 to 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, NonceError> {
        if !(NONCE_BYTES..=MAX_NONCE_BYTES).contains(&bytes.len()) {
            return Err(NonceError);
        }
        let mut nonce = Self { length: bytes.len().to_le_bytes()[0], bytes: [0; MAX_NONCE_BYTES] };
        nonce.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(nonce)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

impl From<u64> for Nonce {
    fn from(number: u64) -> Self {
        let mut nonce = Self { length: 8, bytes: [0; MAX_NONCE_BYTES] };
        nonce.bytes.iter_mut().zip(number.to_be_bytes()).for_each(|(to, from)| *to = from);
        nonce
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text::to_hex(self.bytes()))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}

impl FromStr for Nonce {
    type Err = NonceError;

    fn from_str(text: &str) -> Result<Self, NonceError> {
        let mut bytes = [0; MAX_NONCE_BYTES];
        let length = HEXLOWER.decode_len(text.len()).map_err(|_| NonceError)?;
        let bytes = bytes.get_mut(..length).ok_or(NonceError)?;
        HEXLOWER.decode_mut(text.as_bytes(), bytes).map_err(|_| NonceError)?;
        Self::new(bytes)
    }
}

/// All that is hashed but the nonce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Puzzle(Vec<u8>);

impl Puzzle {
    /// The puzzle of a vote. The stamp is hashed as it was sent, dashes and all.
    pub fn new(utc: &str, signature: &[u8; 64], stamp: &str, say: &str) -> Self {
        Self([utc.as_bytes(), signature, stamp.as_bytes(), say.as_bytes()].concat())
    }

    /// The hash with a nonce.
    pub fn hash(&self, nonce: &Nonce) -> Digest {
        let mut hasher = Hasher::new();
        hasher.update(&self.0);
        hasher.update(nonce.bytes());
        hasher.finish()
    }

    /// The work that a nonce shows, in bits: 0 to 256.
    pub fn score(&self, nonce: &Nonce) -> u32 {
        zeros(&self.hash(nonce))
    }

    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Leading zero bits of a digest read as a big-endian number: 0 to 256.
pub fn zeros(digest: &Digest) -> u32 {
    let mut count = 0_u32;
    for byte in digest.as_bytes() {
        count = count.saturating_add(byte.leading_zeros());
        if *byte != 0 {
            break;
        }
    }
    count
}

/// The work that the votes of a list show together. It is a throttle that was paid, and no wall: a
/// graphics card finds 25 bits in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Total {
    hashes: u128,
}

impl Total {
    /// Adds a vote that shows so many bits, which took twice as many hashes for each bit.
    pub fn add(&mut self, score: u32) {
        let hashes = 1_u128.checked_shl(score).unwrap_or(u128::MAX);
        self.hashes = self.hashes.saturating_add(hashes);
    }

    /// The hashes that it took, on average.
    pub const fn hashes(&self) -> u128 {
        self.hashes
    }
}

impl FromIterator<u32> for Total {
    fn from_iter<I: IntoIterator<Item = u32>>(scores: I) -> Self {
        let mut total = Self::default();
        scores.into_iter().for_each(|score| total.add(score));
        total
    }
}

/// A nonce and the work that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Best {
    /// The nonce.
    pub nonce: Nonce,
    /// Leading zero bits.
    pub score: u32,
}

#[cfg(test)]
mod tests;
