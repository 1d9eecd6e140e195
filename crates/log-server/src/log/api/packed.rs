//! Leaf bundles in gzip form.
//!
//! They never change, so each is packed once and kept for a while; and packing takes milliseconds,
//! so it is done beside the threads that answer requests, one bundle at a time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use service::http::{Refusal, gzip};
use service::store::Store;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Bytes of packed bundles that are kept.
const KEPT_BYTES: usize = 32 << 20;

/// Packs bundles and keeps them.
pub(crate) struct Packed {
    /// Whoever packs has it; who waits for it holds no bytes.
    place: Arc<Semaphore>,
    kept: Mutex<Kept>,
    most: usize,
}

#[derive(Default)]
struct Kept {
    by_path: HashMap<String, Bytes>,
    /// The paths, the oldest first.
    order: VecDeque<String>,
    bytes: usize,
}

impl Packed {
    pub(crate) fn new() -> Self {
        Self::keeping(KEPT_BYTES)
    }

    /// Keeps so many bytes.
    fn keeping(most: usize) -> Self {
        Self { place: Arc::new(Semaphore::new(1)), kept: Mutex::default(), most }
    }

    /// The packed form of the immutable object at `path`, of at most `most` bytes; `None` when
    /// nothing stands there.
    pub(super) async fn of(
        &self,
        store: &Store,
        path: &str,
        most: u64,
    ) -> Result<Option<Bytes>, Refusal> {
        if let Some(packed) = self.find(path) {
            return Ok(Some(packed));
        }
        let place = Arc::clone(&self.place).acquire_owned().await;
        let place = place.map_err(|error| Refusal::ourselves(&error))?;
        // Whoever had the place before may have packed the same.
        if let Some(packed) = self.find(path) {
            return Ok(Some(packed));
        }
        let bytes = store.get(path, most).await.map_err(|error| Refusal::ourselves(&error))?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let pack = move || {
            let _place = place;
            Bytes::from(gzip::compress(&bytes))
        };
        let packed = spawn_blocking(pack).await.map_err(|error| Refusal::ourselves(&error))?;
        self.keep(path, packed.clone());
        Ok(Some(packed))
    }

    fn find(&self, path: &str) -> Option<Bytes> {
        self.kept().by_path.get(path).cloned()
    }

    fn keep(&self, path: &str, packed: Bytes) {
        let mut kept = self.kept();
        kept.bytes += packed.len();
        if let Some(before) = kept.by_path.insert(path.to_owned(), packed) {
            kept.bytes -= before.len();
        } else {
            kept.order.push_back(path.to_owned());
        }
        while kept.bytes > self.most
            && let Some(oldest) = kept.order.pop_front()
        {
            let gone = kept.by_path.remove(&oldest);
            kept.bytes -= gone.map_or(0, |gone| gone.len());
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use service::store::Before;

    use super::*;

    async fn store(paths: &[&str]) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::folder(folder.path(), Before::MayBeKilled).unwrap();
        for path in paths {
            let bytes = Bytes::from(format!("{path} ").repeat(1_000));
            store.put_immutable(path, bytes).await.unwrap();
        }
        (folder, store)
    }

    #[tokio::test]
    async fn a_bundle_is_packed_once() {
        let (folder, store) = store(&["leaf/000"]).await;
        let packed = Packed::new();
        let first = packed.of(&store, "leaf/000", 1 << 20).await.unwrap().unwrap();
        assert!(first.len() < 200);
        std::fs::remove_file(folder.path().join("leaf/000")).unwrap();
        assert_eq!(packed.of(&store, "leaf/000", 1 << 20).await.unwrap(), Some(first));
        assert_eq!(packed.of(&store, "leaf/001", 1 << 20).await.unwrap(), None);
    }

    #[tokio::test]
    async fn packing_waits_for_its_place_and_the_kept_form_does_not() {
        let (_folder, store) = store(&["leaf/000", "leaf/001"]).await;
        let packed = Packed::new();
        packed.of(&store, "leaf/000", 1 << 20).await.unwrap().unwrap();
        let place = Arc::clone(&packed.place).acquire_owned().await.unwrap();
        let mut waiting = std::pin::pin!(packed.of(&store, "leaf/001", 1 << 20));
        assert!(futures::poll!(&mut waiting).is_pending());
        assert!(packed.of(&store, "leaf/000", 1 << 20).await.unwrap().is_some());
        drop(place);
        assert!(waiting.await.unwrap().is_some());
    }

    #[tokio::test]
    async fn the_oldest_goes_when_there_is_no_more_room() {
        let (_folder, store) = store(&["leaf/000", "leaf/001", "leaf/002"]).await;
        let one = Packed::new().of(&store, "leaf/000", 1 << 20).await.unwrap().unwrap().len();
        let packed = Packed::keeping(2 * one + one / 2);
        for path in ["leaf/000", "leaf/001", "leaf/002"] {
            packed.of(&store, path, 1 << 20).await.unwrap().unwrap();
        }
        assert_eq!(packed.find("leaf/000"), None);
        assert!(packed.find("leaf/001").is_some() && packed.find("leaf/002").is_some());
        let kept = packed.kept();
        assert_eq!((kept.order.len(), kept.by_path.len()), (2, 2));
        assert_eq!(kept.bytes, kept.by_path.values().map(Bytes::len).sum::<usize>());
    }
}
