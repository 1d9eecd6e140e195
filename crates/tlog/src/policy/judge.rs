//! A signed checkpoint held against a policy.

use canon::Timestamp;
use thiserror::Error;

use super::{Log, Policy, Witness};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::{Note, NoteError, VerifierKey};

/// Why a signed checkpoint could not be judged at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JudgeError {
    /// It is no signed checkpoint.
    #[error(transparent)]
    Malformed(#[from] CheckpointError),
    /// A line of a known key does not verify, or known keys cannot be told apart.
    #[error(transparent)]
    Signature(NoteError),
    /// No known log of this origin has signed it.
    #[error("no known log of origin {origin:?} has signed the checkpoint")]
    NotSigned {
        /// The checkpoint's origin.
        origin: String,
    },
}

/// A witness that has cosigned, and its earliest good line's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigned<'p> {
    /// The witness.
    pub witness: &'p Witness,
    /// As of when, by the witness's own clock.
    pub time: Timestamp,
}

/// What a policy says of a signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement<'p> {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Its note, with all lines.
    pub note: Note,
    /// The known logs of its origin that have signed it; never empty.
    pub logs: Vec<&'p Log>,
    /// The known witnesses that have cosigned it, each once, in the policy's order.
    pub cosigned: Vec<Cosigned<'p>>,
    /// Whether these witnesses are enough.
    pub quorum_met: bool,
}

impl Judgement<'_> {
    /// The time that a timestamped line of another key states, such as the log's own 0x04 line.
    /// None if there is no such line; the key never counts toward the quorum.
    pub fn time_by(&self, key: &VerifierKey) -> Result<Option<Timestamp>, NoteError> {
        Ok(self.note.verify_any(&[key])?.into_iter().filter_map(|line| line.time).min())
    }
}

impl Policy {
    /// Judges a signed checkpoint. Without the signature of a known log whose name is the
    /// checkpoint's origin there is nothing to judge; a missing quorum is a judgement, not an
    /// error.
    pub fn judge(&self, signed: &[u8]) -> Result<Judgement<'_>, JudgeError> {
        let (checkpoint, note) = Checkpoint::parse_signed(signed)?;
        let logs = self.logs.iter().map(|log| &log.key);
        let known: Vec<&VerifierKey> =
            logs.chain(self.witnesses.iter().map(|witness| &witness.key)).collect();
        let verified = note.verify_any(&known).map_err(JudgeError::Signature)?;
        let signed_by = |key: &VerifierKey| verified.iter().any(|line| line.key == key);
        let logs: Vec<&Log> = self
            .logs
            .iter()
            .filter(|log| log.key.name() == checkpoint.origin && signed_by(&log.key))
            .collect();
        if logs.is_empty() {
            return Err(JudgeError::NotSigned { origin: checkpoint.origin });
        }
        let time_of = |witness: &Witness| {
            let lines = verified.iter().filter(|line| *line.key == witness.key);
            lines.filter_map(|line| line.time).min()
        };
        let cosigned: Vec<Cosigned<'_>> = self
            .witnesses
            .iter()
            .filter_map(|witness| time_of(witness).map(|time| Cosigned { witness, time }))
            .collect();
        let keys: Vec<&VerifierKey> = cosigned.iter().map(|line| &line.witness.key).collect();
        let quorum_met = self.is_met_by(&keys);
        Ok(Judgement { checkpoint, note, logs, cosigned, quorum_met })
    }
}
