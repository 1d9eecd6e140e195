//! What a witness remembers, on disk.
//!
//! ```text
//! <state>/lock           held while the process runs
//! <state>/record.redb    the record
//! <state>/copy.redb      the same once more
//!
//! table checkpoints      origin -> the checkpoint cosigned last, with the log's line and ours
//! table facts            "key" -> the witness's verifier key
//!                        "last_signed" -> u64 big endian, the latest time signed
//!                        "halted" -> why this witness must never sign again
//! ```
//!
//! A decision reads and writes in one transaction of each file, one after the other, both synced
//! before it is answered. With two files one lost or torn write cannot make the record forget:
//! at the next start the later state of the two is taken, and it proves itself, for each
//! checkpoint carries the witness's own signature. After any failure of a write nothing is signed
//! until then. A start writes both files anew before it reads them, for after a sync that failed
//! what is read need not be on the disk ([`service::disk::write_anew`]).

mod copy;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};

use canon::{Digest, Timestamp};
use service::disk::{FolderDisk, write_anew};
use service::lock::{FolderLock, LockError};
use thiserror::Error;
use tlog::checkpoint::CheckpointError;
use tlog::note::VerifierKey;
use tlog::witness::{Recorded, Refusal, State, Update, origin_hash};

use copy::{Contents, Copy};

/// The names of the two files.
const FILES: [&str; 2] = ["record.redb", "copy.redb"];

/// Why the record cannot be used.
#[derive(Debug, Error)]
pub enum RecordError {
    /// A file is not there. A record that was lost must not be begun anew under the same key.
    #[error("{} is missing; a witness that has lost its record needs a new key", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A record is there already.
    #[error("{} exists already", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another process has the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file or the folder could not be made, read or written.
    #[error("{what}: {source}")]
    Storage {
        /// Which file.
        what: String,
        /// What the database said.
        source: Box<redb::Error>,
    },
    /// The operating system refused something.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// The record is another witness's, or of another key of this one.
    #[error("the record is that of {found}, not of {expected}")]
    OtherKey {
        /// The key in the record.
        found: String,
        /// The key of this witness.
        expected: String,
    },
    /// A stored checkpoint does not carry a good line of this witness.
    #[error("the record of {origin:?} is damaged: {source}")]
    Damaged {
        /// The log.
        origin: String,
        /// What is wrong with it.
        source: CheckpointError,
    },
    /// The two files hold different roots of one size, or differ while the process runs.
    #[error("the two copies of the record of {origin:?} contradict each other")]
    Contradiction {
        /// The log.
        origin: String,
    },
    /// This witness found that its record had gone back in time, and stopped for good.
    #[error("this witness has stopped for good: {reason}")]
    Halted {
        /// What it found.
        reason: String,
    },
    /// An earlier write failed; what the disk holds is known only after a new start.
    #[error("an earlier write of the record failed; start the witness anew")]
    Failed,
}

/// The record of a running witness.
pub struct Record {
    own: VerifierKey,
    inner: Mutex<Inner>,
    seen: RwLock<Seen>,
    stopped: OnceLock<Stopped>,
    _lock: Option<FolderLock>,
}

struct Inner {
    copies: [Copy; 2],
}

/// What the files hold for certain, for whoever cannot wait for the decision under way.
struct Seen {
    /// By the hash of the origin.
    recorded: BTreeMap<Digest, Recorded>,
    last_signed: Option<Timestamp>,
}

/// Why nothing is signed any more.
#[derive(Clone)]
enum Stopped {
    Failed,
    Halted(String),
}

impl From<Stopped> for RecordError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Failed => Self::Failed,
            Stopped::Halted(reason) => Self::Halted { reason },
        }
    }
}

impl Record {
    /// Makes the record of a new witness in a folder that has none.
    pub fn create(folder: &Path, own: &VerifierKey) -> Result<(), RecordError> {
        let io = |source| RecordError::Io { path: folder.to_path_buf(), source };
        service::disk::make_private_folder(folder).map_err(io)?;
        let _lock = FolderLock::take(folder)?;
        for name in FILES {
            let path = folder.join(name);
            if path.exists() {
                return Err(RecordError::Exists { path });
            }
        }
        for name in FILES {
            let path = folder.join(name);
            Copy::create(&path, own)?;
            service::disk::keep_private(&path).map_err(io)?;
        }
        service::disk::sync_folder(folder).map_err(io)
    }

    /// Opens the record of this witness. Mends the copy that lacks what the other one has.
    pub fn open(folder: &Path, own: &VerifierKey) -> Result<Self, RecordError> {
        for name in FILES {
            let path = folder.join(name);
            if !path.exists() {
                return Err(RecordError::Missing { path });
            }
        }
        let lock = FolderLock::take(folder)?;
        let io = |source| RecordError::Io { path: folder.to_path_buf(), source };
        let disk = FolderDisk::open(folder).map_err(io)?;
        for name in FILES {
            write_anew(&disk, name).map_err(io)?;
        }
        let [first, second] = FILES.map(|name| Copy::open(&folder.join(name)));
        Self::from_copies([first?, second?], own, Some(lock))
    }

