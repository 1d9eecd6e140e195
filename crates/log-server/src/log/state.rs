//! What the tasks of a log share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use artifact::register::Register;
use bytes::Bytes;
use canon::{Digest, Timestamp};
use service::clock::Clock;
use tlog::merkle::Head;
use tlog::sequence::Sequencer;
use tlog::witness::ClockRule;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::figures::Figures;
use super::index::Index;
use super::keys::LogKeys;
use super::storer::Stores;
use crate::clock::Clocks;

/// Figures that bound a log's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Time between heads; the charter says how long at the most.
    pub head_interval: Duration,
    /// How long a head waits for witnesses before what came is judged.
    pub cosign_wait: Duration,
    /// Bytes of entries that may wait for the store and a head, in memory.
    pub waiting_bytes: usize,
    /// Submissions that may wait for the write-ahead log.
    pub queue: usize,
    /// Entries of one batch of the write-ahead log.
    pub batch_entries: usize,
    /// Bytes after which a batch takes no further entry.
    pub batch_bytes: usize,
    /// Bytes after which a new segment of the write-ahead log is begun.
    pub segment_bytes: u64,
    /// Whether a witness that cannot be asked what it saw keeps the log from starting.
    pub ask_all_witnesses: bool,
    /// Whether the log starts although so few witnesses could be asked that a quorum may have
    /// cosigned heads that are not here.
    pub start_unasked: bool,
    /// How far the clock may step before nothing is accepted and signed.
    pub clock: ClockRule,
    /// Whether somebody has checked the clock, so that it is not held against the witnesses' at
    /// the start.
    pub clock_checked: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            head_interval: Duration::from_mins(1),
            cosign_wait: Duration::from_secs(10),
            waiting_bytes: 512 << 20,
            queue: 16_384,
            batch_entries: 8_192,
            batch_bytes: 8 << 20,
            segment_bytes: 64 << 20,
            ask_all_witnesses: false,
            start_unasked: false,
            clock: ClockRule::default(),
            clock_checked: false,
        }
    }
}

/// A register and its number: it changes with every amendment and the close.
#[derive(Debug)]
pub(crate) struct Epoch {
    pub(crate) number: u64,
    pub(crate) register: Register,
}

/// The last head that met its threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Size and root.
    pub head: Head,
    /// The time of the log's own timestamped line.
    pub time: Timestamp,
    /// The checkpoint as it is served.
    pub checkpoint: Bytes,
    /// The witnesses whose lines it carries, by their name in the charter, with their times.
    pub witnesses: Vec<(String, Timestamp)>,
}

/// Entries at the end of the log that the next heads need: not stored yet, or in a bundle that
/// is not full yet.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    pub(crate) first: u64,
    pub(crate) leaves: VecDeque<TailLeaf>,
}

/// One entry of the tail.
#[derive(Debug)]
pub(crate) struct TailLeaf {
    pub(crate) leaf: Bytes,
    pub(crate) leaf_hash: Digest,
    pub(crate) artifact: Digest,
    pub(crate) statement: Digest,
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

impl Tail {
    pub(crate) fn get(&self, index: u64) -> Option<&TailLeaf> {
        let at = usize::try_from(index.checked_sub(self.first)?).ok()?;
        self.leaves.get(at)
    }

    /// The entries from `from` to `to`, as far as they are here.
    pub(crate) fn range(&self, from: u64, to: u64) -> impl Iterator<Item = &TailLeaf> {
        let at = |index: u64| {
            let offset = index.saturating_sub(self.first);
            usize::try_from(offset).unwrap_or(usize::MAX).min(self.leaves.len())
        };
        self.leaves.range(at(from)..at(to.max(from)))
    }

