//! What an edge keeps of requests, voter stamps and mandates in its place: short tags under a key
//! of its process.
//!
//! ```text
//! request  HMAC-SHA-256( key, 0 || all fields )[0..16]
//! stamp    HMAC-SHA-256( key, 1 || voter stamp )[0..8]
//! mandate  HMAC-SHA-256( key, 2 || authority || id )[0..5]
//! vote     HMAC-SHA-256( key, 3 || all fields of the vote )[0..4]
//! ```
//!
//! Without the key nobody can try which mandate goes with which vote, or choose requests whose tags
//! agree. Two stamps of twelve million agree with odds of one to 250,000; then one voter has to
//! fetch another stamp. Two mandates that agree share their number of reservations.

use std::hash::{BuildHasher, Hasher};

use crate::request::VoteRequest;
use crate::secret::Secret;

/// Of a request, all its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestTag(pub(super) [u8; 16]);

/// Of a voter stamp.
pub(super) type StampTag = [u8; 8];

/// Of a mandate, whatever its signature.
pub(super) type MandateTag = [u8; 5];

/// Of a vote, whoever cast it.
pub(super) type VoteTag = [u8; 4];

/// A request with its tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    pub(super) request: VoteRequest,
    pub(super) tag: RequestTag,
    pub(super) stamp: StampTag,
    pub(super) mandate: MandateTag,
    pub(super) vote: VoteTag,
}

impl Tagged {
    /// The tag of all fields: what an answer is kept by.
    pub const fn tag(&self) -> RequestTag {
        self.tag
    }
}

/// Makes tags.
#[derive(Debug, Clone)]
pub struct Tags(Secret);

impl Tags {
    /// Under a key that is drawn for this process and never written down.
    pub const fn new(key: Secret) -> Self {
        Self(key)
    }

    /// The request with its tags.
    pub fn of(&self, request: VoteRequest) -> Tagged {
        let (vote, mandate) = (&request.vote, &request.mandate);
        let (nonce, id) = (vote.nonce.bytes(), mandate.id());
        let length = [u8::try_from(nonce.len()).unwrap_or(u8::MAX)];
        let period = vote.platform.period.unix().to_be_bytes();
        // All but nonce and option have fixed lengths.
        let fields: [&[u8]; 6] = [
            &period,
            &vote.platform.signature,
            vote.stamp.bytes(),
            &length,
            nonce,
            vote.say.as_bytes(),
        ];
        let whose: [&[u8]; 4] = [&[0], &id.authority, mandate.signature(), &id.id];
        let tag = self.0.begin(&whose).end(&fields);
        let of_vote = self.0.begin(&[&[3]]).end(&fields);
        let stamp = self.0.mac(&[&[1], vote.stamp.bytes()]);
        let mandate = self.0.mac(&[&[2], &id.authority, &id.id]);
        let (tag, vote) = (RequestTag(first(&tag)), first(&of_vote));
        Tagged { request, tag, stamp: first(&stamp), mandate: first(&mandate), vote }
    }
}

/// The first bytes of a digest.
pub(super) fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.first_chunk().copied().unwrap_or([0; N])
}

/// Places tags in tables: they are random already, and nobody chooses them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spread;

impl BuildHasher for Spread {
    type Hasher = Spreading;

    fn build_hasher(&self) -> Spreading {
        Spreading(0)
    }
}

#[derive(Debug)]
pub(super) struct Spreading(u64);

impl Hasher for Spreading {
    fn write(&mut self, bytes: &[u8]) {
        let mut word = [0; 8];
        word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.0 ^= u64::from_le_bytes(word);
    }

    fn write_usize(&mut self, _: usize) {
        // The length of a tag, which is always the same.
    }

    /// Times an odd number, so that the high bits count too where a tag has none.
    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}
