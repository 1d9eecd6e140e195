//! The kind of a payload.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::EnvelopeError;

/// The longest kind, in bytes.
const MAX_BYTES: usize = 80;

/// The kind of a payload: a name and its major version.
///
/// ```text
/// ballot_definition/v1        [a-z][a-z0-9_]*/v[1-9][0-9]*, at most 80 bytes
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    text: String,
    slash: usize,
    version: u32,
}

impl Kind {
    /// The name, without the version.
    pub fn name(&self) -> &str {
        self.text.get(..self.slash).unwrap_or_default()
    }

    /// The major version, from 1.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// Name and version, as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The name and the version of a kind; `None` for anything else.
pub(super) fn split(text: &str) -> Option<(&str, u32)> {
    let (name, version) = text.split_once('/')?;
    let letters = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let digits = version.strip_prefix('v')?;
    let well_formed = text.len() <= MAX_BYTES
        && name.bytes().all(letters)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if well_formed { Some((name, digits.parse().ok()?)) } else { None }
}

impl FromStr for Kind {
    type Err = EnvelopeError;

    fn from_str(text: &str) -> Result<Self, EnvelopeError> {
        match split(text) {
            Some((name, version)) => Ok(Self { text: text.to_owned(), slash: name.len(), version }),
            None => Err(EnvelopeError::Kind { found: text.chars().take(80).collect() }),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kind({})", self.text)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
