//! The write-ahead log: what was accepted, durable before anybody is told.
//!
//! Segments of one folder, each named by the position of its first entry in 16 hexadecimal
//! digits. All numbers are big-endian.
//!
//! ```text
//! 00000000000004d2.wal
//!
//! segment header, 80 bytes, durable before the first record is written
//!    0  16  "scrutineer-wal/1"
//!   16   8  position of the first entry
//!   24  32  the log's id
//!   56  16  salt, random for each segment
//!   72   4  CRC-32C of bytes 0..72
//!   76   4  zero
//!
//! record, one for each batch: one write and one fdatasync
//!    0   4  length n of the body
//!    4   4  CRC-32C of salt, length, body
//!    8   n  body:  0   8  position of the batch's first entry
//!                  8   4  number of entries, 1 at the least
//!                 12      the entries, in the form of whoever writes them
//! ```
//!
//! **A torn tail.** A record that is not whole at the end of the last segment is taken for a write
//! that a crash interrupted, and cut off: such a batch was never acknowledged. A record that is not
//! whole anywhere else is damage: the log refuses to open. The two are told apart by looking for
//! any whole record behind the broken one; the salt keeps submitted bytes from passing for one.
//!
//! The very last record can have rotted after it was synced and acknowledged, and nothing in the
//! file tells that from a torn write. Cutting it loses what was promised, as losing the disk does,
//! and the warning says so. It forks nothing: where a signed head covers the batch, the store and
//! the witnesses know of it, and the log does not start.
//!
//! **What is found is made durable.** A process that was killed between a write and its sync has
//! left a whole record that only the operating system holds. So [`Wal::open`] makes the last
//! segment durable before it reads it: nothing is told, stored or signed on bytes that a power cut
//! can still take. A sync is not enough, see below: the segment is written anew, to another file
//! that takes its name. The segments before it were durable before it was begun.
//!
//! **An error is final.** What a failed write or sync left on the disk is unknown. The operating
//! system may forget what it could not write and go on showing it, so a second sync that succeeds
//! says nothing, in this process or the next. [`Wal`] refuses everything after its first error.
//!
//! Segments whose entries all stand in the store under a signed head are removed; the last one
//! always stays, so that a missing write-ahead log is noticed.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use canon::Digest;
use service::disk::{Disk, DiskFile};

mod read;
mod record;

pub use read::Replayed;
use record::{Header, SALT_BYTES};

/// Why the write-ahead log could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// A file operation failed.
    #[error("cannot {action} {name}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The segment.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A segment is damaged where no torn write can have damaged it.
    #[error("{name} is damaged at byte {offset}: {what}")]
    Damaged {
        /// The segment.
        name: String,
        /// Where the record or header begins.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A segment belongs to another log.
    #[error("{name} belongs to another log")]
    OtherLog {
        /// The segment.
        name: String,
    },
    /// A segment is missing between two others.
    #[error("entries {from} to {to} are missing: no segment holds them")]
    Gap {
        /// The first missing entry.
        from: u64,
        /// The first entry that is there again.
        to: u64,
    },
    /// A batch is larger than a record can be.
    #[error("a batch of {bytes} bytes is larger than a record can be")]
    TooLarge {
        /// Bytes of the batch.
        bytes: usize,
    },
    /// An earlier write failed; see the module's text.
    #[error("an earlier write failed")]
    Stopped,
}

/// How large segments grow and what marks them.
#[derive(Clone, Debug)]
pub struct WalSettings {
    /// The log's id, so that a folder of another log is refused.
    pub log_id: Digest,
    /// Bytes after which a new segment is begun.
    pub segment_bytes: u64,
}

impl WalSettings {
    /// Segments of 64 MiB for this log.
    pub fn new(log_id: Digest) -> Self {
        Self { log_id, segment_bytes: 64 << 20 }
    }
}

/// The write-ahead log, open for appending.
pub struct Wal {
    disk: Arc<dyn Disk>,
    settings: WalSettings,
    segments: VecDeque<Segment>,
    file: Box<dyn DiskFile>,
    /// Bytes in the last segment.
    written: u64,
    /// Bytes of the record being built; kept so that a batch costs no allocation.
    buffer: Vec<u8>,
    next: u64,
    syncs: u64,
    stopped: bool,
}

#[derive(Clone, Debug)]
struct Segment {
    first: u64,
    salt: [u8; SALT_BYTES],
}

impl std::fmt::Debug for Wal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wal")
            .field("next", &self.next)
            .field("segments", &self.segments.len())
            .finish_non_exhaustive()
    }
}

impl Wal {
    /// Begins a write-ahead log in a folder without one; `first` is the position of the first
    /// entry that will be appended.
    pub fn create(
        disk: Arc<dyn Disk>,
        settings: WalSettings,
        first: u64,
    ) -> Result<Self, WalError> {
        let (file, segment) = begin_segment(&*disk, &settings, first)?;
        Ok(Self {
            disk,
            written: record::HEADER_BYTES as u64,
            settings,
            segments: VecDeque::from([segment]),
            file,
            buffer: Vec::new(),
            next: first,
            syncs: 2,
            stopped: false,
        })
    }

