//! A store that fails, of either kind.

use std::collections::BTreeMap;

use service::store::Store;

use super::{Crash, Faults, FolderStore, MemoryStore};

/// Where a store that fails keeps its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In memory: a write is whole or not done.
    Memory,
    /// In a real folder: each call of a write fails for itself.
    Folder,
}

/// A store that fails. Clones share it.
#[derive(Clone, Debug)]
pub enum FaultyStore {
    /// In memory.
    Memory(MemoryStore),
    /// In a real folder.
    Folder(FolderStore),
}

impl FaultyStore {
    /// An empty store whose writes go by `faults`.
    pub fn new(kind: Kind, faults: &Faults, prefix: &'static str) -> Self {
        match kind {
            Kind::Memory => Self::Memory(MemoryStore::new(faults, prefix)),
            Kind::Folder => Self::Folder(FolderStore::new(faults, prefix)),
        }
    }

    /// Which of them it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Memory(_) => Kind::Memory,
            Self::Folder(_) => Kind::Folder,
        }
    }

    /// The store as a server uses it.
    pub fn store(&self) -> Store {
        match self {
            Self::Memory(memory) => memory.store(),
            Self::Folder(folder) => folder.store(),
        }
    }

    /// All objects.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        match self {
            Self::Memory(memory) => memory.objects(),
            Self::Folder(folder) => folder.objects(),
        }
    }

    /// Everything that was ever given to be written at a path, in order, done or not.
    pub fn tried(&self, path: &str) -> Vec<Vec<u8>> {
        match self {
            Self::Memory(memory) => memory.tried(path),
            Self::Folder(folder) => folder.tried(path),
        }
    }

    /// Puts bytes there behind everybody's back.
    pub fn tamper(&self, path: &str, bytes: Option<&[u8]>) {
        match self {
            Self::Memory(memory) => memory.tamper(path, bytes),
            Self::Folder(folder) => folder.tamper(path, bytes),
        }
    }

    /// What is left of it after a crash, for a process whose writes go by `faults`.
    #[must_use]
    pub fn after(&self, crash: Crash, faults: &Faults) -> Self {
        match self {
            Self::Memory(memory) => Self::Memory(memory.after(crash, faults)),
            Self::Folder(folder) => Self::Folder(folder.after(crash, faults)),
        }
    }
}
