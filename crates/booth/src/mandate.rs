//! Mandates: what an authority gives to a voter, good for one vote.
//!
//! A mandate is a random id of 24 bytes, the authority's Ed25519 signature over the bare id, and
//! the authority's public key. No name is in it. It travels in four forms, all of the same 120
//! bytes:
//!
//! ```text
//! 0          32                      96             120
//! | public key | Ed25519 signature    | id             |    QR code, raw
//!
//! token      those bytes as 240 lower-case hexadecimal digits
//! card       those bytes as 12 lines of Crockford symbols          (module card)
//! list       base64(key) SP base64(signature) SP base64(id) LF     167 bytes
//! look-up    the first 22 characters of base64(signature)
//! ```
//!
//! A vote belongs to the pair of key and id, never to the bytes of the signature: an authority can
//! sign one id as often as it likes, and each signature is as good as the other.

use std::fmt;

use canon::{Algorithm, Digest, KeyError, PublicKey, SignError, Signer, base64};
use data_encoding::HEXLOWER_PERMISSIVE;

use crate::text;

/// Bytes of a mandate.
pub const MANDATE_BYTES: usize = 120;

/// Bytes of a line of the list of voters.
pub const VOTERS_LINE_BYTES: usize = 167;

/// Characters of a look-up string: 132 bits of the signature.
pub const LOOK_UP_CHARS: usize = 22;

/// Who may vote once: the authority's key and the id that it signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MandateId {
    /// The authority's Ed25519 public key.
    pub authority: [u8; 32],
    /// The id, drawn at random by the authority.
    pub id: [u8; 24],
}

/// What the digest of a mandate begins with.
const DOMAIN: &[u8; 22] = b"scrutineer/mandate/v1\n";

impl MandateId {
    /// `SHA-256("scrutineer/mandate/v1" LF key id)`, by which mandates are spread over shards and
    /// over the buckets of a store.
    pub fn digest(&self) -> Digest {
        // Of one piece: of short texts pieces cost more than the hash.
        let Self { authority, id } = self;
        let mut bytes = [0; DOMAIN.len() + 32 + 24];
        let (domain, rest) = bytes.split_at_mut(DOMAIN.len());
        let (key, rest) = rest.split_at_mut(authority.len());
        domain.copy_from_slice(DOMAIN);
        key.copy_from_slice(authority);
        rest.copy_from_slice(id);
        Digest::of(&bytes)
    }
}

impl fmt::Debug for MandateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MandateId({})", base64::encode(&self.id))
    }
}

/// An authorisation to vote. Having one says nothing yet about whether it is genuine: see
/// [`Authorities::check`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mandate {
    id: MandateId,
    signature: [u8; 64],
}

