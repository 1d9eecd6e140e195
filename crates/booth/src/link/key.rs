//! The keys of auditors, as `age-keygen` writes them.
//!
//! ```text
//! age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
//! AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX
//! ```
//!
//! 32 bytes each in Bech32 (BIP 173), the public one in lower case, the secret one in upper case.

use std::fmt;
use std::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32, Hrp};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::LinkError;

const PUBLIC: Hrp = Hrp::parse_unchecked("age");
const SECRET: Hrp = Hrp::parse_unchecked("age-secret-key-");

/// Somebody who may read the links of a trial.
#[derive(Clone, PartialEq, Eq)]
pub struct Auditor(PublicKey);

impl Auditor {
    pub(super) const fn key(&self) -> &PublicKey {
        &self.0
    }
}

impl FromStr for Auditor {
    type Err = LinkError;

    /// Keys of low order are refused: whatever is encrypted to them is open to all.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        let key = PublicKey::from(*of(text, PUBLIC).ok_or(LinkError::Auditor)?);
        let auditor = Self(key);
        let is_open = !StaticSecret::from([1; 32]).diffie_hellman(&key).was_contributory();
        if is_open || auditor.to_string() != text {
            return Err(LinkError::Auditor);
        }
        Ok(auditor)
    }
}

impl fmt::Display for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = bech32::encode_lower::<Bech32>(PUBLIC, self.0.as_bytes());
        f.pad(&text.map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Auditor({self})")
    }
}

/// What an auditor reads the list with.
pub struct LinkKey(StaticSecret);

impl LinkKey {
    /// The key of 32 secret random bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(StaticSecret::from(*bytes))
    }

    /// The key of a file as `age-keygen` writes it: one line with the key, beside lines that begin
    /// with `#` and empty ones.
    pub fn from_file(text: &str) -> Result<Self, LinkError> {
        let lines = text.lines().map(str::trim_ascii);
        let mut keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        match (keys.next(), keys.next()) {
            (Some(key), None) => {
                let is_upper = !key.bytes().any(|byte| byte.is_ascii_lowercase());
                let bytes = of(key, SECRET).filter(|_| is_upper).ok_or(LinkError::Key)?;
                Ok(Self::new(&bytes))
            }
            _ => Err(LinkError::Key),
        }
    }

    pub(super) const fn secret(&self) -> &StaticSecret {
        &self.0
    }

    /// Who holds it.
    pub fn auditor(&self) -> Auditor {
        Auditor(PublicKey::from(&self.0))
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LinkKey({}, ..)", self.auditor())
    }
}

/// The 32 bytes of a text in Bech32 whose checksum holds and which is of this kind.
fn of(text: &str, kind: Hrp) -> Option<Zeroizing<[u8; 32]>> {
    let checked = CheckedHrpstring::new::<Bech32>(text).ok()?;
    let bytes = Zeroizing::new(checked.byte_iter().collect::<Vec<u8>>());
    let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map(Zeroizing::new).ok()?;
    (checked.hrp() == kind).then_some(bytes)
}
