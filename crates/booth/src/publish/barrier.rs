//! Whether a snapshot can be taken.

use std::collections::BTreeSet;

use canon::Digest;

use crate::campaign::{Campaign, Shard};
use crate::mandate::VOTERS_LINE_BYTES;

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
    /// Cuts that no snapshot has yet, in their order, as many as a barrier may take.
    pub fresh: Vec<Cut>,
    /// Whether there are more behind them.
    pub is_more: bool,
    /// Whether the campaign is over and nothing is left to cut.
    pub is_closed: bool,
}

/// What can be done at a barrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barrier {
    /// Take a snapshot of the fresh cuts of the shards that were reached.
    Take {
        /// Whether it is the last one.
        is_last: bool,
        /// Whether another one can be taken at once.
        is_more: bool,
        /// How many fresh cuts of each shard it takes, the first ones.
        cuts: Vec<usize>,
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
/// A shard that cannot be reached adds nothing, and all that it has cut later. Nothing is waited
/// for of a shard in `without`, which the campaign is closed without.
pub fn barrier(shards: &[Option<ShardReport>], without: &BTreeSet<Shard>) -> Barrier {
    let is_closed = |(number, shard): &(Shard, &Option<ShardReport>)| {
        without.contains(number) || shard.as_ref().is_some_and(|it| it.is_closed)
    };
    let numbered = || (0..).map(Shard).zip(shards);
    let reports = || shards.iter().map(Option::as_ref);
    let is_more = reports().flatten().any(|report| report.is_more);
    let all = || reports().map(|report| report.map_or(0, |report| report.fresh.len())).collect();
    if !numbered().any(|one| is_closed(&one)) {
        return Barrier::Take { is_last: false, is_more, cuts: all() };
    }
    let open: Vec<Shard> =
        numbered().filter(|one| !is_closed(one)).map(|(number, _)| number).collect();
    if !open.is_empty() {
        return Barrier::Wait { shards: open };
    }
    if !is_more {
        return Barrier::Take { is_last: true, is_more, cuts: all() };
    }
    // The remainders of all shards are published together, in the last one.
    let cuts = reports().map(|report| report.map_or(0, before_remainder)).collect();
    Barrier::Take { is_last: false, is_more, cuts }
}

/// How many of the fresh cuts of a closed shard stand before what it cut last.
fn before_remainder(report: &ShardReport) -> usize {
    let fresh = &report.fresh;
    let last = fresh.iter().rposition(|cut| cut.records > 0);
    if report.is_more { fresh.len() } else { last.unwrap_or(fresh.len()) }
}

/// What a barrier takes of one shard, at most; but at least one cut, whatever its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Votes.
    pub records: u64,
    /// Bytes of the lines of both lists.
    pub bytes: u64,
}

impl Share {
    /// How many of these cuts, the first ones, a barrier takes.
    pub fn of(&self, fresh: &[Cut]) -> usize {
        let (mut records, mut bytes) = (0_u64, 0_u64);
        let fits = |cut: &Cut| {
            let voters = cut.records.saturating_mul(VOTERS_LINE_BYTES as u64);
            records = records.saturating_add(cut.records);
            bytes = bytes.saturating_add(cut.vote_bytes).saturating_add(voters);
            records <= self.records && bytes <= self.bytes
        };
        fresh.iter().map(fits).take_while(|fits| *fits).count().max(1).min(fresh.len())
    }
}

/// The most votes that an instance cuts at one time. At the close that is up to `2k - 1` of each
/// stamp period, published once.
pub fn most_of_a_cut(campaign: &Campaign) -> u64 {
    let seconds = campaign.end().unix_u64().saturating_sub(campaign.start().unix_u64());
    let periods = seconds.div_ceil(campaign.stamp_period_s().max(1)).saturating_add(1);
    u64::from(campaign.k()).saturating_mul(2).max(1).saturating_mul(periods)
}
