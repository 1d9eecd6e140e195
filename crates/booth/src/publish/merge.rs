//! Cuts of several shards put together.

use std::collections::BTreeMap;

use canon::Digest;

use super::sorted::Unsorted;
use super::{Cut, List, Sorted};
use crate::campaign::{Campaign, Period, Shard};
use crate::mandate::{Mandate, VOTERS_LINE_BYTES};
use crate::vote::{LineRead, Vote};

/// A cut with its lines, as they came from the instance.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The shard that cut it.
    pub shard: Shard,
    /// What the instance says of it.
    pub cut: &'a Cut,
    /// Its part of the list of votes.
    pub votes: &'a [u8],
    /// Its part of the list of voters.
    pub voters: &'a [u8],
}

/// What a snapshot adds to the lists. The lines stay where they were fetched to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added<'a> {
    /// Lines of each list.
    pub records: u64,
    /// Lines of votes.
    pub votes: Sorted<'a>,
    /// Lines of voters.
    pub voters: Sorted<'a>,
    /// Votes by option, as many as the ballot has, in its order.
    pub counts: Vec<u64>,
    /// Votes whose stamp another shard's vote has too, without the first one of each stamp.
    pub doubled: u64,
}

/// What an instance gave that no list may get. Whatever it is, nothing of the snapshot is
/// published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeFault {
    /// A part is not the one that was cut.
    #[error("shard {shard}: a part of the list of {list} is not the one that was cut")]
    Digest {
        /// The shard.
        shard: Shard,
        /// The list.
        list: List,
    },
    /// A part has another number of lines than its cut.
    #[error(
        "shard {shard}: a part of the list of {list} has {found} lines, and its cut {expected}"
    )]
    Lines {
        /// The shard.
        shard: Shard,
        /// The list.
        list: List,
        /// Lines of the cut.
        expected: u64,
        /// Lines of the part.
        found: u64,
    },
    /// A line is no vote on this campaign's ballot, or no mandate of this shard.
    #[error("shard {shard}: a line does not belong in the list of {list}")]
    Line {
        /// The shard.
        shard: Shard,
        /// The list.
        list: List,
    },
    /// A cut before the close has fewer votes of a stamp period than are published together.
    #[error("shard {shard}: a cut has {found} votes of one stamp period, fewer than {k}")]
    Crowd {
        /// The shard.
        shard: Shard,
        /// Votes that are published together, at least.
        k: u32,
        /// Votes of the smallest period.
        found: u64,
    },
    /// A vote's stamp, or a mandate whatever its signature, stands twice in one shard.
    #[error("shard {shard}: the list of {list} would have one {} twice", thing(*list))]
    Twice {
        /// The shard.
        shard: Shard,
        /// The list.
        list: List,
    },
}

impl MergeFault {
    /// Whose instance gave it.
    pub const fn shard(&self) -> Shard {
        match self {
            Self::Digest { shard, .. }
            | Self::Lines { shard, .. }
            | Self::Line { shard, .. }
            | Self::Crowd { shard, .. }
            | Self::Twice { shard, .. } => *shard,
        }
    }
}

/// What a shard's part of a list holds once.
const fn thing(list: List) -> &'static str {
    match list {
        List::Votes => "stamp",
        List::Voters => "mandate",
    }
}

/// The lines of all parts, each list sorted by SHA-256 of its lines.
///
/// `is_last` says that all shards have closed; before that, a cut with fewer than `k` votes of a
/// stamp period is refused. No stamp and no mandate may stand twice in what one shard adds, of
/// whatever cuts: its instance records each once. Shards do not ask each other, so two voters who
/// share a stamp can have it recorded by both of theirs. Both mandates are good: both votes are
/// added, and counted. A mandate has one shard.
pub fn merge<'a>(
    campaign: &Campaign,
    parts: &[Part<'a>],
    is_last: bool,
) -> Result<Added<'a>, MergeFault> {
    // The lists have nothing to do with each other, so neither waits.
    let (votes, voters) = std::thread::scope(|scope| {
        let votes = scope.spawn(|| merge_votes(campaign, parts, is_last));
        let voters = merge_voters(campaign, parts);
        (votes.join(), voters)
    });
    let of_votes = votes.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let OfVotes { votes, counts, doubled } = of_votes;
    let records = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.cut.records));
    Ok(Added { records, votes, voters: voters?, counts, doubled })
}

/// What is said of [`Added`] by the votes.
struct OfVotes<'a> {
    votes: Sorted<'a>,
    counts: Vec<u64>,
    doubled: u64,
}

