//! A file that remembers which statement each artifact makes, so that a restart need not read
//! every artifact again.
//!
//! ```text
//! statements    records of 80 bytes, appended after each head
//!    0   8  index, big-endian
//!    8  32  digest of the artifact
//!   40  32  digest of the statement
//!   72   4  CRC-32C of bytes 0..72, big-endian
//!   76   4  zero
//! ```
//!
//! It is a convenience and no evidence: a record counts only if its artifact is the one that the
//! leaf names, and what is missing is read from the artifacts.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use canon::Digest;
use service::disk::{Disk, DiskFile};

const NAME: &str = "statements";
const RECORD_BYTES: usize = 80;

/// The file, open for appending. A fault of the disk closes it, and nothing else.
pub(crate) struct Statements {
    file: Option<Box<dyn DiskFile>>,
    /// The index after the last record.
    next: u64,
}

/// What the file says: artifact and statement, by index.
pub(crate) type Remembered = HashMap<u64, (Digest, Digest)>;

fn record(index: u64, artifact: &Digest, statement: &Digest) -> [u8; RECORD_BYTES] {
    let mut bytes = [0; RECORD_BYTES];
    bytes[..8].copy_from_slice(&index.to_be_bytes());
    bytes[8..40].copy_from_slice(artifact.as_bytes());
    bytes[40..72].copy_from_slice(statement.as_bytes());
    let sum = crc32c::crc32c(&bytes[..72]);
    bytes[72..76].copy_from_slice(&sum.to_be_bytes());
    bytes
}

fn parse(bytes: &[u8]) -> Option<(u64, Digest, Digest)> {
    let index = u64::from_be_bytes(bytes.get(..8)?.try_into().ok()?);
    let artifact = Digest(bytes.get(8..40)?.try_into().ok()?);
    let statement = Digest(bytes.get(40..72)?.try_into().ok()?);
    (record(index, &artifact, &statement) == bytes).then_some((index, artifact, statement))
}

impl Statements {
    /// Reads the records up to the first that is not whole, and opens the file behind them.
    pub(crate) fn open(disk: &Arc<dyn Disk>) -> (Self, Remembered) {
        let mut bytes = Vec::new();
        let exists = disk.names().is_ok_and(|names| names.iter().any(|name| name == NAME));
        let is_read =
            exists && disk.read(NAME).and_then(|mut file| file.read_to_end(&mut bytes)).is_ok();
        let mut remembered = Remembered::new();
        let mut next = 0;
        let mut length = 0;
        for chunk in bytes.chunks(RECORD_BYTES) {
            let Some((index, artifact, statement)) = parse(chunk) else {
                break;
            };
            remembered.insert(index, (artifact, statement));
            next = next.max(index + 1);
            length += RECORD_BYTES as u64;
        }
        let file = match (exists, is_read) {
            (false, _) => disk.create(NAME),
            (true, true) => disk.open(NAME, length),
            (true, false) => disk.open(NAME, 0),
        };
        (Self { file: file.ok(), next }, remembered)
    }

    /// Remembers the statements of entries that are not remembered yet.
    pub(crate) fn append<'a>(
        &mut self,
        entries: impl Iterator<Item = (u64, &'a Digest, &'a Digest)>,
    ) {
        let mut bytes = Vec::new();
        let mut next = self.next;
        for (index, artifact, statement) in entries.filter(|(index, ..)| *index >= self.next) {
            bytes.extend_from_slice(&record(index, artifact, statement));
            next = index + 1;
        }
        if let Some(file) = &mut self.file
            && let Err(error) = file.append(&bytes)
        {
            tracing::warn!(%error, "the file of statements cannot be written; going on without it");
            self.file = None;
        }
        self.next = next;
    }
}

#[cfg(test)]
mod tests {
    use service::disk::FolderDisk;

    use super::*;

    #[test]
    fn statements_are_remembered_up_to_a_torn_record() {
        let folder = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(FolderDisk::open(folder.path()).unwrap());
        let [a, s] = [Digest::of(b"a"), Digest::of(b"s")];
        let (mut statements, remembered) = Statements::open(&disk);
        assert!(remembered.is_empty());
        statements.append([(0, &a, &s), (1, &s, &a)].into_iter());
        statements.append([(1, &a, &a), (2, &a, &s)].into_iter());
        let path = folder.path().join(NAME);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), 3 * RECORD_BYTES);
        std::fs::write(&path, &bytes[..3 * RECORD_BYTES - 1]).unwrap();
        let (mut statements, remembered) = Statements::open(&disk);
        assert_eq!(remembered, Remembered::from([(0, (a, s)), (1, (s, a))]));
        statements.append([(2, &a, &s)].into_iter());
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
        let mut flipped = bytes.clone();
        flipped[50] ^= 1;
        std::fs::write(&path, &flipped).unwrap();
        assert!(Statements::open(&disk).1.is_empty());
    }
}
