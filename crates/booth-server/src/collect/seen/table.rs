//! A table of 16-byte entries, of which nearly every question touches one line of memory.
//!
//! ```text
//! line, 64 bytes:  | entry | entry | entry | entry |     filled from the left; 0 is no entry
//! ```
//!
//! An entry is found by its first `KEY` bits, which are random already or not its owner's to
//! choose. Its place follows from them and from a secret of the process, so nobody can choose keys
//! that fall into one place. Where a line is full its entries go on in the next one. Nothing is
//! ever taken out.
//!
//! The table is in parts. Each grows for itself and by a quarter, so that no vote waits for a whole
//! table to move, and memory is nowhere half empty.

/// Parts of a table.
const PARTS: usize = 256;

/// Entries of a line.
const ENTRIES: usize = 4;

/// A part grows before more than so many of 32 places are taken.
const FULL: usize = 27;

#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Line([u128; ENTRIES]);

#[derive(Debug, Clone, Default)]
struct Part {
    lines: Vec<Line>,
    held: usize,
}

/// The secret by which entries are spread.
#[derive(Debug, Clone, Copy)]
struct Spread {
    add: [u64; 2],
    times: [u64; 2],
}

/// Entries, found by their first `KEY` bits.
#[derive(Debug, Clone)]
pub(super) struct Table<const KEY: u32> {
    spread: Spread,
    parts: Vec<Part>,
}

impl Spread {
    fn new() -> Self {
        let [a, b, c, d] = [(); 4].map(|()| u64::from_be_bytes(service::random::bytes()));
        Self { add: [a, b], times: [c | 1, d | 1] }
    }

    /// Spreads a key: two folded products, then the last step of splitmix64 (Steele, Lea, Flood
    /// 2014), so that every bit counts in every place.
    const fn of(&self, key: u128) -> u64 {
        let [first, second] = halves(key);
        let word = fold(first ^ self.add[0], self.times[0]);
        let word = fold(second ^ self.add[1] ^ word, self.times[1]);
        let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
const fn halves(word: u128) -> [u64; 2] {
    [(word >> 64) as u64, word as u64]
}

/// Both halves of a product.
const fn fold(word: u64, times: u64) -> u64 {
    let [high, low] = halves((word as u128).wrapping_mul(times as u128));
    high ^ low
}

/// A number below `below`, in proportion to `word`.
fn scaled(word: u64, below: usize) -> usize {
    let [high, _] = halves(u128::from(word).wrapping_mul(below as u128));
    usize::try_from(high).unwrap_or_default()
}

impl<const KEY: u32> Table<KEY> {
    /// The bits by which entries are found.
    const MASK: u128 = u128::MAX << (128 - KEY);

    /// Nothing; with room for so many entries.
    pub(super) fn with_room(entries: usize) -> Self {
        // Parts differ by chance: so much more is seldom too little.
        let each = entries / PARTS + entries / (PARTS * 16);
        let lines = each * 32 / FULL / ENTRIES + 1;
        let part = Part { lines: vec![Line::default(); lines], held: 0 };
        Self { spread: Spread::new(), parts: vec![part; PARTS] }
    }

    /// Adds an entry whose key is not 0; whether its key is new.
    pub(super) fn insert(&mut self, entry: u128) -> bool {
        let (place, spread) = (self.place(entry), self.spread);
        let Some(part) = self.parts.get_mut(place.0) else { return false };
        if part.held * 32 >= part.lines.len() * ENTRIES * FULL {
            part.grow(|entry| spread.of(entry & Self::MASK) << 8);
        }
        let is_new = part.insert(place.1, entry, Self::MASK);
        part.held += usize::from(is_new);
        is_new
    }

    /// The entry with the key of this one.
    pub(super) fn find(&self, entry: u128) -> Option<u128> {
        let place = self.place(entry);
        self.parts.get(place.0)?.find(place.1, entry, Self::MASK)
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.parts.iter().map(|part| part.held).sum()
    }

    /// The part of a key, and the rest of what spreads it.
    const fn place(&self, entry: u128) -> (usize, u64) {
        let word = self.spread.of(entry & Self::MASK);
        ((word >> 56) as usize, word << 8)
    }
}

impl Part {
    fn find(&self, word: u64, entry: u128, mask: u128) -> Option<u128> {
        let first = scaled(word, self.lines.len());
        let (before, from) = self.lines.split_at(first);
        for Line(entries) in from.iter().chain(before) {
            if let Some(found) = entries.iter().find(|found| (**found ^ entry) & mask == 0) {
                return Some(*found);
            }
            if entries[ENTRIES - 1] == 0 {
                break;
            }
        }
        None
    }

    fn insert(&mut self, word: u64, entry: u128, mask: u128) -> bool {
        let first = scaled(word, self.lines.len());
        let (before, from) = self.lines.split_at_mut(first);
        for Line(entries) in from.iter_mut().chain(before) {
            for found in entries {
                if *found == 0 {
                    *found = entry;
                    return true;
                }
                if (*found ^ entry) & mask == 0 {
                    return false;
                }
            }
        }
        unreachable!("a part is never full")
    }

    fn grow(&mut self, word: impl Fn(u128) -> u64) {
        let more = self.lines.len() + self.lines.len() / 4 + 1;
        let lines = std::mem::replace(&mut self.lines, vec![Line::default(); more]);
        for entry in lines.into_iter().flat_map(|Line(entries)| entries) {
            if entry != 0 {
                self.insert(word(entry), entry, u128::MAX);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attack: an authority issues mandates whose digests agree in what a table looks at first.
    #[test]
    fn who_chooses_keys_does_not_choose_their_places() {
        for shift in [0, 32, 64, 96] {
            let spread = Spread::new();
            let (mut parts, mut lines) = (vec![0_u32; 256], vec![0_u32; 256]);
            for number in 1..=4_096_u128 {
                let word = spread.of(number << shift);
                parts[(word >> 56) as usize] += 1;
                lines[scaled(word << 8, 256)] += 1;
            }
            // 16 fall into each place on average; that 80 fall into one has odds below 10^-25.
            assert!(parts.iter().chain(&lines).all(|count| *count < 80), "{shift}");
        }
    }

    #[test]
    fn every_entry_is_found_however_often_its_part_has_grown() {
        let mut table = Table::<64>::with_room(0);
        let entry = |number: u128| number << 64 | (number % 7);
        for number in 1..100_000 {
            assert!(table.insert(entry(number)));
        }
        assert_eq!(table.len(), 99_999);
        for number in 1..100_000 {
            assert_eq!(table.find(number << 64), Some(entry(number)));
            assert!(!table.insert(number << 64 | 9), "its key is there");
            assert_eq!(table.find((number + 100_000) << 64), None);
        }
        assert_eq!(table.len(), 99_999);
        let places: usize = table.parts.iter().map(|part| part.lines.len() * ENTRIES).sum();
        assert!(places < 99_999 * 8 / 5, "{places} places");
    }
}
