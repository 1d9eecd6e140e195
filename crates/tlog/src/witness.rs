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
//! | 5 | the record has not gone back in time | 503 |
//! | 6 | `old` is the size recorded (0 if none) | 409, body `<size>` and a newline |
//! | 7 | the proof leads from the recorded root to the new one | 422 |
//! | 8 | the clock has not stepped | 503 |
//!
//! A record that went back would make rules 6 and 7 answer wrongly, so it is looked at first.
//! Rule 7 covers equal sizes (no proof, equal roots) and the empty tree (its one root). What
//! passes is recorded **before** it is answered, and the record is read and written in one
//! transaction: otherwise two requests could cosign 10 leaves and then 7.
//!
//! [`Request::parse`] is rule 1, [`KnownLogs::authenticate`] rules 2 and 3, and
//! [`Submission::step`] the rest. Who asks again for what was cosigned a moment ago gets the same
//! line: see [`Submission::again`].

mod clock;
mod known;
mod refusal;
mod request;
#[cfg(test)]
mod tests;

use canon::{Digest, Timestamp};
pub use clock::{ClockRule, ClockWatch, START_BOUND_S, check_start};
pub use known::{KnownLogs, KnownLogsError};
pub use refusal::Refusal;
pub use request::{MAX_PROOF_LINES, MAX_REQUEST_BYTES, Request};

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature;
use crate::merkle::{Head, check_consistency};
use crate::note::{Note, NoteError, NoteSigner, VerifierKey};

/// The content type of the body of a 409: the recorded size.
pub const SIZE_MEDIA_TYPE: &str = "text/x.tlog.size";

/// The key under which a witness serves what it recorded: the SHA-256 of the origin line.
pub fn origin_hash(origin: &str) -> Digest {
    Digest::of(origin.as_bytes())
}

/// For how many seconds a cosignature is handed out again instead of signing anew.
///
/// Anybody can ask for the head that was cosigned last, for it is public. Without this each such
/// request would cost a signature and a write.
pub const YOUNG_S: i64 = 30;

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
        let time = lines.iter().find_map(|line| line.time).ok_or(NoteError::Unverified)?;
        Ok(Self { head: checkpoint.head(), time, checkpoint: bytes.to_vec() })
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

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The time of a good line of this key, which is of type 0x04; the latest of several.
    pub fn time_by(&self, key: &VerifierKey) -> Option<Timestamp> {
        let (text, lines) = (self.request.note().text(), self.request.note().signatures());
        lines.iter().filter_map(|line| key.verify(text, line).ok().flatten()).max()
    }

    /// Rules 5 to 7: whether the request would be signed by a good clock.
    pub fn check(&self, state: State<'_>, own: &VerifierKey) -> Result<(), Refusal> {
        let old = state.recorded.map_or_else(Head::empty, |recorded| recorded.head);
        self.check_record(state, &old, own)?;
        if self.request.old() != old.size {
            return Err(Refusal::Conflict { size: old.size });
        }
        let new = self.head();
        check_consistency(old.size, &old.root, new.size, &new.root, self.request.proof())
            .map_err(Refusal::Inconsistent)
    }

    /// The answer given last, for a request that passes [`Submission::check`], asks for the same
    /// tree and comes at most [`YOUNG_S`] seconds later. It needs no new signature and no write.
    pub fn again(&self, state: State<'_>, now: Timestamp, own: &VerifierKey) -> Option<String> {
        let recorded = state.recorded.filter(|recorded| recorded.head == self.head())?;
        if !(0..=YOUNG_S).contains(&now.seconds_since(recorded.time)) {
            return None;
        }
        self.check(state, own).ok()?;
        let note = Note::parse(&recorded.checkpoint).ok()?;
        let lines = note.signatures().iter();
        let mut own_lines = lines.filter(|line| own.verify(note.text(), line).is_ok());
        own_lines.next().map(|line| format!("{line}\n"))
    }

    /// Rules 5 to 8: decides, and signs as of `now` (or the latest time signed, if that is
    /// later by no more than the bound).
    pub fn step(
        &self,
        state: State<'_>,
        now: Timestamp,
        clock: ClockRule,
        signer: &NoteSigner,
    ) -> Result<Update, Refusal> {
        self.check(state, signer.verifier())?;
        let time = clock.time_to_sign(now, state.last_signed)?;
        let line = cosignature::sign(signer, self.note.text(), time).map_err(Refusal::Signing)?;
        let answer = format!("{line}\n");
        let mut note = self.note.clone();
        note.add(line).map_err(Refusal::Signing)?;
        let recorded = Recorded { head: self.head(), time, checkpoint: note.to_bytes() };
        Ok(Update { recorded, answer })
    }

    /// A good line of our own proves what was recorded when it was made. If the record knows
    /// less, an old disk has been put back. A forged line proves nothing and is passed over.
    fn check_record(&self, state: State<'_>, old: &Head, own: &VerifierKey) -> Result<(), Refusal> {
        let time = self.time_by(own);
        let new = self.head();
        let unknown = new.size > old.size || (new.size == old.size && new.root != old.root);
        if time.is_some() && (unknown || time > state.last_signed) {
            return Err(Refusal::RecordBehind { origin: self.origin().to_owned() });
        }
        Ok(())
    }
}
