//! The name of a signature's algorithm, perhaps of one that is yet to come.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::key::Algorithm;

/// The algorithm that a signature names.
///
/// ```text
/// ed25519 | ecdsa-p256 | [a-z0-9][a-z0-9.-]{0,39}
/// ```
///
/// A reader keeps the name of an algorithm that it does not know: such a signature cannot be
/// checked, which is another answer than that it does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlgorithmName {
    /// One that this program verifies.
    Known(Algorithm),
    /// One that it does not.
    Unknown(UnknownAlgorithm),
}

/// The well-formed name of an algorithm that this program does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownAlgorithm(Box<str>);

/// Why a text is no name of an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name of an algorithm is {}", AlgorithmName::RULE)]
pub struct AlgorithmNameError;

impl AlgorithmName {
    /// The grammar in words.
    pub(super) const RULE: &'static str =
        "1 to 40 of a-z, 0-9, '.' and '-', beginning with a letter or digit";

    /// The algorithm, if this program knows it.
    pub const fn known(&self) -> Option<Algorithm> {
        match self {
            Self::Known(alg) => Some(*alg),
            Self::Unknown(_) => None,
        }
    }

    /// The name, if this program does not know the algorithm.
    pub fn unknown(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(name) => Some(&name.0),
        }
    }
}

impl From<Algorithm> for AlgorithmName {
    fn from(alg: Algorithm) -> Self {
        Self::Known(alg)
    }
}

impl FromStr for AlgorithmName {
    type Err = AlgorithmNameError;

    fn from_str(text: &str) -> Result<Self, AlgorithmNameError> {
        if let Ok(known) = text.parse() {
            return Ok(Self::Known(known));
        }
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let well_formed = (1..=40).contains(&text.len())
            && text.bytes().all(|byte| letters(byte) || matches!(byte, b'.' | b'-'))
            && text.bytes().next().is_some_and(letters);
        if well_formed {
            Ok(Self::Unknown(UnknownAlgorithm(text.into())))
        } else {
            Err(AlgorithmNameError)
        }
    }
}

impl fmt::Display for AlgorithmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(alg) => alg.fmt(f),
            Self::Unknown(name) => f.pad(&name.0),
        }
    }
}

impl Serialize for AlgorithmName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AlgorithmName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
