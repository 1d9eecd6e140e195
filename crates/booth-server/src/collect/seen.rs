//! Which mandates have voted, and which stamps are recorded.
//!
//! In memory are two tables that nothing ties to each other, with entries of 16 bytes:
//!
//! ```text
//! mandate   16  the first bytes of its digest
//! stamp      7  its first bytes, which are random
//!            5  a tag of the vote's line, by a secret of the process
//!            4  the batch
//! ```
//!
//! Nobody finds a second mandate whose digest agrees in 128 bits, for ids are drawn by the
//! authority and signed. Two stamps that agree in 56 bits are taken for one, and the second voter
//! is told to ask for another stamp: among 100 million voters, once in fourteen such campaigns.
//! The tag tells a request that is repeated from another one under the same stamp; who would have
//! another taken for it can only try, 2^40 times.
//!
//! On disk, beside each list, lies a file that says the same, in the order of the list; it is
//! written at the cut, and made anew from the list when it is missing or wrong.

use std::hash::{BuildHasher as _, RandomState};

use booth::batch::{BatchNumber, Halves};
use booth::collect::{Register, Standing};
use booth::stamp::VoterStamp;
use canon::Digest;

mod lines;
mod table;

pub use table::TOGETHER;
use table::Table;

/// Bytes that are kept of a mandate.
pub const MANDATE_KEY_BYTES: usize = 16;

/// Bits of a stamp by which it is found.
const STAMP_BITS: u32 = 56;

/// Bits of the tag and of the batch behind them.
const TAG_BITS: u32 = 40;
const BATCH_BITS: u32 = 32;

/// What is kept of a mandate: the first 16 bytes of its digest.
pub type MandateKey = [u8; MANDATE_KEY_BYTES];

/// What is kept of a mandate with this digest.
pub fn key_of(mandate: &Digest) -> MandateKey {
    mandate.0.first_chunk().copied().unwrap_or_default()
}

/// The mandates that have voted.
#[derive(Debug)]
pub struct Mandates(Table<128>);

impl Default for Mandates {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Mandates {
    /// Nobody has voted; with room for so many.
    pub fn with_room(mandates: usize) -> Self {
        Self(Table::with_room(mandates))
    }

    /// Adds a mandate; whether it is new.
    pub fn insert(&mut self, key: &MandateKey) -> bool {
        self.0.insert(u128::from_be_bytes(*key))
    }

    /// Adds mandates; whether all of them are new.
    pub fn insert_all(&mut self, keys: &[MandateKey]) -> bool {
        self.0.insert_all(keys.iter().map(|key| u128::from_be_bytes(*key)))
    }

    /// Has the places of mandates brought from memory, all at once. Who asks for several does this
    /// first, [`TOGETHER`] at a time.
    pub fn bring(&self, keys: &[MandateKey]) {
        self.0.bring(keys.iter().map(|key| u128::from_be_bytes(*key)));
    }

    /// Whether a mandate has voted.
    pub fn contains(&self, key: &MandateKey) -> bool {
        self.0.find(u128::from_be_bytes(*key)).is_some()
    }

    /// How many have voted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The votes that are recorded.
#[derive(Debug)]
pub struct Stamps {
    table: Table<STAMP_BITS>,
    tags: RandomState,
}

impl Stamps {
    /// Nothing is recorded; with room for so many votes.
    pub fn with_room(votes: usize) -> Self {
        Self { table: Table::with_room(votes), tags: RandomState::new() }
    }

    /// Records a vote; whether its stamp is new.
    pub fn insert(&mut self, stamp: &VoterStamp, vote: &Digest, batch: BatchNumber) -> bool {
        self.table.insert(entry(&self.tags, stamp, vote, batch))
    }

    /// Records the votes of a batch, their stamps and the digests of their lines; whether all
    /// stamps are new.
    pub fn insert_all(
        &mut self,
        votes: impl Iterator<Item = (VoterStamp, Digest)>,
        batch: BatchNumber,
    ) -> bool {
        let Self { table, tags } = self;
        table.insert_all(votes.map(|(stamp, vote)| entry(tags, &stamp, &vote, batch)))
    }

    /// Has the places of votes brought from memory, as [`Mandates::bring`] does.
    pub fn bring<'a>(&self, stamps: impl Iterator<Item = &'a VoterStamp>) {
        self.table.bring(stamps.map(key_of_stamp));
    }

    /// What is known of the vote with this stamp, whose line has this digest.
    pub fn standing(&self, stamp: &VoterStamp, vote: &Digest) -> Standing {
        let asked = entry(&self.tags, stamp, vote, 0);
        match self.table.find(asked) {
            None => Standing::New,
            Some(found) if found >> BATCH_BITS == asked >> BATCH_BITS => {
                let batch = found & u128::from(u32::MAX);
                Standing::Recorded(BatchNumber::try_from(batch).unwrap_or_default())
            }
            Some(_) => Standing::Other,
        }
    }

