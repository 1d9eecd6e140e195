//! Voter stamps that are in use, and how many requests with which mandate came to nothing.
//!
//! An entry says for which vote a stamp was used first, and with which mandate; the mandate only
//! until the vote is accepted. From then on the vote may be published, and what an edge says of
//! it must not depend on who asks, nor on whether this edge took it.
//!
//! So a mandate's requests are counted alike whether their stamp is new here, in use or too old,
//! and what was accepted counts no more: whoever votes leaves no count behind.
//!
//! A reservation counts for 35 to 40 minutes. It lies in the generation of five minutes in which it
//! was made, and goes with it as a whole: there is nothing to be searched for what has ended. An
//! entry is 17 bytes for a stamp and 7 for a mandate, in tables that are filled to between 7 and 14
//! sixteenths, so 27 to 55 bytes a vote. Each generation is made of parts that grow by themselves,
//! so that no request waits until a large table has moved; and of a generation that has ended one
//! part is given back with each request.

use std::collections::{HashMap, VecDeque};

use super::tag::{MandateTag, RequestTag, Spread, StampTag, VoteTag, first};
use crate::answer::Refusal;
use crate::stamp::{SLOT_S, WINDOW_S};

/// Requests with one mandate that may be refused by instances, or be on their way, within 35 to 40
/// minutes: more than an honest voter needs whose device crashes, and too few to fill the table.
pub const RESERVATIONS: u32 = 8;

/// Seconds of a generation.
const GENERATION_S: u64 = SLOT_S;

/// The longest that a stamp can still be genuine when it is used first.
const LIFE_S: u64 = WINDOW_S + SLOT_S;

/// Parts of a generation; a power of two.
const PARTS: u8 = 64;

/// What a stamp was used for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct First {
    vote: VoteTag,
    /// Of the whole request; zeros once its vote is accepted.
    request: [u8; 4],
}

impl First {
    const ACCEPTED: [u8; 4] = [0; 4];

    fn of(vote: VoteTag, tag: RequestTag) -> Self {
        let request: [u8; 4] = first(&tag.0);
        // Zeros mean something else; one tag in four billion moves.
        let request = if request == Self::ACCEPTED { [0, 0, 0, 1] } else { request };
        Self { vote, request }
    }
}

/// How a request stands to the reservation of its stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It is the request that reserved the stamp.
    Own,
    /// It is for the same vote, and the mandate is another one, or counts no more.
    SameVote,
    /// It is for another vote.
    OtherVote,
}

/// Some of the reservations of one generation.
#[derive(Debug, Clone, Default)]
struct Part {
    /// What a stamp was used for first.
    stamps: HashMap<StampTag, First, Spread>,
    /// Requests on their way or refused, by mandate.
    mandates: HashMap<MandateTag, u8, Spread>,
}

#[derive(Debug, Clone)]
struct Generation {
    number: u64,
    parts: Vec<Part>,
    len: usize,
    /// Mandates.
    counted: usize,
}

