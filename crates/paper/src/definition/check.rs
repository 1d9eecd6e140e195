//! All faults of a definition at once.
//!
//! ```text
//! limits   how many of each thing; beyond them nothing else is judged
//! rules    the rules of single lists, as the artifact has them
//! texts    every text in every language, and in no other
//! names    ids and choices that people would take for one another
//! contests districts, parties, numbers
//! styles   each voter has one ballot, with their contests, in the order that rotation gives
//! ```

mod contests;
mod names;
mod orders;
mod styles;
mod texts;

use std::fmt::Display;

use artifact::payload::{BallotDefinition, PayloadType as _};

use super::{
    Fault, MOST_AREAS, MOST_CHOICES, MOST_CONTESTS, MOST_LANGUAGES, MOST_PRECINCTS, MOST_RANKS,
    MOST_SPLITS, MOST_STYLES, MOST_VOTES, Wrong,
};

/// Every fault, in the order of the definition within each group; none when all holds.
pub fn check(definition: &BallotDefinition) -> Vec<Fault> {
    let mut faults = Faults::default();
    limits(definition, &mut faults);
    if !faults.0.is_empty() {
        return faults.0;
    }
    for broken in definition.rules() {
        faults.add(broken.member, Wrong::Rule { rule: broken.rule, found: broken.found });
    }
    texts::check(definition, &mut faults);
    names::check(definition, &mut faults);
    contests::check(definition, &mut faults);
    styles::check(definition, &mut faults);
    faults.0
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, place: impl Display, wrong: Wrong) {
        self.0.push(Fault { place: place.to_string(), wrong });
    }
}

/// `contests[3] "mayor"`.
fn place(list: &str, at: usize, id: impl Display) -> String {
    format!("{list}[{at}] \"{id}\"")
}

fn limits(definition: &BallotDefinition, faults: &mut Faults) {
    let splits = definition.precincts.iter().map(|precinct| precinct.splits.len()).sum();
    let counts = [
        ("languages", "languages", definition.languages.len(), MOST_LANGUAGES),
        ("parties", "parties", definition.parties.len(), MOST_AREAS),
        ("districts", "districts", definition.districts.len(), MOST_AREAS),
        ("precincts", "precincts", definition.precincts.len(), MOST_PRECINCTS),
        ("precincts", "splits", splits, MOST_SPLITS),
        ("contests", "contests", definition.contests.len(), MOST_CONTESTS),
        ("styles", "styles", definition.styles.len(), MOST_STYLES),
    ];
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    for (place, what, count, most) in counts {
        if count > most {
            let (count, most) = (number(count), number(most));
            faults.add(place, Wrong::TooMany { what, count, most });
        }
    }
    for (at, contest) in definition.contests.iter().enumerate() {
        let ranks = contest.ranks.unwrap_or_default();
        // Approval counts every option, and has no limit beyond that of the options.
        let is_approval = contest.method == artifact::payload::definition::Method::Approval;
        let votes = if is_approval { 0 } else { contest.vote_for };
        let counts = [
            ("choices", number(contest.choices.len()), number(MOST_CHOICES)),
            ("votes", votes, MOST_VOTES),
            ("ranks", ranks, MOST_RANKS),
            ("write-in lines", contest.write_ins, MOST_VOTES),
        ];
        for (what, count, most) in counts {
            if count > most {
                let place = place("contests", at, &contest.id);
                faults.add(place, Wrong::TooMany { what, count, most });
            }
        }
    }
}

#[cfg(test)]
mod tests;
