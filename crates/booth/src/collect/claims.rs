//! The stamps that other shards have claimed.
//!
//! ```text
//! edge of a vote of shard i            instance of shard j
//!   claim: stamp, i  ------------------> recorded here, or claimed for another shard?  487
//!          <-------------------- 204 --- else it is claimed for i from now on, and
//!                                        a vote of shard j with it is refused
//! ```
//!
//! A claim says neither which vote nor whose it is for, and lies on no disk: what order claims came
//! in ends with the process. It counts for 40 to 45 minutes, and a stamp is good for a new vote for
//! 35 at most, so nobody waits for a claim to end.
//!
//! Claims lie in generations of five minutes, each made of parts that grow by themselves, as the
//! edge's reservations do: nothing is searched for what has ended, and no vote waits until a large
//! table has moved. An entry takes 13 to 25 bytes.

use std::collections::{HashMap, VecDeque};

use crate::campaign::Shard;
use crate::stamp::{SLOT_S, VoterStamp, WINDOW_S};

/// Seconds of a generation.
const GENERATION_S: u64 = SLOT_S;

/// Seconds for which a claim counts, at least: a slot more than a stamp is good for a new vote.
const LIFE_S: u64 = WINDOW_S + 2 * SLOT_S;

/// Parts of a generation; a power of two.
const PARTS: u8 = 64;

/// Claims that are remembered unless it is said otherwise: some 5,000 a second without end.
pub const CLAIMS: usize = 12_000_000;

/// What is kept of a stamp: its first bytes, which an edge drew. Of twelve million two agree with
/// odds of one to 250,000, and then one voter has to fetch another stamp.
type Key = [u8; 8];

type Part = HashMap<Key, Shard>;

/// How a stamp stands that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claimed {
    /// It is claimed for the shard that asks.
    Own,
    /// It is claimed for another one.
    Other,
    /// It is not claimed, and could be.
    Free,
    /// It is not claimed, and cannot be: there is no room.
    Full,
}

#[derive(Debug)]
struct Generation {
    number: u64,
    parts: Vec<Part>,
    len: usize,
}

impl Generation {
    fn new(number: u64) -> Self {
        Self { number, parts: (0..PARTS).map(|_| Part::new()).collect(), len: 0 }
    }

    /// When the last of its claims ends.
    const fn end(&self) -> u64 {
        self.number.saturating_add(1).saturating_mul(GENERATION_S).saturating_add(LIFE_S)
    }
}

/// The claims that an instance remembers.
#[derive(Debug)]
pub(super) struct Claims {
    /// The oldest first.
    live: VecDeque<Generation>,
    ended: Vec<Part>,
    len: usize,
    bound: usize,
}

impl Claims {
    pub(super) const fn new(bound: usize) -> Self {
        Self { live: VecDeque::new(), ended: Vec::new(), len: 0, bound }
    }

    /// How many are remembered.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Whether a stamp is claimed: for another shard, for an instance's own asks nothing here. One
    /// whose claim has ended may still be told; it is good for no new vote by then.
    pub(super) fn is_claimed(&self, stamp: &VoterStamp) -> bool {
        self.of(stamp).is_some()
    }

    /// How a stamp stands for a shard. What would be told with no room left does not depend on
    /// whether it is to be claimed or only looked at.
    pub(super) fn look(&mut self, stamp: &VoterStamp, shard: Shard, now: u64) -> Claimed {
        self.turn(now);
        match self.of(stamp) {
            Some(holder) if holder == shard => Claimed::Own,
            Some(_) => Claimed::Other,
            None if self.len >= self.bound => Claimed::Full,
            None => Claimed::Free,
        }
    }

    /// Claims a stamp that was found to be free.
    pub(super) fn put(&mut self, stamp: &VoterStamp, shard: Shard) {
        let (key, at) = place(stamp);
        let Some(newest) = self.live.back_mut() else { return };
        let Some(part) = newest.parts.get_mut(at) else { return };
        if part.insert(key, shard).is_none() {
            newest.len = newest.len.saturating_add(1);
            self.len = self.len.saturating_add(1);
        }
    }

    fn of(&self, stamp: &VoterStamp) -> Option<Shard> {
        let (key, at) = place(stamp);
        let mut parts = self.live.iter().rev().filter_map(|generation| generation.parts.get(at));
        parts.find_map(|part| part.get(&key).copied())
    }

    /// Ends what has ended, begins what begins, and gives one part of the memory back.
    fn turn(&mut self, now: u64) {
        while self.live.front().is_some_and(|oldest| oldest.end() <= now) {
            let Some(oldest) = self.live.pop_front() else { break };
            self.len = self.len.saturating_sub(oldest.len);
            self.ended.extend(oldest.parts);
        }
        self.ended.pop();
        let number = now / GENERATION_S;
        if self.live.back().is_none_or(|newest| newest.number < number) {
            self.live.push_back(Generation::new(number));
        }
    }
}

/// What is kept of a stamp, and the part that it lies in.
fn place(stamp: &VoterStamp) -> (Key, usize) {
    let bytes = stamp.bytes();
    let key = bytes.first_chunk().copied().unwrap_or_default();
    (key, bytes.last().map_or(0, |byte| usize::from(byte % PARTS)))
}
