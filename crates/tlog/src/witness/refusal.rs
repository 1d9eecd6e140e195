//! Why a witness does not sign, and how it says so.

use thiserror::Error;

use super::SIZE_MEDIA_TYPE;
use crate::merkle::ProofError;
use crate::note::NoteError;

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
    /// 503: the process has just started, and nothing says that the clock is right.
    #[error(
        "clock is {off_s} s from the nearest time known, {bound_s} s are taken at a start; nothing \
         is signed until somebody has checked it"
    )]
    ClockUnchecked {
        /// Seconds from the nearest time known to the clock's.
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
            Self::ClockStepped { .. }
            | Self::ClockUnchecked { .. }
            | Self::RecordBehind { .. }
            | Self::Signing(_) => 503,
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
