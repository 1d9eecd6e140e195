//! The styles of an election, out of its districts, parties and rotation.
//!
//! ```text
//! for each precinct, each of its splits, each party (or once, where no contest is a party's)
//!     the contests whose district the split has and whose party, if any, is this one
//!     the order of their choices in this precinct
//!   voters who agree in both take one style; it stands where its first voters come
//! then, for each style: the order of choices that turns from style to style
//! ```
//!
//! Styles are called 1, 2, 3 and so on. Voters of a party without any contest in a split get no
//! style there. References to what is not defined are passed over: [`check`](fn@super::check)
//! names them.

use std::collections::{HashMap, HashSet};

use artifact::id::{CalendarDate, ElectionId, Language, Name};
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{
    Contest, District, ElectionType, Paper, Party, Placed, Precinct, Rotation, Split, Style, Words,
};
use canon::Digest;
use serde::{Deserialize, Serialize};

use super::has_parties;

/// An election before its styles are made: a ballot definition without `styles`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The contests.
    pub contests: Vec<Contest>,
    /// The day of the election.
    pub date: CalendarDate,
    /// The districts.
    pub districts: Vec<District>,
    /// The election.
    pub election_id: ElectionId,
    /// SHA-256 of raw files that belong to the package.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Digest>,
    /// Whose election it is, as printed.
    pub jurisdiction: Words,
    /// The languages of the ballots, in their order on paper.
    pub languages: Vec<Language>,
    /// The paper.
    pub paper: Paper,
    /// The parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// The precincts.
    pub precincts: Vec<Precinct>,
    /// The election's title, as printed.
    pub title: Words,
    /// What sort of election it is.
    #[serde(rename = "type")]
    pub election_type: ElectionType,
}

/// A definition without its styles.
impl From<BallotDefinition> for Description {
    fn from(definition: BallotDefinition) -> Self {
        let BallotDefinition {
            contests,
            date,
            districts,
            election_id,
            files,
            jurisdiction,
            languages,
            paper,
            parties,
            precincts,
            styles: _,
            title,
            election_type,
        } = definition;
        Self {
            contests,
            date,
            districts,
            election_id,
            files,
            jurisdiction,
            languages,
            paper,
            parties,
            precincts,
            title,
            election_type,
        }
    }
}

/// The definition with its styles. Whether it holds together is for [`check`](fn@super::check) to
/// say.
pub fn derive(description: Description) -> BallotDefinition {
    let styles = styles(&description);
    let Description {
        contests,
        date,
        districts,
        election_id,
        files,
        jurisdiction,
        languages,
        paper,
        parties,
        precincts,
        title,
        election_type,
    } = description;
    BallotDefinition {
        contests,
        date,
        districts,
        election_id,
        files,
        jurisdiction,
        languages,
        paper,
        parties,
        precincts,
        styles,
        title,
        election_type,
    }
}

/// The places of a contest's choices, in the order of printing.
type Order = Vec<usize>;

/// What the voters of one style have in common: their party, and contests with their orders.
type Face = (Option<usize>, Vec<(usize, Order)>);

struct Group<'a> {
    party: Option<&'a Name>,
    contests: Vec<(usize, Order)>,
    splits: Vec<Name>,
}

fn styles(description: &Description) -> Vec<Style> {
    let parties: Vec<(Option<usize>, Option<&Name>)> =
        if has_parties(description.election_type, &description.contests) {
            let parties = description.parties.iter().enumerate();
            parties.map(|(at, party)| (Some(at), Some(&party.id))).collect()
        } else {
            vec![(None, None)]
        };
    let mut turning = Turning::new(&description.contests);
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut found: HashMap<Face, usize> = HashMap::new();
    for precinct in &description.precincts {
        for split in &precinct.splits {
            let districts: HashSet<&Name> = split.districts.iter().collect();
            for (number, party) in &parties {
                let contests = turning.faces(&description.contests, &districts, *party);
                if contests.is_empty() {
                    continue;
                }
                let at = *found.entry((*number, contests.clone())).or_insert(groups.len());
                if let Some(group) = groups.get_mut(at) {
                    group.splits.push(split.id.clone());
                } else {
                    let splits = vec![split.id.clone()];
                    groups.push(Group { party: *party, contests, splits });
                }
            }
        }
        turning.pass(&description.contests, &precinct.splits);
    }
    number(&description.contests, groups)
}

/// The orders of choices as they stand in the precinct that is being looked at.
struct Turning(Vec<Order>);

impl Turning {
    fn new(contests: &[Contest]) -> Self {
        Self(contests.iter().map(|contest| (0..contest.choices.len()).collect()).collect())
    }

    fn faces(
        &self,
        contests: &[Contest],
        districts: &HashSet<&Name>,
        party: Option<&Name>,
    ) -> Vec<(usize, Order)> {
        let orders = contests.iter().zip(&self.0).enumerate();
        let mine = orders.filter(|(_, (contest, _))| {
            districts.contains(&contest.district)
                && contest.party.as_ref().is_none_or(|of| Some(of) == party)
        });
        mine.map(|(at, (_, order))| (at, order.clone())).collect()
    }

    /// Leaves a precinct: what was voted on in it turns by one.
    fn pass(&mut self, contests: &[Contest], splits: &[Split]) {
        let districts: HashSet<&Name> = splits.iter().flat_map(|split| &split.districts).collect();
        for (contest, order) in contests.iter().zip(&mut self.0) {
            if contest.rotation == Some(Rotation::Precinct) && districts.contains(&contest.district)
            {
                turn(order);
            }
        }
    }
}

/// The first goes to the end.
fn turn(order: &mut Order) {
    if !order.is_empty() {
        order.rotate_left(1);
    }
}

fn number(contests: &[Contest], groups: Vec<Group<'_>>) -> Vec<Style> {
    let Turning(mut turning) = Turning::new(contests);
    let mut styles = Vec::with_capacity(groups.len());
    for (group, number) in groups.into_iter().zip(1_u64..) {
        let mut placed = Vec::with_capacity(group.contests.len());
        for (at, mut order) in group.contests {
            let Some(contest) = contests.get(at) else { continue };
            if contest.rotation == Some(Rotation::Style)
                && let Some(current) = turning.get_mut(at)
            {
                order.clone_from(current);
                turn(current);
            }
            placed.push(place(contest, &order));
        }
        styles.push(Style {
            contests: placed,
            id: id(number),
            party: group.party.cloned(),
            splits: group.splits,
        });
    }
    styles
}

fn place(contest: &Contest, order: &[usize]) -> Placed {
    let is_turned = order.first().is_some_and(|first| *first != 0);
    let choices = order.iter().filter_map(|at| contest.choices.get(*at));
    let choices = choices.map(|choice| choice.id.clone());
    Placed {
        choices: if is_turned { choices.collect() } else { Vec::new() },
        contest: contest.id.clone(),
    }
}

#[allow(clippy::expect_used, reason = "digits are a name")]
fn id(number: u64) -> Name {
    number.to_string().parse().expect("digits are a name")
}

#[cfg(test)]
mod tests;
