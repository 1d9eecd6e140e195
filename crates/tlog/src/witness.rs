//! The rules of a witness, as functions: what it refuses, what it signs and what it remembers.
//!
//! Source: C2SP `tlog-witness.md` v1.0.0, and for status codes its main branch at commit
//! 5ba5ee8. A request is
//!
//! ```text
//! old <size of the tree that the witness has cosigned last, decimal>
//! <base64 of 32 bytes: consistency proof>      0 to 63 lines
//! <empty line>
//! <signed checkpoint>
//! ```
//!
//! and is judged in this order, the first rule that it breaks giving the answer:
//!
//! | | rule | status |
//! |---|---|---|
//! | 1 | the body has the form above | 400 |
//! | 2 | the checkpoint's origin is that of a known log | 404 |
//! | 3 | a key of that log has signed; no line of such a key is bad | 403 |
//! | 4 | the text is a checkpoint, and `old` is not beyond its size | 400 |
//! | 5 | `old` is the size recorded (0 if none) | 409, body `<size>` and a newline |
//! | 6 | the proof leads from the recorded root to the new one | 422 |
//! | 7 | the clock has not stepped, the record has not gone back in time | 503 |
//!
//! Rule 6 covers equal sizes (no proof, equal roots) and the empty tree (its one root). What
//! passes is recorded **before** it is answered, and the record is read and written in one
//! transaction: otherwise two requests could cosign 10 leaves and then 7.
//!
//! [`Request::parse`] is rule 1, [`KnownLogs::authenticate`] rules 2 and 3, and
//! [`Submission::step`] the rest.

mod clock;
mod request;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use canon::{Digest, Timestamp};
use thiserror::Error;

pub use clock::{ClockRule, ClockWatch};
pub use request::{MAX_PROOF_LINES, MAX_REQUEST_BYTES, Request};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature;
use crate::merkle::{Head, ProofError, check_consistency};
use crate::note::{KeyType, Note, NoteError, NoteSigner, VerifierKey};

/// The content type of the body of a 409: the recorded size.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// Why a witness does not sign, each with its status.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// 400: the body or the checkpoint is not of its form.
    #[error("request is malformed: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// 404: no log of this origin is known here.
    #[error("log {origin:?} is not known to this witness")]
    UnknownLog {
        /// The origin line.
        origin: String,
    },
    /// 403: no key of the log has signed, or a line of such a key is bad.
    #[error("checkpoint has no trusted signature: {0}")]
    Forbidden(NoteError),
    /// 400: the old size lies beyond the checkpoint's.
    #[error("old size {old} is beyond the checkpoint's size {size}")]
    OldBeyondSize {
        /// The old size of the request.
        old: u64,
        /// The checkpoint's size.
        size: u64,
    },
    /// 409: the old size is not the recorded one.
    #[error("the tree cosigned last has {size} leaves")]
    Conflict {
        /// The recorded size, 0 if nothing is recorded.
        size: u64,
    },
    /// 422: the checkpoint does not extend the recorded tree, or not provably.
    #[error("checkpoint is not shown to extend the tree cosigned last: {0}")]
    Inconsistent(ProofError),
    /// 503: the clock has stepped, and with it every time that would be signed.
    #[error("clock is off by {off_s} s, {bound_s} s are allowed; nothing is signed")]
    ClockStepped {
        /// Seconds by which it is ahead (positive) or behind (negative).
        off_s: i64,
        /// Seconds that are allowed.
        bound_s: u64,
    },
    /// 503: this witness has signed a tree that its record does not know. The record has gone
    /// back in time, and to sign by it could fork the log.
    #[error("record of {origin:?} is older than what this witness has signed; nothing is signed")]
    RecordBehind {
        /// The origin line.
        origin: String,
    },
    /// 503: the signing key failed.
    #[error("signing failed: {0}")]
    Signing(NoteError),
}

impl Refusal {
    /// The HTTP status that tells this refusal.
    pub fn status_code(&self) -> u16 {
        match self {
            Self::Malformed { .. } | Self::OldBeyondSize { .. } => 400,
            Self::Forbidden(_) => 403,
            Self::UnknownLog { .. } => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent(_) => 422,
            Self::ClockStepped { .. } | Self::RecordBehind { .. } | Self::Signing(_) => 503,
        }
    }

