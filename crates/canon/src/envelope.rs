//! Envelopes: a payload, its kind, and the signatures over both.
//!
//! ```text
//! {"kind":"cvr/v1","payload":{…},
//!  "signatures":[{"alg":"ed25519","key_id":"<hex>","sig":"<base64>"}]}
//! ```
//!
//! in canonical JSON, with exactly these members. Each signature is over the bytes
//!
//! ```text
//! "scrutineer/v1" LF kind LF canonical payload
//! ```
//!
//! so that a signature for one kind means nothing under another. The order of the signatures is
//! the signers': the first one names the originator.

mod algorithm;
mod kind;
mod read;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::base64;
use crate::json::{self, JsonError};
use crate::key::KeyId;
use crate::sign::{SignError, Signer};

pub use algorithm::{AlgorithmName, AlgorithmNameError, UnknownAlgorithm};
pub use kind::Kind;
pub use read::SignedBytes;

/// The most signatures that an envelope carries.
pub const MAX_SIGNATURES: usize = 16;

/// Why bytes are no envelope, or an envelope does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not canonical JSON, or a payload that does not fit its type.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Not a kind.
    #[error("{found:?} is not a kind: a name like cvr/v1 in lower case")]
    Kind {
        /// The text, cut to 80 characters.
        found: String,
    },
    /// A member that has to be there is not.
    #[error("the member {name:?} of {of} is missing")]
    Missing {
        /// The member.
        name: &'static str,
        /// What it is missing from.
        of: &'static str,
    },
    /// A member that has no business there.
    #[error("the member {name:?} is unknown in {of}")]
    Unknown {
        /// The member, cut to 60 characters.
        name: String,
        /// Where it was found.
        of: &'static str,
    },
    /// A member of the wrong type.
    #[error("{what} is not {wanted}")]
    Shape {
        /// The member.
        what: &'static str,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A signature of an algorithm that this program does not know: it cannot be checked.
    #[error("signature {index} is of the algorithm {found:?}, which is not known")]
    Algorithm {
        /// Which signature, from 0.
        index: usize,
        /// The algorithm.
        found: String,
    },
    /// No signature, or more than 16.
    #[error("{found} signatures: an envelope carries 1 to 16")]
    Count {
        /// How many there are.
        found: usize,
    },
    /// One key has signed twice.
    #[error("the key {key_id} has signed twice")]
    TwoOfOneKey {
        /// The key.
        key_id: KeyId,
    },
    /// No signature of that index.
    #[error("there is no signature {index}")]
    NoSuchSignature {
        /// The index, from 0.
        index: usize,
    },
    /// The key that was to judge a signature is not the one that it names.
    #[error("signature {index} is by the key {named}, not by {given}")]
    OtherKey {
        /// Which signature, from 0.
        index: usize,
        /// The key that the signature names.
        named: KeyId,
        /// The key that was to judge it.
        given: KeyId,
    },
    /// A signature does not hold, or could not be made.
    #[error("signature {index}: {error}")]
    Signature {
        /// Which signature, from 0.
        index: usize,
        /// What is wrong with it.
        error: SignError,
    },
}

/// What the bytes begin with that a signature is over.
const PREFIX: &[u8] = b"scrutineer/v1\n";

/// The bytes that a signature of an envelope is over: `scrutineer/v1 LF kind LF payload`.
///
/// The payload is given in canonical form.
pub fn message(kind: &str, payload: &[u8]) -> Vec<u8> {
    let length = PREFIX.len().saturating_add(kind.len()).saturating_add(payload.len());
    let mut message = Vec::with_capacity(length.saturating_add(1));
    message.extend_from_slice(PREFIX);
    message.extend_from_slice(kind.as_bytes());
    message.push(b'\n');
    message.extend_from_slice(payload);
    message
}

/// One signature of an envelope.
///
/// ```text
/// {"alg":"ed25519","key_id":"<64 hexadecimal digits>","sig":"<padded standard base64>"}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureEntry {
    /// The algorithm, perhaps unknown.
    pub alg: AlgorithmName,
    /// The key that signed.
    pub key_id: KeyId,
    /// The signature's bytes.
    #[serde(serialize_with = "base64_out", deserialize_with = "base64_in")]
    pub sig: Vec<u8>,
}

fn base64_out<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&base64::encode(bytes))
}

fn base64_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    base64::decode(text.as_bytes()).ok_or_else(|| de::Error::custom("not padded standard base64"))
}

/// A payload with its kind and its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<P> {
    /// The kind of the payload.
    pub kind: Kind,
    /// The payload, a JSON object.
    pub payload: P,
    /// The signatures, the originator's first.
    pub signatures: Vec<SignatureEntry>,
}

