//! The body of `POST /add-checkpoint`.

use core::fmt;

use canon::{Digest, base64};

use super::Refusal;
use crate::checkpoint::{parse_decimal, parse_hash};
use crate::note::{MAX_NOTE_BYTES, Note};

/// The most lines of a consistency proof.
pub const MAX_PROOF_LINES: usize = 63;

/// The largest request, in bytes: the old size, 63 lines of 45 bytes, the empty line, a note.
pub const MAX_REQUEST_BYTES: usize = MAX_NOTE_BYTES + 63 * 45 + 32;

/// A request of the right form, as yet of unknown origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    old: u64,
    proof: Vec<Digest>,
    note: Note,
}

impl Request {
    /// The request that asks to cosign `note` after a tree of `old` leaves.
    pub fn new(old: u64, proof: Vec<Digest>, note: Note) -> Result<Self, Refusal> {
        if proof.len() > MAX_PROOF_LINES {
            let reason = format!("more than {MAX_PROOF_LINES} proof lines");
            return Err(Refusal::Malformed { reason });
        }
        Ok(Self { old, proof, note })
    }

    /// Rule 1: reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let malformed = |reason: &str| Refusal::Malformed { reason: reason.to_owned() };
        if body.len() > MAX_REQUEST_BYTES {
            return Err(malformed("body is too large"));
        }
        let text = core::str::from_utf8(body).map_err(|_| malformed("body is not utf-8"))?;
        let (head, rest) =
            text.split_once("\n\n").ok_or_else(|| malformed("no empty line in the body"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(parse_decimal)
            .ok_or_else(|| malformed("first line is not: old <size>"))?;
        let proof = lines
            .map(|line| parse_hash(line).ok_or_else(|| malformed("a proof line is not a hash")))
            .collect::<Result<Vec<_>, _>>()?;
        let note = Note::parse(rest.as_bytes()).map_err(|error| malformed(&error.to_string()))?;
        Self::new(old, proof, note)
    }

    /// The size of the tree that the witness is thought to have cosigned last.
    pub fn old(&self) -> u64 {
        self.old
    }

    /// The consistency proof from that tree.
    pub fn proof(&self) -> &[Digest] {
        &self.proof
    }

    /// The signed checkpoint.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The first line of the checkpoint.
    pub fn origin(&self) -> &str {
        self.note.text().split('\n').next().unwrap_or_default()
    }
}

/// The body.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", base64::encode(hash.as_bytes())))?;
        write!(f, "\n{}", self.note)
    }
}
