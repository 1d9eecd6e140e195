//! What stands in the two lists: one record a cut, in the order of the cuts.
//!
//! A file of frames; a frame holds the records of the cuts that were made together. It is written
//! when both lists are on disk, so what a record names is there.
//!
//! ```text
//!    0   1  0 cut, 1 given up: its records could not be opened, and it never will be cut
//!    1   8  number of the batch
//!    9   8  where its part of the list of votes ends, in bytes
//!   17   8  the same in the list of voters
//!   25   4  votes
//!   29  32  SHA-256 of the part of the list of votes
//!   61  32  the same of the list of voters
//!   93   4  CRC-32C of the part of the file of stamps   (see the module seen)
//!   97   4  the same of the file of mandates
//!  101   4  number m of batches that it covers
//!  105  8m  their numbers
//! ```

use booth::batch::BatchNumber;
use booth::publish;
use canon::Digest;

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CutRecord {
    pub(super) is_given_up: bool,
    pub(super) number: BatchNumber,
    pub(super) ends: Ends,
    pub(super) votes: u32,
    pub(super) votes_digest: Digest,
    pub(super) voters_digest: Digest,
    pub(super) stamps_crc: u32,
    pub(super) mandates_crc: u32,
    pub(super) covers: Vec<BatchNumber>,
}

/// Bytes of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ends {
    pub(super) votes: u64,
    pub(super) voters: u64,
}

impl CutRecord {
    /// Batches whose records nobody can open any more.
    pub(super) fn given_up(covers: Vec<BatchNumber>, ends: Ends) -> Option<Self> {
        let nothing = Digest::of(b"");
        Some(Self {
            is_given_up: true,
            number: covers.first().copied()?,
            ends,
            votes: 0,
            votes_digest: nothing,
            voters_digest: nothing,
            stamps_crc: 0,
            mandates_crc: 0,
            covers,
        })
    }

    /// What a publisher is told of it.
    pub(super) fn described(&self, vote_bytes: u64) -> publish::Cut {
        publish::Cut {
            records: u64::from(self.votes),
            vote_bytes,
            votes_sha256: self.votes_digest,
            voters_sha256: self.voters_digest,
        }
    }

    pub(super) fn write(&self, body: &mut Vec<u8>) {
        body.push(u8::from(self.is_given_up));
        body.extend_from_slice(&self.number.to_be_bytes());
        body.extend_from_slice(&self.ends.votes.to_be_bytes());
        body.extend_from_slice(&self.ends.voters.to_be_bytes());
        body.extend_from_slice(&self.votes.to_be_bytes());
        body.extend_from_slice(&self.votes_digest.0);
        body.extend_from_slice(&self.voters_digest.0);
        body.extend_from_slice(&self.stamps_crc.to_be_bytes());
        body.extend_from_slice(&self.mandates_crc.to_be_bytes());
        body.extend_from_slice(&u32::try_from(self.covers.len()).unwrap_or(0).to_be_bytes());
        for number in &self.covers {
            body.extend_from_slice(&number.to_be_bytes());
        }
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let is_given_up = match take::<1>(bytes)? {
            [0] => false,
            [1] => true,
            _ => return None,
        };
        let number = u64::from_be_bytes(take(bytes)?);
        let (votes, voters) = (u64::from_be_bytes(take(bytes)?), u64::from_be_bytes(take(bytes)?));
        let ends = Ends { votes, voters };
        let votes = u32::from_be_bytes(take(bytes)?);
        let (votes_digest, voters_digest) = (Digest(take(bytes)?), Digest(take(bytes)?));
        let stamps_crc = u32::from_be_bytes(take(bytes)?);
        let mandates_crc = u32::from_be_bytes(take(bytes)?);
        let count = u32::from_be_bytes(take(bytes)?);
        let covers = (0..count).map(|_| take(bytes).map(u64::from_be_bytes));
        let covers = covers.collect::<Option<_>>()?;
        Some(Self {
            is_given_up,
            number,
            ends,
            votes,
            votes_digest,
            voters_digest,
            stamps_crc,
            mandates_crc,
            covers,
        })
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

/// What a publisher is told of all cuts.
pub(super) fn described(records: &[CutRecord]) -> Vec<publish::Cut> {
    let mut from = 0;
    let each = records.iter().map(|record| {
        let bytes = record.ends.votes.saturating_sub(from);
        from = record.ends.votes;
        record.described(bytes)
    });
    each.collect()
}

/// The records of a frame's body.
pub(super) fn records(mut body: &[u8]) -> Option<Vec<CutRecord>> {
    let mut records = Vec::new();
    while !body.is_empty() {
        records.push(CutRecord::read(&mut body)?);
    }
    Some(records)
}
