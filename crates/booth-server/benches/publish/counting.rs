//! The publisher's disk, with its syncs counted.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use service::disk::{Disk, DiskFile, FolderDisk};

/// A folder, and how often it was synced.
pub(super) struct CountingDisk {
    folder: FolderDisk,
    pub(super) syncs: Arc<AtomicU64>,
}

struct CountingFile {
    file: Box<dyn DiskFile>,
    syncs: Arc<AtomicU64>,
}

impl CountingDisk {
    pub(super) fn open(path: &Path) -> Self {
        let folder = FolderDisk::open(path).expect("a folder");
        Self { folder, syncs: Arc::default() }
    }

    fn count(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(CountingFile { file, syncs: Arc::clone(&self.syncs) })
    }
}

impl Disk for CountingDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        self.folder.names()
    }

    fn read(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        self.folder.read(name)
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        self.folder.length(name)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.count(self.folder.create(name)?))
    }

    fn open(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.count(self.folder.open(name, length)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.folder.rename(from, to)
    }

    fn wipe(&self, name: &str) -> io::Result<()> {
        self.folder.wipe(name)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.folder.remove(name)
    }

    fn sync_names(&self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.folder.sync_names()
    }
}

impl DiskFile for CountingFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.file.sync()
    }
}
