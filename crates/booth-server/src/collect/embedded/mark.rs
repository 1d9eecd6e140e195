//! How many records were durable when somebody was last told so.
//!
//! A frame at the end of the spool that is not whole may have been torn, and then nobody was told
//! of it, or it may have been whole, synced and acknowledged, and have rotted since. The spool
//! alone does not say which. So the number of durable records is also kept beside the batch keys:
//!
//! ```text
//! 0000000000000003.mark     entries of 12 bytes, the last whole one counts
//!    0   8  records that are durable
//!    8   4  CRC-32C of the ledger's id and of these 8 bytes
//! ```
//!
//! It is written after each sync and before anybody is told. It is not synced itself: a process
//! that is killed leaves it, and what a power cut takes of it only makes it say less.

use std::io::Read as _;
use std::sync::Arc;

use canon::Digest;
use service::disk::{Disk, DiskFile};

use super::frames::io;
use crate::collect::{LedgerError, Position};

const ENTRY_BYTES: usize = 12;

/// Entries after which a new file is begun.
const ENTRIES: usize = 5_000;

/// The mark.
pub(super) struct Mark {
    disk: Arc<dyn Disk>,
    ledger: Digest,
    /// Numbers of the files that are there; the last one is written to.
    files: Vec<u64>,
    open: Option<(Box<dyn DiskFile>, usize)>,
    known: Position,
}

fn name_of(number: u64) -> String {
    format!("{number:016x}.mark")
}

fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".mark").filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

impl Mark {
    /// Reads what is there.
    pub(super) fn open(disk: Arc<dyn Disk>, ledger: Digest) -> Result<Self, LedgerError> {
        let names = disk.names().map_err(io("list", "the batch keys"))?;
        let files: Vec<u64> = names.iter().filter_map(|name| number_of(name)).collect();
        let mut mark = Self { disk, ledger, files, open: None, known: 0 };
        for number in &mark.files {
            let (name, mut bytes) = (name_of(*number), Vec::new());
            let mut reader = mark.disk.read(&name).map_err(io("read", &name))?;
            reader.read_to_end(&mut bytes).map_err(io("read", &name))?;
            let (entries, _) = bytes.as_chunks::<ENTRY_BYTES>();
            let positions = entries.iter().filter_map(|entry| mark.position_of(entry));
            mark.known = positions.max().unwrap_or_default().max(mark.known);
        }
        Ok(mark)
    }

    /// Records that were durable for certain.
    pub(super) const fn known(&self) -> Position {
        self.known
    }

    /// Begins a new file, which says this; the others are removed.
    pub(super) fn begin(&mut self, position: Position) -> Result<(), LedgerError> {
        let number = self.files.last().map_or(0, |last| last.saturating_add(1));
        let name = name_of(number);
        let mut file = self.disk.create(&name).map_err(io("create", &name))?;
        file.append(&self.entry(position)).map_err(io("write", &name))?;
        self.open = Some((file, 1));
        for old in std::mem::replace(&mut self.files, vec![number]) {
            let name = name_of(old);
            self.disk.remove(&name).map_err(io("remove", &name))?;
        }
        self.known = position;
        Ok(())
    }

    /// So many records are durable now.
    pub(super) fn set(&mut self, position: Position) -> Result<(), LedgerError> {
        let entry = self.entry(position);
        match &mut self.open {
            Some((file, entries)) if *entries < ENTRIES => {
                file.append(&entry).map_err(io("write", "the mark of durable records"))?;
                *entries += 1;
                self.known = position;
                Ok(())
            }
            _ => self.begin(position),
        }
    }

    /// Begins a new file if somebody has removed this one.
    pub(super) fn keep(&mut self) -> Result<(), LedgerError> {
        let names = self.disk.names().map_err(io("list", "the batch keys"))?;
        let is_there = self.files.iter().any(|number| names.contains(&name_of(*number)));
        if is_there {
            return Ok(());
        }
        self.files.clear();
        self.begin(self.known)
    }

    fn entry(&self, position: Position) -> [u8; ENTRY_BYTES] {
        let mut entry = [0; ENTRY_BYTES];
        entry[..8].copy_from_slice(&position.to_be_bytes());
        let crc = crc32c::crc32c_append(crc32c::crc32c(&self.ledger.0), &entry[..8]);
        entry[8..].copy_from_slice(&crc.to_be_bytes());
        entry
    }

    /// What an entry says, if it is whole and this ledger's.
    fn position_of(&self, entry: &[u8; ENTRY_BYTES]) -> Option<Position> {
        let position = Position::from_be_bytes(*entry.first_chunk()?);
        (self.entry(position) == *entry).then_some(position)
    }
}
