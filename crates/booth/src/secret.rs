//! Secrets of 32 bytes.

use std::fmt;

use canon::derive;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::{Zeroize as _, ZeroizeOnDrop, Zeroizing};

use crate::text;

/// A secret of 32 bytes that keys HMAC-SHA-256 (RFC 2104) or HKDF: a TOTP seed, the key of the
/// edges, the key that draws receipts. Wiped when dropped, and never shown.
#[derive(Clone)]
pub struct Secret(Box<Zeroizing<[u8; 32]>>);

impl ZeroizeOnDrop for Secret {}

impl Secret {
    /// The secret of these bytes; wiping the ones that were lent is their owner's business.
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(Box::new(Zeroizing::new(*bytes)))
    }

    /// The secret that a base64 text of 44 characters holds, as in a file of secrets.
    pub fn from_base64(text: &str) -> Option<Self> {
        let mut bytes = text::from_base64::<32>(text)?;
        let secret = Self::new(&bytes);
        bytes.zeroize();
        Some(secret)
    }

    /// The bytes, for what wraps them.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `HMAC-SHA-256(secret, parts one after another)`. The parts are not delimited.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.begin(parts).end(&[])
    }

    /// The same, begun: for several texts that have their beginning in common.
    pub(crate) fn begin(&self, parts: &[&[u8]]) -> BegunMac {
        // A key shorter than a block is filled up with zeros (RFC 2104, section 2).
        let mut block = Zeroizing::new([0_u8; 64]);
        block.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = *from);
        let mut state = Hmac::<Sha256>::new((&*block).into());
        for part in parts {
            state.update(part);
        }
        BegunMac(state)
    }

    /// `HKDF-SHA-256` (RFC 5869) of this secret, for a purpose and about something.
    pub(crate) fn derive(&self, salt: &[u8], info: &[&[u8]]) -> Self {
        let mut bytes = derive::extract(salt, self.0.as_slice()).expand_32(info);
        let secret = Self::new(&bytes);
        bytes.zeroize();
        secret
    }
}

/// An HMAC of which the beginning is taken in.
#[derive(Clone)]
pub(crate) struct BegunMac(Hmac<Sha256>);

impl BegunMac {
    /// The HMAC with these parts behind the beginning.
    pub(crate) fn end(mut self, parts: &[&[u8]]) -> [u8; 32] {
        for part in parts {
            self.0.update(part);
        }
        self.0.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
