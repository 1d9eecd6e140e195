//! What an instance knows of the votes that it has recorded.

use std::collections::{BTreeMap, BTreeSet};

use canon::Digest;

use crate::batch::BatchNumber;
use crate::mandate::MandateId;
use crate::stamp::VoterStamp;

/// Where a recorded vote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The number of its batch, as its acceptance said it.
    pub batch: BatchNumber,
    /// The digest of its line.
    pub vote: Digest,
}

/// The two sets that decide whether a vote is new. Nothing ties an entry of one to an entry of the
/// other.
pub trait Register {
    /// Whether somebody voted by this mandate.
    fn has_voted(&self, mandate: &MandateId) -> bool;

    /// The vote with this stamp.
    fn recorded(&self, stamp: &VoterStamp) -> Option<Recorded>;

    /// Records a vote and its voter, who were both new.
    fn record(&mut self, mandate: &MandateId, stamp: &VoterStamp, recorded: Recorded);
}

/// A register in memory, for demonstrations and simulations.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    voters: BTreeSet<MandateId>,
    votes: BTreeMap<VoterStamp, Recorded>,
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
    fn has_voted(&self, mandate: &MandateId) -> bool {
        self.voters.contains(mandate)
    }

    fn recorded(&self, stamp: &VoterStamp) -> Option<Recorded> {
        self.votes.get(stamp).copied()
    }

    fn record(&mut self, mandate: &MandateId, stamp: &VoterStamp, recorded: Recorded) {
        self.voters.insert(*mandate);
        self.votes.insert(*stamp, recorded);
    }
}
