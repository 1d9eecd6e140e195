//! Ticket sampling: each card has a number that follows from the seed alone, and the lowest are
//! the sample.
//!
//! The ticket of a card does not depend on the other cards or on their order, so contests that
//! share cards share looks, and a longer sample begins with the shorter one. The idea of a ticket
//! a card is R. L. Rivest's "consistent sampling with replacement" (2018); here without
//! replacement, and by HKDF (RFC 5869).

use std::collections::BinaryHeap;
use std::fmt;

use canon::Digest;
use canon::derive::{Prk, extract};

use super::{SampleError, check_seed};

/// Separates these tickets from every other use of the key.
const LABEL: &[u8] = b"scrutineer/ticket/v1";

/// The ticket of one card: 32 bytes, compared as a big-endian number. As text, 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub [u8; 32]);

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Digest(self.0).fmt(f)
    }
}

/// Gives out the tickets of one election, manifest and seed.
///
/// ```text
/// prk    = HKDF-Extract(salt = manifest digest, ikm = seed)
/// ticket = HKDF-Expand(prk, "scrutineer/ticket/v1" 00 election-id 00 card-id, 32)
/// ```
///
/// The seed is its decimal digits as ASCII bytes, the manifest digest the 32 bytes of SHA-256 over
/// the manifest's raw bytes, a card id the text `container/batch/position`.
#[derive(Clone)]
pub struct Tickets {
    prk: Prk,
    /// The label, the election id and their zero bytes.
    head: Vec<u8>,
}

impl Tickets {
    /// The tickets that follow from a manifest, a seed and an election.
    ///
    /// # Errors
    /// [`SampleError::Seed`] unless the seed is decimal digits, [`SampleError::ElectionId`] if the
    /// election id is empty or holds a zero byte.
    pub fn new(manifest: &Digest, seed: &str, election_id: &str) -> Result<Self, SampleError> {
        check_seed(seed)?;
        if election_id.is_empty() || election_id.contains('\0') {
            return Err(SampleError::ElectionId);
        }
        let head = [LABEL, b"\0", election_id.as_bytes(), b"\0"].concat();
        Ok(Self { prk: extract(manifest.as_bytes(), seed.as_bytes()), head })
    }

    /// The ticket of one card.
    pub fn ticket(&self, card_id: &str) -> Ticket {
        Ticket(self.prk.expand_32(&[&self.head, card_id.as_bytes()]))
    }
}

/// The `count` lowest tickets of those offered so far, each with what it stands for.
///
/// Holds `count` entries and no more, however many are offered. Offered in any order, or in parts
/// that are [merged](Self::merge), the outcome is the same: two equal tickets, which nobody will
/// see, are ordered by their items.
#[derive(Debug, Clone)]
pub struct Lowest<T> {
    count: usize,
    /// The greatest of those held is on top.
    heap: BinaryHeap<(Ticket, T)>,
}

impl<T: Ord> Lowest<T> {
    /// Will hold `count` entries.
    pub const fn new(count: usize) -> Self {
        Self { count, heap: BinaryHeap::new() }
    }

    /// Takes the entry if it is among the lowest so far.
    pub fn offer(&mut self, ticket: Ticket, item: T) {
        let entry = (ticket, item);
        if self.heap.len() < self.count {
            self.heap.push(entry);
        } else if let Some(mut greatest) = self.heap.peek_mut()
            && entry < *greatest
        {
            *greatest = entry;
        }
    }

    /// Takes in what another part of the cards has yielded.
    pub fn merge(&mut self, other: Self) {
        for (ticket, item) in other.heap {
            self.offer(ticket, item);
        }
    }

    /// The entries held, lowest ticket first.
    pub fn into_ascending(self) -> Vec<(Ticket, T)> {
        self.heap.into_sorted_vec()
    }
}

/// The `count` lowest of a stream of cards, lowest ticket first: the sample, in order.
pub fn lowest_tickets<'a>(
    tickets: &Tickets,
    card_ids: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<(Ticket, &'a str)> {
    let mut lowest = Lowest::new(count);
    for card_id in card_ids {
        lowest.offer(tickets.ticket(card_id), card_id);
    }
    lowest.into_ascending()
}

#[cfg(test)]
mod tests;
