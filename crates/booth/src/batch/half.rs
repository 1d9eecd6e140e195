//! The two halves of a record, each with the line that it will have in its list.
//!
//! Lines and digests are asked for where a record is judged, batched, sealed and cut. They are made
//! once, by whoever judges it, and shared from there on.

use std::fmt;
use std::sync::Arc;

use canon::Digest;

use crate::mandate::Mandate;
use crate::request::VoteRequest;
use crate::vote::Vote;

/// A vote, with its line in the list of votes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteHalf {
    vote: Vote,
    line: String,
    digest: Digest,
}

impl From<Vote> for VoteHalf {
    fn from(vote: Vote) -> Self {
        let line = vote.line();
        let digest = Digest::of(line.as_bytes());
        Self { vote, line, digest }
    }
}

impl VoteHalf {
    /// The vote.
    pub const fn vote(&self) -> &Vote {
        &self.vote
    }

    /// Its line, with the line feed.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The digest of the line, by which the list is sorted.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }
}

/// A voter, with their line in the list of voters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoterHalf {
    mandate: Mandate,
    line: String,
    digest: Digest,
    id: Digest,
}

impl From<Mandate> for VoterHalf {
    fn from(mandate: Mandate) -> Self {
        let line = mandate.voters_line();
        let digest = Digest::of(line.as_bytes());
        Self { mandate, line, digest, id: mandate.id().digest() }
    }
}

impl VoterHalf {
    /// The mandate.
    pub const fn mandate(&self) -> &Mandate {
        &self.mandate
    }

    /// The line, with the line feed.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The digest of the line, by which the list is sorted.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The digest of key and id, by which somebody votes once. The signature does not count.
    pub const fn id(&self) -> &Digest {
        &self.id
    }
}

/// A vote and its voter: together only on their way. Clones share both.
#[derive(Clone, PartialEq, Eq)]
pub struct Halves {
    /// What goes to the list of votes.
    pub vote: Arc<VoteHalf>,
    /// What goes to the list of voters.
    pub voter: Arc<VoterHalf>,
}

impl Halves {
    /// A vote and its voter, with their lines.
    pub fn new(vote: Vote, mandate: Mandate) -> Self {
        Self { vote: Arc::new(vote.into()), voter: Arc::new(mandate.into()) }
    }
}

impl From<VoteRequest> for Halves {
    fn from(request: VoteRequest) -> Self {
        Self::new(request.vote, request.mandate)
    }
}

impl fmt::Debug for Halves {
    /// Never shown: a line of it would be a line of who voted how.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Halves(..)")
    }
}
