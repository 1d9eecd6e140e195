use std::io::Read;

use proptest::prelude::*;
use service::disk::FolderDisk;
use tempfile::TempDir;

use super::*;

const HEADER: usize = record::HEADER_BYTES;

/// A batch as it comes back: first position, number of entries, their bytes.
type Batch = (u64, u32, Vec<u8>);

struct Folder {
    folder: TempDir,
    settings: WalSettings,
}

impl Folder {
    fn new(segment_bytes: u64) -> Self {
        let settings = WalSettings { segment_bytes, ..WalSettings::new(Digest::of(b"log")) };
        Self { folder: tempfile::tempdir().unwrap(), settings }
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(FolderDisk::open(self.folder.path()).unwrap())
    }

    fn create(&self, first: u64) -> Wal {
        Wal::create(self.disk(), self.settings.clone(), first).unwrap()
    }

    fn try_open(&self) -> Result<(Option<Wal>, Vec<Batch>), WalError> {
        let mut batches = Vec::new();
        let wal = Wal::open(self.disk(), self.settings.clone(), |batch| {
            batches.push((batch.first, batch.count, batch.entries.to_vec()));
            Ok::<_, WalError>(())
        })?;
        Ok((wal, batches))
    }

    fn open(&self) -> (Wal, Vec<(u64, u32, Vec<u8>)>) {
        let (wal, batches) = self.try_open().unwrap();
        (wal.unwrap(), batches)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    fn names(&self) -> Vec<String> {
        self.disk().names().unwrap()
    }
}

fn append(wal: &mut Wal, count: u32, entries: &[u8]) -> u64 {
    wal.append(count, |buffer| buffer.extend_from_slice(entries)).unwrap()
}

const FIRST: &str = "0000000000000000.wal";

/// A log of three batches, and where each record begins and ends in its only segment.
fn three_batches() -> (Folder, Vec<usize>) {
    let folder = Folder::new(1 << 20);
    let mut wal = folder.create(0);
    let mut ends = vec![HEADER];
    for (count, entries) in [(1, b"a".as_slice()), (2, b"bb"), (3, b"ccc-ccc-ccc")] {
        append(&mut wal, count, entries);
        ends.push(folder.bytes(FIRST).len());
    }
    (folder, ends)
}

#[test]
fn the_format_is_the_one_that_is_drawn() {
    let (folder, ends) = three_batches();
    let bytes = folder.bytes(FIRST);
    assert_eq!(&bytes[..16], b"scrutineer-wal/1");
    assert_eq!(bytes[16..24], [0; 8]);
    assert_eq!(&bytes[24..56], Digest::of(b"log").as_bytes());
    let salt = &bytes[56..72];
    assert_eq!(bytes[72..76], crc32c::crc32c(&bytes[..72]).to_be_bytes());
    assert_eq!(bytes[76..80], [0; 4]);
    let record = &bytes[ends[1]..ends[2]];
    let body = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, b'b', b'b'];
    assert_eq!(record[..4], 14u32.to_be_bytes());
    let summed = [salt, &14u32.to_be_bytes(), &body].concat();
    assert_eq!(record[4..8], crc32c::crc32c(&summed).to_be_bytes());
    assert_eq!(record[8..], body);
}

#[test]
fn batches_come_back_in_order_and_go_on() {
    let (folder, _) = three_batches();
    let (mut wal, batches) = folder.open();
    let expected = [(0, 1, b"a".to_vec()), (1, 2, b"bb".to_vec()), (3, 3, b"ccc-ccc-ccc".to_vec())];
    assert_eq!(batches, expected);
    assert_eq!((wal.first(), wal.next()), (0, 6));
    let before = wal.syncs();
    assert_eq!(append(&mut wal, 1, b"d"), 7);
    assert_eq!(wal.syncs() - before, 1, "one sync a batch");
    assert_eq!(folder.open().1.last().unwrap(), &(6, 1, b"d".to_vec()));
}

#[test]
fn an_empty_folder_has_no_log() {
    assert!(Folder::new(1).try_open().unwrap().0.is_none());
}

