//! Tables that forget by the clock and never grow beyond their bound.

use std::collections::{BTreeMap, BTreeSet};

/// Ended entries that are removed with one that comes, so that nobody waits for a long sweep.
const AT_ONCE: usize = 64;

/// Values that end at an instant each, at most a fixed number of them. Instants are seconds of a
/// clock that nobody sets.
///
/// Where there is no room, the entry goes that ends first. So nobody is refused for what others
/// have filled it with, and to make it forget one entry takes as many others as it holds. It keeps
/// its order by key, so that equal inputs give equal outputs.
#[derive(Debug, Clone)]
pub struct Table<K, V> {
    entries: BTreeMap<K, (u64, V)>,
    ends: BTreeSet<(u64, K)>,
    bound: usize,
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// An empty table of at most so many entries.
    pub const fn new(bound: usize) -> Self {
        Self { entries: BTreeMap::new(), ends: BTreeSet::new(), bound }
    }

    /// The value of a key, unless it has ended, and when it ends.
    pub fn find(&self, key: &K, now: u64) -> Option<(&V, u64)> {
        self.entries.get(key).filter(|(end, _)| *end > now).map(|(end, value)| (value, *end))
    }

    /// Sets the value of a key until an instant.
    pub fn put(&mut self, key: K, value: V, end: u64, now: u64) {
        self.sweep(now);
        if let Some((before, _)) = self.entries.insert(key.clone(), (end, value)) {
            self.ends.remove(&(before, key.clone()));
        } else if self.entries.len() > self.bound
            && let Some((_, first)) = self.ends.pop_first()
        {
            self.entries.remove(&first);
        }
        self.ends.insert((end, key));
    }

    /// Entries, those that have ended and are not removed yet included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn sweep(&mut self, now: u64) {
        for _ in 0..AT_ONCE {
            if self.ends.first().is_none_or(|(end, _)| *end > now) {
                break;
            }
            if let Some((_, key)) = self.ends.pop_first() {
                self.entries.remove(&key);
            }
        }
    }
}