impl<P: Serialize> Envelope<P> {
    /// Signs a payload with each of the signers, in their order.
    ///
    /// `&payload` serves as well as the payload itself.
    pub fn sign(kind: Kind, payload: P, signers: &[&dyn Signer]) -> Result<Self, EnvelopeError> {
        let canonical = payload_bytes(&payload)?;
        let signatures = sign_all(&kind, &canonical, signers)?;
        Ok(Self { kind, payload, signatures })
    }

    /// Adds the signature of one who signs later, elsewhere.
    pub fn countersign(&mut self, signer: &dyn Signer) -> Result<(), EnvelopeError> {
        let message = message(self.kind.as_str(), &payload_bytes(&self.payload)?);
        let index = self.signatures.len();
        let mut signatures = self.signatures.clone();
        signatures.push(entry(signer, &message, index)?);
        judge(&signatures)?;
        self.signatures = signatures;
        Ok(())
    }

    /// The canonical bytes of the envelope.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EnvelopeError> {
        judge(&self.signatures)?;
        Ok(assemble(&self.kind, &payload_bytes(&self.payload)?, &self.signatures))
    }
}

impl<P: DeserializeOwned> Envelope<P> {
    /// Reads an envelope whose payload is of a known type. Signatures are not judged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let signed = SignedBytes::parse(bytes)?;
        let kind = signed.kind.parse()?;
        let payload = signed.payload_as()?;
        Ok(Self { kind, payload, signatures: signed.signatures })
    }
}

/// Signs a payload, and yields the envelope's canonical bytes at once.
pub fn sign_to_bytes<P: Serialize + ?Sized>(
    kind: &Kind,
    payload: &P,
    signers: &[&dyn Signer],
) -> Result<Vec<u8>, EnvelopeError> {
    let payload = payload_bytes(payload)?;
    let signatures = sign_all(kind, &payload, signers)?;
    Ok(assemble(kind, &payload, &signatures))
}

fn sign_all(
    kind: &Kind,
    payload: &[u8],
    signers: &[&dyn Signer],
) -> Result<Vec<SignatureEntry>, EnvelopeError> {
    let message = message(kind.as_str(), payload);
    let entries = signers.iter().enumerate();
    let signatures =
        entries.map(|(at, signer)| entry(*signer, &message, at)).collect::<Result<Vec<_>, _>>()?;
    judge(&signatures)?;
    Ok(signatures)
}

fn entry(
    signer: &dyn Signer,
    message: &[u8],
    index: usize,
) -> Result<SignatureEntry, EnvelopeError> {
    let key = signer.public_key();
    let sig = signer.sign(message).map_err(|error| EnvelopeError::Signature { index, error })?;
    Ok(SignatureEntry { alg: key.alg().into(), key_id: key.id(), sig })
}

/// The rules about a list of signatures: 1 to 16, no key twice.
fn judge(signatures: &[SignatureEntry]) -> Result<(), EnvelopeError> {
    if !(1..=MAX_SIGNATURES).contains(&signatures.len()) {
        return Err(EnvelopeError::Count { found: signatures.len() });
    }
    for (at, entry) in signatures.iter().enumerate() {
        if signatures.iter().take(at).any(|earlier| earlier.key_id == entry.key_id) {
            return Err(EnvelopeError::TwoOfOneKey { key_id: entry.key_id });
        }
    }
    Ok(())
}

/// The canonical bytes of a payload, which has to be an object.
fn payload_bytes<P: Serialize + ?Sized>(payload: &P) -> Result<Vec<u8>, EnvelopeError> {
    let bytes = json::to_canonical_within(payload, 1)?;
    if bytes.first() == Some(&b'{') {
        Ok(bytes)
    } else {
        Err(EnvelopeError::Shape { what: "the payload", wanted: "an object" })
    }
}

/// Puts an envelope together from parts that are canonical already.
fn assemble(kind: &Kind, payload: &[u8], signatures: &[SignatureEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len().saturating_add(256));
    out.extend_from_slice(b"{\"kind\":\"");
    out.extend_from_slice(kind.as_str().as_bytes());
    out.extend_from_slice(b"\",\"payload\":");
    out.extend_from_slice(payload);
    out.extend_from_slice(b",\"signatures\":[");
    for (at, SignatureEntry { alg, key_id, sig }) in signatures.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let sig = base64::encode(sig);
        let entry = format!(r#"{comma}{{"alg":"{alg}","key_id":"{key_id}","sig":"{sig}"}}"#);
        out.extend_from_slice(entry.as_bytes());
    }
    out.extend_from_slice(b"]}");
    out
}

#[cfg(test)]
mod tests;
