//! Checkpoints: the text of a log's tree head.
//!
//! Source: C2SP `tlog-checkpoint.md` v1.0.0. The text of the note is
//!
//! ```text
//! <origin: the log's identity, not empty>
//! <size: decimal, no leading zero>
//! <root: base64 of 32 bytes>
//! [<extension line: opaque, not empty>]...
//! ```
//!
//! Every line ends in a newline. One text has one reading and one printing.

use core::fmt;

use canon::{Digest, base64};
use thiserror::Error;

use crate::merkle::Head;
use crate::note::{Note, NoteError};

#[cfg(test)]
mod tests;

/// The longest origin, in bytes: cosignatures of type 0x06 carry its length in one byte.
pub const MAX_ORIGIN_BYTES: usize = 255;

/// The largest tree: sizes are kept below 2^63, so that no proof exceeds 63 hashes.
pub const MAX_SIZE: u64 = (1 << 63) - 1;

/// Why a text is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The note around it is malformed.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The last line has no end.
    #[error("checkpoint does not end in a newline")]
    WithoutEnd,
    /// The first line is empty, too long or holds a control character.
    #[error("origin is empty, longer than {MAX_ORIGIN_BYTES} bytes or has control characters")]
    BadOrigin,
    /// The second line is not a decimal number below 2^63 without leading zeros.
    #[error("tree size is not a decimal number without leading zeros, below 2^63")]
    BadSize,
    /// The third line is not the base64 of 32 bytes.
    #[error("root hash is not the base64 of 32 bytes")]
    BadRoot,
    /// An extension line is empty or holds a control character.
    #[error("extension line {line} is empty or has control characters")]
    BadExtension {
        /// Number of the line in the text, from 1.
        line: usize,
    },
}

/// A log's tree head: so many leaves have this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity, which its key name should equal.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// The root of the RFC 6962 tree of that many leaves.
    pub root: Digest,
    /// Lines after the third, opaque. This house writes none.
    pub extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    pub fn new(origin: &str, size: u64, root: Digest) -> Result<Self, CheckpointError> {
        check_origin(origin)?;
        if size > MAX_SIZE {
            return Err(CheckpointError::BadSize);
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions: Vec::new() })
    }

    /// Reads a note's text by its exact grammar.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let body = text.strip_suffix('\n').ok_or(CheckpointError::WithoutEnd)?;
        let mut lines = body.split('\n');
        let origin = lines.next().unwrap_or_default();
        check_origin(origin)?;
        let size = lines.next().and_then(parse_decimal).ok_or(CheckpointError::BadSize)?;
        let root = lines.next().and_then(parse_hash).ok_or(CheckpointError::BadRoot)?;
        let mut extensions = Vec::new();
        for (line, extension) in (4..).zip(lines) {
            if extension.is_empty() || extension.contains(is_control) {
                return Err(CheckpointError::BadExtension { line });
            }
            extensions.push(extension.to_owned());
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions })
    }

    /// Reads a signed checkpoint. Says nothing about who signed.
    pub fn parse_signed(bytes: &[u8]) -> Result<(Self, Note), CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok((Self::parse(note.text())?, note))
    }

    /// Size and root together.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root }
    }

    /// The text as a note without signatures, to be signed.
    pub fn to_note(&self) -> Result<Note, CheckpointError> {
        let text = self.to_string();
        // The fields are public: what would not be read back is not handed out to be signed.
        Self::parse(&text)?;
        Ok(Note::new(&text)?)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = base64::encode(self.root.as_bytes());
        writeln!(f, "{}\n{}\n{root}", self.origin, self.size)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// A decimal number below 2^63: digits only, no sign, no leading zero.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok().filter(|&number| number <= MAX_SIZE)
}

/// The padded standard base64 of exactly 32 bytes, in its one canonical spelling.
pub(crate) fn parse_hash(text: &str) -> Option<Digest> {
    base64::decode(text.as_bytes())?.try_into().ok().map(Digest)
}

fn check_origin(origin: &str) -> Result<(), CheckpointError> {
    if origin.is_empty() || origin.len() > MAX_ORIGIN_BYTES || origin.contains(is_control) {
        return Err(CheckpointError::BadOrigin);
    }
    Ok(())
}

fn is_control(c: char) -> bool {
    c < ' '
}
