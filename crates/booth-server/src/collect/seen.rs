//! Which mandates have voted, and which stamps are recorded.
//!
//! In memory are two tables that nothing ties to each other. Of a mandate there are the first 16
//! bytes of its digest: nobody finds a second mandate whose digest agrees in 128 bits, for ids are
//! drawn by the authority and signed. Of a vote there are its stamp, its batch and the digest of
//! its line. On disk, beside each list, lies a file that says the same shorter, in the order of the
//! list; it is written at the cut, and made anew from the list when it is missing or wrong.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};

use booth::batch::BatchNumber;
use booth::collect::{Recorded, Register};
use booth::mandate::MandateId;
use booth::stamp::VoterStamp;
use canon::Digest;

/// Bytes that are kept of a mandate.
pub const MANDATE_KEY_BYTES: usize = 16;

/// What is kept of a mandate: the first 16 bytes of its digest.
pub type MandateKey = [u8; MANDATE_KEY_BYTES];

/// Parts of a table. Each grows for itself, so that no vote waits for a whole table to move.
const PARTS: usize = 256;

/// What is kept of a mandate.
pub fn key_of(mandate: &MandateId) -> MandateKey {
    mandate.digest().0.first_chunk().copied().unwrap_or_default()
}

/// Hashes what is random already, by a secret of the process: nobody can choose mandates or stamps
/// that fall into one place.
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
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            let word = u64::from_le_bytes(word) ^ self.state.wrapping_add(self.spread.add);
            // Both halves of the product, so that every bit counts in every place.
            let product = u128::from(word).wrapping_mul(u128::from(self.spread.times));
            let folded = (product ^ (product >> 64)) & u128::from(u64::MAX);
            self.state = u64::try_from(folded).unwrap_or_default();
        }
    }

    fn write_usize(&mut self, _: usize) {
        // The length of what is hashed, which is always the same.
    }

    /// The last step of splitmix64 (Steele, Lea, Flood 2014): every bit counts in every place, also
    /// where the keys differ in a few bits only.
    fn finish(&self) -> u64 {
        let word = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}

/// The mandates that have voted.
#[derive(Debug, Clone)]
pub struct Mandates(Vec<HashSet<MandateKey, Spread>>);

impl Default for Mandates {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Mandates {
    /// Nobody has voted; with room for so many.
    pub fn with_room(mandates: usize) -> Self {
        let spread = Spread::new();
        let each = mandates / PARTS + mandates / (PARTS * 8);
        Self((0..PARTS).map(|_| HashSet::with_capacity_and_hasher(each, spread)).collect())
    }

    /// Adds a mandate; whether it is new.
    pub fn insert(&mut self, key: MandateKey) -> bool {
        self.0[usize::from(key[0])].insert(key)
    }

    /// Whether a mandate has voted.
    pub fn contains(&self, key: &MandateKey) -> bool {
        self.0[usize::from(key[0])].contains(key)
    }

    /// How many have voted.
    pub fn len(&self) -> usize {
        self.0.iter().map(HashSet::len).sum()
    }

    /// Whether nobody has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the mandates of a file: 16 bytes each.
    pub fn extend_from_file(&mut self, bytes: &[u8]) {
        let (keys, _) = bytes.as_chunks::<MANDATE_KEY_BYTES>();
        for key in keys {
            self.insert(*key);
        }
    }
}

/// What is kept of a vote.
#[derive(Debug, Clone, Copy)]
struct Kept {
    batch: [u8; 8],
    vote: [u8; 32],
}

/// Everything that an instance has recorded.
#[derive(Debug, Clone)]
pub struct Seen {
    mandates: Mandates,
    stamps: Vec<HashMap<[u8; 20], Kept, Spread>>,
}

impl Default for Seen {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Seen {
    /// Nothing is recorded; with room for so many votes.
    pub fn with_room(votes: usize) -> Self {
        let spread = Spread::new();
        let each = votes / PARTS + votes / (PARTS * 8);
        let part = |_| HashMap::with_capacity_and_hasher(each, spread);
        let stamps = (0..PARTS).map(part).collect();
        Self { mandates: Mandates::with_room(votes), stamps }
    }

    /// Voters, and votes.
    pub fn sizes(&self) -> (usize, usize) {
        (self.mandates.len(), self.stamps.iter().map(HashMap::len).sum())
    }

    /// The mandates, to which a recovery adds.
    pub const fn mandates_mut(&mut self) -> &mut Mandates {
        &mut self.mandates
    }

    /// Records a vote whose voter is recorded elsewhere.
    pub fn record_vote(&mut self, stamp: &VoterStamp, batch: BatchNumber, vote: &Digest) {
        let kept = Kept { batch: batch.to_be_bytes(), vote: vote.0 };
        self.stamps[usize::from(stamp.bytes()[0])].insert(*stamp.bytes(), kept);
    }
}

impl Register for Seen {
    fn has_voted(&self, mandate: &MandateId) -> bool {
        self.mandates.contains(&key_of(mandate))
    }

    fn recorded(&self, stamp: &VoterStamp) -> Option<Recorded> {
        let kept = self.stamps[usize::from(stamp.bytes()[0])].get(stamp.bytes())?;
        Some(Recorded { batch: u64::from_be_bytes(kept.batch), vote: Digest(kept.vote) })
    }

    fn record(&mut self, mandate: &MandateId, stamp: &VoterStamp, recorded: Recorded) {
        self.mandates.insert(key_of(mandate));
        self.record_vote(stamp, recorded.batch, &recorded.vote);
    }
}

#[cfg(test)]
mod tests {
    use booth::collect::Memory;
    use proptest::prelude::*;

    use super::*;

    fn mandate(number: u8) -> MandateId {
        MandateId { authority: [number / 4; 32], id: [number; 24] }
    }

    proptest! {
        /// Whatever is recorded in whatever order, it knows what the plain register knows.
        #[test]
        fn it_knows_what_the_plain_register_knows(
            records in proptest::collection::vec((0_u8..40, 0_u8..40, 0_u64..9), 0..60)
        ) {
            let (mut seen, mut plain) = (Seen::default(), Memory::new());
            for (voter, stamp, batch) in records {
                let (mandate, stamp) = (mandate(voter), VoterStamp::from_bytes([stamp; 20]));
                let recorded = Recorded { batch, vote: Digest::of(&[voter]) };
                seen.record(&mandate, &stamp, recorded);
                plain.record(&mandate, &stamp, recorded);
            }
            prop_assert_eq!(seen.sizes(), plain.sizes());
            for number in 0..50 {
                let stamp = VoterStamp::from_bytes([number; 20]);
                prop_assert_eq!(seen.recorded(&stamp), plain.recorded(&stamp));
                let mandate = mandate(number);
                prop_assert_eq!(seen.has_voted(&mandate), plain.has_voted(&mandate));
            }
        }
    }

    /// The attack: an authority issues mandates whose digests agree in what a table looks at first.
    #[test]
    fn who_chooses_mandates_does_not_choose_their_places() {
        let keys = (0_u32..4_096).map(|number| {
            let mut key = [0; MANDATE_KEY_BYTES];
            key[12..].copy_from_slice(&number.to_be_bytes());
            key
        });
        let spread = Spread::new();
        let mut places = vec![0_u32; 256];
        for key in keys {
            places[(spread.hash_one(key) & 255) as usize] += 1;
        }
        // 16 fall into each place on average; that 80 fall into one has odds below 10^-25.
        assert!(places.iter().all(|count| *count < 80), "{places:?}");
    }
}
