//! A table of 16-byte entries that are found by their first bits.
//!
//! Those bits are random already, or not their owner's to choose; their place follows from them and
//! from a secret of the process, so nobody can choose keys that fall into one place. The table is
//! in parts, and each grows for itself: no vote waits for a whole table to move.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher};

/// Parts of a table.
const PARTS: usize = 256;

/// Entries, found by their first `KEY` bits.
#[derive(Debug, Clone)]
pub(super) struct Table<const KEY: u32> {
    parts: Vec<HashSet<Entry<KEY>, Spread>>,
}

/// An entry, which is the same as any other with its key.
#[derive(Debug, Clone, Copy)]
struct Entry<const KEY: u32>(u128);

impl<const KEY: u32> Entry<KEY> {
    const fn key(self) -> u128 {
        self.0 >> (128 - KEY)
    }
}

impl<const KEY: u32> PartialEq for Entry<KEY> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl<const KEY: u32> Eq for Entry<KEY> {}

impl<const KEY: u32> Hash for Entry<KEY> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.key());
    }
}

/// The secret by which entries are spread.
#[derive(Debug, Clone, Copy)]
struct Spread {
    add: u64,
    times: u64,
}

impl Spread {
    fn new() -> Self {
        let [add, times] = [(); 2].map(|()| u64::from_be_bytes(service::random::bytes()));
        Self { add, times: times | 1 }
    }

    const fn of(self, word: u64) -> u64 {
        fold(word ^ self.add, self.times)
    }
}

/// Both halves of the product, so that every bit counts in every place.
const fn fold(word: u64, times: u64) -> u64 {
    let [high, low] = halves((word as u128).wrapping_mul(times as u128));
    high ^ low
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
const fn halves(word: u128) -> [u64; 2] {
    [(word >> 64) as u64, word as u64]
}

impl BuildHasher for Spread {
    type Hasher = Spreading;

    fn build_hasher(&self) -> Spreading {
        Spreading { spread: *self, state: 0 }
    }
}

struct Spreading {
    spread: Spread,
    state: u64,
}

impl Hasher for Spreading {
    /// Keys come as one number; whatever else came would be spread as well, and slower.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.state = self.spread.of(u64::from(*byte) ^ self.state);
        }
    }

    fn write_u128(&mut self, key: u128) {
        let [high, low] = halves(key);
        self.state = self.spread.of(low ^ self.spread.of(high ^ self.state));
    }

    /// A last product, by the golden ratio: a secret may be a poor factor, this one is not.
    fn finish(&self) -> u64 {
        fold(self.state, 0x9e37_79b9_7f4a_7c15)
    }
}

impl<const KEY: u32> Table<KEY> {
    /// Nothing; with room for so many entries.
    pub(super) fn with_room(entries: usize) -> Self {
        let spread = Spread::new();
        // Parts differ by chance: so much more is seldom too little.
        let each = entries / PARTS + entries / (PARTS * 16);
        let part = |_| HashSet::with_capacity_and_hasher(each, spread);
        Self { parts: (0..PARTS).map(part).collect() }
    }

    /// Adds an entry; whether its key is new.
    pub(super) fn insert(&mut self, entry: u128) -> bool {
        self.parts[part(entry)].insert(Entry(entry))
    }

    /// The entry with the key of this one.
    pub(super) fn find(&self, entry: u128) -> Option<u128> {
        self.parts[part(entry)].get(&Entry(entry)).map(|found| found.0)
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(HashSet::len).sum()
    }
}

/// The part of a key: its first byte. Who chose it would make one part larger than the others.
const fn part(entry: u128) -> usize {
    (entry >> 120) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attack: an authority issues mandates whose digests agree in what a table looks at first.
    #[test]
    fn who_chooses_keys_does_not_choose_their_places() {
        for shift in [0, 32, 64, 96] {
            let spread = Spread::new();
            let mut places = vec![0_u32; 256];
            for number in 1..=4_096_u128 {
                places[(spread.hash_one(Entry::<128>(number << shift)) & 255) as usize] += 1;
            }
            // 16 fall into each place on average; that 80 fall into one has odds below 10^-25.
            assert!(places.iter().all(|count| *count < 80), "{shift}: {places:?}");
        }
    }

    #[test]
    fn an_entry_is_found_by_its_key_and_kept_as_it_came() {
        let mut table = Table::<64>::with_room(0);
        let entry = |number: u128| number << 64 | (number % 7);
        for number in 0..10_000 {
            assert!(table.insert(entry(number)));
        }
        for number in 0..10_000 {
            assert_eq!(table.find(number << 64 | 9), Some(entry(number)));
            assert!(!table.insert(number << 64 | 9), "its key is there");
            assert_eq!(table.find((number + 10_000) << 64), None);
        }
        assert_eq!(table.len(), 10_000);
    }
}
