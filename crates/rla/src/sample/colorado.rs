//! The generator of Colorado's audit tool: SHA-256 in counter mode, with replacement.

use std::fmt::Write as _;
use std::num::NonZeroU128;

use canon::Digest;

use super::{SampleError, check_seed};

/// Numbers from `first` to `last` (both included), with repeats, without end.
///
/// The i-th number, i from 1, is
///
/// ```text
/// first + (SHA-256(seed "," i) mod (last - first + 1))
/// ```
///
/// where seed and i are decimal text and the digest is a big-endian number of 256 bits. Source:
/// the pseudo-random number generator of the Colorado RLA tool, which takes it from R. L. Rivest
/// and P. B. Stark. The remainder favours no number by more than range/2^256.
#[derive(Debug, Clone)]
pub struct ColoradoGenerator {
    /// The seed and the comma, then room for the counter.
    text: String,
    /// Length of the seed and the comma.
    head: usize,
    first: u64,
    range: NonZeroU128,
    /// The i of the next number.
    next: u64,
}

impl ColoradoGenerator {
    /// A generator for one seed and one range.
    ///
    /// # Errors
    /// [`SampleError::Seed`] unless the seed is decimal digits, [`SampleError::Range`] if `last`
    /// is below `first`.
    pub fn new(seed: &str, first: u64, last: u64) -> Result<Self, SampleError> {
        check_seed(seed)?;
        let range = u128::from(last)
            .checked_sub(u128::from(first))
            .and_then(|span| NonZeroU128::MIN.checked_add(span))
            .ok_or(SampleError::Range { first, last })?;
        let mut text = String::with_capacity(seed.len().saturating_add(21));
        text.push_str(seed);
        text.push(',');
        Ok(Self { head: text.len(), text, first, range, next: 1 })
    }
}

impl Iterator for ColoradoGenerator {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.text.truncate(self.head);
        write!(self.text, "{}", self.next).ok()?;
        self.next = self.next.checked_add(1)?;
        let digest = Digest::of(self.text.as_bytes());
        let step = remainder(digest.as_bytes(), self.range);
        self.first.checked_add(step)
    }
}

/// A 256-bit big-endian number modulo a range of at most 2^64, by long division in 64-bit digits.
fn remainder(number: &[u8; 32], range: NonZeroU128) -> u64 {
    let mut rest: u128 = 0;
    for digit in number.as_chunks().0 {
        // The rest is below 2^64, so nothing is shifted out.
        rest = ((rest << 64) | u128::from(u64::from_be_bytes(*digit))) % range;
    }
    u64::try_from(rest).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
