//! A table of 16-byte entries that are found by their first bits.
//!
//! Those bits are random already, or not their owner's to choose; their place follows from them and
//! from a secret of the process, so nobody can choose keys that fall into one place.
//!
//! ```text
//! part 0      [ line | line | line | ... ]     a line: four entries, 64 bytes, filled from the
//! part 1      [ line | line | ... ]            first on; an entry whose line is full stands in
//! ...                                          the next one that is not, behind the last in the
//! part 31     [ line | ... ]                   first
//! ```
//!
//! A line is a line of the processor's cache, so finding an entry waits for memory once, mostly.
//! Who is about to ask for several entries has their lines brought first ([`Table::bring`]): they
//! come at the same time, where one search after the other waits for each.
//!
//! Each part grows for itself, by half, once two thirds of it are full: no vote waits for a whole
//! table to move. The parts have not one size, so they do not grow all at the same time, and the
//! table takes some 32 bytes an entry, however many there are.

use std::hint::black_box;

use super::lines::{Line, Lines, SLOTS, entries};

/// Parts of a table: so many that none takes long to grow, so few that they fill huge pages.
const PARTS: usize = 32;

/// Lines of the smallest part.
const LEAST: usize = 16;

/// Entries that are searched together: as many as a processor can wait for at once, and more.
pub const TOGETHER: usize = 32;

/// Entries, found by their first `KEY` bits.
#[derive(Debug)]
pub(super) struct Table<const KEY: u32> {
    parts: Vec<Part>,
    spread: Spread,
    /// The entry whose key is zero, for which no slot can stand.
    zero: Option<u128>,
}

#[derive(Debug)]
struct Part {
    lines: Lines,
    entries: usize,
}

/// The entry of a line with this key. It looks at all four, since which one it is cannot be
/// foretold.
fn find_in<const KEY: u32>(line: &Line, key: u128) -> Option<u128> {
    let entries = entries(line);
    let mut at = SLOTS;
    for (slot, entry) in entries.iter().enumerate() {
        if key_of::<KEY>(*entry) == key {
            at = slot;
        }
    }
    entries.get(at).copied()
}

fn is_full(line: &Line) -> bool {
    entries(line)[SLOTS - 1] != 0
}

/// Puts an entry into the first free slot, if there is one.
fn put_into(line: &mut Line, entry: u128) -> bool {
    let used = entries(line).iter().map(|entry| usize::from(*entry != 0)).sum::<usize>();
    line.as_chunks_mut().0.get_mut(used).is_some_and(|free| {
        *free = entry.to_ne_bytes();
        true
    })
}

