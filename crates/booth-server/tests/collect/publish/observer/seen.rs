//! What the observer has of a day.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use booth::request::VoteRequest;
use booth::vote::Vote;

use super::disk::Change;

/// Everything that is watched, shown or published, and all that lies open on the disks.
#[derive(Clone)]
pub(super) struct Seen {
    /// Those who came, in their order.
    pub(super) visitors: Vec<Visitor>,
    /// The states of the lists, as the records of the publisher tell of them.
    pub(super) states: Vec<State>,
    /// The snapshots on the log.
    pub(super) entries: Vec<Entry>,
    /// The receipts of the observer's own people, as they came.
    pub(super) receipts: Vec<Receipt>,
    /// The published lists after the close: votes, voters.
    pub(super) lists: [Vec<String>; 2],
    /// The cuts in the lists of the instances, shard by shard.
    pub(super) cuts: Vec<CutSeen>,
    /// Votes that a batch is promised to have.
    pub(super) k: usize,
}

/// Somebody who went into the booth, and whose mandate was read over their shoulder.
#[derive(Clone)]
pub(super) struct Visitor {
    /// Seconds since 1970.
    pub(super) at: u64,
    /// The start of the stamp period then.
    pub(super) period: u64,
    pub(super) shard: usize,
    /// The line that the list of voters will have.
    pub(super) mandate: String,
    /// What changed on the disks of the platform before the next one came.
    pub(super) changes: Vec<Change>,
    /// The line of the vote, of those who work for the observer.
    pub(super) own: Option<String>,
}

/// A receipt of somebody who works for the observer.
#[derive(Clone)]
pub(super) struct Receipt {
    /// Whose.
    pub(super) visitor: usize,
    /// How many had come when it was given.
    pub(super) came: usize,
    /// Its stamps.
    pub(super) stamps: Vec<String>,
}

/// The lists as one snapshot shows them.
#[derive(Clone)]
pub(super) struct State {
    /// When it was taken, in seconds since 1970.
    pub(super) at: u64,
    /// The lines that it adds, of both lists.
    pub(super) added: Range<usize>,
    /// Bytes of the list of votes.
    pub(super) vote_bytes: u64,
}

/// A snapshot as the log has it.
#[derive(Clone)]
pub(super) struct Entry {
    /// When the log took it, in seconds since 1970.
    pub(super) at: u64,
    /// Lines of each list.
    pub(super) records: usize,
    /// Stamps by station since the opening; nothing where it does not tell.
    pub(super) stamps: BTreeMap<String, u64>,
}

/// A cut of an instance.
#[derive(Clone)]
pub(super) struct CutSeen {
    pub(super) shard: usize,
    /// Lines of votes, and of voters.
    pub(super) lines: [Vec<String>; 2],
    /// The same lines in the order of `stamps.seen`, and of `mandates.seen`.
    pub(super) short: [Vec<String>; 2],
    /// The batches that it covers, in the order of `cuts.log`.
    pub(super) covers: Vec<u64>,
    /// Where its votes begin in the shard's list, in bytes.
    pub(super) from: u64,
}

/// A day, and what the observer wants to know.
#[derive(Clone)]
pub(super) struct Day {
    pub(super) seen: Seen,
    /// The line of each visitor's vote.
    pub(super) truth: Vec<String>,
    /// The station at which each was: what is seen of the door does not tell it.
    pub(super) stations: Vec<String>,
}

impl Seen {
    /// Those of each cut, in the order in which they came.
    pub(super) fn visitors_by_cut(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new(); self.cuts.len()];
        for (visitor, cut) in self.cut_of_each().into_iter().enumerate() {
            if let Some(cut) = cut {
                all[cut].push(visitor);
            }
        }
        all
    }

    /// The number of each visitor's cut.
    pub(super) fn cut_of_each(&self) -> Vec<Option<usize>> {
        let cuts = self.cuts.iter().enumerate();
        let of: HashMap<&String, usize> =
            cuts.flat_map(|(at, cut)| cut.lines[1].iter().map(move |line| (line, at))).collect();
        self.visitors.iter().map(|visitor| of.get(&visitor.mandate).copied()).collect()
    }

    /// How many had come when it was this time.
    pub(super) fn came_before(&self, at: u64) -> usize {
        self.visitors.partition_point(|visitor| visitor.at < at)
    }

    /// The lines of the observer's own people.
    pub(super) fn own(&self) -> HashSet<&String> {
        self.visitors.iter().filter_map(|one| one.own.as_ref()).collect()
    }

    /// The published lines of votes by their stamps.
    pub(super) fn by_stamp(&self) -> HashMap<String, &String> {
        self.lists[0].iter().map(|line| (stamp(line).to_owned(), line)).collect()
    }
}

/// The vote of a line.
pub(super) fn vote(line: &str) -> Vote {
    Vote::from_line(line).unwrap()
}

/// The stamp of a line of votes, as it stands there.
pub(super) fn stamp(line: &str) -> &str {
    line.split(' ').nth(2).unwrap()
}

/// The option of a line of votes, as it stands there.
pub(super) fn say(line: &str) -> &str {
    line.split_once('"').unwrap().1
}

/// The line that a request will have in the list of voters.
pub(super) fn mandate(request: &VoteRequest) -> String {
    request.mandate.voters_line()
}
