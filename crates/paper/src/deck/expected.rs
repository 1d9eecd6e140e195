//! What counting a deck must give: a count of marks, by the plainest rules there are.
//!
//! ```text
//! plurality, approval   more marks than `vote_for`: an overvote, and no vote is counted;
//!                       else a vote for every mark, and vote_for less the marks are undervotes
//! ranked                two marks at one rank: an overvote, and that rank is not counted;
//!                       every other mark is counted at its rank. No mark at all: one undervote
//! approval              undervotes are not counted but for ballots without a mark: one each
//! ```

use artifact::id::Name;
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Contest, Method};
use serde::{Deserialize, Serialize};

use super::DeckBallot;
use crate::layout::Target;

/// The results of a contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Ballots that have the contest.
    pub ballots: u64,
    /// Ballots that have it and no mark in it.
    pub blank: u64,
    /// The votes of each choice in the order of the definition: at each rank, or one number.
    pub choices: Vec<Vec<u64>>,
    /// The contest's id.
    pub contest: Name,
    /// Ballots with an overvote in it.
    pub overvotes: u64,
    /// Votes that could have been cast and were not.
    pub undervotes: u64,
    /// The votes on write-in lines, all lines together: at each rank, or one number.
    pub write_ins: Vec<u64>,
}

/// The results of every contest of the definition.
pub fn expected(definition: &BallotDefinition, ballots: &[DeckBallot]) -> Vec<Tally> {
    let contests = (0_u32..).zip(&definition.contests);
    contests.map(|(number, contest)| tally(definition, number, contest, ballots)).collect()
}

fn tally(
    definition: &BallotDefinition,
    number: u32,
    contest: &Contest,
    ballots: &[DeckBallot],
) -> Tally {
    let ranks = match contest.method {
        Method::Ranked => contest.ranks.unwrap_or(1),
        Method::Plurality | Method::Approval => 1,
    };
    let none = vec![0; usize::try_from(ranks).unwrap_or(1)];
    let mut tally = Tally {
        ballots: 0,
        blank: 0,
        choices: contest.choices.iter().map(|_| none.clone()).collect(),
        contest: contest.id.clone(),
        overvotes: 0,
        undervotes: 0,
        write_ins: none,
    };
    let has: Vec<bool> = definition
        .styles
        .iter()
        .map(|style| style.contests.iter().any(|placed| placed.contest == contest.id))
        .collect();
    for ballot in ballots {
        let style = usize::try_from(ballot.style).unwrap_or(usize::MAX);
        if has.get(style) != Some(&true) {
            continue;
        }
        let marks = ballot.marks.iter().filter(|mark| mark.contest == number);
        let marks: Vec<(u32, Target)> = marks.map(|mark| (mark.rank, mark.target)).collect();
        tally.take(contest, &marks);
    }
    tally
}

impl Tally {
    fn take(&mut self, contest: &Contest, marks: &[(u32, Target)]) {
        add(&mut self.ballots, 1);
        if marks.is_empty() {
            add(&mut self.blank, 1);
        }
        let made = u64::try_from(marks.len()).unwrap_or(u64::MAX);
        if contest.method == Method::Ranked {
            let at = |rank: u32| marks.iter().filter(|(other, _)| *other == rank).count();
            add(&mut self.undervotes, u64::from(marks.is_empty()));
            add(&mut self.overvotes, u64::from(marks.iter().any(|(rank, _)| at(*rank) > 1)));
            for (rank, target) in marks.iter().filter(|(rank, _)| at(*rank) == 1) {
                self.vote(*rank, *target);
            }
        } else if made > contest.vote_for {
            add(&mut self.overvotes, 1);
        } else {
            let unused = match contest.method {
                Method::Approval => u64::from(marks.is_empty()),
                _ => contest.vote_for.saturating_sub(made),
            };
            add(&mut self.undervotes, unused);
            for (_, target) in marks {
                self.vote(1, *target);
            }
        }
    }

    fn vote(&mut self, rank: u32, target: Target) {
        let place = |at: u32| usize::try_from(at).ok();
        let list = match target {
            Target::Choice(at) => place(at).and_then(|at| self.choices.get_mut(at)),
            Target::WriteIn(_) => Some(&mut self.write_ins),
        };
        let rank = rank.checked_sub(1).and_then(place);
        if let Some(count) = list.zip(rank).and_then(|(list, rank)| list.get_mut(rank)) {
            add(count, 1);
        }
    }
}

const fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}
