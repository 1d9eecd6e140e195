use testkit::faults::{Faults, MemoryDisk};

use super::*;

const KIND: Kind = Kind { magic: b"scrutineer-abc/1", ledger: Digest([7; 32]) };

fn disk() -> (MemoryDisk, Arc<dyn Disk>) {
    let disk = MemoryDisk::new(&Faults::none());
    (disk.clone(), Arc::new(disk))
}

/// A file with these bodies.
fn file(bodies: &[&[u8]]) -> (MemoryDisk, Arc<dyn Disk>) {
    let (memory, disk) = disk();
    let mut frames = Frames::create(&*disk, "a", KIND).unwrap();
    for body in bodies {
        frames.append(body).unwrap();
    }
    (memory, disk)
}

fn change(memory: &MemoryDisk, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = memory.content().remove("a").unwrap();
    change(&mut bytes);
    memory.open("a", 0).unwrap().append(&bytes).unwrap();
}

/// The bodies, and the bytes that were cut off.
type Read = (Vec<Vec<u8>>, u64);

fn open(disk: &Arc<dyn Disk>) -> Result<Option<Read>, LedgerError> {
    let opened = Frames::open(disk, "a", KIND, |_| Ok(()))?;
    Ok(opened.map(|(_, content)| (content.bodies, content.torn)))
}

#[test]
fn what_was_written_is_read_and_written_on() {
    let (_, disk) = file(&[b"one", b"", b"three"]);
    let (mut frames, content) = Frames::open(&disk, "a", KIND, |_| Ok(())).unwrap().unwrap();
    assert_eq!((content.bodies.len(), content.torn), (3, 0));
    frames.append(b"four").unwrap();
    let bodies = Frames::read(&*disk, "a", KIND).unwrap();
    assert_eq!(bodies, [&b"one"[..], b"", b"three", b"four"]);
}

#[test]
fn every_cut_within_the_last_frame_leaves_the_others() {
    let (memory, _) = file(&[b"one", b"two"]);
    let whole = memory.content().remove("a").unwrap();
    let last = whole.len() - FRAME_BYTES - 3;
    for length in last..whole.len() {
        let (memory, disk) = file(&[b"one", b"two"]);
        change(&memory, |bytes| bytes.truncate(length));
        let torn = (length - last) as u64;
        assert_eq!(open(&disk).unwrap(), Some((vec![b"one".to_vec()], torn)));
        assert_eq!(open(&disk).unwrap(), Some((vec![b"one".to_vec()], 0)), "it was cut off");
    }
}

#[test]
fn damage_before_a_whole_frame_is_no_torn_write() {
    let (memory, _) = file(&[b"one", b"two"]);
    let first = HEADER_BYTES..HEADER_BYTES + FRAME_BYTES + 3;
    for at in first {
        let (memory, disk) = file(&[b"one", b"two"]);
        change(&memory, |bytes| bytes[at] ^= 1);
        let error = open(&disk).unwrap_err().to_string();
        assert!(error.contains("a frame is not whole, and whole ones follow"), "{at}: {error}");
    }
    // A file that another one follows ends with a whole frame.
    change(&memory, |bytes| bytes.truncate(bytes.len() - 1));
    let disk: Arc<dyn Disk> = Arc::new(memory);
    assert!(matches!(Frames::read(&*disk, "a", KIND), Err(LedgerError::Damaged { .. })));
}

/// The attack: take a whole frame out, or put one somewhere else.
#[test]
fn a_frame_holds_only_where_it_was_written() {
    let (memory, disk) = file(&[b"one", b"two", b"six"]);
    let frame = FRAME_BYTES + 3;
    change(&memory, |bytes| drop(bytes.drain(HEADER_BYTES..HEADER_BYTES + frame)));
    assert_eq!(open(&disk).unwrap(), Some((vec![], 2 * frame as u64)));
}

#[test]
fn a_header_that_was_never_durable_is_no_damage() {
    for length in 0..=HEADER_BYTES {
        let (memory, disk) = file(&[]);
        change(&memory, |bytes| {
            bytes.truncate(length);
            bytes.fill(0);
        });
        assert_eq!(open(&disk).unwrap(), None, "{length}");
        assert!(memory.content().is_empty());
    }
    let (memory, disk) = file(&[b"one"]);
    change(&memory, |bytes| bytes[50] ^= 1);
    assert!(open(&disk).unwrap_err().to_string().contains("the header is not whole"));
}

#[test]
fn files_of_others_are_refused() {
    let (_, disk) = file(&[b"one"]);
    let other = Kind { ledger: Digest([8; 32]), ..KIND };
    assert!(matches!(
        Frames::open(&disk, "a", other, |_| Ok(())),
        Err(LedgerError::OtherLedger { .. })
    ));
    let other = Kind { magic: b"scrutineer-xyz/1", ..KIND };
    assert!(matches!(
        Frames::open(&disk, "a", other, |_| Ok(())),
        Err(LedgerError::Damaged { .. })
    ));
}
