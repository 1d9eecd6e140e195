//! The codes that booths show: time-based one-time passwords (RFC 6238).
//!
//! ```text
//! 263917 6      HMAC-SHA-256 over the step as a big-endian u64, truncated (RFC 4226, 5.3)
//! |      |
//! |      check character: the six digits added up, modulo 11, ten written as A
//! six digits, new every 30 seconds
//! ```
//!
//! The check character stays on the voter's device, whose only help against a typing error it is:
//! the platform does not say early whether a code was right, for that would let anybody try them
//! all. It finds every single wrong digit and no digits that changed places. The header `TOTP`
//! carries the six digits.
//!
//! One seed in every station means that a station that is taken apart gives away all. So each
//! station can have a seed of its own for each day:
//!
//! ```text
//! HKDF-SHA-256( salt = "scrutineer/totp-station/v1", key = master seed,
//!               info = station 0x00 YYYY-MM-DD )            32 bytes
//! ```

use std::fmt;
use std::str::FromStr;

use canon::Timestamp;
use subtle::{Choice, ConstantTimeEq as _};

use crate::secret::Secret;

mod station;

pub use station::{Day, DayError, Station, StationError};

/// Seconds for which a code is shown.
pub const STEP_S: u64 = 30;

/// Digits of a code.
const DIGITS: u32 = 6;

/// A code of six digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u32);

/// Why a text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Something else than digits, or another number of them.
    #[error("a code has six digits and a check character")]
    Form,
    /// The check character belongs to other digits.
    #[error("the check character does not fit: look at the code again")]
    Check,
}

impl Code {
    /// The code of a step, from the HMAC-SHA-256 over it that a token has made.
    pub fn from_mac(mac: &[u8; 32]) -> Self {
        Self(truncate(mac, DIGITS))
    }

    /// The check character: the sum of the digits modulo 11, ten written as `A`.
    pub fn check_character(self) -> char {
        let sum = self
            .to_string()
            .bytes()
            .fold(0_u32, |sum, digit| sum.saturating_add(u32::from(digit.saturating_sub(b'0'))));
        char::from_digit(sum % 11, 11).map_or('A', |found| found.to_ascii_uppercase())
    }

    /// What the booth shows: six digits and the check character.
    pub fn shown(self) -> String {
        format!("{self}{}", self.check_character())
    }

    /// The code that a voter typed, check character and all. Spaces and dashes are skipped.
    pub fn from_typed(text: &str) -> Result<Self, CodeError> {
        let typed: String =
            text.chars().filter(|found| !found.is_whitespace() && *found != '-').collect();
        let (digits, check) = typed.split_at_checked(6).ok_or(CodeError::Form)?;
        let code: Self = digits.parse()?;
        let mut check = check.chars();
        match (check.next(), check.next()) {
            (Some(found), None) if found.to_ascii_uppercase() == code.check_character() => Ok(code),
            (Some('0'..='9' | 'A' | 'a'), None) => Err(CodeError::Check),
            _ => Err(CodeError::Form),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

impl FromStr for Code {
    type Err = CodeError;

    /// The header `TOTP`: exactly six digits.
    fn from_str(text: &str) -> Result<Self, CodeError> {
        let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return Err(CodeError::Form);
        }
        text.parse().map(Self).map_err(|_| CodeError::Form)
    }
}

/// What the HMAC of a step is made over.
pub const fn message(step: u64) -> [u8; 8] {
    step.to_be_bytes()
}

/// The number of the step that an instant lies in.
pub const fn step(now: Timestamp) -> u64 {
    now.unix_u64() / STEP_S
}

/// The HMAC of a step's message, as a token makes it.
pub fn mac(seed: &Secret, message: &[u8; 8]) -> [u8; 32] {
    seed.mac(&[message])
}

/// The code of a step.
pub fn code(seed: &Secret, step: u64) -> Code {
    Code::from_mac(&mac(seed, &message(step)))
}

/// Dynamic truncation (RFC 4226, 5.3) to some decimal digits, at most nine.
fn truncate(mac: &[u8], digits: u32) -> u32 {
    let offset = usize::from(mac.last().copied().unwrap_or_default() & 15);
    let word = mac.get(offset..).and_then(|rest| rest.first_chunk::<4>());
    debug_assert!(word.is_some(), "an HMAC has at least 19 bytes");
    let number = u32::from_be_bytes(word.copied().unwrap_or_default()) & 0x7fff_ffff;
    number.checked_rem(10_u32.saturating_pow(digits)).unwrap_or_default()
}

/// The codes that are taken at one moment: those of the last, the present and the next step, since
/// clocks differ and people type slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Codes {
    /// The number of the present step.
    pub step: u64,
    /// Of the step before.
    pub last: Code,
    /// Of the present step.
    pub current: Code,
    /// Of the step after.
    pub next: Code,
}

impl Codes {
    /// The codes under one seed.
    pub fn at(seed: &Secret, now: Timestamp) -> Self {
        Self::of_steps(now, |step| code(seed, step))
    }

    /// The codes of a station, whose seed changes every day.
    pub fn of_station(master: &Secret, station: &Station, now: Timestamp) -> Self {
        Self::of_steps(now, |step| code(&station.seed(master, step), step))
    }

    fn of_steps(now: Timestamp, code: impl Fn(u64) -> Code) -> Self {
        let current = step(now);
        Self {
            step: current,
            last: code(current.saturating_sub(1)),
            current: code(current),
            next: code(current.saturating_add(1)),
        }
    }

    /// Whether the code is one of the three: all three are compared, and how long it takes says
    /// nothing.
    pub fn accept(&self, given: Code) -> Choice {
        self.each_equal(given).into_iter().fold(Choice::from(0), |any, one| any | one)
    }

    /// Whether the code is the last one, the current one, the next one.
    pub(crate) fn each_equal(&self, given: Code) -> [Choice; 3] {
        [self.last, self.current, self.next].map(|code| code.0.ct_eq(&given.0))
    }
}

#[cfg(test)]
mod tests;