/// Why a text or some bytes are no mandate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MandateError {
    /// Another number of bytes than 120.
    #[error("a mandate has {MANDATE_BYTES} bytes, found {found}")]
    Length {
        /// Bytes found.
        found: usize,
    },
    /// A token of another length.
    #[error("a token has 240 hexadecimal digits, found {found} characters")]
    TokenLength {
        /// Characters found.
        found: usize,
    },
    /// A character of a token that is no hexadecimal digit.
    #[error("character {at} of the token is no hexadecimal digit")]
    Digit {
        /// Its place, from 1.
        at: usize,
    },
    /// A line that does not have the form of the list of voters.
    #[error("a line of the list is key, signature and id in base64, between single spaces")]
    Line,
    /// The authority's key cannot be one.
    #[error("the authority's key is unfit")]
    Key(#[source] KeyError),
    /// The key that should sign is not of Ed25519, or its device did not sign.
    #[error("the authority's key did not sign")]
    Sign(#[source] SignError),
    /// The authority's key has another algorithm.
    #[error("mandates are signed with Ed25519, not with {found}")]
    Algorithm {
        /// The key's algorithm.
        found: Algorithm,
    },
}

impl Mandate {
    /// A new mandate: the authority signs the 24 random bytes that the caller drew.
    pub fn issue(authority: &dyn Signer, id: [u8; 24]) -> Result<Self, MandateError> {
        let key = authority.public_key();
        let Ok(bytes) = <[u8; 32]>::try_from(key.bytes()) else {
            return Err(MandateError::Algorithm { found: key.alg() });
        };
        let signature = authority.sign(&id).map_err(MandateError::Sign)?;
        let found = signature.len();
        let expected = 64;
        let signature = signature
            .try_into()
            .map_err(|_| MandateError::Sign(SignError::Length { expected, found }))?;
        Ok(Self::from_parts(bytes, signature, id))
    }

    /// The mandate of these parts, as they stand in the headers of a vote request.
    pub const fn from_parts(authority: [u8; 32], signature: [u8; 64], id: [u8; 24]) -> Self {
        Self { id: MandateId { authority, id }, signature }
    }

    /// The mandate of these 120 bytes: what a QR code or a card holds.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, MandateError> {
        let parts = bytes.split_first_chunk::<32>().and_then(|(authority, rest)| {
            let (signature, id) = rest.split_first_chunk::<64>()?;
            Some(Self::from_parts(*authority, *signature, id.try_into().ok()?))
        });
        parts.ok_or(MandateError::Length { found: bytes.len() })
    }

    /// The 120 bytes: what a QR code holds, in byte mode, with error correction of level H.
    pub fn to_bytes(&self) -> [u8; MANDATE_BYTES] {
        let mut bytes = [0; MANDATE_BYTES];
        let parts = self.id.authority.iter().chain(&self.signature).chain(&self.id.id);
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// The 120 bytes as 240 lower-case hexadecimal digits.
    pub fn token(&self) -> String {
        text::to_hex(&self.to_bytes())
    }

    /// The mandate of a token, as a person may have copied it: upper case and white space are
    /// taken.
    pub fn from_token(token: &str) -> Result<Self, MandateError> {
        let digits: String = token.chars().filter(|found| !found.is_whitespace()).collect();
        if let Some(at) = digits.chars().position(|found| !found.is_ascii_hexdigit()) {
            return Err(MandateError::Digit { at: at.saturating_add(1) });
        }
        let length = MandateError::TokenLength { found: digits.len() };
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map_err(|_| length.clone())?;
        Self::from_bytes(&bytes).map_err(|_| length)
    }

    /// The first 22 characters of the signature's base64: enough to find the mandate in the list
    /// of voters, and printed above the card.
    pub fn look_up(&self) -> String {
        base64::encode(&self.signature).chars().take(LOOK_UP_CHARS).collect()
    }

    /// The line of the list of voters, with its line feed: 167 bytes.
    pub fn voters_line(&self) -> String {
        let mut line = String::with_capacity(VOTERS_LINE_BYTES);
        for (field, end) in self.fields().iter().zip([' ', ' ', '\n']) {
            line.push_str(field);
            line.push(end);
        }
        line
    }

    /// The three fields of a voters' line, which are also the headers `auth-pkey`, `auth-sig` and
    /// `auth-id` of a vote request.
    pub fn fields(&self) -> [String; 3] {
        [&self.id.authority[..], &self.signature[..], &self.id.id[..]].map(base64::encode)
    }

    /// The mandate of a line of the list of voters; its line feed may be missing.
    pub fn from_voters_line(line: &str) -> Result<Self, MandateError> {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let mut fields = line.split(' ');
        let mut next = || fields.next();
        let parts = (next(), next(), next(), next());
        let (Some(key), Some(signature), Some(id), None) = parts else {
            return Err(MandateError::Line);
        };
        let mandate = text::from_base64(key)
            .zip(text::from_base64(signature))
            .zip(text::from_base64(id))
            .map(|((key, signature), id)| Self::from_parts(key, signature, id));
        mandate.ok_or(MandateError::Line)
    }

    /// Who may vote once by it.
    pub const fn id(&self) -> &MandateId {
        &self.id
    }

    /// The signature over the id.
    pub const fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// Whether the signature is that of the key within, whoever's key that is. A card that was
    /// copied with two lines swapped does not hold.
    pub fn holds(&self) -> bool {
        PublicKey::from_parts(Algorithm::Ed25519, &self.id.authority)
            .is_ok_and(|key| key.verify(&self.id.id, &self.signature).is_ok())
    }

    /// The place, from 1, of the one digit of the token that is wrong: with another digit there the
    /// mandate would hold. Nothing if it holds, or if more is wrong than that.
    ///
    /// Up to 3600 signatures are judged: for a person who typed a token, not for a server.
    pub fn wrong_digit(&self) -> Option<usize> {
        let bytes = self.to_bytes();
        if self.holds() {
            return None;
        }
        (0..MANDATE_BYTES.saturating_mul(2)).find_map(|at| {
            // The first digit of a byte is its upper half.
            let shift = if at % 2 == 0 { 4 } else { 0 };
            let would_hold = (1..16_u8).any(|change| {
                let mut other = bytes;
                other.get_mut(at / 2).is_some_and(|byte| {
                    *byte ^= change << shift;
                    true
                }) && Self::from_bytes(&other).is_ok_and(|other| other.holds())
            });
            would_hold.then_some(at.saturating_add(1))
        })
    }
}

impl fmt::Debug for Mandate {
    /// The look-up string, which is printed and published anyhow; never the whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mandate({}, ..)", self.look_up())
    }
}

mod authorities;

pub use authorities::{Authorities, Unauthorised};

#[cfg(test)]
mod tests;
