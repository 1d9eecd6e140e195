//! The log's own rules: in which order entries stand, what time they bear, when they are
//! acknowledged, and which heads may be signed.
//!
//! [`Sequencer`] is a state machine without clock, disk or keys. The server feeds it what
//! happened and does what it answers:
//!
//! ```text
//!   stamp            the time that new leaves bear
//!     |
//!   Accept ------>  Accepted     write the entries to the write-ahead log
//!     |
//!   Durable ----->  Acknowledge  answer the submitters: the entries are synced
//!     |
//!   Publish ----->  Store        store tiles, entries, leaves and artifacts of the growth
//!     |
//!   Stored ------>  Sign         record this head and its time, then sign it
//!     |
//!   Signed ------>  Serve        let the checkpoint be seen
//! ```
//!
//! `Accept` and `Durable` go on while a head is on its way, and `Publish` may be given again at
//! any time: a growth whose storing failed, or a head whose signing failed, is simply asked for
//! anew, with all that has become durable since.
//!
//! What it holds to, whatever fails around it:
//!
//! - an entry is acknowledged only when it is synced, and its index never changes;
//! - a head is given out for signing only if everything it covers is synced and stored, and
//!   only with a proof, made from what was stored, that it extends the last head given out;
//! - there are never two roots for one size;
//! - the times of leaves never decrease, those of heads never decrease, and no head is older
//!   than a leaf in it, even if the clock steps back.
//!
//! Anything that contradicts this is a [`Stop`]. It is final: a stopped sequencer refuses all
//! further input, because a log that goes on after a contradiction may fork.
//! [`Recovery`] builds the sequencer after a restart and refuses, too, if what was kept does
//! not lead to every head that was ever signed.

mod recover;
mod step;

pub use recover::Recovery;
pub use step::{Input, Output, Sequencer};

use canon::Timestamp;

use crate::merkle::{FrontierError, Head, ProofError};

/// A contradiction on which the log stops for good rather than sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// A leaf bears an earlier time than the leaf before it.
    #[error("a leaf of {found} would follow one of {last}")]
    TimeDecreases {
        /// The time of the last leaf.
        last: Timestamp,
        /// The earlier time.
        found: Timestamp,
    },
    /// The write-ahead log is said to be synced to a size that it was synced beyond, or to one
    /// that was never written.
    #[error("{found} entries are said to be synced, after {synced} and of {accepted}")]
    Durable {
        /// The size given.
        found: u64,
        /// Entries synced before.
        synced: u64,
        /// Entries accepted.
        accepted: u64,
    },
    /// A growth is said to be stored that is not the one asked for.
    #[error("{found} entries are said to be stored, {asked:?} were asked for")]
    Stored {
        /// The size given.
        found: u64,
        /// The size asked for; none if no growth is on its way.
        asked: Option<u64>,
    },
    /// What was stored does not extend the last head given out for signing.
    #[error("the stored tree of {} does not extend the head of {}", .new.size, .old.size)]
    Fork {
        /// The last head given out.
        old: Head,
        /// The head that the sequencer holds for what was stored.
        new: Head,
        /// Why the proof fails.
        #[source]
        fault: Box<ProofError>,
    },
    /// A head is said to be signed that was not given out for it.
    #[error("a head of {} was signed and not asked for", .found.size)]
    Signed {
        /// The head signed.
        found: Head,
    },
    /// After a restart there are fewer entries than a head that was signed covers.
    #[error("{found} entries are left of the {} that a signed head covers", .signed.size)]
    Lost {
        /// The signed head.
        signed: Head,
        /// Entries left.
        found: u64,
    },
    /// After a restart the entries lead to another root than a head that was signed.
    #[error("the entries lead to another root than the signed head of {}", .signed.size)]
    Changed {
        /// The signed head.
        signed: Head,
        /// The head to which the entries lead.
        found: Head,
    },
    /// The tree cannot grow further.
    #[error(transparent)]
    Full(#[from] FrontierError),
}

#[cfg(test)]
mod tests;
