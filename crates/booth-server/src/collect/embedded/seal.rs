//! One record of the spool, sealed.
//!
//! ```text
//!    0   8  number of the batch
//!    8  12  nonce, random
//!   20   4  length n
//!   24   n  ChaCha20-Poly1305 (RFC 8439) under the batch's key, of
//!             the line of the list of votes, LF included
//!             the line of the list of voters, LF included
//!             zeros, up to the length that the longest record of the campaign can have
//!           with the additional data
//!             "scrutineer/spool/v1" LF, the ledger's id, the record's number, the batch's number
//! ```
//!
//! All records have one length. The lines have not: in a spool of lines as they are, who knows the
//! order in which people came would read their options off the lengths.

use booth::batch::{BatchNumber, Halves};
use booth::campaign::Campaign;
use booth::mandate::Mandate;
use booth::vote::Vote;
use canon::Digest;
use chacha20poly1305::aead::{Aead as _, AeadInOut as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use zeroize::Zeroizing;

use super::keys::Key;
use crate::collect::Record;

pub(super) const NONCE_BYTES: usize = 12;
/// Bytes before what is sealed, and behind it.
const HEAD_BYTES: usize = 8 + NONCE_BYTES + 4;
const TAG_BYTES: usize = 16;

/// Seals and opens the records of one ledger.
#[derive(Debug, Clone)]
pub(super) struct Seal {
    ledger: Digest,
    length: usize,
}

/// A record as it stands in the spool.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    pub(super) number: u64,
    pub(super) batch: BatchNumber,
    pub(super) nonce: [u8; NONCE_BYTES],
    pub(super) bytes: Vec<u8>,
}

impl Seal {
    pub(super) fn new(ledger: Digest, campaign: &Campaign) -> Self {
        Self { ledger, length: campaign.longest_record() }
    }

    fn additional(&self, number: u64, batch: BatchNumber) -> Vec<u8> {
        let numbers = [number.to_be_bytes(), batch.to_be_bytes()].concat();
        [b"scrutineer/spool/v1\n", self.ledger.0.as_slice(), &numbers].concat()
    }

    /// Bytes of a record in the spool.
    pub(super) const fn record_bytes(&self) -> usize {
        HEAD_BYTES + self.length + TAG_BYTES
    }

    /// Writes a record behind what is in `body`, which has room for it: it is sealed in place, and
    /// a body that moved would leave it readable where it was.
    pub(super) fn seal(
        &self,
        cipher: &ChaCha20Poly1305,
        nonce: [u8; NONCE_BYTES],
        number: u64,
        Record { batch, halves: Halves { vote, voter } }: &Record,
        body: &mut Vec<u8>,
    ) {
        let length = u32::try_from(self.length + TAG_BYTES).unwrap_or(u32::MAX);
        body.extend_from_slice(&batch.to_be_bytes());
        body.extend_from_slice(&nonce);
        body.extend_from_slice(&length.to_be_bytes());
        let from = body.len();
        body.extend_from_slice(vote.line().as_bytes());
        body.extend_from_slice(voter.line().as_bytes());
        debug_assert!(body.len() - from <= self.length, "longer than the campaign's longest");
        body.resize(from + self.length, 0);
        let (plain, aad) = (&mut body[from..], self.additional(number, *batch));
        let sealed = cipher.encrypt_inout_detached(&Nonce::from(nonce), &aad, plain.into());
        let Ok(tag) = sealed else {
            unreachable!("a record is shorter than the 256 GiB that one nonce can seal");
        };
        body.extend_from_slice(&tag);
    }

    /// The vote and its voter; `None` when the key is another one or the record was changed.
    pub(super) fn open(&self, key: &Key, sealed: &Sealed) -> Option<Halves> {
        let aad = self.additional(sealed.number, sealed.batch);
        let payload = Payload { msg: &sealed.bytes, aad: &aad };
        let plain = cipher(key).decrypt(&Nonce::from(sealed.nonce), payload).ok()?;
        let plain = Zeroizing::new(plain);
        let mut lines = std::str::from_utf8(&plain).ok()?.split('\n');
        let vote = Vote::from_line(lines.next()?).ok()?;
        Some(Halves::new(vote, Mandate::from_voters_line(lines.next()?).ok()?))
    }
}

/// What seals under a batch's key; it is wiped when it is dropped.
pub(super) fn cipher(key: &Key) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new((&**key).into())
}

/// The records of a frame's body, which begins with the number of its first one.
pub(super) fn records(body: &[u8]) -> Option<(u64, Vec<Sealed>)> {
    let (first, mut rest) = body.split_first_chunk::<8>()?;
    let first = u64::from_be_bytes(*first);
    let mut records = Vec::new();
    while !rest.is_empty() {
        let (batch, behind) = rest.split_first_chunk::<8>()?;
        let (nonce, behind) = behind.split_first_chunk::<NONCE_BYTES>()?;
        let (length, behind) = behind.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (bytes, behind) = behind.split_at_checked(length)?;
        let number = first.checked_add(records.len() as u64)?;
        let batch = u64::from_be_bytes(*batch);
        records.push(Sealed { number, batch, nonce: *nonce, bytes: bytes.to_vec() });
        rest = behind;
    }
    Some((first, records))
}
