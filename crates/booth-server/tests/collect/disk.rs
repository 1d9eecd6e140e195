//! Disks that are full while votes come in over HTTP.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use booth::campaign::Shard;
use booth_server::collect::{CollectError, Disks, Embedded, Opening};
use service::disk::{Disk, DiskFile};
use testkit::faults::{Crash, Faults, MemoryDisk};

use crate::fixture::{World, numbers, requests};
use crate::instance::{Platform, Running, until};

/// A disk that takes half of a write when it is full.
#[derive(Clone)]
struct Full {
    disk: MemoryDisk,
    is_full: Arc<AtomicBool>,
}

struct FullFile {
    file: Box<dyn DiskFile>,
    is_full: Arc<AtomicBool>,
}

impl Full {
    fn new(disk: &MemoryDisk) -> Self {
        Self { disk: disk.clone(), is_full: Arc::default() }
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(FullFile { file, is_full: Arc::clone(&self.is_full) })
    }
}

impl Disk for Full {
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
    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }
    fn sync_names(&self) -> io::Result<()> {
        self.disk.sync_names()
    }
}

impl DiskFile for FullFile {
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
    Running::over(platform, opened.unwrap())
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
        let full = Full::new(match part {
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
