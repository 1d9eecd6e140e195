//! Instances that told what cannot be.
//!
//! Nothing more is taken of such an instance until the publisher is started again: somebody has to
//! have looked at it. The shard goes on with its other instances. One that has none left is
//! stopped: what was published of it stays as it was, and the other shards go on without it.

use std::collections::BTreeMap;

use booth::campaign::Shard;

use super::intake::Lie;

/// The instances that have lied since the start, and how.
#[derive(Debug, Default)]
pub(super) struct Liars(BTreeMap<(Shard, usize), Lie>);

impl Liars {
    /// Whether an instance has lied.
    pub(super) fn has(&self, shard: Shard, instance: usize) -> bool {
        self.0.contains_key(&(shard, instance))
    }

    /// Asks an instance no more.
    pub(super) fn add(&mut self, instance: usize, lie: Lie) {
        self.0.insert((lie.shard(), instance), lie);
    }

    /// How many instances of a shard have lied.
    pub(super) fn of(&self, shard: Shard) -> usize {
        self.0.keys().filter(|(liar, _)| *liar == shard).count()
    }

    /// What was said that cannot be.
    pub(super) fn lies(&self) -> impl Iterator<Item = &Lie> {
        self.0.values()
    }
}