const fn key_of<const KEY: u32>(entry: u128) -> u128 {
    entry >> (128 - KEY)
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

    /// Where among so many lines the search for a key begins. The last product but one is by the
    /// golden ratio: a secret may be a poor factor, this one is not.
    #[expect(clippy::cast_possible_truncation, reason = "it is smaller than the number of lines")]
    const fn place(self, key: u128, lines: usize) -> usize {
        let [high, low] = halves(key);
        let spread = fold(self.of(low ^ self.of(high)), 0x9e37_79b9_7f4a_7c15);
        let [place, _] = halves((spread as u128).wrapping_mul(lines as u128));
        place as usize
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

impl Part {
    /// The line behind this one.
    const fn behind(&self, line: usize) -> usize {
        if line + 1 == self.lines.len() { 0 } else { line + 1 }
    }

    /// Makes room. Places keep their order when a part grows, so both are gone through in order.
    fn grow<const KEY: u32>(&mut self, spread: Spread) {
        let lines = self.lines.len() + self.lines.len() / 2;
        let old = std::mem::replace(&mut self.lines, Lines::new(lines));
        for entry in old.all().iter().flat_map(entries).filter(|entry| *entry != 0) {
            let mut line = spread.place(key_of::<KEY>(entry), lines);
            while !put_into(&mut self.lines.all_mut()[line], entry) {
                line = self.behind(line);
            }
        }
    }
}

impl<const KEY: u32> Table<KEY> {
    /// Nothing; with room for so many entries.
    pub(super) fn with_room(entries: usize) -> Self {
        // Parts differ by chance: so much more is seldom too little.
        let each = entries / PARTS + entries / (PARTS * 16);
        let least = (each * 3 / (SLOTS * 2) + 1).max(LEAST);
        // The sizes go as far as the largest is just smaller than the smallest grown.
        let part = |number: usize| {
            let lines = least + least * number / (2 * PARTS);
            Part { lines: Lines::new(lines), entries: 0 }
        };
        Self { parts: (0..PARTS).map(part).collect(), spread: Spread::new(), zero: None }
    }

    /// Adds an entry; whether its key is new.
    pub(super) fn insert(&mut self, entry: u128) -> bool {
        let key = key_of::<KEY>(entry);
        if key == 0 {
            let is_new = self.zero.is_none();
            self.zero.get_or_insert(entry);
            return is_new;
        }
        let (spread, part) = (self.spread, &mut self.parts[part(entry)]);
        if part.entries * 3 >= part.lines.len() * SLOTS * 2 {
            part.grow::<KEY>(spread);
        }
        let mut line = spread.place(key, part.lines.len());
        loop {
            let there = &mut part.lines.all_mut()[line];
            if find_in::<KEY>(there, key).is_some() {
                return false;
            }
            if put_into(there, entry) {
                part.entries += 1;
                return true;
            }
            line = part.behind(line);
        }
    }

    /// Adds entries; whether all their keys are new.
    pub(super) fn insert_all(&mut self, entries: impl Iterator<Item = u128>) -> bool {
        let (mut all, mut are_new) = (entries.peekable(), true);
        let mut some = Vec::with_capacity(TOGETHER);
        while all.peek().is_some() {
            some.extend(all.by_ref().take(TOGETHER));
            self.bring(some.iter().copied());
            for entry in some.drain(..) {
                are_new &= self.insert(entry);
            }
        }
        are_new
    }

    /// The entry with the key of this one.
    pub(super) fn find(&self, entry: u128) -> Option<u128> {
        let key = key_of::<KEY>(entry);
        if key == 0 {
            return self.zero;
        }
        let part = &self.parts[part(entry)];
        let mut line = self.spread.place(key, part.lines.len());
        loop {
            let there = &part.lines.all()[line];
            let found = find_in::<KEY>(there, key);
            if found.is_some() || !is_full(there) {
                return found;
            }
            line = part.behind(line);
        }
    }

    /// Has the lines of some entries brought into the processor's cache: those where the search
    /// for them begins, and the next ones of those that are full.
    ///
    /// It changes nothing. It reads a word of each line, and no line has to be there before the
    /// next one is asked for.
    pub(super) fn bring(&self, mut entries: impl Iterator<Item = u128>) {
        let mut places = [(0, 0); TOGETHER];
        loop {
            let mut count = 0;
            for (place, entry) in places.iter_mut().zip(entries.by_ref()) {
                let lines = self.parts[part(entry)].lines.len();
                *place = (part(entry), self.spread.place(key_of::<KEY>(entry), lines));
                count += 1;
            }
            let places = &mut places[..count];
            for (number, line) in &mut *places {
                let part = &self.parts[*number];
                // No branch depends on the line: a wrong guess would wait for it.
                let next = *line + usize::from(is_full(&part.lines.all()[*line]));
                *line = if next == part.lines.len() { 0 } else { next };
            }
            let last = |(number, line): &(usize, usize)| self.parts[*number].lines.all()[*line][0];
            black_box(places.iter().map(last).fold(0, |all, word| all ^ word));
            if count < TOGETHER {
                return;
            }
        }
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        let zero = usize::from(self.zero.is_some());
        zero + self.parts.iter().map(|part| part.entries).sum::<usize>()
    }
}

/// The part of a key: its first bits. Who chose them would make one part larger than the others.
const fn part(entry: u128) -> usize {
    (entry >> (128 - PARTS.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::lines::LINE_BYTES;
    use super::*;

    /// The attack: an authority issues mandates whose digests agree in what a table looks at first.
    #[test]
    fn who_chooses_keys_does_not_choose_their_places() {
        for shift in [0, 32, 64, 96] {
            let spread = Spread::new();
            let mut places = vec![0_u32; 256];
            for number in 1..=4_096_u128 {
                places[spread.place(number << shift, 256)] += 1;
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

    proptest! {
        /// Whatever comes in whatever order, few keys or many, it holds what a plain map holds.
        #[test]
        fn it_holds_what_a_plain_map_holds(
            entries in proptest::collection::vec((0_u128..600, 0_u128..3), 0..2_000),
            together in any::<bool>(),
        ) {
            let (mut table, mut plain) = (Table::<64>::with_room(0), BTreeMap::new());
            let entries = entries.into_iter().map(|(key, rest)| key << 64 | rest);
            let entries: Vec<u128> = entries.collect();
            for some in entries.chunks(if together { 100 } else { 1 }) {
                let before = plain.len();
                for entry in some {
                    plain.entry(entry >> 64).or_insert(*entry);
                }
                let are_new = table.insert_all(some.iter().copied());
                prop_assert_eq!(are_new, plain.len() == before + some.len());
            }
            prop_assert_eq!(table.len(), plain.len());
            let asked: Vec<u128> = (0..700).map(|key| key << 64 | 9).collect();
            table.bring(asked.iter().copied());
            for entry in asked {
                prop_assert_eq!(table.find(entry), plain.get(&(entry >> 64)).copied());
            }
        }
    }

    /// The parts do not grow at the same time: that would be seen in what an entry takes.
    #[test]
    fn it_takes_the_same_for_each_entry_however_many_there_are() {
        let mut table = Table::<128>::with_room(0);
        let mut next = 0_u128;
        for count in [100_000, 110_000, 121_000, 133_100, 146_410, 161_051] {
            while table.len() < count {
                next += 1;
                // Some odd factor: the first byte takes all its values alike.
                table.insert(next.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
            }
            let lines = table.parts.iter().map(|part| part.lines.len()).sum::<usize>();
            let each = lines * LINE_BYTES / count;
            assert!((27..32).contains(&each), "{count}: {each}");
        }
    }
}
