//! Each voter has one ballot, with the contests that are put to them.

use std::collections::{BTreeMap, HashMap, HashSet};

use artifact::id::Name;
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Contest, Split, Style};

use super::contests::once;
use super::orders::Orders;
use super::{Faults, place};
use crate::definition::{Wrong, is_by_party};

/// A split, and where its precinct stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) precinct: usize,
    pub(super) split: &'a Split,
}

pub(super) fn check(definition: &BallotDefinition, faults: &mut Faults) {
    let mut splits: HashMap<&Name, Place<'_>> = HashMap::new();
    for (precinct, list) in definition.precincts.iter().enumerate() {
        for split in &list.splits {
            splits.entry(&split.id).or_insert(Place { precinct, split });
        }
    }
    let is_by_party = is_by_party(definition);
    let known: HashMap<&Name, usize> =
        definition.contests.iter().enumerate().map(|(at, contest)| (&contest.id, at)).collect();
    let mut styles = Styles { definition, known, is_by_party, splits };
    let mut orders = Orders::new(definition);
    for (at, style) in definition.styles.iter().enumerate() {
        let here = place("styles", at, &style.id);
        styles.party(&here, style, faults);
        let voters = styles.voters(&here, style, faults);
        styles.contests(&here, style, &voters, faults);
        orders.judge(&here, style, &voters, &styles.known, faults);
    }
    styles.each_voter_has_one(faults);
}

struct Styles<'a> {
    definition: &'a BallotDefinition,
    known: HashMap<&'a Name, usize>,
    is_by_party: bool,
    splits: HashMap<&'a Name, Place<'a>>,
}

/// Whether a contest is put to the voters of a split who take a party's ballot, or that of all.
fn votes_on(split: &Split, party: Option<&Name>, contest: &Contest) -> bool {
    let of_party = contest.party.is_none() || contest.party.as_ref() == party;
    of_party && split.districts.contains(&contest.district)
}

impl<'a> Styles<'a> {
    fn party(&self, here: &str, style: &Style, faults: &mut Faults) {
        match &style.party {
            None if self.is_by_party => faults.add(here, Wrong::PartyMissing {}),
            Some(party) if !self.is_by_party => {
                faults.add(here, Wrong::PartyNeedless { party: party.clone() });
            }
            Some(party) if !self.definition.parties.iter().any(|known| known.id == *party) => {
                faults.add(here, Wrong::UnknownParty { party: party.clone() });
            }
            _ => {}
        }
    }

    fn voters(&self, here: &str, style: &Style, faults: &mut Faults) -> Vec<Place<'a>> {
        once(here, &style.splits, faults);
        let mut voters = Vec::new();
        for split in &style.splits {
            match self.splits.get(split) {
                Some(place) => voters.push(*place),
                None => faults.add(here, Wrong::UnknownSplit { split: split.clone() }),
            }
        }
        voters
    }

    /// Unknown contests are a rule's of the form.
    fn contests(&self, here: &str, style: &Style, voters: &[Place<'_>], faults: &mut Faults) {
        let placed: Vec<usize> = style
            .contests
            .iter()
            .filter_map(|placed| self.known.get(&placed.contest).copied())
            .collect();
        for pair in placed.windows(2) {
            if let [first, second] = pair
                && second < first
                && let Some(contest) = self.definition.contests.get(*second)
            {
                faults.add(here, Wrong::ContestOrder { contest: contest.id.clone() });
            }
        }
        let placed: HashSet<usize> = placed.into_iter().collect();
        // One split of each sort is enough to name.
        let mut told = HashSet::new();
        for voter in voters {
            let split = &voter.split.id;
            let mut is_empty = true;
            for (at, contest) in self.definition.contests.iter().enumerate() {
                let votes = votes_on(voter.split, style.party.as_ref(), contest);
                is_empty &= !votes;
                if votes == placed.contains(&at) || !told.insert((at, votes)) {
                    continue;
                }
                let (contest, split) = (contest.id.clone(), split.clone());
                faults.add(
                    here,
                    if votes {
                        Wrong::ContestMissing { contest, split }
                    } else {
                        Wrong::ContestExtra { contest, split }
                    },
                );
            }
            if is_empty {
                faults.add(here, Wrong::StyleUnneeded { split: split.clone() });
            }
        }
    }

    /// Every split in exactly one style; by party, in exactly one style of each party whose ballot
    /// would have a contest there.
    fn each_voter_has_one(&mut self, faults: &mut Faults) {
        let mut styles: BTreeMap<(&Name, Option<&Name>), Vec<&Name>> = BTreeMap::new();
        for style in &self.definition.styles {
            for split in style.splits.iter().collect::<HashSet<_>>() {
                styles.entry((split, style.party.as_ref())).or_default().push(&style.id);
            }
        }
        let parties: Vec<Option<&Name>> = if self.is_by_party {
            self.definition.parties.iter().map(|party| Some(&party.id)).collect()
        } else {
            vec![None]
        };
        for (at, precinct) in self.definition.precincts.iter().enumerate() {
            let precinct_place = place("precincts", at, &precinct.id);
            for (at, split) in precinct.splits.iter().enumerate() {
                let here = format!("{precinct_place} {}", place("splits", at, &split.id));
                let mut is_empty = true;
                for party in &parties {
                    let on = |contest: &Contest| votes_on(split, *party, contest);
                    let votes = self.definition.contests.iter().any(on);
                    is_empty &= !votes;
                    let found = styles.get(&(&split.id, *party)).map_or(&[][..], Vec::as_slice);
                    if votes && found.is_empty() {
                        let party = party.map(|party| format!(" of the party \"{party}\""));
                        let party = party.unwrap_or_default();
                        faults.add(&here, Wrong::NoStyle { party });
                    }
                    for other in found.iter().skip(1) {
                        faults.add(&here, Wrong::TwoStyles { other: (*other).clone() });
                    }
                }
                if is_empty {
                    faults.add(&here, Wrong::NoContests {});
                }
            }
        }
    }
}