#[test]
fn a_log_may_begin_behind_entries_that_stand_elsewhere() {
    let folder = Folder::new(1 << 20);
    append(&mut folder.create(1234), 1, b"x");
    assert_eq!(folder.names(), ["00000000000004d2.wal"]);
    assert_eq!(folder.open().1, [(1234, 1, b"x".to_vec())]);
}

#[test]
fn segments_are_begun_and_forgotten() {
    let folder = Folder::new(100);
    let mut wal = folder.create(0);
    for number in 0..5u8 {
        append(&mut wal, 10, &[number; 30]);
    }
    // 80 bytes of header and one record of 50 pass the limit of 100.
    assert_eq!(folder.names().len(), 5);
    wal.forget(9).unwrap();
    assert_eq!(folder.names().len(), 5, "entry 9 is not covered");
    wal.forget(25).unwrap();
    assert_eq!((folder.names().len(), wal.first()), (3, 20));
    wal.forget(1000).unwrap();
    assert_eq!((folder.names().len(), wal.first()), (1, 40), "the last one stays");
    let (wal, batches) = folder.open();
    assert_eq!((wal.first(), wal.next()), (40, 50));
    assert_eq!(batches, [(40, 10, vec![4; 30])]);
}

#[test]
fn every_torn_tail_is_cut() {
    let (folder, ends) = three_batches();
    let whole = folder.bytes(FIRST);
    for length in ends[2]..ends[3] {
        folder.write(FIRST, &whole[..length]);
        let (mut wal, batches) = folder.open();
        assert_eq!((batches.len(), wal.next()), (2, 3), "cut to {length}");
        append(&mut wal, 1, b"new");
        let (_, batches) = folder.open();
        assert_eq!(batches[2], (3, 1, b"new".to_vec()), "cut to {length}");
    }
}

#[test]
fn a_torn_tail_with_pages_out_of_order_is_cut() {
    let (folder, ends) = three_batches();
    let whole = folder.bytes(FIRST);
    // The length was written, the bytes were not; or only the later bytes were.
    for zeroed in [ends[2]..ends[3], ends[2]..ends[2] + 8, ends[2] + 10..ends[3]] {
        let mut torn = whole.clone();
        torn[zeroed.clone()].fill(0);
        folder.write(FIRST, &torn);
        assert_eq!(folder.open().0.next(), 3, "{zeroed:?}");
        folder.write(FIRST, &whole);
    }
}

#[test]
fn every_flipped_bit_before_the_last_record_is_refused() {
    let (folder, ends) = three_batches();
    let whole = folder.bytes(FIRST);
    for at in 0..ends[2] {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            folder.write(FIRST, &flipped);
            let refused = folder.try_open().unwrap_err();
            assert!(matches!(refused, WalError::Damaged { .. }), "byte {at}: {refused}");
        }
    }
}

#[test]
fn damage_in_an_earlier_segment_is_refused_even_at_its_end() {
    let folder = Folder::new(100);
    let mut wal = folder.create(0);
    append(&mut wal, 1, &[1; 30]);
    append(&mut wal, 1, &[2; 30]);
    let whole = folder.bytes(FIRST);
    folder.write(FIRST, &whole[..whole.len() - 1]);
    assert!(matches!(folder.try_open(), Err(WalError::Damaged { offset: 80, .. })));
    folder.write(FIRST, &whole[..80]);
    let gap = folder.try_open().unwrap_err();
    assert!(matches!(gap, WalError::Gap { from: 0, to: 1 }), "{gap}");
}

#[test]
fn a_missing_segment_and_another_log_are_refused() {
    let folder = Folder::new(100);
    let mut wal = folder.create(0);
    for _ in 0..3 {
        append(&mut wal, 1, &[1; 30]);
    }
    std::fs::remove_file(folder.folder.path().join("0000000000000001.wal")).unwrap();
    assert!(matches!(folder.try_open(), Err(WalError::Gap { from: 1, to: 2 })));
    let other = Folder { settings: WalSettings::new(Digest::of(b"other")), ..folder };
    assert!(matches!(other.try_open(), Err(WalError::OtherLog { .. })));
}

