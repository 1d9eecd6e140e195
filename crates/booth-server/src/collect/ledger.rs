//! What an instance needs of the place where it records.

use std::ops::Range;
use std::{fmt, io};

use booth::batch::{BatchNumber, Batches, Cut, Halves, Misfit};
use booth::publish::{self, List};
use booth::receipt::Shelf;

use super::seen::Seen;

/// How many records a ledger has taken.
pub type Position = u64;

/// What tells one ledger from another: drawn when it begins. Instances that share a ledger have one
/// id; two ids in one shard mean that a mandate can vote twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerId(pub [u8; 16]);

/// 32 lower-case hexadecimal digits.
impl fmt::Display for LedgerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl LedgerId {
    /// The id of 32 lower-case hexadecimal digits.
    pub fn from_text(text: &str) -> Option<Self> {
        let id = Self(u128::from_str_radix(text, 16).ok()?.to_be_bytes());
        (id.to_string() == text).then_some(id)
    }
}

/// A vote and its voter, and the batch that they belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The number of the batch.
    pub batch: BatchNumber,
    /// The vote and the mandate.
    pub halves: Halves,
}

/// Where the instances of one shard record votes.
///
/// What an implementation guarantees:
///
/// - **Durable or not at all.** [`Ledger::append`] returns when the records are as durable as its
///   disks can make them, all of them and in this order. After any error it is unknown which of
///   them are; the instance ends, and recovery tells.
/// - **One history.** Records are appended behind position `after` and nowhere else. If somebody
///   else has appended meanwhile, nothing is written and [`LedgerError::Behind`] tells how far the
///   ledger is. So several instances of one shard can share a ledger: each takes over what it has
///   missed before it decides anything more, and no two of them record one mandate.
/// - **No link at rest.** Before the cut nothing is readable of a record by who has its disk alone:
///   the key of its batch is kept elsewhere. After [`Ledger::cut`] nobody has the key any more.
///   Every record has the same length. What is readable (the lists, and what is kept beside them)
///   has no order, time or number in common between votes and voters but those of a batch.
/// - **Cuts are whole.** After [`Ledger::cut`] the batch stands in both lists, sorted, and stays.
///   An interrupted cut leaves both lists as they were when the ledger is opened again.
///
/// Opening is an implementation's own affair; it gives a [`Recovered`].
pub trait Ledger: Send + Sync {
    /// What tells it from every other ledger, from its beginning to its end.
    fn id(&self) -> LedgerId;

    /// Appends records behind position `after`, durably; the new position.
    fn append(&self, after: Position, records: &[Record]) -> Result<Position, LedgerError>;

    /// Publishes batches, in this order, durably, and destroys the keys of their records.
    ///
    /// It may be called while an append is under way: accepting does not wait for it.
    fn cut(&self, cuts: &[Cut]) -> Result<(), LedgerError>;

    /// What was cut, from a number on, for the publisher.
    fn cuts(&self, from: u64, most: usize) -> Result<Cuts, LedgerError>;

    /// A range of bytes of a list; `None` where it is not cut that far.
    fn part(&self, list: List, range: Range<u64>) -> Result<Option<Vec<u8>>, LedgerError>;
}

/// Cuts as a publisher is told of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cuts {
    /// Those that were asked for, in their order. What was given up is a cut without records.
    pub cuts: Vec<publish::Cut>,
    /// How many there are in all.
    pub total: u64,
}

/// What an instance knew when it ended.
#[derive(Debug)]
pub struct Recovered {
    /// Everything recorded, cut or not.
    pub seen: Seen,
    /// The batches that are not cut.
    pub batches: Batches,
    /// Of these, what was decided to be cut and is not. The instance cuts it first.
    pub due: Vec<Cut>,
    /// The batches that are cut.
    pub shelf: Shelf,
    /// How many records the ledger has taken.
    pub position: Position,
    /// Votes that could not be opened and were given up, as the operator has told.
    pub lost: u64,
}

/// Why a ledger cannot be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// A file operation failed.
    #[error("cannot {action} {name}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is damaged where no interrupted write can have damaged it.
    #[error("{name} is damaged at byte {offset}: {what}")]
    Damaged {
        /// The file.
        name: String,
        /// Where.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// Records that were durable, and acknowledged, are not there any more.
    #[error(
        "the spool ends after {there} records, and {known} were durable and accepted: it was \
         damaged since"
    )]
    Rotten {
        /// Records that can be read.
        there: Position,
        /// Records that were durable.
        known: Position,
    },
    /// A file belongs to another shard, or to a campaign with other rules: all but the end are
    /// fixed.
    #[error("{name} belongs to another shard, or to a campaign with other rules")]
    OtherLedger {
        /// The file.
        name: String,
    },
    /// A file that has to be there is not.
    #[error("{name} is not there, and the files beside it say that it was")]
    Missing {
        /// The file.
        name: String,
    },
    /// The keys of some batches are gone.
    #[error(
        "the keys of {} are gone, so {votes} accepted votes cannot be opened",
        named(.batches)
    )]
    KeysMissing {
        /// Accepted votes that cannot be opened.
        votes: u64,
        /// Their batches.
        batches: Vec<BatchNumber>,
    },
    /// The keys would lie with what they seal.
    #[error("the folder of batch keys is on the same file system as the spool that they seal")]
    SameFileSystem,
    /// The keys would lie on a disk, and nobody has said that they may.
    #[error("the folder of batch keys is not in memory, and batch_keys_on_disk is not set")]
    KeysOnDisk,
    /// The records contradict each other.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// Somebody else has appended; see [`Ledger`].
    #[error("the ledger has {position} records, more than this instance knows of")]
    Behind {
        /// Its records.
        position: Position,
    },
    /// An earlier write failed.
    #[error("an earlier write failed")]
    Stopped,
}

impl LedgerError {
    /// Whether the disk is full.
    pub fn is_full(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Io { source, .. }
            if matches!(source.kind(), StorageFull | QuotaExceeded))
    }
}

/// The most batches that a message names.
const NAMED: usize = 10;

fn named(batches: &[BatchNumber]) -> String {
    let mut text: Vec<String> = batches.iter().take(NAMED).map(ToString::to_string).collect();
    if batches.len() > NAMED {
        text.push(format!("{} more", batches.len() - NAMED));
    }
    let noun = if batches.len() == 1 { "batch" } else { "batches" };
    format!("{noun} {}", text.join(", "))
}
