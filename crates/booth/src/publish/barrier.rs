//! Whether a snapshot can be taken.

use canon::Digest;

use crate::campaign::Shard;

/// A cut, as its instance describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Votes, and voters; 0 for a batch that was given up.
    pub records: u64,
    /// Bytes of its part of the list of votes.
    pub vote_bytes: u64,
    /// SHA-256 of that part.
    pub votes_sha256: Digest,
    /// SHA-256 of its part of the list of voters.
    pub voters_sha256: Digest,
}

/// What a shard says at a barrier; nothing where none of its instances was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardReport {
    /// Cuts that no snapshot has yet, in their order.
    pub fresh: Vec<Cut>,
    /// Whether the campaign is over and nothing is left to cut.
    pub is_closed: bool,
}

/// What can be done at a barrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barrier {
    /// Take a snapshot of all fresh cuts of the shards that were reached.
    Take {
        /// Whether it is the last one.
        is_last: bool,
    },
    /// Some shards have closed, and what they cut last may be fewer than `k`: that waits for the
    /// rest.
    Wait {
        /// The shards that were not reached, or have not closed.
        shards: Vec<Shard>,
    },
}

/// Judges what all shards of a campaign say, in their order.
///
/// A shard that cannot be reached adds nothing, and all that it has cut later.
pub fn barrier(shards: &[Option<ShardReport>]) -> Barrier {
    let is_closed = |shard: &Option<ShardReport>| shard.as_ref().is_some_and(|it| it.is_closed);
    if !shards.iter().any(is_closed) {
        return Barrier::Take { is_last: false };
    }
    let numbered = (0..).map(Shard).zip(shards);
    let open: Vec<Shard> =
        numbered.filter(|(_, shard)| !is_closed(shard)).map(|(number, _)| number).collect();
    if open.is_empty() { Barrier::Take { is_last: true } } else { Barrier::Wait { shards: open } }
}
