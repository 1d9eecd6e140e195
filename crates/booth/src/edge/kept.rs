//! Answers that are kept for a while, so that a replay costs next to nothing.
//!
//! They are bounded in number and in bytes. Where there is no room the oldest goes, ended or not:
//! its request then takes the way to the instance once more, which answers as it did before.

use std::collections::{HashMap, VecDeque};

use super::tag::{RequestTag, Spread};
use crate::answer::Answer;

/// The most bytes of answers.
const MOST_BYTES: usize = 256 << 20;

/// Answers that are given up with one that is kept, so that room comes faster than it goes and
/// nobody waits for a sweep.
const AT_ONCE: usize = 4;

#[derive(Debug, Clone)]
struct Entry {
    end: u64,
    number: u64,
    bytes: usize,
    answer: Box<Answer>,
}

/// Answers by request.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    entries: HashMap<RequestTag, Entry, Spread>,
    /// In the order in which they came.
    order: VecDeque<(u64, RequestTag)>,
    next: u64,
    bytes: usize,
    bound: usize,
}

impl Kept {
    pub(super) fn new(bound: usize) -> Self {
        let entries = HashMap::with_hasher(Spread);
        Self { entries, order: VecDeque::new(), next: 0, bytes: 0, bound }
    }

    pub(super) fn find(&self, tag: RequestTag, now: u64) -> Option<&Answer> {
        self.entries.get(&tag).filter(|entry| entry.end > now).map(|entry| &*entry.answer)
    }

    pub(super) fn put(&mut self, tag: RequestTag, answer: Answer, end: u64, now: u64) {
        let bytes = bytes_of(&answer);
        self.next = self.next.saturating_add(1);
        let number = self.next;
        let entry = Entry { end, number, bytes, answer: Box::new(answer) };
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(before) = self.entries.insert(tag, entry) {
            self.bytes = self.bytes.saturating_sub(before.bytes);
        }
        self.order.push_back((number, tag));
        for _ in 0..AT_ONCE {
            if !self.forget_oldest(now) {
                break;
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Forgets the oldest, if it has ended or there is no room; whether there was one.
    fn forget_oldest(&mut self, now: u64) -> bool {
        let Some((number, tag)) = self.order.front().copied() else { return false };
        let is_full = self.order.len() > self.bound || self.bytes > MOST_BYTES;
        let entry = self.entries.get(&tag).filter(|entry| entry.number == number);
        let has_ended = entry.is_none_or(|entry| entry.end <= now);
        if !is_full && !has_ended {
            return false;
        }
        self.order.pop_front();
        if let Some(bytes) = entry.map(|entry| entry.bytes) {
            self.entries.remove(&tag);
            self.bytes = self.bytes.saturating_sub(bytes);
        }
        true
    }
}

/// What an answer takes in memory, about.
fn bytes_of(answer: &Answer) -> usize {
    /// An entry, a line of the order, the two texts of a header without their letters.
    const ENTRY: usize = 128;
    const HEADER: usize = 64;
    answer.headers.iter().fold(ENTRY, |sum, (name, value)| {
        sum.saturating_add(HEADER).saturating_add(name.len()).saturating_add(value.len())
    })
}
