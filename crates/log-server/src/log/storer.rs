//! The storer: puts artifacts and raw files into the store as soon as they are durable in the
//! write-ahead log, so that a head has little left to wait for.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use canon::Digest;
use service::disk::Disk;
use service::store::{Store, StoreError};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::error::LogError;
use super::unsettled::Unsettled;

/// An artifact or raw file.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) digest: Digest,
    pub(crate) bytes: Bytes,
    /// Whether the charter keeps it out of the public bundle.
    pub(crate) is_withheld: bool,
}

/// Where objects go: to the public store, or, where the charter withholds them, to another.
#[derive(Clone, Debug)]
pub(crate) struct Stores {
    pub(crate) public: Store,
    pub(crate) withheld: Store,
}

/// The objects of one entry.
#[derive(Debug)]
pub(crate) struct ToStore {
    pub(crate) index: u64,
    pub(crate) objects: Vec<Object>,
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

/// How far the storing has come.
#[derive(Debug)]
pub(crate) struct Progress {
    inner: Mutex<Inner>,
    changed: Notify,
    pub(crate) unsettled: Unsettled,
}

#[derive(Debug, Default)]
struct Inner {
    /// Every entry below it is stored.
    stored: u64,
    /// Entries stored beyond it.
    ahead: BTreeSet<u64>,
    /// Entries that could not be stored, to be tried again.
    failed: Vec<ToStore>,
}

impl Progress {
    /// At a start: everything below `signed` is stored, and the write-ahead log, which stands on
    /// this disk, ends at `logged`.
    pub(crate) fn new(disk: &dyn Disk, signed: u64, logged: u64) -> Result<Arc<Self>, LogError> {
        let inner = Inner { stored: signed, ..Inner::default() };
        let unsettled = Unsettled::at_start(disk, signed, logged)?;
        Ok(Arc::new(Self { inner: Mutex::new(inner), changed: Notify::new(), unsettled }))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when every entry below `size` is stored. What failed before is tried once more;
    /// if it fails again, that is the answer.
    pub(crate) async fn reach(&self, size: u64, stores: &Stores) -> Result<(), StoreError> {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Registered before looking, so that no change is missed in between.
            changed.as_mut().enable();
            let failed = {
                let mut inner = self.inner();
                if inner.stored >= size {
                    return Ok(());
                }
                std::mem::take(&mut inner.failed)
            };
            if failed.is_empty() {
                changed.await;
                continue;
            }
            self.try_again(failed, stores).await?;
        }
    }

    async fn try_again(&self, entries: Vec<ToStore>, stores: &Stores) -> Result<(), StoreError> {
        match self.put_all(entries, stores).await {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Stores entries and remembers of each how that went; the first error, if there was one.
    async fn put_all(&self, mut entries: Vec<ToStore>, stores: &Stores) -> Option<StoreError> {
        let errors = put_all(stores, &self.unsettled, &entries).await;
        let mut first = None;
        let mut inner = self.inner();
        for (mut entry, error) in entries.drain(..).zip(errors) {
            match error {
                None => {
                    entry.room = None;
                    inner.ahead.insert(entry.index);
                }
                Some(error) => {
                    first.get_or_insert(error);
                    inner.failed.push(entry);
                }
            }
        }
        let mut stored = inner.stored;
        while inner.ahead.remove(&stored) {
            stored += 1;
        }
        inner.stored = stored;
        drop(inner);
        self.changed.notify_waiters();
        first
    }
}

/// Entries that are handed to the store together, at the most.
const TOGETHER: usize = 1024;

/// Stores what comes until nobody can send any more.
pub(crate) async fn run(
    stores: Stores,
    progress: Arc<Progress>,
    mut incoming: UnboundedReceiver<Vec<ToStore>>,
) {
    while let Some(mut entries) = incoming.recv().await {
        while entries.len() < TOGETHER
            && let Ok(more) = incoming.try_recv()
        {
            entries.extend(more);
        }
        if let Some(error) = progress.put_all(entries, &stores).await {
            tracing::warn!(%error, "some entries are not stored yet");
        }
    }
}

/// Stores the objects of these entries; what went wrong with each of them.
///
/// Under the name of its digest only one object can ever be right. So a raw file that an earlier
/// entry lists too may be replaced: what the head over that entry covers are the same bytes.
async fn put_all(
    stores: &Stores,
    unsettled: &Unsettled,
    entries: &[ToStore],
) -> Vec<Option<StoreError>> {
    let mut errors: Vec<Option<StoreError>> = entries.iter().map(|_| None).collect();
    for is_withheld in [false, true] {
        let store = if is_withheld { &stores.withheld } else { &stores.public };
        let (owners, objects): (Vec<usize>, Vec<_>) = entries
            .iter()
            .enumerate()
            .flat_map(|(at, entry)| entry.objects.iter().map(move |object| (at, object)))
            .filter(|(_, object)| object.is_withheld == is_withheld)
            .map(|(at, object)| {
                let (path, bytes) = (format!("artifact/{}", object.digest), object.bytes.clone());
                (at, unsettled.object(path, bytes, entries[at].index + 1))
            })
            .unzip();
        if objects.is_empty() {
            continue;
        }
        for (at, result) in owners.into_iter().zip(store.put_all_new(objects).await) {
            if let Err(error) = result {
                errors[at].get_or_insert(error);
            }
        }
    }
    errors
}