    /// The body and its content type: the recorded size for 409, else a line of text.
    pub fn answer(&self) -> (&'static str, String) {
        match self {
            Self::Conflict { size } => (SIZE_MEDIA_TYPE, format!("{size}\n")),
            other => ("text/plain; charset=utf-8", format!("{other}\n")),
        }
    }
}

/// Why a list of logs cannot be a witness's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KnownLogsError {
    /// An origin is listed twice.
    #[error("log {origin:?} is listed twice")]
    SecondOrigin {
        /// The origin.
        origin: String,
    },
    /// The origin is no origin line.
    #[error("{origin:?} is not an origin: {reason}")]
    BadOrigin {
        /// The origin.
        origin: String,
        /// Why not.
        reason: CheckpointError,
    },
    /// A log without keys can never be authenticated.
    #[error("log {origin:?} has no key")]
    NoKey {
        /// The origin.
        origin: String,
    },
    /// A log signs by keys of type 0x01.
    #[error("key {key} of log {origin:?} is of type {found}, a log's is of type 0x01")]
    KeyType {
        /// The origin.
        origin: String,
        /// The key's name.
        key: String,
        /// What it is.
        found: KeyType,
    },
    /// One public key is listed twice, for one log or for two.
    #[error("key {key} of log {origin:?} is listed twice")]
    SecondKey {
        /// The origin.
        origin: String,
        /// The key's name.
        key: String,
    },
}

/// The logs that a witness watches, each with its keys.
#[derive(Debug, Clone, Default)]
pub struct KnownLogs {
    logs: BTreeMap<String, Vec<VerifierKey>>,
}

impl KnownLogs {
    /// The logs of a list of origins and keys.
    pub fn new(
        list: impl IntoIterator<Item = (String, Vec<VerifierKey>)>,
    ) -> Result<Self, KnownLogsError> {
        let mut known = Self::default();
        for (origin, keys) in list {
            known.check(&origin, &keys)?;
            known.logs.insert(origin, keys);
        }
        Ok(known)
    }

    fn check(&self, origin: &str, keys: &[VerifierKey]) -> Result<(), KnownLogsError> {
        let origin = || origin.to_owned();
        if let Err(reason) = Checkpoint::new(&origin(), 0, Head::empty().root) {
            return Err(KnownLogsError::BadOrigin {
                origin: origin(),
                reason,
            });
        }
        if self.logs.contains_key(&origin()) {
            return Err(KnownLogsError::SecondOrigin { origin: origin() });
        }
        if keys.is_empty() {
            return Err(KnownLogsError::NoKey { origin: origin() });
        }
        if let Some(key) = keys.iter().find(|key| key.kind() != KeyType::Ed25519) {
            let (key, found) = (key.name().to_owned(), key.kind());
            return Err(KnownLogsError::KeyType {
                origin: origin(),
                key,
                found,
            });
        }
        let all: Vec<&VerifierKey> = self.logs.values().flatten().chain(keys).collect();
        if let Some((_, key)) = cosignature::shared_key(&all) {
            let key = key.name().to_owned();
            return Err(KnownLogsError::SecondKey {
                origin: origin(),
                key,
            });
        }
        Ok(())
    }

    /// The origins, in byte order.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// All keys of all logs.
    pub fn keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.logs.values().flatten()
    }

    /// Rules 2 and 3, and the form of the checkpoint: whose request this is.
    pub fn authenticate(&self, request: Request) -> Result<Submission, Refusal> {
        let origin = request.origin().to_owned();
        let keys = self
            .logs
            .get(&origin)
            .ok_or(Refusal::UnknownLog { origin })?;
        let keys: Vec<&VerifierKey> = keys.iter().collect();
        request.note().verify(&keys).map_err(Refusal::Forbidden)?;
        let checkpoint =
            Checkpoint::parse(request.note().text()).map_err(|error| Refusal::Malformed {
                reason: error.to_string(),
            })?;
        if request.old() > checkpoint.size {
            let (old, size) = (request.old(), checkpoint.size);
            return Err(Refusal::OldBeyondSize { old, size });
        }
        let mut note = request.note().clone();
        note.keep_only(&keys);
        Ok(Submission {
            request,
            checkpoint,
            note,
        })
    }
}

