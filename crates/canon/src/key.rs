//! Public keys, their ids, and private keys.
//!
//! Two algorithms stand behind one interface: Ed25519 (RFC 8032), the default, and ECDSA on P-256
//! with SHA-256 (FIPS 186-5), for devices that have nothing else.

mod ed25519;
mod error;
mod pem;
mod private;
mod stack;

use std::fmt;
use std::str::FromStr;

use p256::ecdsa::signature::Verifier as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::sign::SignError;
use crate::{Digest, DigestError, base64};

use ed25519::Unfit;

pub use error::KeyError;
pub use private::PrivateKey;

/// A signature algorithm, in JSON `"ed25519"` or `"ecdsa-p256"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032): keys of 32 bytes, signatures of 64, always judged strictly.
    #[serde(rename = "ed25519")]
    Ed25519,
    /// ECDSA on P-256 with SHA-256 (FIPS 186-5): keys as 33 bytes of compressed SEC 1 point,
    /// signatures as 64 bytes `r || s` with `s` in the lower half.
    #[serde(rename = "ecdsa-p256")]
    EcdsaP256,
}

impl Algorithm {
    /// The name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256 => "ecdsa-p256",
        }
    }

    /// Bytes of a public key.
    pub const fn public_bytes(self) -> usize {
        match self {
            Self::Ed25519 => 32,
            Self::EcdsaP256 => 33,
        }
    }

    /// Bytes of a signature.
    pub const fn signature_bytes(self) -> usize {
        64
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = KeyError;

    fn from_str(name: &str) -> Result<Self, KeyError> {
        match name {
            "ed25519" => Ok(Self::Ed25519),
            "ecdsa-p256" => Ok(Self::EcdsaP256),
            _ => Err(KeyError::Algorithm { name: name.chars().take(40).collect() }),
        }
    }
}

/// The id of a public key, in JSON 64 lowercase hexadecimal digits:
///
/// ```text
/// SHA-256("scrutineer/key/v1" LF algorithm LF public key bytes)
/// ```
///
/// The same bytes under another algorithm are another key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(pub Digest);

impl KeyId {
    fn of(alg: Algorithm, bytes: &[u8]) -> Self {
        Self(Digest::of_parts(&[b"scrutineer/key/v1\n", alg.name().as_bytes(), b"\n", bytes]))
    }

    /// The digest behind the id.
    pub const fn digest(&self) -> &Digest {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.0)
    }
}

impl FromStr for KeyId {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        text.parse().map(Self)
    }
}

/// A public key that has been judged: a point of its curve, in its one encoding, not weak.
///
/// ```text
/// {"alg":"ed25519","key":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}
/// ```
#[derive(Clone)]
pub struct PublicKey {
    id: KeyId,
    point: Point,
}

#[derive(Clone)]
enum Point {
    Ed25519(ed25519::VerifyingKey),
    EcdsaP256 { key: p256::ecdsa::VerifyingKey, bytes: [u8; 33] },
}

impl PublicKey {
    /// The key with these bytes: 32 of Ed25519, or 33 of a compressed SEC 1 point of P-256.
    ///
    /// An Ed25519 key has to be of prime order and in its canonical encoding. Then cofactored and
    /// cofactorless verifiers agree about every signature under it (Chalkias, Garillot,
    /// Nikolaenko 2020).
    pub fn from_parts(alg: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let length = KeyError::Length { alg, expected: alg.public_bytes(), found: bytes.len() };
        let point = match alg {
            Algorithm::Ed25519 => ed25519_point(bytes.try_into().map_err(|_| length)?)?,
            Algorithm::EcdsaP256 => p256_point(bytes.try_into().map_err(|_| length)?)?,
        };
        Ok(Self { id: KeyId::of(alg, bytes), point })
    }

    /// The key whose bytes are written in padded standard base64, as in JSON.
    pub fn from_base64(alg: Algorithm, text: &str) -> Result<Self, KeyError> {
        let bytes = base64::decode(text.as_bytes()).ok_or(KeyError::Base64)?;
        Self::from_parts(alg, &bytes)
    }

    /// The algorithm.
    pub const fn alg(&self) -> Algorithm {
        match self.point {
            Point::Ed25519(_) => Algorithm::Ed25519,
            Point::EcdsaP256 { .. } => Algorithm::EcdsaP256,
        }
    }

    /// The bytes: 32 of Ed25519, 33 of P-256.
    pub fn bytes(&self) -> &[u8] {
        match &self.point {
            Point::Ed25519(key) => key.bytes(),
            Point::EcdsaP256 { bytes, .. } => bytes,
        }
    }

    /// The bytes in padded standard base64, as in JSON.
    pub fn to_base64(&self) -> String {
        base64::encode(self.bytes())
    }

    /// The id.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Whether the signature is this key's over the message.
    ///
    /// Ed25519 is judged as by `verify_strict`: `S` below the group's order, neither `R` nor the
    /// key of small order, the equation without cofactor. P-256 takes 64 bytes `r || s`, neither
    /// zero, with `s` in the lower half, so that nobody can turn one signature into another.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignError> {
        let length =
            SignError::Length { expected: self.alg().signature_bytes(), found: signature.len() };
        let bytes: &[u8; 64] = signature.try_into().map_err(|_| length)?;
        match &self.point {
            Point::Ed25519(key) => key.verify(message, bytes),
            Point::EcdsaP256 { key, .. } => {
                let signature =
                    p256::ecdsa::Signature::from_slice(bytes).map_err(|_| SignError::Scalar)?;
                if signature.normalize_s() != signature {
                    return Err(SignError::HighS);
                }
                key.verify(message, &signature).map_err(|_| SignError::Mismatch)
            }
        }
    }
}

fn ed25519_point(bytes: &[u8; 32]) -> Result<Point, KeyError> {
    match ed25519::VerifyingKey::from_bytes(bytes) {
        Ok(key) => Ok(Point::Ed25519(key)),
        Err(Unfit::NoPoint) => Err(KeyError::Point { alg: Algorithm::Ed25519 }),
        Err(Unfit::Weak) => Err(KeyError::Weak),
    }
}

fn p256_point(bytes: &[u8; 33]) -> Result<Point, KeyError> {
    let alg = Algorithm::EcdsaP256;
    let key =
        p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| KeyError::Point { alg })?;
    if key.to_sec1_point(true).as_bytes() != bytes {
        return Err(KeyError::Point { alg });
    }
    Ok(Point::EcdsaP256 { key, bytes: *bytes })
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for PublicKey {}

impl std::hash::Hash for PublicKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} {})", self.alg(), self.to_base64())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicKeyText {
    alg: Algorithm,
    key: String,
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PublicKeyText { alg: self.alg(), key: self.to_base64() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = PublicKeyText::deserialize(deserializer)?;
        Self::from_base64(text.alg, &text.key).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