#[test]
fn a_segment_that_was_never_born_is_dropped() {
    let folder = Folder::new(100);
    let mut wal = folder.create(0);
    append(&mut wal, 1, &[1; 30]);
    append(&mut wal, 1, &[2; 30]);
    let second = "0000000000000001.wal";
    let whole = folder.bytes(second);
    for length in 0..HEADER {
        folder.write(second, &whole[..length]);
        let (wal, batches) = folder.open();
        assert_eq!((batches.len(), wal.next()), (1, 1), "{length}");
        assert_eq!(folder.names(), [FIRST]);
    }
    folder.write(FIRST, &whole[..10]);
    assert!(folder.try_open().unwrap().0.is_none(), "the only one was never born either");
}

#[test]
fn a_record_inside_a_torn_batch_does_not_pass_for_damage() {
    // A submitter who knows the format cannot stop the log from opening: the salt is secret
    // until it is written.
    let folder = Folder::new(1 << 20);
    let mut wal = folder.create(0);
    let mut forged = Vec::new();
    record::begin(&mut forged, 1, 1);
    forged.extend_from_slice(b"forged");
    record::finish(&mut forged, &[0; SALT_BYTES]).unwrap();
    append(&mut wal, 1, &forged);
    let whole = folder.bytes(FIRST);
    let mut torn = whole.clone();
    torn[HEADER + 9] ^= 1;
    folder.write(FIRST, &torn);
    assert_eq!(folder.open().0.next(), 0);
}

#[test]
fn replay_hands_on_the_readers_error() {
    let (folder, _) = three_batches();
    let result = Wal::open(folder.disk(), folder.settings.clone(), |_| Err(WalError::Stopped));
    assert!(matches!(result, Err(WalError::Stopped)));
}

/// A disk whose first sync of a file fails and whose later ones succeed.
struct FailsOnce(FolderDisk, Arc<std::sync::atomic::AtomicBool>);

struct FailsOnceFile(Box<dyn DiskFile>, Arc<std::sync::atomic::AtomicBool>);

impl DiskFile for FailsOnceFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        if self.1.swap(false, std::sync::atomic::Ordering::SeqCst) {
            return Err(io::Error::other("lost"));
        }
        self.0.sync()
    }
}

impl Disk for FailsOnce {
    fn names(&self) -> io::Result<Vec<String>> {
        self.0.names()
    }
    fn read(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        self.0.read(name)
    }
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FailsOnceFile(self.0.create(name)?, Arc::clone(&self.1))))
    }
    fn open(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FailsOnceFile(self.0.open(name, length)?, Arc::clone(&self.1))))
    }
    fn wipe(&self, name: &str) -> io::Result<()> {
        self.0.wipe(name)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.0.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.remove(name)
    }
    fn sync_names(&self) -> io::Result<()> {
        self.0.sync_names()
    }
}

#[test]
fn a_failed_sync_is_never_tried_again() {
    let folder = Folder::new(1 << 20);
    let fails = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let disk = FailsOnce(FolderDisk::open(folder.folder.path()).unwrap(), Arc::clone(&fails));
    let mut wal = Wal::create(Arc::new(disk), folder.settings.clone(), 0).unwrap();
    append(&mut wal, 1, b"a");
    fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let failed = wal.append(1, |buffer| buffer.push(b'b'));
    assert!(matches!(failed, Err(WalError::Io { action: "sync", .. })));
    assert!(matches!(wal.append(1, |buffer| buffer.push(b'c')), Err(WalError::Stopped)));
    assert!(matches!(wal.forget(9), Err(WalError::Stopped)));
}

proptest! {
    #[test]
    fn whatever_is_appended_comes_back(
        batches in prop::collection::vec(
            (1u32..9, prop::collection::vec(any::<u8>(), 0..300)),
            0..30,
        ),
        segment_bytes in 80u64..1000,
        first in 0u64..1 << 40,
    ) {
        let folder = Folder::new(segment_bytes);
        let mut wal = folder.create(first);
        let mut expected = Vec::new();
        let mut next = first;
        for (count, entries) in &batches {
            expected.push((next, *count, entries.clone()));
            next = append(&mut wal, *count, entries);
        }
        let (wal, found) = folder.open();
        prop_assert_eq!(found, expected);
        prop_assert_eq!((wal.first(), wal.next()), (first, next));
    }
}