    /// Whether a vote with this stamp is recorded, whichever it is.
    pub fn contains(&self, stamp: &VoterStamp) -> bool {
        self.table.find(key_of_stamp(stamp)).is_some()
    }

    /// How many votes there are.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The bits of an entry by which it is found.
fn key_of_stamp(stamp: &VoterStamp) -> u128 {
    let first = stamp.bytes().first_chunk().copied().unwrap_or_default();
    let key = u64::from_be_bytes(first) >> (64 - STAMP_BITS);
    u128::from(key) << (TAG_BITS + BATCH_BITS)
}

fn entry(tags: &RandomState, stamp: &VoterStamp, vote: &Digest, batch: BatchNumber) -> u128 {
    let tag = tags.hash_one(vote.0) >> (64 - TAG_BITS);
    // A shard has no more batches than votes, and never four billion of those.
    let batch = u32::try_from(batch).unwrap_or(u32::MAX);
    key_of_stamp(stamp) | (u128::from(tag) << BATCH_BITS) | u128::from(batch)
}

/// Everything that an instance has recorded.
#[derive(Debug)]
pub struct Seen {
    mandates: Mandates,
    stamps: Stamps,
}

impl Default for Seen {
    fn default() -> Self {
        Self::new(Mandates::with_room(0), Stamps::with_room(0))
    }
}

impl Seen {
    /// What was recorded before, of which a recovery has made both halves.
    pub const fn new(mandates: Mandates, stamps: Stamps) -> Self {
        Self { mandates, stamps }
    }

    /// Voters, and votes.
    pub fn sizes(&self) -> (usize, usize) {
        (self.mandates.len(), self.stamps.len())
    }

    /// Has what is known of some voters and of their votes brought from memory, all at once. It
    /// changes no answer; they come sooner, if they are asked for next.
    pub fn bring<'a>(&self, asked: impl Iterator<Item = &'a Halves> + Clone) {
        self.mandates.0.bring(
            asked.clone().map(|Halves { voter, .. }| u128::from_be_bytes(key_of(voter.id()))),
        );
        self.stamps.bring(asked.map(|Halves { vote, .. }| &vote.vote().stamp));
    }
}

impl Register for Seen {
    fn has_voted(&self, mandate: &Digest) -> bool {
        self.mandates.contains(&key_of(mandate))
    }

    fn standing(&self, stamp: &VoterStamp, vote: &Digest) -> Standing {
        self.stamps.standing(stamp, vote)
    }

    fn has_stamp(&self, stamp: &VoterStamp) -> bool {
        self.stamps.contains(stamp)
    }

    fn record(&mut self, Halves { vote, voter }: &Halves, batch: BatchNumber) {
        self.mandates.insert(&key_of(voter.id()));
        self.stamps.insert(&vote.vote().stamp, vote.digest(), batch);
    }
}

#[cfg(test)]
mod tests {
    use booth::campaign::Period;
    use booth::collect::Memory;
    use booth::mandate::Mandate;
    use booth::stamp::PlatformStamp;
    use booth::vote::Vote;
    use booth::work::Nonce;
    use proptest::prelude::*;

    use super::*;

    fn halves(voter: u8, stamp: u8) -> Halves {
        let period = Period::from_text("1").unwrap();
        let vote = Vote {
            platform: PlatformStamp { period, signature: [voter; 64] },
            stamp: VoterStamp::from_bytes([stamp; 20]),
            nonce: Nonce::from(0),
            say: "Pluto".to_owned(),
        };
        Halves::new(vote, Mandate::from_parts([voter / 4; 32], [0; 64], [voter; 24]))
    }

    proptest! {
        /// Whatever is recorded in whatever order, it knows what the plain register knows.
        #[test]
        fn it_knows_what_the_plain_register_knows(
            records in proptest::collection::vec((0_u8..40, 0_u8..40, 0_u64..9), 0..60)
        ) {
            let (mut seen, mut plain) = (Seen::default(), Memory::new());
            for (voter, stamp, batch) in records {
                let halves = halves(voter, stamp);
                let stood = plain.standing(&halves.vote.vote().stamp, halves.vote.digest());
                let is_new = stood == Standing::New && !plain.has_voted(halves.voter.id());
                if is_new {
                    seen.record(&halves, batch);
                    plain.record(&halves, batch);
                }
            }
            prop_assert_eq!(seen.sizes(), plain.sizes());
            let all = (0..41).flat_map(|voter| (0..41).map(move |stamp| halves(voter, stamp)));
            for Halves { vote, voter } in all {
                let standing = |register: &dyn Register| {
                    register.standing(&vote.vote().stamp, vote.digest())
                };
                prop_assert_eq!(standing(&seen), standing(&plain));
                prop_assert_eq!(seen.has_voted(voter.id()), plain.has_voted(voter.id()));
                let stamp = &vote.vote().stamp;
                prop_assert_eq!(seen.has_stamp(stamp), plain.has_stamp(stamp));
            }
        }
    }
}
