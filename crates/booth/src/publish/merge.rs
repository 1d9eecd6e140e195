//! Cuts of several shards put together.

use std::collections::BTreeMap;

use canon::Digest;

use super::{Cut, List};
use crate::campaign::{Campaign, Period, Shard};
use crate::mandate::{Mandate, VOTERS_LINE_BYTES};
use crate::vote::Vote;

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

/// What a snapshot adds to the lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Lines of each list.
    pub records: u64,
    /// Lines of votes, sorted by SHA-256.
    pub votes: Vec<u8>,
    /// Lines of voters, sorted by SHA-256.
    pub voters: Vec<u8>,
    /// Votes by option, as many as the ballot has, in its order.
    pub counts: Vec<u64>,
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
    /// A vote's stamp, or a mandate whatever its signature, stands twice.
    #[error("the list of {list} would have one {} twice", thing(*list))]
    Twice {
        /// The list.
        list: List,
    },
}

/// What a list holds once.
const fn thing(list: List) -> &'static str {
    match list {
        List::Votes => "stamp",
        List::Voters => "mandate",
    }
}

/// The lines of all parts, each list sorted by SHA-256 of its lines.
///
/// `is_last` says that all shards have closed; before that, a cut with fewer than `k` votes of a
/// stamp period is refused. No stamp and no mandate may stand twice, of whatever shards and cuts.
pub fn merge(campaign: &Campaign, parts: &[Part<'_>], is_last: bool) -> Result<Added, MergeFault> {
    // The lists have nothing to do with each other, so neither waits.
    let (votes, voters) = std::thread::scope(|scope| {
        let votes = scope.spawn(|| merge_votes(campaign, parts, is_last));
        let voters = merge_voters(campaign, parts);
        (votes.join(), voters)
    });
    let (votes, counts) = votes.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let records = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(part.cut.records));
    Ok(Added { records, votes, voters: voters?, counts })
}

type Votes = (Vec<u8>, Vec<u64>);

fn merge_votes(
    campaign: &Campaign,
    parts: &[Part<'_>],
    is_last: bool,
) -> Result<Votes, MergeFault> {
    let mut counts = vec![0_u64; campaign.options().len()];
    let mut sorted = Sorted::default();
    let mut stamps = Vec::new();
    for Part { shard, cut, votes, .. } in parts {
        let (shard, list) = (*shard, List::Votes);
        if votes.len() as u64 != cut.vote_bytes {
            return Err(MergeFault::Digest { shard, list });
        }
        let lines = lines(shard, list, cut.records, votes, &cut.votes_sha256)?;
        let mut periods: BTreeMap<Period, u64> = BTreeMap::new();
        for line in lines {
            let vote = vote_of(line).ok_or(MergeFault::Line { shard, list })?;
            let at = campaign.position(&vote.say).and_then(|at| counts.get_mut(at));
            let count = at.ok_or(MergeFault::Line { shard, list })?;
            *count = count.saturating_add(1);
            let of_period = periods.entry(vote.platform.period).or_default();
            *of_period = of_period.saturating_add(1);
            stamps.push(vote.stamp);
            sorted.push(line);
        }
        let smallest = periods.values().min().copied();
        if let Some(found) = smallest.filter(|found| !is_last && *found < u64::from(campaign.k())) {
            return Err(MergeFault::Crowd { shard, k: campaign.k(), found });
        }
    }
    once(List::Votes, stamps)?;
    Ok((sorted.concat(), counts))
}

fn merge_voters(campaign: &Campaign, parts: &[Part<'_>]) -> Result<Vec<u8>, MergeFault> {
    let mut sorted = Sorted::default();
    let mut ids = Vec::new();
    for Part { shard, cut, voters, .. } in parts {
        let (shard, list) = (*shard, List::Voters);
        for line in lines(shard, list, cut.records, voters, &cut.voters_sha256)? {
            let mandate = voter_of(line).filter(|it| campaign.shard_of(it.id()) == shard);
            ids.push(*mandate.ok_or(MergeFault::Line { shard, list })?.id());
            sorted.push(line);
        }
    }
    once(List::Voters, ids)?;
    Ok(sorted.concat())
}

/// Refuses what stands twice. The order of the whole values is all that is needed, and sorting
/// takes no room beside them.
fn once<T: Ord>(list: List, mut all: Vec<T>) -> Result<(), MergeFault> {
    all.sort_unstable();
    let twice = all.iter().zip(all.iter().skip(1)).any(|(one, next)| one == next);
    if twice { Err(MergeFault::Twice { list }) } else { Ok(()) }
}

/// The lines of a part, each with its line feed, if they are those of the cut.
fn lines<'a>(
    shard: Shard,
    list: List,
    expected: u64,
    part: &'a [u8],
    digest: &Digest,
) -> Result<impl Iterator<Item = &'a [u8]>, MergeFault> {
    if Digest::of(part) != *digest {
        return Err(MergeFault::Digest { shard, list });
    }
    let found = part.split_inclusive(|byte| *byte == b'\n').count() as u64;
    if found != expected {
        return Err(MergeFault::Lines { shard, list, expected, found });
    }
    Ok(part.split_inclusive(|byte| *byte == b'\n'))
}

/// The vote of a line of the list of votes, with its line feed and in its one spelling.
pub fn vote_of(line: &[u8]) -> Option<Vote> {
    let line = std::str::from_utf8(line).ok().filter(|line| line.ends_with('\n'))?;
    let vote = Vote::from_line(line).ok()?;
    (vote.line() == line).then_some(vote)
}

/// The mandate of a line of the list of voters, with its line feed and in its one spelling.
pub fn voter_of(line: &[u8]) -> Option<Mandate> {
    let line = std::str::from_utf8(line).ok()?;
    let whole = line.len() == VOTERS_LINE_BYTES && line.ends_with('\n');
    Mandate::from_voters_line(line).ok().filter(|_| whole)
}

/// Lines that wait to be sorted.
#[derive(Default)]
struct Sorted<'a>(Vec<(Digest, &'a [u8])>);

impl<'a> Sorted<'a> {
    fn push(&mut self, line: &'a [u8]) {
        self.0.push((Digest::of(line), line));
    }

    fn concat(mut self) -> Vec<u8> {
        self.0.sort_unstable();
        let bytes = self.0.iter().fold(0_usize, |sum, (_, line)| sum.saturating_add(line.len()));
        let mut concat = Vec::with_capacity(bytes);
        self.0.iter().for_each(|(_, line)| concat.extend_from_slice(line));
        concat
    }
}
