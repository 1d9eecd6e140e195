//! Signed notes: a text and the signatures of one or more keys.
//!
//! Source: C2SP `signed-note.md` v1.0.0. The wire form is
//!
//! ```text
//! <text, ends in a newline, may hold empty lines>
//! <empty line>
//! — <key name> <base64(4-byte key id || signature)>
//! — <key name> <base64(4-byte key id || signature)>
//! ```
//!
//! The text ends at the **last** empty line. Every byte is UTF-8 and no control character below
//! U+0020 occurs but the newline. A text counts for nothing until a known key has signed it.

mod error;
mod key;
#[cfg(test)]
mod tests;

use core::fmt;

use canon::{Timestamp, base64};

pub use error::NoteError;
pub use key::{KeyType, NoteKeyId, NoteSigner, VerifierKey};

/// The largest note that is read, in bytes. Room for 38 signatures of 5 kB each, which is what a
/// post-quantum signature may take.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;

/// The most signature lines that are read. The specification asks for 16 at least.
pub const MAX_SIGNATURES: usize = 64;

/// U+2014 and a space: how every signature line begins.
const LINE_START: &str = "\u{2014} ";

/// One signature line: who says to have signed, and the bytes.
///
/// ```text
/// — <name> <base64( id: 4 bytes big endian || body )>
/// ```
///
/// The body is 64 bytes for type 0x01 and `u64 seconds || 64 bytes` for type 0x04. Bodies of
/// other types are carried and never judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: NoteKeyId,
    body: Vec<u8>,
}

impl NoteSignature {
    /// Puts a line together. The name has to be a key name and the body must not be empty.
    pub fn new(name: &str, id: NoteKeyId, body: Vec<u8>) -> Result<Self, NoteError> {
        key::check_name(name)?;
        if body.is_empty() {
            return Err(NoteError::BadSignatureLine { line: 1 });
        }
        Ok(Self { name: name.to_owned(), id, body })
    }

    /// The name of the key that is said to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that is said to have signed.
    pub fn id(&self) -> NoteKeyId {
        self.id
    }

    /// The signature after the key id, in the form of its type.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Reads lines that each end in a newline, such as a witness's answer. At least one.
    pub fn parse_lines(bytes: &[u8]) -> Result<Vec<Self>, NoteError> {
        lines_from(checked_text(bytes)?, 1)
    }

    fn parse_line(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(LINE_START)?.split_once(' ')?;
        key::check_name(name).ok()?;
        let raw = base64::decode(encoded.as_bytes())?;
        let (id, body) = raw.split_first_chunk::<4>()?;
        if body.is_empty() {
            return None;
        }
        Some(Self { name: name.to_owned(), id: NoteKeyId::from_bytes(*id), body: body.to_vec() })
    }

    fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == key.name()
    }
}

/// The line without its newline.
impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut raw = Vec::with_capacity(self.body.len().saturating_add(4));
        raw.extend_from_slice(&self.id.to_bytes());
        raw.extend_from_slice(&self.body);
        write!(f, "{LINE_START}{} {}", self.name, base64::encode(&raw))
    }
}

/// A line whose key is known and whose signature holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key that signed.
    pub key: &'k VerifierKey,
    /// When, for keys of type 0x04, by the signer's own clock.
    pub time: Option<Timestamp>,
}

/// A text and its signature lines, as yet unjudged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A text without signatures, to be signed. It has to end in a newline.
    pub fn new(text: &str) -> Result<Self, NoteError> {
        checked_text(text.as_bytes())?;
        if !text.ends_with('\n') {
            return Err(NoteError::TextWithoutEnd);
        }
        Ok(Self { text: text.to_owned(), signatures: Vec::new() })
    }

    /// Reads a note by its exact grammar. Says nothing about who signed.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        let whole = checked_text(bytes)?;
        let (head, tail) = whole.rsplit_once("\n\n").ok_or(NoteError::NoSignatures)?;
        let first = head.matches('\n').count().saturating_add(3);
        let signatures = lines_from(tail, first)?;
        Ok(Self { text: format!("{head}\n"), signatures })
    }

    /// The text, with its last newline and without the separating empty line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signature lines in their order, judged or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a line; an earlier line of the same name and id gives way to it.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        self.signatures.retain(|old| old.id != signature.id || old.name != signature.name);
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Keeps only the lines of these keys. A server stores no line that it has not verified.
    pub fn keep_only(&mut self, keys: &[&VerifierKey]) {
        self.signatures.retain(|line| keys.iter().any(|key| line.is_by(key)));
    }

    /// Verifies every line whose name and id are those of a known key, in the note's order.
    ///
    /// Lines of unknown keys are passed over, also when they share a name or an id (but not
    /// both) with a known key. One bad line of a known key refuses the whole note, and so does
    /// the want of any good one.
    pub fn verify<'k>(&self, known: &[&'k VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let verified = self.verify_any(known)?;
        if verified.is_empty() { Err(NoteError::Unverified) } else { Ok(verified) }
    }

    /// As [`Note::verify`], but no line of a known key is no error.
    pub fn verify_any<'k>(
        &self,
        known: &[&'k VerifierKey],
    ) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut verified = Vec::new();
        for line in &self.signatures {
            let mut matching = known.iter().filter(|key| line.is_by(key));
            let Some(&key) = matching.next() else {
                continue;
            };
            if matching.next().is_some() {
                let (name, id) = (line.name.clone(), line.id);
                return Err(NoteError::AmbiguousKey { name, id });
            }
            verified.push(Verified { key, time: key.verify(&self.text, line)? });
        }
        Ok(verified)
    }

    /// The note's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_string().into_bytes()
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The bytes as text, if they are small enough, UTF-8, and free of control characters.
fn checked_text(bytes: &[u8]) -> Result<&str, NoteError> {
    if bytes.len() > MAX_NOTE_BYTES {
        return Err(NoteError::TooLarge);
    }
    if let Some(at) = bytes.iter().position(|&byte| byte < 0x20 && byte != b'\n') {
        return Err(NoteError::ControlCharacter { at });
    }
    core::str::from_utf8(bytes).map_err(|error| NoteError::NotUtf8 { at: error.valid_up_to() })
}

/// Signature lines, each ended by a newline; `first` is the number of the first, for messages.
fn lines_from(block: &str, first: usize) -> Result<Vec<NoteSignature>, NoteError> {
    if block.is_empty() {
        return Err(NoteError::NoSignatures);
    }
    let mut signatures = Vec::new();
    for (number, line) in (first..).zip(block.split_inclusive('\n')) {
        if signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        let read = line.strip_suffix('\n').and_then(NoteSignature::parse_line);
        signatures.push(read.ok_or(NoteError::BadSignatureLine { line: number })?);
    }
    Ok(signatures)
}
