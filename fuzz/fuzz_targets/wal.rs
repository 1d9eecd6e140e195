//! The write-ahead log on a disk that holds other bytes than were written.
//!
//! What opens is a beginning of what was appended, and takes further batches; anything else is
//! refused. A last segment that was only cut short always opens.
#![no_main]

use std::collections::BTreeMap;
use std::sync::Arc;

use canon::Digest;
use libfuzzer_sys::fuzz_target;
use log_server::log::wal::{Wal, WalError, WalSettings};
use service::disk::Disk;
use testkit::faults::{Faults, MemoryDisk};

/// Bytes of a segment's header.
const HEADER: usize = 80;

/// Position, number of entries, and the entries' bytes.
type Batch = (u64, u32, Vec<u8>);

type Files = BTreeMap<String, Vec<u8>>;

fuzz_target!(|bytes: &[u8]| {
    any_file(bytes);
    behind_a_header(bytes);
    damaged(bytes);
});

fn settings(segment_bytes: u64) -> WalSettings {
    WalSettings { segment_bytes, ..WalSettings::new(Digest([7; 32])) }
}

fn disk(files: &Files) -> Arc<MemoryDisk> {
    let disk = MemoryDisk::new(&Faults::none());
    for (name, bytes) in files {
        disk.create(name).expect("a new name").append(bytes).expect("no fault is planned");
    }
    Arc::new(disk)
}

/// Opens what is on the disk: the write-ahead log, if there is one, and its batches.
fn open(disk: &Arc<MemoryDisk>) -> Result<(Option<Wal>, Vec<Batch>), WalError> {
    let mut found = Vec::new();
    let wal = Wal::open(Arc::clone(disk) as Arc<dyn Disk>, settings(HEADER as u64), |batch| {
        found.push((batch.first, batch.count, batch.entries.to_vec()));
        Ok::<(), WalError>(())
    })?;
    Ok((wal, found))
}

/// Bytes of no write-ahead log at all: no checksum can hold.
fn any_file(bytes: &[u8]) {
    let name = format!("{:016x}.wal", bytes.len());
    if let Ok((wal, found)) = open(&disk(&Files::from([(name, bytes.to_vec())]))) {
        assert!(wal.is_none() && found.is_empty(), "a checksum was found by chance");
    }
}

/// Submitted bytes never pass for a record, wherever they stand: the segment's salt is random.
fn behind_a_header(bytes: &[u8]) {
    let empty = disk(&Files::new());
    Wal::create(Arc::clone(&empty) as Arc<dyn Disk>, settings(1 << 20), 0).expect("no fault");
    let mut files = empty.content();
    for segment in files.values_mut() {
        segment.extend_from_slice(bytes);
    }
    let (wal, found) = open(&disk(&files)).expect("a torn tail is cut off");
    assert_eq!((wal.map(|wal| wal.next()), found), (Some(0), Vec::new()));
}

/// What the input does to one segment of a log that was written whole.
fn damaged(bytes: &[u8]) {
    let Some((&[batches, segment_bytes, how, target, high, low, value], rest)) =
        bytes.split_first_chunk()
    else {
        return;
    };
    let (files, written) = written(rest, batches, segment_bytes);
    let place = usize::from(u16::from_be_bytes([high, low]));
    let chosen = usize::from(target) % files.len();
    let is_last = chosen + 1 == files.len();
    let mut bent = files.clone();
    let segment = bent.values_mut().nth(chosen).expect("one of them");
    let place = place % (segment.len() + 1);
    let is_cut = how % 3 == 0;
    match how % 3 {
        0 => segment.truncate(place),
        1 => segment.iter_mut().skip(place).take(1).for_each(|byte| *byte ^= value),
        _ => segment.iter_mut().skip(place).for_each(|byte| *byte = value),
    }
    let is_changed = bent != files;
    let disk = disk(&bent);
    let Ok((wal, mut found)) = open(&disk) else {
        assert!(is_changed, "what was written does not open");
        assert!(!(is_last && is_cut), "a tail that was cut off is no damage");
        return;
    };
    assert!(written.starts_with(&found), "it opened to what was never appended");
    assert!(is_changed || found == written, "a batch is lost");
    assert!(!is_changed || is_last, "damage before the last segment was not noticed");
    let Some(mut wal) = wal else {
        assert!(found.is_empty() && files.len() == 1);
        return;
    };
    let next = found.last().map_or(0, |(first, count, _)| first + u64::from(*count));
    assert_eq!(wal.next(), next);
    wal.append(1, |out| out.extend_from_slice(b"more")).expect("it takes a further batch");
    found.push((next, 1, b"more".to_vec()));
    assert_eq!(open(&disk).expect("opened before").1, found);
}

/// The files of a write-ahead log that took the input in some batches.
fn written(bytes: &[u8], batches: u8, segment_bytes: u8) -> (Files, Vec<Batch>) {
    let disk = disk(&Files::new());
    let settings = settings(HEADER as u64 + u64::from(segment_bytes));
    let mut wal = Wal::create(Arc::clone(&disk) as Arc<dyn Disk>, settings, 0).expect("no fault");
    let mut written = Vec::new();
    let length = bytes.len() / (usize::from(batches % 16) + 1);
    for piece in bytes.chunks(length.max(1)).take(16) {
        // Every entry takes at least one byte.
        let count = u32::from(piece[0] % 3 + 1).min(u32::try_from(piece.len()).expect("short"));
        written.push((wal.next(), count, piece.to_vec()));
        wal.append(count, |out| out.extend_from_slice(piece)).expect("no fault is planned");
    }
    (disk.content(), written)
}
