//! The figures that go into a risk, checked once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{RiskError, exact};

/// A risk limit α: the largest chance that a wrong outcome passes the audit. Strictly between 0
/// and 1.
///
/// As text and in JSON a decimal string: `"0.03"`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct RiskLimit(f64);

/// The error inflation factor γ of the Kaplan–Markov method: greater than 1, usually 1.03905.
///
/// A larger γ makes each discrepancy cheaper and a clean audit dearer.
///
/// As text and in JSON a decimal string: `"1.03905"`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Gamma(f64);

/// The diluted margin µ: the smallest margin between a winner and a loser, in votes, over the
/// number of ballot cards from which the sample is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DilutedMargin(f64);

impl RiskLimit {
    /// A risk limit from a number.
    ///
    /// # Errors
    /// [`RiskError::RiskLimit`] unless 0 < α < 1.
    pub fn new(value: f64) -> Result<Self, RiskError> {
        // Written so that not-a-number fails too.
        if value > 0.0 && value < 1.0 { Ok(Self(value)) } else { Err(RiskError::RiskLimit) }
    }

    /// The number.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl Gamma {
    /// 1.03905, the value of Stark's papers and of Colorado's audits.
    pub const USUAL: Self = Self(1.03905);

    /// A γ from a number.
    ///
    /// # Errors
    /// [`RiskError::Gamma`] unless γ > 1 and finite.
    pub fn new(value: f64) -> Result<Self, RiskError> {
        if value > 1.0 && value.is_finite() { Ok(Self(value)) } else { Err(RiskError::Gamma) }
    }

    /// The number.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl DilutedMargin {
    /// A margin of `margin` votes among `ballots` ballot cards.
    ///
    /// # Errors
    /// [`RiskError::NoBallots`], [`RiskError::Tie`], [`RiskError::MarginTooLarge`], or
    /// [`RiskError::TooLarge`] beyond 2^53.
    pub fn new(margin: u64, ballots: u64) -> Result<Self, RiskError> {
        if ballots == 0 {
            return Err(RiskError::NoBallots);
        }
        if margin == 0 {
            return Err(RiskError::Tie);
        }
        if margin > ballots {
            return Err(RiskError::MarginTooLarge { margin, ballots });
        }
        Ok(Self(exact(margin)? / exact(ballots)?))
    }

    /// The number, above 0 and at most 1.
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl Default for Gamma {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Reads `digits` or `digits.digits`, correctly rounded; nothing else that Rust would take.
fn decimal(text: &str) -> Result<f64, RiskError> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let plain = match text.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(text),
    };
    if !plain || text.len() > 40 {
        return Err(RiskError::Decimal);
    }
    text.parse().map_err(|_| RiskError::Decimal)
}

impl FromStr for RiskLimit {
    type Err = RiskError;

    fn from_str(text: &str) -> Result<Self, RiskError> {
        Self::new(decimal(text)?)
    }
}

impl FromStr for Gamma {
    type Err = RiskError;

    fn from_str(text: &str) -> Result<Self, RiskError> {
        Self::new(decimal(text)?)
    }
}

impl fmt::Display for RiskLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Gamma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A decimal number in a JSON string; a JSON number is refused, as everywhere in the evidence.
struct Text<T>(std::marker::PhantomData<T>);

impl<T: FromStr<Err = RiskError>> de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number in a string, such as \"0.03\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for RiskLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(std::marker::PhantomData))
    }
}

impl<'de> Deserialize<'de> for Gamma {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(std::marker::PhantomData))
    }
}

impl Serialize for RiskLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Gamma {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
