//! Secrets wrapped under a station's key (RFC 3394, AES-256).

use std::fmt;
use std::str::FromStr;

use aes_kw::KeyInit as _;
use aes_kw::KwAes256;
use aes_kw::cipher::consts::U32;
use canon::base64;
use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::text;

/// A seed of 32 bytes, wrapped: 40 bytes, the first eight of which are the check of RFC 3394,
/// section 2.2.3.1. In texts it is base64, 56 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrapped([u8; 40]);

/// The key under which one station's secrets are wrapped: in its token, and with the platform.
#[derive(Clone, Debug)]
pub struct WrappingKey(Secret);

/// Why nothing came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnwrapError {
    /// The check of RFC 3394 fails.
    #[error("the wrapped secret was changed, or is wrapped under another key")]
    Integrity,
    /// Not the base64 of 40 bytes.
    #[error("a wrapped secret is 40 bytes in base64")]
    Form,
}

impl WrappingKey {
    /// The key of these bytes.
    pub const fn new(key: Secret) -> Self {
        Self(key)
    }

    /// The bytes, for a token to take in.
    pub fn bytes(&self) -> &[u8; 32] {
        self.0.bytes()
    }

    /// The key in base64, for the file that the platform keeps.
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(base64::encode(self.0.bytes()))
    }

    /// Wraps a seed. Equal seeds under one key are equal afterwards.
    pub fn wrap(&self, seed: &Secret) -> Wrapped {
        Wrapped(self.cipher().wrap_fixed_key::<U32>(seed.bytes().into()).into())
    }

    /// The seed that was wrapped.
    pub fn unwrap(&self, wrapped: &Wrapped) -> Result<Secret, UnwrapError> {
        let opened = self.cipher().unwrap_fixed_key::<U32>(&wrapped.0.into());
        let bytes: Zeroizing<[u8; 32]> =
            Zeroizing::new(opened.map_err(|_| UnwrapError::Integrity)?.into());
        Ok(Secret::new(&bytes))
    }

    fn cipher(&self) -> KwAes256 {
        KwAes256::new(self.0.bytes().into())
    }
}

impl Wrapped {
    /// The 40 bytes.
    pub const fn bytes(&self) -> &[u8; 40] {
        &self.0
    }
}

impl FromStr for Wrapped {
    type Err = UnwrapError;

    fn from_str(text: &str) -> Result<Self, UnwrapError> {
        text::from_base64(text).map(Self).ok_or(UnwrapError::Form)
    }
}

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode(&self.0))
    }
}
