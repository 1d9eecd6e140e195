//! Keys of notes: their names, ids and text form, and the keys that sign.

use core::fmt;
use core::str::FromStr;
use std::sync::Arc;

use canon::key::{Algorithm, PrivateKey, PublicKey};
use canon::sign::Signer;
use canon::{Digest, Timestamp, base64};
use data_encoding::HEXLOWER;

use super::{NoteError, NoteSignature};
use crate::cosignature;

/// What a key signs, and so the octet before its bytes (C2SP `signed-note.md`, signature types).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyType {
    /// 0x01: Ed25519 over the note's text.
    Ed25519,
    /// 0x04: Ed25519 over a checkpoint and a time (C2SP `tlog-cosignature.md`).
    Cosignature,
}

impl KeyType {
    /// The octet on the wire.
    pub fn octet(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn from_octet(octet: u8) -> Option<Self> {
        [Self::Ed25519, Self::Cosignature].into_iter().find(|kind| kind.octet() == octet)
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#04x}", self.octet())
    }
}

/// The short id of a key: the first four bytes of
/// `SHA-256(name || 0x0A || type || public key)`.
///
/// It tells keys apart; it is no hash to rely on. Shown as 8 lowercase hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteKeyId([u8; 4]);

impl NoteKeyId {
    /// The id with these bytes, big endian.
    pub fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The id's bytes, big endian.
    pub fn to_bytes(self) -> [u8; 4] {
        self.0
    }

    fn of(name: &str, kind: KeyType, key: &[u8]) -> Self {
        let digest = Digest::of_parts(&[name.as_bytes(), b"\n", &[kind.octet()], key]);
        let [a, b, c, d, ..] = digest.0;
        Self([a, b, c, d])
    }
}

impl fmt::Display for NoteKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A key that verifies notes, with the name under which it signs.
///
/// ```text
/// <name>+<id: 8 lowercase hex digits>+<base64( type: 1 byte || public key: 32 bytes )>
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: NoteKeyId,
    kind: KeyType,
    key: PublicKey,
}

impl VerifierKey {
    /// The verifier key of this name, type and raw Ed25519 public key of 32 bytes.
    pub fn new(name: &str, kind: KeyType, key: &[u8]) -> Result<Self, NoteError> {
        check_name(name)?;
        let key = PublicKey::from_parts(Algorithm::Ed25519, key)
            .map_err(|_| NoteError::UnusableKey { name: name.to_owned() })?;
        let id = NoteKeyId::of(name, kind, key.bytes());
        Ok(Self { name: name.to_owned(), id, kind, key })
    }

    /// The name under which it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its short id.
    pub fn id(&self) -> NoteKeyId {
        self.id
    }

    /// What it signs.
    pub fn kind(&self) -> KeyType {
        self.kind
    }

    /// The key without name and type: two verifier keys may share it, two parties must not.
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether `signature` is this key's over `text`; the time if the type carries one.
    ///
    /// The line has to be of this name and id.
    pub fn verify(
        &self,
        text: &str,
        signature: &NoteSignature,
    ) -> Result<Option<Timestamp>, NoteError> {
        if !signature.is_by(self) {
            return Err(self.bad_signature());
        }
        match self.kind {
            KeyType::Ed25519 => {
                self.verify_raw(text.as_bytes(), signature.body())?;
                Ok(None)
            }
            KeyType::Cosignature => cosignature::verify(self, text, signature).map(Some),
        }
    }

    pub(crate) fn verify_raw(&self, message: &[u8], signature: &[u8]) -> Result<(), NoteError> {
        self.key.verify(message, signature).map_err(|_| self.bad_signature())
    }

    pub(crate) fn bad_signature(&self) -> NoteError {
        NoteError::BadSignature { name: self.name.clone(), id: self.id }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut raw = vec![self.kind.octet()];
        raw.extend_from_slice(self.key.bytes());
        write!(f, "{}+{}+{}", self.name, self.id, base64::encode(&raw))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    /// Reads the text form. The base64 may itself hold plus signs; name and id may not.
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(hex), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(NoteError::BadVerifierKey);
        };
        check_name(name)?;
        let raw = base64::decode(encoded.as_bytes()).ok_or(NoteError::BadVerifierKey)?;
        let written: [u8; 4] = HEXLOWER
            .decode(hex.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(NoteError::BadVerifierKey)?;
        let (&octet, key) = raw.split_first().ok_or(NoteError::BadVerifierKey)?;
        let kind = KeyType::from_octet(octet)
            .ok_or_else(|| NoteError::UnknownType { name: name.to_owned(), octet })?;
        let verifier = Self::new(name, kind, key)?;
        let written = NoteKeyId(written);
        if written != verifier.id {
            let computed = verifier.id;
            return Err(NoteError::WrongKeyId { name: name.to_owned(), written, computed });
        }
        Ok(verifier)
    }
}

/// A key that signs notes. Its secret is wiped when it is dropped and never shown.
pub struct NoteSigner {
    verifier: VerifierKey,
    key: Arc<PrivateKey>,
}

impl NoteSigner {
    /// The signer of this name and type from an Ed25519 seed of 32 bytes (RFC 8032).
    ///
    /// One seed must not serve two names or two types: a cosignature of type 0x04 does not say
    /// whose name it is under.
    pub fn from_seed(name: &str, kind: KeyType, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let unusable = || NoteError::UnusableKey { name: name.to_owned() };
        let key = PrivateKey::from_seed(Algorithm::Ed25519, seed).map_err(|_| unusable())?;
        Self::from_key(name, kind, Arc::new(key))
    }

    /// The signer of this name and type by a key that was read from its file. As
    /// [`NoteSigner::from_seed`]; keys of other algorithms are refused.
    ///
    /// The key is shared, so that its secret stays in one place.
    pub fn from_key(name: &str, kind: KeyType, key: Arc<PrivateKey>) -> Result<Self, NoteError> {
        if key.alg() != Algorithm::Ed25519 {
            return Err(NoteError::UnusableKey { name: name.to_owned() });
        }
        let verifier = VerifierKey::new(name, kind, key.public().bytes())?;
        Ok(Self { verifier, key })
    }

    /// The key that verifies what this one signs.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// A plain signature over a note's text, for keys of type 0x01.
    ///
    /// Keys of type 0x04 sign by [`cosignature::sign`].
    pub fn sign(&self, text: &str) -> Result<NoteSignature, NoteError> {
        self.require(KeyType::Ed25519)?;
        let body = self.sign_raw(text.as_bytes())?;
        NoteSignature::new(self.verifier.name(), self.verifier.id(), body)
    }

    pub(crate) fn require(&self, needed: KeyType) -> Result<(), NoteError> {
        let found = self.verifier.kind;
        if found == needed {
            return Ok(());
        }
        Err(NoteError::WrongType { name: self.verifier.name.clone(), found, needed })
    }

    pub(crate) fn sign_raw(&self, message: &[u8]) -> Result<Vec<u8>, NoteError> {
        let failed = || NoteError::SignerFailed { name: self.verifier.name.clone() };
        self.key.sign(message).map_err(|_| failed())
    }
}

/// Shows the public half only.
impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.verifier)
    }
}

/// A key name: not empty, no Unicode space, no plus, no control character.
pub(super) fn check_name(name: &str) -> Result<(), NoteError> {
    let bad = |c: char| c.is_whitespace() || c == '+' || c < ' ';
    if name.is_empty() || name.contains(bad) {
        return Err(NoteError::BadName { name: name.to_owned() });
    }
    Ok(())
}
