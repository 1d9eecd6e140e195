//! A disk in memory that knows what is durable.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use service::disk::{Disk, DiskFile};

use super::{Choices, Crash, Faults};

/// A folder in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    files: Arc<Mutex<BTreeMap<String, File>>>,
    faults: Faults,
}

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    /// How many of them are durable.
    synced: usize,
    /// Whether the name is durable.
    is_named: bool,
    /// Whether it was removed, and that is not durable yet.
    is_removed: bool,
    /// Bytes that a failed sync has forgotten: they are shown, and no later sync covers them.
    forgotten: Vec<Range<usize>>,
    /// What had its name before, until that it was taken is durable.
    replaced: Option<Box<Self>>,
}

impl MemoryDisk {
    /// An empty folder whose writes go by `faults`.
    pub fn new(faults: &Faults) -> Self {
        Self { files: Arc::default(), faults: faults.clone() }
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, File>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is left of it after a crash, for a process whose writes go by `faults`.
    #[must_use]
    pub fn after(&self, crash: Crash, faults: &Faults) -> Self {
        let mut files = self.files().clone();
        // A process that was killed leaves its writes to the operating system, which may still
        // lose them: the next process reads them, and they are no more durable than before.
        if let Crash::PowerCut(seed) = crash {
            let mut choices = Choices::new(seed);
            files.retain(|_, file| file.survives(&mut choices));
            for file in files.values_mut() {
                file.forgotten.clear();
                // What was read after the crash is what the disk holds.
                *file = File { synced: file.bytes.len(), is_named: true, ..file.clone() };
                file.is_removed = false;
            }
        }
        Self { files: Arc::new(Mutex::new(files)), faults: faults.clone() }
    }

    /// The names and bytes of all files.
    pub fn content(&self) -> BTreeMap<String, Vec<u8>> {
        let files = self.files();
        let there = files.iter().filter(|(_, file)| !file.is_removed);
        there.map(|(name, file)| (name.clone(), file.bytes.clone())).collect()
    }
}

impl File {
    /// Lets a power cut happen to it; whether its name is still there.
    fn survives(&mut self, choices: &mut Choices) -> bool {
        if let Some(replaced) = self.replaced.take()
            && choices.below(2) == 0
        {
            *self = *replaced;
            return self.survives(choices);
        }
        self.lose_forgotten(choices);
        let unsynced = self.bytes.len() - self.synced;
        let kept = choices.below(unsynced + 1);
        self.bytes.truncate(self.synced + kept);
        if kept > 0 && choices.below(2) == 0 {
            // Pages reach the disk in any order: of what is kept, a beginning may be missing.
            let zeroed = choices.below(kept);
            self.bytes[self.synced..self.synced + zeroed].fill(0);
        }
        match (self.is_named, self.is_removed) {
            (true, false) => true,
            // A name that was not synced, or whose removal was not, is there or not.
            _ => choices.below(2) == 0,
        }
    }

    /// What was forgotten never came to the disk: there are zeros, or the file ends before them.
    fn lose_forgotten(&mut self, choices: &mut Choices) {
        for range in std::mem::take(&mut self.forgotten) {
            let end = range.end.min(self.bytes.len());
            let start = range.start.min(end);
            self.bytes[start..end].fill(0);
            if end == self.bytes.len() && choices.below(2) == 0 {
                self.bytes.truncate(start);
            }
        }
        self.synced = self.synced.min(self.bytes.len());
    }

    /// Only its first bytes are left.
    fn cut(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.synced = length;
        for range in &mut self.forgotten {
            *range = range.start.min(length)..range.end.min(length);
        }
    }
}

fn missing(name: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, name.to_owned())
}

impl Disk for MemoryDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        self.faults.alive()?;
        Ok(self.content().into_keys().collect())
    }

    fn read(&self, name: &str) -> io::Result<Box<dyn Read + Send>> {
        self.faults.alive()?;
        let bytes = self.content().remove(name).ok_or_else(|| missing(name))?;
        Ok(Box::new(Cursor::new(bytes)))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let make = || {
            let mut files = self.files();
            if files.get(name).is_some_and(|file| !file.is_removed) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            files.insert(name.to_owned(), File::default());
            Ok(())
        };
        self.faults.write(&format!("create {name}"), make, || {})?;
        Ok(Box::new(Open { disk: self.clone(), name: name.to_owned() }))
    }

    fn open(&self, name: &str, length: u64) -> io::Result<Box<dyn DiskFile>> {
        let there = self.content().remove(name).ok_or_else(|| missing(name))?.len();
        let length = usize::try_from(length).map_err(io::Error::other)?;
        if length < there {
            let cut = || {
                let mut files = self.files();
                let file = files.get_mut(name).ok_or_else(|| missing(name))?;
                file.cut(length);
                Ok(())
            };
            self.faults.write(&format!("cut {name}"), cut, || {})?;
        }
        Ok(Box::new(Open { disk: self.clone(), name: name.to_owned() }))
    }

    fn wipe(&self, name: &str) -> io::Result<()> {
        let fill = |part: usize| {
            let mut files = self.files();
            let file = files.get_mut(name).ok_or_else(|| missing(name))?;
            let length = file.bytes.len() / part;
            file.bytes[..length].fill(0);
            file.forgotten.clear();
            Ok(())
        };
        let half = || {
            let _ = fill(2);
        };
        self.faults.write(&format!("wipe {name}"), || fill(1), half)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let rename = || {
            let mut files = self.files();
            let mut file = files.remove(from).ok_or_else(|| missing(from))?;
            let replaced = files.remove(to).filter(|replaced| !replaced.is_removed);
            file.is_named = replaced.as_ref().is_some_and(|replaced| replaced.is_named);
            file.replaced = replaced.map(Box::new);
            files.insert(to.to_owned(), file);
            Ok(())
        };
        self.faults.write(&format!("rename {from}"), rename, || {})
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let remove = || {
            self.files().get_mut(name).ok_or_else(|| missing(name))?.is_removed = true;
            Ok(())
        };
        self.faults.write(&format!("remove {name}"), remove, || {})
    }

    fn sync_names(&self) -> io::Result<()> {
        let sync = || {
            let mut files = self.files();
            files.retain(|_, file| !file.is_removed);
            for file in files.values_mut() {
                file.is_named = true;
                file.replaced = None;
            }
            Ok(())
        };
        self.faults.write("sync folder", sync, || {})
    }
}

struct Open {
    disk: MemoryDisk,
    name: String,
}

impl Open {
    fn change<T>(&self, change: impl FnOnce(&mut File) -> T) -> io::Result<T> {
        let mut files = self.disk.files();
        Ok(change(files.get_mut(&self.name).ok_or_else(|| missing(&self.name))?))
    }
}

impl DiskFile for Open {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let whole = || self.change(|file| file.bytes.extend_from_slice(bytes));
        let half = || {
            let _ = self.change(|file| file.bytes.extend_from_slice(&bytes[..bytes.len() / 2]));
        };
        self.disk.faults.write(&format!("write {}", self.name), whole, half)
    }

    fn sync(&mut self) -> io::Result<()> {
        let sync = || self.change(|file| file.synced = file.bytes.len());
        let forget = || {
            let _ = self.change(|file| {
                file.forgotten.push(file.synced..file.bytes.len());
                file.synced = file.bytes.len();
            });
        };
        self.disk.faults.sync(&format!("sync {}", self.name), sync, forget)
    }
}
