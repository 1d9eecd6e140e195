//! The order of choices on each style, worked out from numbers: the choice that stands at place `p`
//! on the `k`-th ballot is the contest's choice `(p + k) mod n`.

use std::collections::HashMap;

use artifact::id::Name;
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Contest, Placed, Rotation, Style};

use super::Faults;
use super::styles::Place;
use crate::definition::Wrong;

pub(super) struct Orders<'a> {
    definition: &'a BallotDefinition,
    /// By contest that rotates from precinct to precinct: by precinct, how many precincts before it
    /// vote on the contest.
    precincts: HashMap<usize, Vec<usize>>,
    /// By contest that rotates from style to style: how many styles had it so far.
    styles: HashMap<usize, usize>,
}

impl<'a> Orders<'a> {
    pub(super) fn new(definition: &'a BallotDefinition) -> Self {
        let mut precincts = HashMap::new();
        for (at, contest) in definition.contests.iter().enumerate() {
            if contest.rotation == Some(Rotation::Precinct) {
                precincts.insert(at, numbers(definition, contest));
            }
        }
        Self { definition, precincts, styles: HashMap::new() }
    }

    pub(super) fn judge(
        &mut self,
        here: &str,
        style: &Style,
        voters: &[Place<'_>],
        known: &HashMap<&Name, usize>,
        faults: &mut Faults,
    ) {
        for (at, placed) in style.contests.iter().enumerate() {
            let Some(&number) = known.get(&placed.contest) else { continue };
            let Some(contest) = self.definition.contests.get(number) else { continue };
            let here = format!("{here} {}", super::place("contests", at, &placed.contest));
            let turns = match contest.rotation {
                None => 0,
                Some(Rotation::Precinct) => self.turns(number, contest, &here, voters, faults),
                Some(Rotation::Style) => {
                    let had = self.styles.entry(number).or_default();
                    let turns = *had;
                    *had = had.saturating_add(1);
                    turns
                }
            };
            order(&here, contest, placed, turns, faults);
        }
    }

    /// How often the order has turned in the precincts of these voters.
    fn turns(
        &self,
        number: usize,
        contest: &Contest,
        here: &str,
        voters: &[Place<'_>],
        faults: &mut Faults,
    ) -> usize {
        let counts = self.precincts.get(&number);
        let of = |voter: &Place<'_>| {
            let turns = counts.and_then(|counts| counts.get(voter.precinct)).copied();
            turns.unwrap_or_default().checked_rem(contest.choices.len()).unwrap_or_default()
        };
        let Some((first, others)) = voters.split_first() else { return 0 };
        if let Some(other) = others.iter().find(|other| of(other) != of(first)) {
            let (split, other) = (first.split.id.clone(), other.split.id.clone());
            faults.add(here, Wrong::OrdersDiffer { split, other });
        }
        of(first)
    }
}

/// By precinct, how many precincts before it vote on the contest.
fn numbers(definition: &BallotDefinition, contest: &Contest) -> Vec<usize> {
    let mut before = 0_usize;
    let mut numbers = Vec::with_capacity(definition.precincts.len());
    for precinct in &definition.precincts {
        numbers.push(before);
        let votes = precinct.splits.iter().any(|split| split.districts.contains(&contest.district));
        before = before.saturating_add(usize::from(votes));
    }
    numbers
}

fn order(here: &str, contest: &Contest, placed: &Placed, turns: usize, faults: &mut Faults) {
    let turned = |place: usize| {
        let at = place.saturating_add(turns).checked_rem(contest.choices.len());
        at.and_then(|at| contest.choices.get(at)).map(|choice| &choice.id)
    };
    let definition: Vec<&Name> = contest.choices.iter().map(|choice| &choice.id).collect();
    let found: Vec<&Name> = match placed.choices.as_slice() {
        [] => definition.clone(),
        given => {
            let given: Vec<&Name> = given.iter().collect();
            if given == definition {
                faults.add(here, Wrong::OrderNeedless {});
            }
            given
        }
    };
    let sorted = |list: &[&Name]| {
        let mut names: Vec<Name> = list.iter().map(|name| (*name).clone()).collect();
        names.sort();
        names
    };
    if sorted(&found) != sorted(&definition) {
        faults.add(here, Wrong::NotAnOrder {});
    } else if found.iter().enumerate().any(|(place, name)| turned(place) != Some(*name)) {
        let expected = turned(0).map_or_else(String::new, |name| format!("\"{name}\""));
        faults.add(here, Wrong::OrderWrong { expected });
    }
}
