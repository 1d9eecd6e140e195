//! Reading an envelope in one pass, without copying its payload.

use serde::de::DeserializeOwned;

use super::kind::split;
use super::{EnvelopeError, MAX_SIGNATURES, SignatureEntry, judge, message};
use crate::base64;
use crate::json::{self, Scanner, Value};
use crate::key::{Algorithm, PublicKey};

/// An envelope as it stands in its canonical bytes.
///
/// Members of canonical JSON have one order, so the pass that judges the form also finds the
/// parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBytes<'a> {
    /// The kind, well formed, perhaps unknown.
    pub kind: &'a str,
    /// The canonical bytes of the payload, an object.
    pub payload: &'a [u8],
    /// The signatures, the originator's first; 1 to 16, no key twice.
    pub signatures: Vec<SignatureEntry>,
}

impl<'a> SignedBytes<'a> {
    /// Reads an envelope: canonical, with exactly the three members. Signatures are not judged.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        // Whatever stops the fast pass is judged again at leisure, for the sake of the message.
        match scan(bytes) {
            Some(signed) => judge(&signed.signatures).map(|()| signed),
            None => Err(diagnosis(bytes)),
        }
    }

    /// Whether a signature is that key's over this kind and payload.
    pub fn verify(&self, index: usize, key: &PublicKey) -> Result<(), EnvelopeError> {
        let entry = self.signatures.get(index).ok_or(EnvelopeError::NoSuchSignature { index })?;
        if entry.key_id != key.id() || entry.alg != key.alg() {
            let (named, given) = (entry.key_id, key.id());
            return Err(EnvelopeError::OtherKey { index, named, given });
        }
        key.verify(&message(self.kind, self.payload), &entry.sig)
            .map_err(|error| EnvelopeError::Signature { index, error })
    }

    /// The payload as a type. The bytes are canonical already and are not judged again.
    pub fn payload_as<T: DeserializeOwned>(&self) -> Result<T, EnvelopeError> {
        Ok(json::typed(self.payload)?)
    }
}

/// The one pass; `None` when anything at all is not as it has to be.
fn scan(bytes: &[u8]) -> Option<SignedBytes<'_>> {
    let mut scanner = Scanner::new(bytes);
    let kind = scanner.take(b"{\"kind\":").then(|| text(&mut scanner))??;
    split(kind)?;
    let payload = scanner.take(b",\"payload\":").then(|| scanner.slice(1).ok())??;
    if payload.first() != Some(&b'{') || !scanner.take(b",\"signatures\":[") {
        return None;
    }
    let mut signatures = Vec::with_capacity(1);
    loop {
        signatures.push(signature(&mut scanner)?);
        if scanner.take(b"]}") {
            break;
        }
        if !scanner.take(b",") || signatures.len() >= MAX_SIGNATURES {
            return None;
        }
    }
    scanner.end().ok()?;
    Some(SignedBytes { kind, payload, signatures })
}

fn signature(scanner: &mut Scanner<'_>) -> Option<SignatureEntry> {
    let alg = scanner.take(b"{\"alg\":").then(|| text(scanner))??;
    let key_id = scanner.take(b",\"key_id\":").then(|| text(scanner))??;
    let sig = scanner.take(b",\"sig\":").then(|| text(scanner))??;
    scanner.take(b"}").then_some(())?;
    Some(SignatureEntry {
        alg: alg.parse().ok()?,
        key_id: key_id.parse().ok()?,
        sig: base64::decode(sig.as_bytes())?,
    })
}

/// A string without escapes: none of the members read here ever has one.
fn text<'a>(scanner: &mut Scanner<'a>) -> Option<&'a str> {
    let raw = scanner.string().ok()?;
    if raw.escaped { None } else { std::str::from_utf8(raw.bytes).ok() }
}

/// What is wrong with bytes that the one pass has refused.
fn diagnosis(bytes: &[u8]) -> EnvelopeError {
    let value = match json::require_canonical(bytes).and_then(|()| json::parse(bytes)) {
        Ok(value) => value,
        Err(error) => return error.into(),
    };
    let found = judge_value(&value);
    debug_assert!(found.is_err(), "the one pass has refused these bytes");
    found.err().unwrap_or(EnvelopeError::Shape { what: "the text", wanted: "an envelope" })
}

fn judge_value(value: &Value) -> Result<(), EnvelopeError> {
    let of = "the envelope";
    let [kind, payload, signatures] = members(value, of, ["kind", "payload", "signatures"])?;
    let kind = string(kind, "the kind")?;
    if split(kind).is_none() {
        return Err(EnvelopeError::Kind { found: kind.chars().take(80).collect() });
    }
    if payload.as_object().is_none() {
        return Err(EnvelopeError::Shape { what: "the payload", wanted: "an object" });
    }
    let wanted = EnvelopeError::Shape { what: "the list of signatures", wanted: "an array" };
    let signatures = signatures.as_array().ok_or(wanted)?;
    if !(1..=MAX_SIGNATURES).contains(&signatures.len()) {
        return Err(EnvelopeError::Count { found: signatures.len() });
    }
    signatures.iter().enumerate().try_for_each(|(index, entry)| judge_signature(entry, index))
}

fn judge_signature(entry: &Value, index: usize) -> Result<(), EnvelopeError> {
    let [alg, key_id, sig] = members(entry, "a signature", ["alg", "key_id", "sig"])?;
    let alg = string(alg, "the algorithm of a signature")?;
    if alg.parse::<Algorithm>().is_err() {
        let found = alg.chars().take(40).collect();
        return Err(EnvelopeError::Algorithm { index, found });
    }
    let key_id = string(key_id, "the key id of a signature")?;
    if key_id.parse::<crate::Digest>().is_err() {
        let wanted = "64 lowercase hexadecimal digits";
        return Err(EnvelopeError::Shape { what: "the key id of a signature", wanted });
    }
    let sig = string(sig, "the sig of a signature")?;
    if base64::decode(sig.as_bytes()).is_none() {
        let wanted = "padded standard base64";
        return Err(EnvelopeError::Shape { what: "the sig of a signature", wanted });
    }
    Ok(())
}

/// The values of exactly these members.
fn members<'v>(
    value: &'v Value,
    of: &'static str,
    names: [&'static str; 3],
) -> Result<[&'v Value; 3], EnvelopeError> {
    let object = value.as_object().ok_or(EnvelopeError::Shape { what: of, wanted: "an object" })?;
    if let Some((name, _)) = object.iter().find(|(name, _)| !names.contains(name)) {
        return Err(EnvelopeError::Unknown { name: name.chars().take(60).collect(), of });
    }
    let find = |name| object.get(name).ok_or(EnvelopeError::Missing { name, of });
    let [first, second, third] = names;
    Ok([find(first)?, find(second)?, find(third)?])
}

fn string<'v>(value: &'v Value, what: &'static str) -> Result<&'v str, EnvelopeError> {
    value.as_str().ok_or(EnvelopeError::Shape { what, wanted: "a string" })
}
