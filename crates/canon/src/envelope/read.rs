//! Reading an envelope in one pass, without copying its payload.

use serde::de::DeserializeOwned;

use super::kind::split;
use super::{AlgorithmName, EnvelopeError, MAX_SIGNATURES, PREFIX, SignatureEntry, judge, message};
use crate::base64;
use crate::digest::Digest;
use crate::json::{self, RawString, Scanner};
use crate::key::PublicKey;

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

    /// The first signature of an algorithm that this program does not know, if there is one.
    pub fn unknown_algorithm(&self) -> Option<(usize, &str)> {
        let mut names = self.signatures.iter().map(|entry| entry.alg.unknown()).enumerate();
        names.find_map(|(index, name)| Some((index, name?)))
    }

    /// Whether a signature is that key's over this kind and payload.
    pub fn verify(&self, index: usize, key: &PublicKey) -> Result<(), EnvelopeError> {
        let entry = self.signatures.get(index).ok_or(EnvelopeError::NoSuchSignature { index })?;
        if let Some(found) = entry.alg.unknown() {
            return Err(EnvelopeError::Algorithm { index, found: found.to_owned() });
        }
        if entry.key_id != key.id() || entry.alg != key.alg().into() {
            let (named, given) = (entry.key_id, key.id());
            return Err(EnvelopeError::OtherKey { index, named, given });
        }
        key.verify(&message(self.kind, self.payload), &entry.sig)
            .map_err(|error| EnvelopeError::Signature { index, error })
    }

    /// The digest of what the envelope states, whoever signs it: SHA-256 of the bytes that its
    /// signatures are over.
    pub fn statement(&self) -> Digest {
        Digest::of_parts(&[PREFIX, self.kind.as_bytes(), b"\n", self.payload])
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
    scanner.string().ok()?.plain()
}

/// What is wrong with bytes that the one pass has refused.
///
/// Nothing is built on the way: strangers choose these bytes, and a tree of 16 MiB of small values
/// takes half a gigabyte.
fn diagnosis(bytes: &[u8]) -> EnvelopeError {
    if let Err(error) = json::require_canonical(bytes) {
        return error.into();
    }
    let found = judge_canonical(bytes);
    debug_assert!(found.is_err(), "the one pass has refused these bytes");
    found.err().unwrap_or(EnvelopeError::Shape { what: "the text", wanted: "an envelope" })
}

fn judge_canonical(bytes: &[u8]) -> Result<(), EnvelopeError> {
    let of = "the envelope";
    let [kind, payload, signatures] = members(bytes, of, ["kind", "payload", "signatures"])?;
    let kind = string(kind, "the kind")?;
    if kind.plain().and_then(split).is_none() {
        return Err(EnvelopeError::Kind { found: kind.text(80) });
    }
    if payload.first() != Some(&b'{') {
        return Err(EnvelopeError::Shape { what: "the payload", wanted: "an object" });
    }
    let (signatures, found) = first_items(signatures)
        .ok_or(EnvelopeError::Shape { what: "the list of signatures", wanted: "an array" })?;
    if !(1..=MAX_SIGNATURES).contains(&found) {
        return Err(EnvelopeError::Count { found });
    }
    signatures.into_iter().try_for_each(judge_signature)
}

fn judge_signature(entry: &[u8]) -> Result<(), EnvelopeError> {
    let [alg, key_id, sig] = members(entry, "a signature", ["alg", "key_id", "sig"])?;
    let is = |value, what, wanted, good: fn(&str) -> bool| {
        let text: RawString<'_> = string(value, what)?;
        let good = text.plain().is_some_and(good);
        if good { Ok(()) } else { Err(EnvelopeError::Shape { what, wanted }) }
    };
    is(alg, "the algorithm of a signature", AlgorithmName::RULE, |text| {
        text.parse::<AlgorithmName>().is_ok()
    })?;
    is(key_id, "the key id of a signature", "64 lowercase hexadecimal digits", |text| {
        text.parse::<Digest>().is_ok()
    })?;
    is(sig, "the sig of a signature", "padded standard base64", |text| {
        base64::decode(text.as_bytes()).is_some()
    })
}

/// The values of exactly these members of a canonical object, as they stand.
fn members<'v>(
    value: &'v [u8],
    of: &'static str,
    names: [&'static str; 3],
) -> Result<[&'v [u8]; 3], EnvelopeError> {
    let mut scanner = Scanner::new(value);
    if !scanner.take(b"{") {
        return Err(EnvelopeError::Shape { what: of, wanted: "an object" });
    }
    let mut values = names.map(|_| None);
    while !scanner.take(b"}") {
        let name = scanner.string()?;
        scanner.take(b":");
        let value = scanner.slice(0)?;
        scanner.take(b",");
        let at = names.iter().position(|known| name.plain() == Some(known));
        match at.and_then(|at| values.get_mut(at)) {
            Some(place) => *place = Some(value),
            None => return Err(EnvelopeError::Unknown { name: name.text(60), of }),
        }
    }
    let [first, second, third] = values;
    let [a, b, c] = names;
    let found = |value: Option<&'v [u8]>, name| value.ok_or(EnvelopeError::Missing { name, of });
    Ok([found(first, a)?, found(second, b)?, found(third, c)?])
}

/// The first items of a canonical array, as many as an envelope may have signatures, and how many
/// items there are.
fn first_items(value: &[u8]) -> Option<(Vec<&[u8]>, usize)> {
    let mut scanner = Scanner::new(value);
    if !scanner.take(b"[") {
        return None;
    }
    let (mut first, mut count) = (Vec::new(), 0_usize);
    while !scanner.take(b"]") {
        let item = scanner.slice(0).ok()?;
        scanner.take(b",");
        if count < MAX_SIGNATURES {
            first.push(item);
        }
        count = count.saturating_add(1);
    }
    Some((first, count))
}

fn string<'v>(value: &'v [u8], what: &'static str) -> Result<RawString<'v>, EnvelopeError> {
    Scanner::new(value).string().map_err(|_| EnvelopeError::Shape { what, wanted: "a string" })
}
