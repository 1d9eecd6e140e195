//! A list that grows by snapshots, and its parts compressed.
//!
//! ```text
//! lines in order --> pieces --> compressed --> filed: hashed, appended, and synced at the end
//!                    (this thread)             (another one)
//! ```

use std::sync::mpsc;
use std::thread;

use booth::publish::Sorted;
use canon::Hasher;
use service::disk::DiskFile;
use service::http::gzip;

use super::record::FileState;
use super::store::{StoreError, failed};

/// Bytes that are compressed at a time, at least; the last piece may have fewer.
const PIECE: usize = 1 << 20;

/// Pieces that wait to be filed.
const WAITING: usize = 4;

/// A file that grows by snapshots.
pub(super) struct Grown {
    pub(super) name: String,
    pub(super) file: Box<dyn DiskFile>,
    pub(super) bytes: u64,
    pub(super) hasher: Hasher,
}

impl Grown {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.append(bytes).map_err(failed("write", &self.name))?;
        self.hasher.update(bytes);
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.file.sync().map_err(failed("sync", &self.name))
    }

    fn state(&self) -> FileState {
        FileState { bytes: self.bytes, digest: self.hasher.clone().finish() }
    }
}

/// A list.
pub(super) struct GrownList {
    pub(super) plain: Grown,
    /// Its parts compressed.
    pub(super) packed: Grown,
    /// What the tail says of the whole.
    pub(super) sum: gzip::Sum,
}

impl GrownList {
    /// Adds lines, durably; the states of both files.
    pub(super) fn add(&mut self, lines: &Sorted<'_>) -> Result<[FileState; 2], StoreError> {
        let Self { plain, packed, sum } = self;
        thread::scope(|scope| {
            let (sender, pieces) = mpsc::sync_channel::<[Vec<u8>; 2]>(WAITING);
            let filing = scope.spawn(move || file(plain, packed, pieces));
            let mut piece = Vec::new();
            let mut lines = lines.lines().peekable();
            while let Some(line) = lines.next() {
                piece.extend_from_slice(line);
                if piece.len() >= PIECE || lines.peek().is_none() {
                    sum.update(&piece);
                    let part = gzip::part(&piece);
                    let next = Vec::with_capacity(piece.len());
                    // Where nobody takes it any more, the error is told below.
                    if sender.send([std::mem::replace(&mut piece, next), part]).is_err() {
                        break;
                    }
                }
            }
            drop(sender);
            filing.join().map_err(|_| StoreError::Stopped)?
        })
    }
}

/// Appends all pieces to both files, and makes them durable.
fn file(
    plain: &mut Grown,
    packed: &mut Grown,
    pieces: mpsc::Receiver<[Vec<u8>; 2]>,
) -> Result<[FileState; 2], StoreError> {
    let mut is_added = false;
    for [piece, part] in pieces {
        plain.append(&piece)?;
        packed.append(&part)?;
        is_added = true;
    }
    if is_added {
        plain.sync()?;
        packed.sync()?;
    }
    Ok([plain.state(), packed.state()])
}