/// The key under which a witness serves what it recorded: the SHA-256 of the origin line.
pub fn origin_hash(origin: &str) -> Digest {
    Digest::of(origin.as_bytes())
}

/// What a witness remembers of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The tree cosigned last.
    pub head: Head,
    /// The time of that cosignature.
    pub time: Timestamp,
    /// The checkpoint with the log's verified lines and the witness's own, and no others.
    pub checkpoint: Vec<u8>,
}

impl Recorded {
    /// Reads a record from its checkpoint, which has to carry a good line of the witness's own.
    pub fn from_checkpoint(bytes: &[u8], own: &VerifierKey) -> Result<Self, CheckpointError> {
        let (checkpoint, note) = Checkpoint::parse_signed(bytes)?;
        let lines = note.verify(&[own])?;
        let time = lines
            .iter()
            .find_map(|line| line.time)
            .ok_or(NoteError::Unverified)?;
        Ok(Self {
            head: checkpoint.head(),
            time,
            checkpoint: bytes.to_vec(),
        })
    }
}

/// What the witness knows when it decides: read it in the transaction that stores the update.
#[derive(Debug, Clone, Copy)]
pub struct State<'r> {
    /// The record of this log.
    pub recorded: Option<&'r Recorded>,
    /// The latest time signed for any log.
    pub last_signed: Option<Timestamp>,
}

/// A cosigned checkpoint: store `recorded`, then answer 200 with `answer`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The record from now on.
    pub recorded: Recorded,
    /// The body of the answer: the witness's signature line with its newline.
    pub answer: String,
}

/// A well-formed request by a known log.
#[derive(Debug, Clone)]
pub struct Submission {
    request: Request,
    checkpoint: Checkpoint,
    note: Note,
}

impl Submission {
    /// The log's identity.
    pub fn origin(&self) -> &str {
        &self.checkpoint.origin
    }

    /// The tree that the log asks to have cosigned.
    pub fn head(&self) -> Head {
        self.checkpoint.head()
    }

    /// Rules 5 to 7: decides, and signs as of `now` (or the latest time signed, if that is
    /// later by no more than the bound).
    pub fn step(
        &self,
        state: State<'_>,
        now: Timestamp,
        clock: ClockRule,
        signer: &NoteSigner,
    ) -> Result<Update, Refusal> {
        let old = state
            .recorded
            .map_or_else(Head::empty, |recorded| recorded.head);
        self.check_record(state, &old, signer.verifier())?;
        if self.request.old() != old.size {
            return Err(Refusal::Conflict { size: old.size });
        }
        let new = self.head();
        check_consistency(
            old.size,
            &old.root,
            new.size,
            &new.root,
            self.request.proof(),
        )
        .map_err(Refusal::Inconsistent)?;
        let time = clock.time_to_sign(now, state.last_signed)?;
        let line = cosignature::sign(signer, self.note.text(), time).map_err(Refusal::Signing)?;
        let answer = format!("{line}\n");
        let mut note = self.note.clone();
        note.add(line).map_err(Refusal::Signing)?;
        let recorded = Recorded {
            head: new,
            time,
            checkpoint: note.to_bytes(),
        };
        Ok(Update { recorded, answer })
    }

    /// A good line of our own proves what was recorded when it was made. If the record knows
    /// less, an old disk has been put back. A forged line proves nothing and is passed over.
    fn check_record(&self, state: State<'_>, old: &Head, own: &VerifierKey) -> Result<(), Refusal> {
        let lines = self.request.note().signatures().iter();
        let text = self.request.note().text();
        let time = lines
            .filter_map(|line| own.verify(text, line).ok().flatten())
            .max();
        let new = self.head();
        let unknown = new.size > old.size || (new.size == old.size && new.root != old.root);
        if time.is_some() && (unknown || time > state.last_signed) {
            return Err(Refusal::RecordBehind {
                origin: self.origin().to_owned(),
            });
        }
        Ok(())
    }
}
