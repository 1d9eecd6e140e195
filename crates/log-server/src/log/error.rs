//! Why a log cannot start, or had to stop.

use std::io;
use std::path::PathBuf;

use artifact::admit;
use artifact::bundle::{ReadSizesError, SourceError};
use canon::KeyError;
use service::config::{ConfigError, SecretError};
use service::lock::LockError;
use service::store::StoreError;
use tlog::note::NoteError;
use tlog::sequence;
use tlog::witness;

use super::wal::WalError;

/// Why a log cannot start, or had to stop. [`LogError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file or folder of the log could not be read or made.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Something stands where a new log was to be made.
    #[error("{} is there already", .path.display())]
    Exists {
        /// What stands there.
        path: PathBuf,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The passphrase cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The folder is in use.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A key cannot be read or made.
    #[error("{what}: {source}")]
    Key {
        /// Which key.
        what: String,
        /// Why.
        source: KeyError,
    },
    /// A key or name does not do for notes.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The charter cannot be used.
    #[error("the charter is refused: {0}")]
    Charter(Box<admit::Refusal>),
    /// The charter names another key than the one at hand.
    #[error("the charter names another {which} key than the one in the keys folder")]
    OtherKey {
        /// Which of the three.
        which: &'static str,
    },
    /// The configured charter is not the one that the log began with.
    #[error("the log began with another charter than the configured one")]
    OtherCharter,
    /// The write-ahead log cannot be opened or written.
    #[error("write-ahead log: {0}")]
    Wal(#[from] WalError),
    /// The store failed.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// What was stored is not what the signed heads say.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: String,
    },
    /// The store holds a head, and there is no write-ahead log.
    #[error("the store has a head of {size} entries, and there is no write-ahead log")]
    NoWal {
        /// The size of the head.
        size: u64,
    },
    /// The write-ahead log ends before what the store holds.
    #[error("the write-ahead log ends at entry {wal}, a signed head covers {size} entries")]
    WalBehind {
        /// Where it ends.
        wal: u64,
        /// What the head covers.
        size: u64,
    },
    /// The write-ahead log begins after what the store holds.
    #[error("entries {stored} to {wal} are neither in the store nor in the write-ahead log")]
    WalAhead {
        /// What the store holds.
        stored: u64,
        /// Where the write-ahead log begins.
        wal: u64,
    },
    /// A log is to be continued where one stands already.
    #[error("a write-ahead log stands here already; it ends at entry {next}")]
    WalThere {
        /// Where it ends.
        next: u64,
    },
    /// The store into which a log is resumed holds more than the copy.
    #[error(
        "the store here holds a signed head of {size} entries ({path}), the copy covers {copy}"
    )]
    StoreAhead {
        /// Where it stands.
        path: String,
        /// The size of that head.
        size: u64,
        /// What the copy covers.
        copy: u64,
    },
    /// The store into which a log is resumed holds a head that is none of this log's.
    #[error("{path} in the store here is not a checkpoint of this log")]
    ForeignHead {
        /// Where it stands.
        path: String,
    },
    /// A copy is not whole, or not of this log.
    #[error("the copy is damaged: {what}")]
    Copy {
        /// What is wrong.
        what: String,
    },
    /// A copy does not tell of heads that are signed and short of witnesses.
    #[error(
        "the copy's checkpoint covers {size} entries, and it has no checkpoint.pending that covers \
         as many: what the log signed last is not known"
    )]
    NoPending {
        /// What the checkpoint covers.
        size: u64,
    },
    /// A copy could not be read.
    #[error("the copy: {0}")]
    Source(#[from] SourceError),
    /// Somebody holds a head with our own signature that covers more than we have.
    #[error(
        "{who} holds a signed head of {size} entries; here the entries from {here} on are missing"
    )]
    Behind {
        /// Who holds it.
        who: String,
        /// The size of that head.
        size: u64,
        /// Entries here.
        here: u64,
    },
    /// A witness that was to be asked did not answer.
    #[error("the witness {name} cannot be asked what it saw: {why}")]
    Unasked {
        /// The witness.
        name: String,
        /// What happened.
        why: String,
    },
    /// Somebody holds a head with our own signature whose root is not that of our entries.
    #[error("{who} holds a head of {size} entries that this log signed over other entries")]
    Forked {
        /// Who holds it.
        who: String,
        /// The size of that head.
        size: u64,
    },
    /// So few witnesses could be asked that a quorum may have seen what is not here.
    #[error(
        "too few witnesses can be asked what they saw: without {names}, {threshold} organisations \
         may have cosigned a head that is not here"
    )]
    TooFewAsked {
        /// The witnesses that did not answer, or have no address.
        names: String,
        /// The organisations that make a quorum.
        threshold: u64,
    },
    /// The stored head is not the one that this process signed last.
    #[error("the store holds a head of {found} entries that this process did not sign")]
    OtherWriter {
        /// The size of the stored head.
        found: u64,
    },
    /// The sequencer found a contradiction.
    #[error(transparent)]
    Stop(#[from] sequence::Stop),
    /// The clock has stepped since the log was started.
    #[error(transparent)]
    Clock(#[from] witness::Refusal),
    /// The clock is behind what this log has signed.
    #[error("the clock is {behind_s} s behind the last time that this log signed")]
    ClockBehind {
        /// By how many seconds.
        behind_s: u64,
    },
    /// The clocks of most witnesses show another time.
    #[error("the clock is {off_s} s from that of {names}")]
    ClockApart {
        /// Seconds from the witnesses' time to ours: ahead, if positive.
        off_s: i64,
        /// Those witnesses.
        names: String,
    },
    /// The log has stopped for a reason that was reported before.
    #[error("the log has stopped: {0}")]
    Stopped(String),
}

impl From<ReadSizesError> for LogError {
    fn from(error: ReadSizesError) -> Self {
        match error {
            ReadSizesError::Source(error) => Self::Source(error),
            ReadSizesError::Form(_) => Self::Damaged { what: format!("the copy: {error}") },
        }
    }
}

impl LogError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "check the path and its permissions",
            Self::Exists { .. } => "choose another folder; keys are never overwritten",
            Self::Listen { .. } => "choose another address with listen, or stop what holds it",
            Self::Config(_) => "docs/operate/log.md lists every key of the configuration",
            Self::Secret(_) => "put the passphrase in a file of mode 0600 or in the environment",
            Self::Lock(_) => "stop the other process; two must never run one log",
            Self::Key { .. } => "check the passphrase and the files in the keys folder",
            Self::Note(_) => "choose an origin without spaces and plus signs",
            Self::Charter(_) => "mend the charter and have it signed again",
            Self::OtherKey { which: "promise" } => {
                "put the promise key that the charter and its amendments name now into the keys \
                 folder, and the one before it beside it as promise-1.pem"
            }
            Self::OtherKey { .. } => "put this log's public keys (log.json) into the charter",
            Self::OtherCharter => "a log's charter never changes; use an amendment",
            Self::Wal(WalError::Io { .. }) | Self::Store(StoreError::Io(_)) => {
                "check the disk, and that it is not full; then start again, which writes anew \
                 what it may have lost"
            }
            Self::Wal(WalError::OtherLog { .. }) => "the data folder is another log's",
            Self::Wal(_) | Self::NoWal { .. } | Self::WalBehind { .. } | Self::WalAhead { .. } => {
                "restore the write-ahead log, or continue from a copy with log resume"
            }
            Self::Store(_) => "check the store; starting again takes up where it was",
            Self::Damaged { .. } => "restore the store from a copy, or use log resume",
            Self::Behind { .. } => {
                "this is an old state of the log: signing on would fork it; resume from a copy \
                 that covers that head"
            }
            Self::Forked { .. } => {
                "this state of the log contradicts one that it signed: keep both as they are, and \
                 resume from a copy that covers that head"
            }
            Self::StoreAhead { .. } => {
                "going on from this copy would fork the log; resume from a copy that covers that \
                 head, or from the store itself with --from"
            }
            Self::ForeignHead { .. } => {
                "choose an empty store; if this one is the log's own, restore that file"
            }
            Self::TooFewAsked { .. } => {
                "start the witnesses and give their addresses in log.toml; start_unasked goes on \
                 without them, and may fork a log whose state is not the last"
            }
            Self::Unasked { .. } => {
                "start the witness and give its address in log.toml, or name it to be left out"
            }
            Self::Copy { .. } => "take another copy; `scrutineer verify` says more about this one",
            Self::NoPending { .. } => {
                "take a mirror that keeps checkpoint.pending, the newest of all; where there is \
                 none, --pending-heads-are-lost goes on, and the log may sign a second root for a \
                 size that somebody has seen"
            }
            Self::WalThere { .. } => "serve it, or choose an empty wal folder",
            Self::Source(_) => "check the copy, or take another",
            Self::OtherWriter { .. } => "another process writes this store; stop it",
            Self::Clock(_) | Self::ClockBehind { .. } | Self::ClockApart { .. } => {
                "compare the clock with others and set it right; if it is right, start the log \
                 with --clock-checked"
            }
            Self::Stop(_) | Self::Stopped(_) => {
                "nothing more is signed; keep the data folder as it is, and see log.md"
            }
        }
    }
}