fn merge_votes<'a>(
    campaign: &Campaign,
    parts: &[Part<'a>],
    is_last: bool,
) -> Result<OfVotes<'a>, MergeFault> {
    let mut counts = vec![0_u64; campaign.options().len()];
    let (mut all, mut stamps) = (Unsorted::default(), Vec::new());
    for Part { shard, cut, votes, .. } in parts {
        let (shard, list) = (*shard, List::Votes);
        if votes.len() as u64 != cut.vote_bytes {
            return Err(MergeFault::Digest { shard, list });
        }
        let mut periods: BTreeMap<Period, u64> = BTreeMap::new();
        for line in lines(shard, list, cut.records, votes, &cut.votes_sha256)? {
            let vote = line.strip_suffix('\n').and_then(LineRead::of);
            let vote = vote.ok_or(MergeFault::Line { shard, list })?;
            let at = campaign.position(vote.say).and_then(|at| counts.get_mut(at));
            let count = at.ok_or(MergeFault::Line { shard, list })?;
            *count = count.saturating_add(1);
            let of_period = periods.entry(vote.platform.period).or_default();
            *of_period = of_period.saturating_add(1);
            stamps.push((*vote.stamp.bytes(), shard));
            all.push(line.as_bytes());
        }
        let smallest = periods.values().min().copied();
        if let Some(found) = smallest.filter(|found| !is_last && *found < u64::from(campaign.k())) {
            return Err(MergeFault::Crowd { shard, k: campaign.k(), found });
        }
    }
    let doubled = doubled(List::Votes, stamps)?;
    Ok(OfVotes { votes: all.sorted(), counts, doubled })
}

fn merge_voters<'a>(campaign: &Campaign, parts: &[Part<'a>]) -> Result<Sorted<'a>, MergeFault> {
    let (mut all, mut ids) = (Unsorted::default(), Vec::new());
    for Part { shard, cut, voters, .. } in parts {
        let (shard, list) = (*shard, List::Voters);
        for line in lines(shard, list, cut.records, voters, &cut.voters_sha256)? {
            let id = voter_of(line.as_bytes()).map(|mandate| mandate.id().digest());
            let id = id.filter(|id| campaign.shard_of_digest(id) == shard);
            ids.push((id.ok_or(MergeFault::Line { shard, list })?.0, shard));
            all.push(line.as_bytes());
        }
    }
    doubled(List::Voters, ids)?;
    Ok(all.sorted())
}

/// Refuses what stands twice in one shard, and counts what stands in another one too. Sorting takes
/// no room beside the values.
fn doubled<const N: usize>(list: List, mut all: Vec<([u8; N], Shard)>) -> Result<u64, MergeFault> {
    // Most differ in their first bytes, and numbers are compared faster than bytes.
    let first = |(one, _): &([u8; N], Shard)| {
        one.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))
    };
    all.sort_unstable_by(|one, other| first(one).cmp(&first(other)).then_with(|| one.cmp(other)));
    let mut doubled = 0_u64;
    for ((one, shard), (next, other)) in all.iter().zip(all.iter().skip(1)) {
        if one == next && shard == other {
            return Err(MergeFault::Twice { shard: *shard, list });
        }
        doubled = doubled.saturating_add(u64::from(one == next));
    }
    Ok(doubled)
}

/// The lines of a part, each with its line feed, if they are those of the cut.
fn lines<'a>(
    shard: Shard,
    list: List,
    expected: u64,
    part: &'a [u8],
    digest: &Digest,
) -> Result<impl Iterator<Item = &'a str>, MergeFault> {
    if Digest::of(part) != *digest {
        return Err(MergeFault::Digest { shard, list });
    }
    #[allow(clippy::naive_bytecount, reason = "the compiler counts many bytes at a time")]
    let ends = part.iter().filter(|byte| **byte == b'\n').count() as u64;
    let is_open = part.last().is_some_and(|last| *last != b'\n');
    let found = ends.saturating_add(u64::from(is_open));
    if found != expected {
        return Err(MergeFault::Lines { shard, list, expected, found });
    }
    let text = std::str::from_utf8(part).map_err(|_| MergeFault::Line { shard, list })?;
    Ok(text.split_inclusive('\n'))
}

/// The vote of a line of the list of votes, with its line feed and in its one spelling.
pub fn vote_of(line: &[u8]) -> Option<Vote> {
    let line = std::str::from_utf8(line).ok().filter(|line| line.ends_with('\n'))?;
    Vote::from_line(line).ok()
}

/// The mandate of a line of the list of voters, with its line feed and in its one spelling.
pub fn voter_of(line: &[u8]) -> Option<Mandate> {
    let line = std::str::from_utf8(line).ok()?;
    let whole = line.len() == VOTERS_LINE_BYTES && line.ends_with('\n');
    Mandate::from_voters_line(line).ok().filter(|_| whole)
}