    /// Forgets the entries below `size`, but for those in a bundle that is not full.
    pub(crate) fn trim(&mut self, size: u64) {
        let keep = size & !0xff;
        while self.first < keep && self.leaves.pop_front().is_some() {
            self.first += 1;
        }
        for leaf in self.leaves.iter_mut().take(usize::try_from(size - self.first).unwrap_or(0)) {
            leaf.room = None;
        }
    }
}

/// What the tasks share.
pub(crate) struct Shared {
    pub(crate) keys: LogKeys,
    pub(crate) log_id: Digest,
    pub(crate) settings: Settings,
    pub(crate) clocks: Clocks,
    pub(crate) stores: Stores,
    pub(crate) figures: Figures,
    pub(crate) sequencer: Mutex<Sequencer>,
    pub(crate) index: RwLock<Index>,
    pub(crate) tail: Mutex<Tail>,
    /// Entries that are durable: what may be told.
    pub(crate) durable: AtomicU64,
    /// Bytes that may still wait, in units of [`ROOM_UNIT`].
    pub(crate) room: Arc<Semaphore>,
    /// Told when less than half of the room is left.
    pub(crate) pressure: Notify,
    epoch: RwLock<Arc<Epoch>>,
    published: RwLock<Option<Arc<Published>>>,
    stopped: OnceLock<String>,
    stop_told: Notify,
}

/// Bytes of one unit of room.
const ROOM_UNIT: usize = 256;

/// What a leaf takes in memory while it waits for a head, its places in the index counted.
const LEAF_ROOM_BYTES: usize = 1024;

/// What [`Shared`] begins with.
pub(crate) struct Beginning {
    pub(crate) keys: LogKeys,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stores: Stores,
    pub(crate) figures: Figures,
    pub(crate) sequencer: Sequencer,
    pub(crate) index: Index,
    pub(crate) tail: Tail,
    pub(crate) register: Register,
}

impl Shared {
    pub(crate) fn new(from: Beginning) -> Self {
        let units = (from.settings.waiting_bytes / ROOM_UNIT).clamp(1, Semaphore::MAX_PERMITS);
        let durable = from.sequencer.durable();
        let shared = Self {
            log_id: from.keys.log_id(),
            keys: from.keys,
            clocks: Clocks::new(from.settings.clock, from.clock),
            settings: from.settings,
            stores: from.stores,
            figures: from.figures,
            sequencer: Mutex::new(from.sequencer),
            index: RwLock::new(from.index),
            tail: Mutex::new(from.tail),
            durable: AtomicU64::new(durable),
            room: Arc::new(Semaphore::new(units)),
            pressure: Notify::new(),
            epoch: RwLock::new(Arc::new(Epoch { number: 0, register: from.register })),
            published: RwLock::new(None),
            stopped: OnceLock::new(),
            stop_told: Notify::new(),
        };
        shared.set_durable(durable);
        shared
    }

    /// Takes room for a leaf and for `bytes` bytes behind it, if there is any.
    pub(crate) fn take_room(
        &self,
        bytes: usize,
    ) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        let units = |bytes: usize| u32::try_from(bytes / ROOM_UNIT + 1).ok();
        let (leaf, rest) = (units(LEAF_ROOM_BYTES)?, units(bytes)?);
        let take = |units| Arc::clone(&self.room).try_acquire_many_owned(units).ok();
        let room = take(leaf + rest).and_then(|mut both| Some((both.split(leaf as usize)?, both)));
        let half = self.settings.waiting_bytes / ROOM_UNIT / 2;
        if self.room.available_permits() < half {
            self.pressure.notify_one();
        }
        room
    }

    pub(crate) fn epoch(&self) -> Arc<Epoch> {
        Arc::clone(&self.epoch.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts a changed register into force.
    pub(crate) fn next_epoch(&self, register: Register) {
        let mut epoch = self.epoch.write().unwrap_or_else(PoisonError::into_inner);
        *epoch = Arc::new(Epoch { number: epoch.number + 1, register });
    }

    pub(crate) fn published(&self) -> Option<Arc<Published>> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_published(&self, published: Published) {
        self.figures.published_size.set(gauge(published.head.size));
        self.figures.published_time.set(published.time.unix());
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Some(published.into());
    }

    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(crate) fn set_durable(&self, size: u64) {
        self.durable.store(size, Ordering::Release);
        self.figures.durable_size.set(gauge(size));
    }

    pub(crate) fn sequencer(&self) -> MutexGuard<'_, Sequencer> {
        self.sequencer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn read_index<T>(&self, read: impl FnOnce(&Index) -> T) -> T {
        read(&self.index.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn write_index<T>(&self, write: impl FnOnce(&mut Index) -> T) -> T {
        write(&mut self.index.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stops the log for good: nothing more is accepted or signed by this process.
    pub(crate) fn stop(&self, reason: &dyn std::fmt::Display) {
        let reason = reason.to_string();
        if self.stopped.set(reason.clone()).is_ok() {
            self.figures.signing.set(0);
            tracing::error!(reason, "the log has stopped; nothing more is accepted or signed");
        }
        self.stop_told.notify_waiters();
    }

    /// Returns when the log has stopped, with the reason.
    pub(crate) async fn until_stopped(&self) -> String {
        let told = self.stop_told.notified();
        let mut told = std::pin::pin!(told);
        // Registered before looking, so that no stop is missed in between.
        told.as_mut().enable();
        if self.stopped().is_none() {
            told.await;
        }
        self.stopped().unwrap_or_default().to_owned()
    }

    pub(crate) fn stopped(&self) -> Option<&str> {
        self.stopped.get().map(String::as_str)
    }
}

/// A size as a gauge shows it.
pub(crate) fn gauge(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
