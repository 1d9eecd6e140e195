//! From the ink in ovals to votes: what a card says in each of its contests.
//!
//! ```text
//! ink of an oval, thousandths     0 ......... none ......... mark ......... 1000
//!                                   no mark        unclear         a mark
//! ```
//!
//! An oval in the band between the two thresholds is never judged by a program: its contest waits
//! for a person. So do names that were written in, and writing beside an oval that is not marked.
//! Too many marks are an overvote, and stay one: nobody guesses which of them was meant.

use std::collections::{BTreeMap, BTreeSet};

use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Contest, Method};

use crate::layout::{Oval, Target, WriteIn};

/// How much ink makes a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Up to here an oval has no mark, in thousandths of its inside.
    pub none: u16,
    /// From here on it has one.
    pub mark: u16,
    /// From here on a write-in line has writing on it, in thousandths of its place.
    pub writing: u16,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { none: 55, mark: 140, writing: 25 }
    }
}

/// Why thresholds are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no mark up to {none} and a mark from {mark} thousandths leave no band between them")]
pub struct NoBand {
    /// The lower threshold.
    pub none: u16,
    /// The upper one.
    pub mark: u16,
}

impl Thresholds {
    /// Whether there is a band between the two, within the oval.
    pub const fn check(self) -> Result<Self, NoBand> {
        if self.none < self.mark && self.mark <= 1000 {
            return Ok(self);
        }
        Err(NoBand { none: self.none, mark: self.mark })
    }

    /// What the ink in an oval is.
    pub const fn judge(self, ink: u16) -> Judgement {
        if ink <= self.none {
            Judgement::Empty
        } else if ink < self.mark {
            Judgement::Unclear
        } else {
            Judgement::Marked
        }
    }
}

/// What the ink in an oval is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Judgement {
    /// No mark.
    Empty,
    /// A person has to look.
    Unclear,
    /// A mark.
    Marked,
}

/// An oval of the card, with its ink in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inked {
    /// The oval.
    pub oval: Oval,
    /// Thousandths of its inside that are covered.
    pub ink: u16,
}

/// A write-in line of the card, with its ink in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The line.
    pub line: WriteIn,
    /// Thousandths of its place that are covered.
    pub ink: u16,
}

/// A mark: for what, and as which preference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selection {
    /// The preference, from 1; 1 too where the contest is not ranked.
    pub rank: u32,
    /// For what.
    pub target: Target,
}

/// Why a person has to look at a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// An oval has some ink, and too little to be a mark.
    Unclear(Selection),
    /// A write-in line was marked: somebody reads the name.
    Name {
        /// Which line.
        line: u32,
    },
    /// Something is written on a line whose oval is not marked.
    Unmarked {
        /// Which line.
        line: u32,
    },
}

/// What marks say in a contest, so far as they are clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Votes {
    /// Votes, one for each, never more than allowed; fewer are an undervote.
    For(BTreeSet<Target>),
    /// Too many marks: no vote counts.
    Overvote(BTreeSet<Target>),
    /// Preferences: for each rank what is marked there. What several marks at a rank, or skipped
    /// ranks, mean for the count is the tally's to say.
    Ranked(BTreeMap<u32, BTreeSet<Target>>),
}

/// What a card says in one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The contest's place in the definition, from 0.
    pub contest: u32,
    /// Every clear mark.
    pub marks: BTreeSet<Selection>,
    /// What they say.
    pub votes: Votes,
    /// What a person has to look at before they count.
    pub doubts: BTreeSet<Doubt>,
}

impl Reading {
    /// Whether it counts as it is.
    pub fn is_clear(&self) -> bool {
        self.doubts.is_empty()
    }

    /// How many votes the voter might still have given: not for ranked contests and overvotes.
    pub fn undervotes(&self, contest: &Contest) -> u64 {
        match &self.votes {
            Votes::For(votes) => {
                let given = u64::try_from(votes.len()).unwrap_or(u64::MAX);
                contest.vote_for.saturating_sub(given)
            }
            Votes::Overvote(_) | Votes::Ranked(_) => 0,
        }
    }
}

/// Reads all contests of a card from the ovals and write-in lines of both its sides, in the order
/// of the definition. Ovals of contests that the definition does not have are left out: the
/// geometry was not made from it.
pub fn read(
    definition: &BallotDefinition,
    ovals: &[Inked],
    written: &[Written],
    thresholds: Thresholds,
) -> Vec<Reading> {
    let numbers: BTreeSet<u32> = ovals.iter().map(|inked| inked.oval.contest).collect();
    let contests = numbers.into_iter().filter_map(|number| {
        let contest = definition.contests.get(usize::try_from(number).ok()?)?;
        let ovals = ovals.iter().filter(|inked| inked.oval.contest == number);
        let lines = written.iter().filter(|written| written.line.contest == number);
        Some(read_contest(number, contest, ovals, lines, thresholds))
    });
    contests.collect()
}

fn read_contest<'a>(
    number: u32,
    contest: &Contest,
    ovals: impl Iterator<Item = &'a Inked>,
    lines: impl Iterator<Item = &'a Written>,
    thresholds: Thresholds,
) -> Reading {
    let (mut marks, mut doubts) = (BTreeSet::new(), BTreeSet::new());
    for Inked { oval, ink } in ovals {
        let selection = Selection { rank: oval.rank, target: oval.target };
        match thresholds.judge(*ink) {
            Judgement::Empty => {}
            Judgement::Unclear => {
                doubts.insert(Doubt::Unclear(selection));
            }
            Judgement::Marked => {
                marks.insert(selection);
            }
        }
    }
    let is_marked = |line: u32| marks.iter().any(|mark| mark.target == Target::WriteIn(line));
    for Written { line, ink } in lines {
        if is_marked(line.line) {
            doubts.insert(Doubt::Name { line: line.line });
        } else if *ink >= thresholds.writing {
            doubts.insert(Doubt::Unmarked { line: line.line });
        }
    }
    Reading { contest: number, votes: votes(contest, &marks), marks, doubts }
}

/// What marks say by the contest's method. A person who decides about doubts hands in the marks
/// that they found.
pub fn votes(contest: &Contest, marks: &BTreeSet<Selection>) -> Votes {
    if contest.method == Method::Ranked {
        let mut ranks: BTreeMap<u32, BTreeSet<Target>> = BTreeMap::new();
        for mark in marks {
            ranks.entry(mark.rank).or_default().insert(mark.target);
        }
        return Votes::Ranked(ranks);
    }
    let targets: BTreeSet<Target> = marks.iter().map(|mark| mark.target).collect();
    let given = u64::try_from(targets.len()).unwrap_or(u64::MAX);
    if contest.method == Method::Plurality && given > contest.vote_for {
        return Votes::Overvote(targets);
    }
    Votes::For(targets)
}

#[cfg(test)]
mod tests;
