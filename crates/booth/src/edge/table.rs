//! Tables that forget by the clock and never grow beyond their bound.

use std::collections::{BTreeMap, BTreeSet};

use canon::Timestamp;

/// A table is full of entries that still count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the table is full")]
pub struct Full;

/// Values that end at an instant each, at most a fixed number of them.
///
/// An entry that still counts is never dropped for a new one: who fills the table cannot make it
/// forget. It keeps its order by key, so that equal inputs give equal outputs.
#[derive(Debug, Clone)]
pub struct Table<K, V> {
    entries: BTreeMap<K, (Timestamp, V)>,
    ends: BTreeSet<(Timestamp, K)>,
    bound: usize,
}

impl<K: Ord + Clone, V> Table<K, V> {
    /// An empty table of at most so many entries.
    pub const fn new(bound: usize) -> Self {
        Self { entries: BTreeMap::new(), ends: BTreeSet::new(), bound }
    }

    /// The value of a key, unless it has ended, and when it ends.
    pub fn find(&self, key: &K, now: Timestamp) -> Option<(&V, Timestamp)> {
        self.entries.get(key).filter(|(end, _)| *end > now).map(|(end, value)| (value, *end))
    }

    /// Sets the value of a key until an instant.
    pub fn put(&mut self, key: K, value: V, end: Timestamp, now: Timestamp) -> Result<(), Full> {
        self.sweep(now);
        if !self.entries.contains_key(&key) && self.entries.len() >= self.bound {
            return Err(Full);
        }
        if let Some((before, _)) = self.entries.insert(key.clone(), (end, value)) {
            self.ends.remove(&(before, key.clone()));
        }
        self.ends.insert((end, key));
        Ok(())
    }

    /// Entries, those that have ended since the last `put` included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn sweep(&mut self, now: Timestamp) {
        while self.ends.first().is_some_and(|(end, _)| *end <= now) {
            if let Some((_, key)) = self.ends.pop_first() {
                self.entries.remove(&key);
            }
        }
    }
}
