//! Disks that are full or slow while votes come in.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use booth::batch::{Cut, Halves};
use booth::campaign::Shard;
use booth_server::collect::{CollectError, Disks, Embedded, Ledger as _, Opening, Record};
use service::disk::{Disk, DiskFile};
use testkit::faults::{Crash, Faults, MemoryDisk};

use crate::fixture::{World, campaign, numbers, requests};
use crate::instance::{Platform, Running, until};

/// A disk that takes half of a write when it is full, and does something before a file is removed.
#[derive(Clone)]
struct Odd {
    disk: MemoryDisk,
    is_full: Arc<AtomicBool>,
    before_removing: Arc<dyn Fn() + Send + Sync>,
}

struct OddFile {
    file: Box<dyn DiskFile>,
    is_full: Arc<AtomicBool>,
}

impl Odd {
    fn new(disk: &MemoryDisk) -> Self {
        Self { disk: disk.clone(), is_full: Arc::default(), before_removing: Arc::new(|| ()) }
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(OddFile { file, is_full: Arc::clone(&self.is_full) })
    }
}

impl Disk for Odd {
    fn names(&self) -> io::Result<Vec<String>> {
        self.disk.names()
    }
    fn read(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        self.disk.read(name)
    }
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(self.disk.create(name)?))
    }
    fn open(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(self.disk.open(name, length)?))
    }
    fn wipe(&self, name: &str) -> io::Result<()> {
        self.disk.wipe(name)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, name: &str) -> io::Result<()> {
        (self.before_removing)();
        self.disk.remove(name)
    }
    fn sync_names(&self) -> io::Result<()> {
        self.disk.sync_names()
    }
}

impl DiskFile for OddFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_full.load(Ordering::SeqCst) {
            self.file.append(&bytes[..bytes.len() / 2])?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.append(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

/// An instance on disks of which one will be full.
fn start(platform: &Platform, disks: Disks) -> Running {
    let campaign = platform.campaign();
    let opened = Embedded::open(disks, &campaign, Shard(0), Opening::default());
    let (ledger, recovered) = opened.unwrap();
    Running::over(platform, Arc::new(ledger), recovered)
}

fn assert_full(ended: Result<service::http::Drained, CollectError>) {
    match ended {
        Err(CollectError::Ledger(error)) => assert!(error.is_full(), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_full_disk_ends_the_instance_and_loses_nothing() {
    let platform = Platform::new("test", 2, 1);
    let all = requests();
    for part in ["spool", "keys", "lists"] {
        let world = World::new(&Faults::none());
        let full = Odd::new(match part {
            "spool" => &world.spool,
            "keys" => &world.keys,
            _ => &world.lists,
        });
        let mut disks = world.disks();
        match part {
            "spool" => disks.spool = Arc::new(full.clone()),
            "keys" => disks.keys = Arc::new(full.clone()),
            _ => disks.lists = Arc::new(full.clone()),
        }
        let instance = start(&platform, disks);
        for request in &all[..2] {
            assert_eq!(instance.vote(request).status, 202, "{part}");
        }
        full.is_full.store(true, Ordering::SeqCst);
        // Third and fourth make the first batch due.
        let last = all[2..4].iter().map(|request| instance.try_vote(request)).collect::<Vec<_>>();
        assert_full(instance.end());
        // There is room again.
        let left = world.after(Crash::PowerCut(1));
        let instance = start(&platform, left.disks());
        for (request, before) in all[2..4].iter().zip(last) {
            let now = instance.vote(request).status;
            assert!(matches!(now, 202 | 204), "{part}: {before:?}, now {now}");
        }
        until(|| (instance.vote(&all[0]).status == 204).then_some(()));
        instance.clock.advance(86_400 * 2);
        for request in &all[..4] {
            until(|| (instance.vote(request).status == 204).then_some(()));
        }
        instance.stop();
        assert_eq!(numbers(&left), [vec![0, 1, 2, 3], vec![0, 1, 2, 3]], "{part}");
    }
}

/// Removing a segment of the spool takes long; votes are recorded meanwhile.
#[test]
fn accepting_does_not_wait_for_the_files_of_a_cut() {
    let world = World::new(&Faults::none());
    let ((removing, removes), (go_on, waits)) = (channel(), channel::<()>());
    let waits = Mutex::new(waits);
    let before_removing = Arc::new(move || {
        removing.send(()).unwrap();
        waits.lock().unwrap().recv().unwrap();
    });
    let mut disks = world.disks();
    disks.spool = Arc::new(Odd { before_removing, ..Odd::new(&world.spool) });
    // Each write is a segment.
    let opening = Opening { segment_bytes: 1, ..Opening::default() };
    let (ledger, _) = Embedded::open(disks, &campaign(2), Shard(0), opening).unwrap();
    let halves = |number: usize| Halves::from(requests()[number].clone());
    let record = |number: usize| Record { batch: number as u64 / 2, halves: halves(number) };
    ledger.append(0, &[record(0), record(1)]).unwrap();
    ledger.append(2, &[record(2)]).unwrap();
    let (votes, voters) = (0..2).map(halves).map(|one| (one.vote, one.voter)).unzip();
    let cut = Cut { number: 0, covers: vec![0], votes, voters };
    std::thread::scope(|scope| {
        let cutting = scope.spawn(|| ledger.cut(&[cut]));
        removes.recv().unwrap();
        // This is where it would wait for ever.
        assert_eq!(ledger.append(3, &[record(3)]).unwrap(), 4);
        go_on.send(()).unwrap();
        cutting.join().unwrap().unwrap();
    });
    assert_eq!(world.spool.content().len(), 2, "the first segment is gone");
}
