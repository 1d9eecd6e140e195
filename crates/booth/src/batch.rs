//! Batches: which votes and voters are published together.
//!
//! What is published of a vote, besides stamp, signature, nonce and option, is its stamp period.
//! Votes of one period wait together and are published `k` at a time, when as many again stand
//! behind them:
//!
//! ```text
//! period 1   | batch 0: k votes, cut | batch 3: k votes, full | batch 5: filling |
//! period 2   | batch 1: k votes, cut | batch 2: k, cut | batch 4: filling |
//!
//! when batch 5 is full, batch 3 is cut; at the close, 3, 4 and 5 are cut together
//! ```
//!
//! So no two states of the lists differ by fewer than `k` votes that agree in what is published.
//! A vote knows the number of its batch as soon as it is accepted. The batches that are open at
//! the close are published as one, which covers their numbers: a campaign under `2k` publishes
//! once. With `k` of 0 each vote is a batch and cut at once.
//!
//! Both halves of a batch are kept by the digests of their lines. Not even in memory does the
//! order of one tell about the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use canon::Digest;

use crate::campaign::Period;

mod half;

pub use half::{Halves, VoteHalf, VoterHalf};

/// The number of a batch, counted within its shard from 0.
pub type BatchNumber = u64;

/// Records that no instance can have left behind: two batches of one stamp period that are not
/// full, or one batch with votes of two periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the records of batch {number} do not fit those of the batches beside it")]
pub struct Misfit {
    /// The batch.
    pub number: BatchNumber,
}

/// A batch that takes votes or waits for others to stand behind it.
#[derive(Debug, Clone)]
struct Open {
    number: BatchNumber,
    votes: BTreeMap<Digest, Arc<VoteHalf>>,
    voters: BTreeMap<Digest, Arc<VoterHalf>>,
}

impl Open {
    const fn new(number: BatchNumber) -> Self {
        Self { number, votes: BTreeMap::new(), voters: BTreeMap::new() }
    }

    fn insert(&mut self, Halves { vote, voter }: Halves) {
        self.votes.insert(*vote.digest(), vote);
        self.voters.insert(*voter.digest(), voter);
    }
}

/// What is published at one time: as many voters as votes, each sorted by the digest of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The lowest number that it covers.
    pub number: BatchNumber,
    /// The numbers that acceptances may have named.
    pub covers: Vec<BatchNumber>,
    /// The votes.
    pub votes: Vec<Arc<VoteHalf>>,
    /// The voters.
    pub voters: Vec<Arc<VoterHalf>>,
}

impl Cut {
    fn of(opens: Vec<Open>) -> Option<Self> {
        let covers: Vec<BatchNumber> = opens.iter().map(|open| open.number).collect();
        let number = covers.iter().min().copied()?;
        let (mut votes, mut voters) = (BTreeMap::new(), BTreeMap::new());
        for open in opens {
            votes.extend(open.votes);
            voters.extend(open.voters);
        }
        let (votes, voters) = (votes.into_values().collect(), voters.into_values().collect());
        Some(Self { number, covers, votes, voters })
    }

    /// Votes by stamp period: each group is as large a crowd as its votes hide in.
    pub fn groups(&self) -> BTreeMap<Period, usize> {
        let mut groups: BTreeMap<Period, usize> = BTreeMap::new();
        for half in &self.votes {
            let count = groups.entry(half.vote().platform.period).or_default();
            *count = count.saturating_add(1);
        }
        groups
    }

    /// The one option of all votes, if they agree: then the batch says how each of its voters
    /// voted, however many they are.
    pub fn unanimous(&self) -> Option<&str> {
        let first = self.votes.first()?.vote().say.as_str();
        self.votes.iter().all(|half| half.vote().say == first).then_some(first)
    }
}

/// The batches of a period that are not cut yet.
#[derive(Debug, Clone, Default)]
struct Waiting {
    full: Option<Open>,
    filling: Option<Open>,
}

/// All batches of a shard that are not cut yet.
#[derive(Debug, Clone)]
pub struct Batches {
    k: usize,
    next: BatchNumber,
    waiting: BTreeMap<Period, Waiting>,
}

impl Batches {
    /// No batch yet. `next` is the first number that was never used: 0, but after a recovery.
    pub fn new(k: u32, next: BatchNumber) -> Self {
        Self { k: usize::try_from(k).unwrap_or(usize::MAX), next, waiting: BTreeMap::new() }
    }

    /// The batches that were open when an instance ended, from the records that were not cut, each
    /// with the number of its batch, and what of them is due to be cut: an instance can end between
    /// the decision to cut a batch and the cut.
    ///
    /// Every record keeps its number, which its acceptance has named. `next` is the first number
    /// that was never used.
    pub fn restore(
        k: u32,
        next: BatchNumber,
        records: impl IntoIterator<Item = (BatchNumber, Halves)>,
    ) -> Result<(Self, Vec<Cut>), Misfit> {
        let mut restored = Self::new(k, next);
        let mut opens: BTreeMap<BatchNumber, (Period, Open)> = BTreeMap::new();
        for (number, halves) in records {
            let period = halves.vote.vote().platform.period;
            let (of, open) = opens.entry(number).or_insert_with(|| (period, Open::new(number)));
            if *of != period {
                return Err(Misfit { number });
            }
            open.insert(halves);
            restored.next = restored.next.max(number.saturating_add(1));
        }
        let mut due = Vec::new();
        for (number, (period, open)) in opens {
            let waiting = restored.waiting.entry(period).or_default();
            if waiting.filling.is_some() {
                return Err(Misfit { number });
            }
            if open.votes.len() < restored.k.max(1) {
                waiting.filling = Some(open);
            } else {
                let full = if restored.k == 0 { Some(open) } else { waiting.full.replace(open) };
                due.extend(full.and_then(|open| Cut::of(vec![open])));
            }
        }
        Ok((restored, due))
    }

    /// Takes a vote and its voter: the number of their batch, and what is to be published now.
    ///
    /// Equal inputs in equal order give equal batches, so that replaying what was not cut restores
    /// them.
    pub fn accept(&mut self, halves: Halves) -> (BatchNumber, Option<Cut>) {
        let period = halves.vote.vote().platform.period;
        let waiting = self.waiting.entry(period).or_default();
        let next = &mut self.next;
        let filling = waiting.filling.get_or_insert_with(|| {
            let number = *next;
            *next = next.saturating_add(1);
            Open::new(number)
        });
        let number = filling.number;
        filling.insert(halves);
        if filling.votes.len() < self.k.max(1) {
            return (number, None);
        }
        let full = waiting.filling.take();
        let due = if self.k == 0 { full } else { std::mem::replace(&mut waiting.full, full) };
        (number, due.and_then(|open| Cut::of(vec![open])))
    }

    /// The last cut, of everything that is left; `None` when nothing is.
    pub fn close(&mut self) -> Option<Cut> {
        let waiting = std::mem::take(&mut self.waiting).into_values();
        let opens = waiting.flat_map(|waiting| waiting.full.into_iter().chain(waiting.filling));
        Cut::of(opens.collect())
    }

    /// Votes that are accepted and not cut.
    pub fn pending(&self) -> usize {
        let opens = self.waiting.values().flat_map(|one| one.full.iter().chain(&one.filling));
        opens.map(|open| open.votes.len()).sum()
    }

    /// The first number that was never used.
    pub const fn next(&self) -> BatchNumber {
        self.next
    }
}

#[cfg(test)]
mod tests;
