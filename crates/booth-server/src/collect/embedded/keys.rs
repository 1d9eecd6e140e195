//! The keys of batches that are not cut, one file each, apart from what they seal.
//!
//! ```text
//! 0000000000000007.key     the key of batch 7
//!    0  32  the key, random
//!   32   4  CRC-32C of the key
//! ```
//!
//! A key is durable before the first record under it is written. After the cut it is overwritten
//! and removed. A file that is not whole has sealed nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use booth::batch::BatchNumber;
use service::disk::Disk;
use zeroize::Zeroizing;

use super::frames::io;
use crate::collect::LedgerError;

const KEY_BYTES: usize = 32;

/// The key of a batch.
pub(super) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// All keys.
pub(super) struct Keys {
    disk: Arc<dyn Disk>,
    held: Mutex<BTreeMap<BatchNumber, Key>>,
}

fn name_of(batch: BatchNumber) -> String {
    format!("{batch:016x}.key")
}

fn number_of(name: &str) -> Option<BatchNumber> {
    let digits = name.strip_suffix(".key").filter(|digits| digits.len() == 16)?;
    BatchNumber::from_str_radix(digits, 16).ok()
}

impl Keys {
    /// Reads the keys that are there.
    pub(super) fn open(disk: Arc<dyn Disk>) -> Result<Self, LedgerError> {
        let mut held = BTreeMap::new();
        let names = disk.names().map_err(io("list", "the batch keys"))?;
        for (name, batch) in names.iter().filter_map(|name| Some((name, number_of(name)?))) {
            let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 4));
            let mut reader = disk.read(name).map_err(io("read", name))?;
            reader.read_to_end(&mut bytes).map_err(io("read", name))?;
            if let Some((key, crc)) = bytes.split_first_chunk::<KEY_BYTES>()
                && crc == crc32c::crc32c(key).to_be_bytes()
            {
                held.insert(batch, Zeroizing::new(*key));
            }
        }
        // A name that only the operating system holds must not be relied on.
        disk.sync_names().map_err(io("sync", "the folder of batch keys"))?;
        Ok(Self { disk, held: Mutex::new(held) })
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<BatchNumber, Key>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes durable keys for those of the batches that have none.
    pub(super) fn make(
        &self,
        batches: impl Iterator<Item = BatchNumber>,
    ) -> Result<(), LedgerError> {
        let missing: BTreeSet<BatchNumber> = {
            let held = self.held();
            batches.filter(|batch| !held.contains_key(batch)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let mut made = Vec::with_capacity(missing.len());
        for batch in missing {
            let key = Zeroizing::new(service::random::bytes::<KEY_BYTES>());
            self.write(&name_of(batch), &key)?;
            made.push((batch, key));
        }
        self.disk.sync_names().map_err(io("sync", "the folder of batch keys"))?;
        self.held().extend(made);
        Ok(())
    }

    /// Writes again those keys whose files somebody has removed, and tells of it. An operating
    /// system may clear what a user has in memory when they log out.
    pub(super) fn keep(&self) -> Result<(), LedgerError> {
        // Held all the while, so that no key is written again that is being destroyed.
        let held = self.held();
        self.disk.make_again().map_err(io("make", "the folder of batch keys"))?;
        let names = self.disk.names().map_err(io("list", "the batch keys"))?;
        for (batch, key) in held.iter() {
            let name = name_of(*batch);
            if names.binary_search(&name).is_err() {
                self.write(&name, key)?;
                tracing::error!(
                    name,
                    "a batch key was removed by somebody else; it is there again"
                );
            }
        }
        Ok(())
    }

    fn write(&self, name: &str, key: &Key) -> Result<(), LedgerError> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_BYTES + 4));
        bytes.extend_from_slice(&**key);
        bytes.extend_from_slice(&crc32c::crc32c(&**key).to_be_bytes());
        let mut file = self.disk.create(name).map_err(io("create", name))?;
        file.append(&bytes).map_err(io("write", name))?;
        file.sync().map_err(io("sync", name))
    }

    /// Does something with the key of a batch, if it is there.
    pub(super) fn with<T>(&self, batch: BatchNumber, act: impl FnOnce(&Key) -> T) -> Option<T> {
        // Cloned, so that nobody waits while a record is sealed; the clone is wiped too.
        let key = self.held().get(&batch).cloned();
        key.as_ref().map(act)
    }

    /// Destroys the keys of these batches: overwritten, removed, and the removal durable.
    pub(super) fn destroy(
        &self,
        batches: impl Iterator<Item = BatchNumber>,
    ) -> Result<(), LedgerError> {
        let there: Vec<BatchNumber> = {
            let mut held = self.held();
            batches.filter(|batch| held.remove(batch).is_some()).collect()
        };
        self.remove(there.into_iter().map(name_of))
    }

    /// Destroys every key but those of these batches, whole or not.
    pub(super) fn keep_only(&self, batches: &BTreeSet<BatchNumber>) -> Result<(), LedgerError> {
        let names = self.disk.names().map_err(io("list", "the batch keys"))?;
        let leftover = names
            .into_iter()
            .filter(|name| number_of(name).is_some_and(|batch| !batches.contains(&batch)));
        self.held().retain(|batch, _| batches.contains(batch));
        self.remove(leftover)
    }

    fn remove(&self, names: impl Iterator<Item = String>) -> Result<(), LedgerError> {
        let mut any = false;
        for name in names {
            self.disk.wipe(&name).map_err(io("overwrite", &name))?;
            self.disk.remove(&name).map_err(io("remove", &name))?;
            any = true;
        }
        if any {
            self.disk.sync_names().map_err(io("sync", "the folder of batch keys"))?;
        }
        Ok(())
    }
}