    fn from_copies(
        copies: [Copy; 2],
        own: &VerifierKey,
        lock: Option<FolderLock>,
    ) -> Result<Self, RecordError> {
        let [first, second] = [copies[0].contents(own)?, copies[1].contents(own)?];
        if let Some(reason) = first.halted.clone().or_else(|| second.halted.clone()) {
            return Err(RecordError::Halted { reason });
        }
        let merged = first.clone().later(&second)?;
        for (copy, contents) in copies.iter().zip([first, second]) {
            if contents != merged {
                tracing::warn!(file = copy.name(), "mending a copy that lacks the last record");
                copy.replace(&merged)?;
            }
        }
        let recorded = merged.checkpoints.iter();
        let recorded = recorded.map(|(origin, r)| (origin_hash(origin), r.clone())).collect();
        Ok(Self {
            own: own.clone(),
            seen: RwLock::new(Seen { recorded, last_signed: merged.last_signed }),
            inner: Mutex::new(Inner { copies }),
            stopped: OnceLock::new(),
            _lock: lock,
        })
    }

    /// Decides on a submission of this log with nobody else deciding meanwhile, and records the
    /// decision before giving it back.
    ///
    /// An error means that nothing may be answered but the error: the update may or may not be
    /// on disk.
    pub fn transact(
        &self,
        origin: &str,
        decide: impl FnOnce(State<'_>) -> Result<Update, Refusal>,
    ) -> Result<Result<Update, Refusal>, RecordError> {
        // A poisoned lock is a panic in the middle of a decision: as bad as a failed write.
        let Ok(inner) = self.inner.lock() else {
            return Err(RecordError::Failed);
        };
        self.sound()?;
        let decided = inner.transact(origin, &self.own, decide);
        match &decided {
            Err(_) => self.stop(Stopped::Failed),
            Ok(Err(refusal @ Refusal::RecordBehind { .. })) => {
                self.stop(Stopped::Halted(refusal.to_string()));
            }
            Ok(Err(_)) => {}
            Ok(Ok(update)) => {
                let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
                seen.last_signed = seen.last_signed.max(Some(update.recorded.time));
                seen.recorded.insert(origin_hash(origin), update.recorded.clone());
            }
        }
        decided
    }

    /// What the files hold of this log, and the latest time signed for any log, without waiting
    /// for the decision under way.
    pub fn seen(&self, origin: &str) -> (Option<Recorded>, Option<Timestamp>) {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        (seen.recorded.get(&origin_hash(origin)).cloned(), seen.last_signed)
    }

    /// The checkpoint cosigned last of the log whose origin has this hash.
    pub fn checkpoint(&self, origin_hash: &Digest) -> Option<Vec<u8>> {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        seen.recorded.get(origin_hash).map(|recorded| recorded.checkpoint.clone())
    }

    /// Whether decisions can be recorded. Does not wait for the one under way.
    pub fn health(&self) -> Result<(), RecordError> {
        if self.inner.is_poisoned() {
            return Err(RecordError::Failed);
        }
        self.sound()
    }

    fn sound(&self) -> Result<(), RecordError> {
        self.stopped.get().cloned().map_or(Ok(()), |stopped| Err(stopped.into()))
    }

    fn stop(&self, why: Stopped) {
        // The first reason stands.
        let _ = self.stopped.set(why);
    }
}

impl Inner {
    fn transact(
        &self,
        origin: &str,
        own: &VerifierKey,
        decide: impl FnOnce(State<'_>) -> Result<Update, Refusal>,
    ) -> Result<Result<Update, Refusal>, RecordError> {
        let [first, second] = [self.copies[0].begin()?, self.copies[1].begin()?];
        let recorded = first.recorded(origin, own)?;
        let last_signed = first.last_signed()?;
        let same = second.recorded(origin, own)? == recorded;
        if !same || second.last_signed()? != last_signed {
            return Err(RecordError::Contradiction { origin: origin.to_owned() });
        }
        let decided = decide(State { recorded: recorded.as_ref(), last_signed });
        let writes = |step: &dyn Fn(&copy::Decision<'_>) -> Result<(), RecordError>| {
            step(&first).and_then(|()| step(&second))
        };
        match &decided {
            Ok(update) => writes(&|copy| copy.put(origin, &update.recorded))?,
            Err(refusal @ Refusal::RecordBehind { .. }) => {
                writes(&|copy| copy.halt(&refusal.to_string()))?;
            }
            Err(_) => return Ok(decided),
        }
        first.commit()?;
        second.commit()?;
        Ok(decided)
    }
}

impl Contents {
    /// Everything that either of two copies knows, and of each log the later record.
    fn later(mut self, other: &Self) -> Result<Self, RecordError> {
        for (origin, theirs) in &other.checkpoints {
            let place = |r: &Recorded| (r.head.size, r.time);
            match self.checkpoints.get(origin) {
                Some(ours) if ours.head.size == theirs.head.size && ours.head != theirs.head => {
                    return Err(RecordError::Contradiction { origin: origin.clone() });
                }
                Some(ours) if place(ours) >= place(theirs) => {}
                _ => {
                    self.checkpoints.insert(origin.clone(), theirs.clone());
                }
            }
        }
        self.last_signed = self.last_signed.max(other.last_signed);
        Ok(self)
    }

    /// The latest time of all records: what `last_signed` is at least.
    fn latest_record(&self) -> Option<Timestamp> {
        self.checkpoints.values().map(|recorded| recorded.time).max()
    }
}
