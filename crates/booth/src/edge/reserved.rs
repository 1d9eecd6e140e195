//! Voter stamps that are in use, and how many of them by which mandate.
//!
//! A reservation counts for 35 to 40 minutes. It lies in the generation of five minutes in which it
//! was made, and goes with it as a whole: there is nothing to be searched for what has ended. An
//! entry is 17 bytes for a stamp and 7 for a mandate, in tables that are filled to between 7 and 14
//! sixteenths, so 27 to 55 bytes a vote. Each generation is made of parts that grow by themselves,
//! so that no request waits until a large table has moved; and of a generation that has ended one
//! part is given back with each request.

use std::collections::{HashMap, VecDeque};

use super::tag::{MandateTag, RequestTag, Spread, StampTag, first};
use crate::answer::Refusal;
use crate::stamp::{SLOT_S, WINDOW_S};

/// Voter stamps that one mandate may use within 35 to 40 minutes: more than an honest voter needs
/// whose device crashes, and too few to fill the table.
pub const RESERVATIONS: u32 = 8;

/// Seconds of a generation.
const GENERATION_S: u64 = SLOT_S;

/// The longest that a stamp can still be genuine when it is used first.
const LIFE_S: u64 = WINDOW_S + SLOT_S;

/// Parts of a generation; a power of two.
const PARTS: u8 = 64;

/// Some of the reservations of one generation.
#[derive(Debug, Clone, Default)]
struct Part {
    /// What a stamp was used for first.
    stamps: HashMap<StampTag, [u8; 8], Spread>,
    /// Stamps by mandate.
    mandates: HashMap<MandateTag, u8, Spread>,
}

#[derive(Debug, Clone)]
struct Generation {
    number: u64,
    parts: Vec<Part>,
    len: usize,
}

impl Generation {
    fn new(number: u64) -> Self {
        Self { number, parts: (0..PARTS).map(|_| Part::default()).collect(), len: 0 }
    }

    /// When the last of its reservations ends.
    const fn end(&self) -> u64 {
        self.number.saturating_add(1).saturating_mul(GENERATION_S).saturating_add(LIFE_S)
    }

    fn part(&self, byte: u8) -> Option<&Part> {
        self.parts.get(usize::from(byte % PARTS))
    }

    fn part_mut(&mut self, byte: u8) -> Option<&mut Part> {
        self.parts.get_mut(usize::from(byte % PARTS))
    }

    fn of_stamp(&self, stamp: StampTag) -> Option<&[u8; 8]> {
        self.part(stamp[4])?.stamps.get(&stamp)
    }

    fn of_mandate(&self, mandate: MandateTag) -> u32 {
        let part = self.part(mandate[4]);
        part.and_then(|part| part.mandates.get(&mandate)).map_or(0, |count| u32::from(*count))
    }
}

/// The reservations of an edge.
#[derive(Debug, Clone)]
pub(super) struct Reserved {
    /// The oldest first.
    live: VecDeque<Generation>,
    ended: Vec<Part>,
    len: usize,
    bound: usize,
}

impl Reserved {
    pub(super) const fn new(bound: usize) -> Self {
        Self { live: VecDeque::new(), ended: Vec::new(), len: 0, bound }
    }

    /// Whether a stamp is in use for another request; `None` where it is in use for none.
    pub(super) fn is_anothers(&self, stamp: StampTag, tag: RequestTag, now: u64) -> Option<bool> {
        let live = self.live.iter().filter(|generation| generation.end() > now);
        let found = live.rev().find_map(|generation| generation.of_stamp(stamp));
        found.map(|used_for| *used_for != first::<8>(&tag.0))
    }

    /// Reserves a stamp that is not in use.
    pub(super) fn reserve(
        &mut self,
        stamp: StampTag,
        mandate: MandateTag,
        tag: RequestTag,
        now: u64,
    ) -> Result<(), Refusal> {
        self.turn(now);
        let counts = self.live.iter().map(|generation| generation.of_mandate(mandate));
        if counts.sum::<u32>() >= RESERVATIONS {
            let oldest = self.live.iter().find(|one| one.of_mandate(mandate) > 0);
            let wait_s = oldest.map_or(0, |one| one.end().saturating_sub(now));
            return Err(Refusal::TooMany { wait_s: u32::try_from(wait_s).unwrap_or(u32::MAX) });
        }
        if self.len >= self.bound {
            return Err(Refusal::Busy);
        }
        let Some(newest) = self.live.back_mut() else { return Err(Refusal::Busy) };
        if let Some(part) = newest.part_mut(mandate[4]) {
            let count = part.mandates.entry(mandate).or_default();
            *count = count.saturating_add(1);
        }
        if let Some(part) = newest.part_mut(stamp[4]) {
            part.stamps.insert(stamp, first(&tag.0));
        }
        newest.len = newest.len.saturating_add(1);
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Reservations, those that have ended since the last one included.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Bytes of the tables, within a few in a hundred: a slot and the byte that marks it.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let parts = self.live.iter().flat_map(|generation| &generation.parts).chain(&self.ended);
        parts.map(|part| part.stamps.capacity() * 17 + part.mandates.capacity() * 7).sum::<usize>()
            * 8
            / 7
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