    /// Opens an existing write-ahead log: writes its last segment anew, hands every batch to
    /// `replay` in order, cuts a torn tail, and is ready to append behind it.
    ///
    /// What `replay` is handed is durable.
    ///
    /// `None` when there is no segment. `replay`'s error ends the reading and is handed on.
    pub fn open<E: From<WalError>>(
        disk: Arc<dyn Disk>,
        settings: WalSettings,
        replay: impl FnMut(Replayed<'_>) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        let read = read::all(&*disk, &settings, replay)?;
        let Some(last) = read.segments.back() else {
            return Ok(None);
        };
        let name = record::name_of(last.first);
        let io = |action| {
            let name = name.clone();
            move |source| WalError::Io { action, name, source }
        };
        let file = disk.open(&name, read.length).map_err(io("open"))?;
        Ok(Some(Self {
            disk,
            settings,
            segments: read.segments,
            file,
            written: read.length,
            buffer: Vec::new(),
            next: read.next,
            syncs: 2,
            stopped: false,
        }))
    }

    /// The position of the next entry.
    pub fn next(&self) -> u64 {
        self.next
    }

    /// The position of the first entry that is still there.
    pub fn first(&self) -> u64 {
        self.segments.front().map_or(self.next, |segment| segment.first)
    }

    /// How many times the disk was asked to make something durable.
    pub fn syncs(&self) -> u64 {
        self.syncs
    }

    /// Appends one batch and makes it durable: one write, one sync. `fill` writes the `count`
    /// entries behind the bytes that are there already.
    ///
    /// Returns the position after the batch. After an error nothing more can be appended.
    pub fn append(&mut self, count: u32, fill: impl FnOnce(&mut Vec<u8>)) -> Result<u64, WalError> {
        if self.stopped {
            return Err(WalError::Stopped);
        }
        let result = self.try_append(count, fill);
        self.stopped = result.is_err();
        result
    }

    fn try_append(&mut self, count: u32, fill: impl FnOnce(&mut Vec<u8>)) -> Result<u64, WalError> {
        assert!(count > 0, "a batch without entries");
        // A segment without entries has the name that the new one would have.
        let is_empty = self.segments.back().is_some_and(|segment| segment.first == self.next);
        if self.written >= self.settings.segment_bytes && !is_empty {
            self.begin_segment()?;
        }
        let Some(segment) = self.segments.back() else {
            return Err(WalError::Stopped);
        };
        let mut buffer = std::mem::take(&mut self.buffer);
        record::begin(&mut buffer, self.next, count);
        fill(&mut buffer);
        record::finish(&mut buffer, &segment.salt)?;
        let name = || record::name_of(segment.first);
        self.file.append(&buffer).map_err(|source| WalError::Io {
            action: "write",
            name: name(),
            source,
        })?;
        self.file.sync().map_err(|source| WalError::Io { action: "sync", name: name(), source })?;
        self.syncs += 1;
        self.written += buffer.len() as u64;
        self.next += u64::from(count);
        // A batch of unusual size must not hold its memory for ever.
        buffer.shrink_to(16 << 20);
        self.buffer = buffer;
        Ok(self.next)
    }

    fn begin_segment(&mut self) -> Result<(), WalError> {
        let (file, segment) = begin_segment(&*self.disk, &self.settings, self.next)?;
        self.file = file;
        self.segments.push_back(segment);
        self.written = record::HEADER_BYTES as u64;
        self.syncs += 2;
        Ok(())
    }

    /// Removes the segments all of whose entries stand below `size`; the last one stays.
    ///
    /// After an error nothing more can be appended.
    pub fn forget(&mut self, size: u64) -> Result<(), WalError> {
        if self.stopped {
            return Err(WalError::Stopped);
        }
        let result = self.try_forget(size);
        self.stopped = result.is_err();
        result
    }

    fn try_forget(&mut self, size: u64) -> Result<(), WalError> {
        let mut removed = false;
        while let (Some(segment), Some(after)) = (self.segments.front(), self.segments.get(1))
            && after.first <= size
        {
            let name = record::name_of(segment.first);
            self.disk.remove(&name).map_err(|source| WalError::Io {
                action: "remove",
                name,
                source,
            })?;
            self.segments.pop_front();
            removed = true;
        }
        if removed {
            self.disk.sync_names().map_err(sync_names)?;
        }
        Ok(())
    }
}

fn sync_names(source: io::Error) -> WalError {
    WalError::Io { action: "sync", name: "the folder".to_owned(), source }
}

/// Makes a segment whose header and name are durable.
fn begin_segment(
    disk: &dyn Disk,
    settings: &WalSettings,
    first: u64,
) -> Result<(Box<dyn DiskFile>, Segment), WalError> {
    let salt = service::random::bytes();
    let name = record::name_of(first);
    let header = Header { first, log_id: settings.log_id, salt };
    let io = |action| {
        let name = name.clone();
        move |source| WalError::Io { action, name, source }
    };
    let mut file = disk.create(&name).map_err(io("create"))?;
    file.append(&header.to_bytes()).map_err(io("write"))?;
    file.sync().map_err(io("sync"))?;
    disk.sync_names().map_err(sync_names)?;
    Ok((file, Segment { first, salt }))
}

#[cfg(test)]
mod tests;
