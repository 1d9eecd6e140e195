//! Proofs as files: that a leaf is in a log, checked without asking anyone.
//!
//! Source: C2SP `tlog-proof.md` (draft at commit 5ba5ee8). Files end in `.tlog-proof`:
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! [extra <base64>]
//! index <decimal>
//! <base64 of 32 bytes: the leaf's sibling>
//! ...
//! <base64 of 32 bytes: the root's child>
//! <empty line>
//! <the signed checkpoint, verbatim>
//! ```
//!
//! The extra data is signed by nobody. What is proven is the leaf hash that the checker brings.

use core::fmt;

use canon::{Digest, base64};
use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError, parse_decimal, parse_hash};
use crate::merkle::{ProofError, check_inclusion};
use crate::note::MAX_NOTE_BYTES;
use crate::policy::{JudgeError, Judgement, Policy};

#[cfg(test)]
mod tests;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The media type under which the log serves such files.
pub const MEDIA_TYPE: &str = "application/x-tlog-proof";

/// The most hashes: no tree of fewer than 2^63 leaves has more levels.
pub const MAX_HASHES: usize = 63;

/// The largest extra data, in bytes.
pub const MAX_EXTRA_BYTES: usize = 64 * 1024;

/// Why a proof was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlogProofError {
    /// Longer than any proof can be.
    #[error("proof file is too large")]
    TooLarge,
    /// The bytes are not UTF-8.
    #[error("proof file is not utf-8")]
    NotUtf8,
    /// The first line is another.
    #[error("first line is not {HEADER}")]
    Header,
    /// The extra line is empty, too long or not base64.
    #[error("extra line does not hold base64 of 1 to {MAX_EXTRA_BYTES} bytes")]
    Extra,
    /// The index line is missing or not a decimal number without leading zeros.
    #[error("there is no line of the form: index <decimal>")]
    Index,
    /// A line that is not the base64 of 32 bytes.
    #[error("line {line} is not the base64 of a 32-byte hash")]
    Hash {
        /// Number of the line, from 1.
        line: usize,
    },
    /// More than [`MAX_HASHES`] hashes.
    #[error("proof has more than {MAX_HASHES} hashes")]
    TooManyHashes,
    /// No empty line, and so no checkpoint.
    #[error("there is no empty line before the checkpoint")]
    NoCheckpoint,
    /// What follows the empty line is no signed checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint does not satisfy the policy's logs.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// Too few witnesses have cosigned.
    #[error("the witnesses that cosigned the checkpoint are not enough for the policy")]
    NoQuorum,
    /// The hashes do not lead from the leaf to the root.
    #[error("leaf is not included: {0}")]
    NotIncluded(#[from] ProofError),
}

/// A leaf's place in a log, with a signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    extra: Option<Vec<u8>>,
    index: u64,
    hashes: Vec<Digest>,
    checkpoint: String,
}

impl TlogProof {
    /// Puts a proof together. `checkpoint` is the signed checkpoint as the log serves it; extra
    /// data, if any, is not empty.
    pub fn new(
        index: u64,
        hashes: Vec<Digest>,
        checkpoint: &[u8],
        extra: Option<Vec<u8>>,
    ) -> Result<Self, TlogProofError> {
        Checkpoint::parse_signed(checkpoint)?;
        let checkpoint = core::str::from_utf8(checkpoint).map_err(|_| TlogProofError::NotUtf8)?;
        if hashes.len() > MAX_HASHES {
            return Err(TlogProofError::TooManyHashes);
        }
        if extra.as_ref().is_some_and(|data| data.is_empty() || data.len() > MAX_EXTRA_BYTES) {
            return Err(TlogProofError::Extra);
        }
        Ok(Self { extra, index, hashes, checkpoint: checkpoint.to_owned() })
    }

    /// Reads a file by its exact grammar. Says nothing about whether the proof holds.
    pub fn parse(bytes: &[u8]) -> Result<Self, TlogProofError> {
        if bytes.len() > MAX_NOTE_BYTES.saturating_add(2 * MAX_EXTRA_BYTES) {
            return Err(TlogProofError::TooLarge);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| TlogProofError::NotUtf8)?;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(TlogProofError::NoCheckpoint)?;
        let mut lines = (1..).zip(head.split('\n')).peekable();
        if lines.next().is_none_or(|(_, line)| line != HEADER) {
            return Err(TlogProofError::Header);
        }
        let extra = lines
            .next_if(|(_, line)| line.starts_with("extra "))
            .map(|(_, line)| parse_extra(line))
            .transpose()?;
        let index = lines
            .next()
            .and_then(|(_, line)| line.strip_prefix("index "))
            .and_then(parse_decimal)
            .ok_or(TlogProofError::Index)?;
        let hashes = lines
            .map(|(line, text)| parse_hash(text).ok_or(TlogProofError::Hash { line }))
            .collect::<Result<Vec<_>, _>>()?;
        Self::new(index, hashes, checkpoint.as_bytes(), extra)
    }

    /// The leaf's index, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The audit path, the leaf's sibling first.
    pub fn hashes(&self) -> &[Digest] {
        &self.hashes
    }

    /// The signed checkpoint, as the log served it.
    pub fn checkpoint(&self) -> &[u8] {
        self.checkpoint.as_bytes()
    }

    /// Data that came along, signed by nobody.
    pub fn extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }

    /// Checks that the leaf of this hash stands at the proof's index in a tree whose head
    /// satisfies the policy: signed by its log and cosigned by enough witnesses.
    pub fn check<'p>(
        &self,
        leaf_hash: &Digest,
        policy: &'p Policy,
    ) -> Result<Judgement<'p>, TlogProofError> {
        let judgement = policy.judge(self.checkpoint.as_bytes())?;
        if !judgement.quorum_met {
            return Err(TlogProofError::NoQuorum);
        }
        let head = judgement.checkpoint.head();
        check_inclusion(leaf_hash, self.index, head.size, &self.hashes, &head.root)?;
        Ok(judgement)
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, TlogProofError> {
    let encoded = line.strip_prefix("extra ").ok_or(TlogProofError::Extra)?;
    base64::decode(encoded.as_bytes()).ok_or(TlogProofError::Extra)
}

/// The file.
impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", base64::encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes
            .iter()
            .try_for_each(|hash| writeln!(f, "{}", base64::encode(hash.as_bytes())))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
