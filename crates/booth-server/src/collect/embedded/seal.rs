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

use booth::batch::BatchNumber;
use booth::campaign::Campaign;
use booth::mandate::{Mandate, VOTERS_LINE_BYTES};
use booth::request::VoteRequest;
use booth::stamp::STAMP_CHARS;
use booth::vote::Vote;
use canon::Digest;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use zeroize::Zeroizing;

use super::keys::Key;

pub(super) const NONCE_BYTES: usize = 12;

/// Bytes of a line of the list of votes beside its option: P-UTC up to the year 9999, P-SIG, the
/// stamp, 64 digits of nonce, four spaces, two quotation marks and the line feed.
const VOTE_BYTES: usize = 12 + 88 + STAMP_CHARS + 64 + 7;

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
        let longest = campaign.options().iter().map(String::len).max().unwrap_or_default();
        Self { ledger, length: VOTE_BYTES + longest + VOTERS_LINE_BYTES }
    }

    fn additional(&self, number: u64, batch: BatchNumber) -> Vec<u8> {
        let numbers = [number.to_be_bytes(), batch.to_be_bytes()].concat();
        [b"scrutineer/spool/v1\n", self.ledger.0.as_slice(), &numbers].concat()
    }

    /// Writes a record behind what is in `body`.
    pub(super) fn seal(
        &self,
        key: &Key,
        number: u64,
        batch: BatchNumber,
        request: &VoteRequest,
        body: &mut Vec<u8>,
    ) {
        let mut plain = Zeroizing::new(Vec::with_capacity(self.length));
        plain.extend_from_slice(request.vote.line().as_bytes());
        plain.extend_from_slice(request.mandate.voters_line().as_bytes());
        debug_assert!(plain.len() <= self.length, "a record longer than the campaign's longest");
        plain.resize(self.length, 0);
        let nonce = service::random::bytes::<NONCE_BYTES>();
        let aad = self.additional(number, batch);
        let payload = Payload { msg: &plain, aad: &aad };
        let cipher = ChaCha20Poly1305::new((&**key).into());
        let Ok(sealed) = cipher.encrypt(&Nonce::from(nonce), payload) else {
            unreachable!("a record is shorter than the 256 GiB that one nonce can seal");
        };
        body.extend_from_slice(&batch.to_be_bytes());
        body.extend_from_slice(&nonce);
        body.extend_from_slice(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes());
        body.extend_from_slice(&sealed);
    }

    /// The vote and its voter; `None` when the key is another one or the record was changed.
    pub(super) fn open(&self, key: &Key, sealed: &Sealed) -> Option<(Vote, Mandate)> {
        let aad = self.additional(sealed.number, sealed.batch);
        let payload = Payload { msg: &sealed.bytes, aad: &aad };
        let cipher = ChaCha20Poly1305::new((&**key).into());
        let plain = cipher.decrypt(&Nonce::from(sealed.nonce), payload).ok()?;
        let plain = Zeroizing::new(plain);
        let mut lines = std::str::from_utf8(&plain).ok()?.split('\n');
        let vote = Vote::from_line(lines.next()?).ok()?;
        Some((vote, Mandate::from_voters_line(lines.next()?).ok()?))
    }
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
