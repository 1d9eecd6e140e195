//! What an instance knows of the votes that it has recorded.

use std::collections::{BTreeMap, BTreeSet};

use canon::Digest;

use crate::batch::{BatchNumber, Halves};
use crate::stamp::VoterStamp;

/// What is known of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// No vote with its stamp is recorded.
    New,
    /// It is recorded, in the batch that its acceptance named.
    Recorded(BatchNumber),
    /// Another vote with its stamp is recorded.
    Other,
}

/// The two sets that decide whether a vote is new. Nothing ties an entry of one to an entry of the
/// other.
pub trait Register {
    /// Whether somebody voted by the mandate with this digest.
    fn has_voted(&self, mandate: &Digest) -> bool;

    /// What is known of the vote with this stamp, whose line has this digest.
    fn standing(&self, stamp: &VoterStamp, vote: &Digest) -> Standing;

    /// Whether a vote with this stamp is recorded, whichever it is.
    fn has_stamp(&self, stamp: &VoterStamp) -> bool;

    /// Records a vote and its voter, who were both new.
    fn record(&mut self, halves: &Halves, batch: BatchNumber);
}

/// A register in memory, for demonstrations and simulations.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    voters: BTreeSet<Digest>,
    votes: BTreeMap<VoterStamp, (Digest, BatchNumber)>,
}

impl Memory {
    /// Nobody has voted.
    pub fn new() -> Self {
        Self::default()
    }

    /// Voters, and votes.
    pub fn sizes(&self) -> (usize, usize) {
        (self.voters.len(), self.votes.len())
    }
}

impl Register for Memory {
    fn has_voted(&self, mandate: &Digest) -> bool {
        self.voters.contains(mandate)
    }

    fn standing(&self, stamp: &VoterStamp, vote: &Digest) -> Standing {
        match self.votes.get(stamp) {
            None => Standing::New,
            Some((recorded, batch)) if recorded == vote => Standing::Recorded(*batch),
            Some(_) => Standing::Other,
        }
    }

    fn has_stamp(&self, stamp: &VoterStamp) -> bool {
        self.votes.contains_key(stamp)
    }

    fn record(&mut self, halves: &Halves, batch: BatchNumber) {
        self.voters.insert(*halves.voter.id());
        self.votes.insert(halves.vote.vote().stamp, (*halves.vote.digest(), batch));
    }
}
