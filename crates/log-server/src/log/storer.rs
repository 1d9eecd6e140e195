//! The storer: puts artifacts and raw files into the store as soon as they are durable in the
//! write-ahead log, so that a head has little left to wait for.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use canon::Digest;
use futures::{StreamExt, stream};
use service::store::{Store, StoreError};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Notify, OwnedSemaphorePermit};

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
#[derive(Debug, Default)]
pub(crate) struct Progress {
    inner: Mutex<Inner>,
    changed: Notify,
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
    pub(crate) fn from(stored: u64) -> Self {
        let inner = Inner { stored, ..Inner::default() };
        Self { inner: Mutex::new(inner), changed: Notify::new() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, index: u64) {
        let mut inner = self.inner();
        inner.ahead.insert(index);
        let mut stored = inner.stored;
        while inner.ahead.remove(&stored) {
            stored += 1;
        }
        inner.stored = stored;
        drop(inner);
        self.changed.notify_waiters();
    }

    fn failed(&self, entry: ToStore) {
        self.inner().failed.push(entry);
        self.changed.notify_waiters();
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
        let mut entries = entries.into_iter();
        while let Some(entry) = entries.next() {
            match put_all(stores, &entry).await {
                Ok(()) => self.done(entry.index),
                Err(error) => {
                    let mut inner = self.inner();
                    inner.failed.push(entry);
                    inner.failed.extend(entries);
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}

/// Entries that are being stored at one time.
const AT_ONE_TIME: usize = 64;

/// Stores what comes until nobody can send any more, at most [`AT_ONE_TIME`] entries at a time.
pub(crate) async fn run(
    stores: Stores,
    progress: Arc<Progress>,
    incoming: UnboundedReceiver<Vec<ToStore>>,
) {
    let batches = stream::unfold(incoming, async |mut incoming| {
        let batch = incoming.recv().await?;
        Some((stream::iter(batch), incoming))
    });
    let entries = batches.flatten();
    entries.for_each_concurrent(AT_ONE_TIME, |entry| put_one(&stores, &progress, entry)).await;
}

async fn put_one(stores: &Stores, progress: &Progress, mut entry: ToStore) {
    match put_all(stores, &entry).await {
        Ok(()) => {
            entry.room = None;
            progress.done(entry.index);
        }
        Err(error) => {
            tracing::warn!(index = entry.index, %error, "an entry is not stored yet");
            progress.failed(entry);
        }
    }
}

async fn put_all(stores: &Stores, entry: &ToStore) -> Result<(), StoreError> {
    for object in &entry.objects {
        let store = if object.is_withheld { &stores.withheld } else { &stores.public };
        store.put_immutable(&format!("artifact/{}", object.digest), object.bytes.clone()).await?;
    }
    Ok(())
}
