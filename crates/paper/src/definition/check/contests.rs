//! Contests, and the splits that vote on them.

use std::collections::HashSet;

use artifact::id::Name;
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Contest, ElectionType, Method, Subject};

use super::{Faults, place};
use crate::definition::Wrong;

pub(super) fn check(definition: &BallotDefinition, faults: &mut Faults) {
    let districts: HashSet<&Name> = definition.districts.iter().map(|one| &one.id).collect();
    let parties: HashSet<&Name> = definition.parties.iter().map(|one| &one.id).collect();
    let voted = splits(definition, &districts, faults);
    for (at, contest) in definition.contests.iter().enumerate() {
        let here = place("contests", at, &contest.id);
        if !districts.contains(&contest.district) {
            let district = contest.district.clone();
            faults.add(&here, Wrong::UnknownDistrict { district });
        } else if !voted.contains(&contest.district) {
            faults.add(&here, Wrong::NoVoters {});
        }
        if let Some(party) = &contest.party {
            if !parties.contains(party) {
                faults.add(&here, Wrong::UnknownParty { party: party.clone() });
            }
            if definition.election_type == ElectionType::General {
                faults.add(&here, Wrong::PartyContest { party: party.clone() });
            }
        }
        numbers(&here, contest, faults);
        for (at, choice) in contest.choices.iter().enumerate() {
            let here = format!("{here} {}", place("choices", at, &choice.id));
            once(&here, &choice.parties, faults);
            for party in choice.parties.iter().filter(|party| !parties.contains(party)) {
                faults.add(&here, Wrong::UnknownParty { party: party.clone() });
            }
        }
    }
}

/// Judges the districts of all splits; gives those that some split has.
fn splits<'a>(
    definition: &'a BallotDefinition,
    districts: &HashSet<&Name>,
    faults: &mut Faults,
) -> HashSet<&'a Name> {
    let mut voted = HashSet::new();
    for (at, precinct) in definition.precincts.iter().enumerate() {
        let precinct_place = place("precincts", at, &precinct.id);
        for (at, split) in precinct.splits.iter().enumerate() {
            let here = format!("{precinct_place} {}", place("splits", at, &split.id));
            once(&here, &split.districts, faults);
            for district in &split.districts {
                if !districts.contains(district) {
                    let district = district.clone();
                    faults.add(&here, Wrong::UnknownDistrict { district });
                }
                voted.insert(district);
            }
        }
    }
    voted
}

fn numbers(here: &str, contest: &Contest, faults: &mut Faults) {
    let choices = u64::try_from(contest.choices.len()).unwrap_or(u64::MAX);
    let options = choices.saturating_add(contest.write_ins);
    if contest.method == Method::Approval && contest.vote_for != options {
        let found = contest.vote_for;
        faults.add(here, Wrong::ApprovalVotes { found, expected: options });
    }
    if contest.subject == Subject::Office {
        return;
    }
    if choices < 2 {
        faults.add(here, Wrong::OneAnswer {});
    }
    if contest.write_ins > 0 {
        faults.add(here, Wrong::AnswerWriteIns { found: contest.write_ins });
    }
    if contest.rotation.is_some() {
        faults.add(here, Wrong::AnswersRotate {});
    }
}

pub(super) fn once(here: &str, ids: &[Name], faults: &mut Faults) {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            faults.add(here, Wrong::Twice { id: id.clone() });
        }
    }
}