impl Generation {
    fn new(number: u64) -> Self {
        Self { number, parts: (0..PARTS).map(|_| Part::default()).collect(), len: 0, counted: 0 }
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

    fn of_stamp(&self, stamp: StampTag) -> Option<&First> {
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
    /// Mandates, once for each generation.
    counted: usize,
    bound: usize,
}

impl Reserved {
    pub(super) const fn new(bound: usize) -> Self {
        Self { live: VecDeque::new(), ended: Vec::new(), len: 0, counted: 0, bound }
    }

    /// How a request stands to the reservation of its stamp; `None` where there is none.
    pub(super) fn use_of(
        &self,
        stamp: StampTag,
        (vote, tag): (VoteTag, RequestTag),
        now: u64,
    ) -> Option<Use> {
        let live = self.live.iter().filter(|generation| generation.end() > now);
        let found = live.rev().find_map(|generation| generation.of_stamp(stamp))?;
        let asked = First::of(vote, tag);
        Some(if found.vote != asked.vote {
            Use::OtherVote
        } else if found.request == asked.request {
            Use::Own
        } else {
            Use::SameVote
        })
    }

    /// The vote of a stamp is accepted: who asked for it counts no more.
    pub(super) fn settle(&mut self, stamp: StampTag) {
        let parts = self.live.iter_mut().filter_map(|generation| generation.part_mut(stamp[4]));
        for part in parts {
            if let Some(first) = part.stamps.get_mut(&stamp) {
                first.request = First::ACCEPTED;
            }
        }
    }

    /// Reserves a stamp that is not in use.
    pub(super) fn reserve(
        &mut self,
        stamp: StampTag,
        (vote, tag): (VoteTag, RequestTag),
        now: u64,
    ) -> Result<(), Refusal> {
        self.turn(now);
        if self.len >= self.bound {
            return Err(Refusal::Busy);
        }
        let Some(newest) = self.live.back_mut() else { return Err(Refusal::Busy) };
        if let Some(part) = newest.part_mut(stamp[4]) {
            part.stamps.insert(stamp, First::of(vote, tag));
        }
        newest.len = newest.len.saturating_add(1);
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Gives a stamp free again that this very request has reserved, unless its vote is accepted.
    pub(super) fn release(&mut self, stamp: StampTag, tag: RequestTag) {
        for generation in &mut self.live {
            let Some(part) = generation.part_mut(stamp[4]) else { continue };
            let is_own = |first: &First| first.request == First::of(first.vote, tag).request;
            if part.stamps.get(&stamp).is_some_and(is_own) {
                part.stamps.remove(&stamp);
                generation.len = generation.len.saturating_sub(1);
                self.len = self.len.saturating_sub(1);
            }
        }
    }

    /// Whether a mandate may send one more request, whatever it asks for.
    pub(super) fn admits(&self, mandate: MandateTag, now: u64) -> Result<(), Refusal> {
        let live = || self.live.iter().filter(|generation| generation.end() > now);
        if live().map(|generation| generation.of_mandate(mandate)).sum::<u32>() < RESERVATIONS {
            return Ok(());
        }
        let oldest = live().find(|one| one.of_mandate(mandate) > 0);
        let wait_s = oldest.map_or(0, |one| one.end().saturating_sub(now));
        Err(Refusal::TooMany { wait_s: u32::try_from(wait_s).unwrap_or(u32::MAX) })
    }

    /// Counts a request that goes on its way; gives the number under which it may be taken back.
    pub(super) fn count(&mut self, mandate: MandateTag, now: u64) -> Result<u64, Refusal> {
        self.turn(now);
        let has_room = self.counted < self.bound;
        let Some(newest) = self.live.back_mut() else { return Err(Refusal::Busy) };
        if newest.of_mandate(mandate) == 0 {
            // What cannot be counted is not told.
            if !has_room {
                return Err(Refusal::Busy);
            }
            newest.counted = newest.counted.saturating_add(1);
            self.counted = self.counted.saturating_add(1);
        }
        if let Some(part) = newest.part_mut(mandate[4]) {
            let count = part.mandates.entry(mandate).or_default();
            *count = count.saturating_add(1);
        }
        Ok(newest.number)
    }

    /// Takes back what was counted: the request was accepted, or nobody knows.
    pub(super) fn discount(&mut self, mandate: MandateTag, number: u64) {
        let counted = self.live.iter_mut().find(|generation| generation.number == number);
        let Some(generation) = counted else { return };
        let Some(part) = generation.part_mut(mandate[4]) else { return };
        let Some(count) = part.mandates.get_mut(&mandate) else { return };
        *count = count.saturating_sub(1);
        if *count == 0 {
            part.mandates.remove(&mandate);
            generation.counted = generation.counted.saturating_sub(1);
            self.counted = self.counted.saturating_sub(1);
        }
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
            self.counted = self.counted.saturating_sub(oldest.counted);
            self.ended.extend(oldest.parts);
        }
        self.ended.pop();
        let number = now / GENERATION_S;
        if self.live.back().is_none_or(|newest| newest.number < number) {
            self.live.push_back(Generation::new(number));
        }
    }
}
