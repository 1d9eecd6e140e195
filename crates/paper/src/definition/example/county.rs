//! Larch County: 500 precincts, each with two splits, and no two splits with the same ballot.

use std::collections::HashSet;

use artifact::payload::definition::{
    Choice, Contest, District, ElectionType, Method, Paper, Precinct, Rotation, Split, Subject,
};

use super::people::Dice;
use super::{
    candidate, contest, district, language, measure, name, paragraphs, party, words, yes_or_no,
};
use crate::definition::Description;

const PRECINCTS: usize = 500;

/// The districts of a kind: id, English and Spanish name, how many.
struct Kind {
    id: &'static str,
    names: (&'static str, &'static str),
    count: usize,
}

const fn kind(id: &'static str, names: (&'static str, &'static str), count: usize) -> Kind {
    Kind { id, names, count }
}

const SUPERVISOR: Kind = kind("supervisor", ("Supervisor District", "Distrito de supervisores"), 5);
const CITY: Kind = kind("city", ("City", "Ciudad"), 22);
const SCHOOL: Kind = kind("school", ("School District", "Distrito escolar"), 18);
const WATER: Kind = kind("water", ("Water District", "Distrito de agua"), 12);
const FIRE: Kind = kind("fire", ("Fire District", "Distrito de bomberos"), 9);
const KINDS: [Kind; 5] = [SUPERVISOR, CITY, SCHOOL, WATER, FIRE];

const COUNTY_OFFICES: [(&str, &str, &str); 6] = [
    ("assessor", "County Assessor", "Tasador del condado"),
    ("clerk", "County Clerk", "Secretaría del condado"),
    ("coroner", "County Coroner", "Forense del condado"),
    ("sheriff", "County Sheriff", "Alguacil del condado"),
    ("surveyor", "County Surveyor", "Agrimensor del condado"),
    ("treasurer", "County Treasurer", "Tesorería del condado"),
];

#[allow(clippy::expect_used, reason = "the texts of the examples are ours")]
pub(super) fn description(seed: u64) -> Description {
    let mut dice = Dice::new(seed);
    let mut taken = Vec::new();
    let mut contests = county_wide(&mut dice, &mut taken);
    for kind in &KINDS {
        contests.extend(of_kind(kind, &mut dice, &mut taken));
    }
    let mut districts = vec![district("county", "Larch County", "Condado de Larch")];
    districts.extend(KINDS.iter().flat_map(Kind::districts));
    Description {
        contests,
        date: "2026-11-03".parse().expect("a date"),
        districts,
        election_id: "larch-county-2026".parse().expect("an election id"),
        files: Vec::new(),
        jurisdiction: words("Larch County", "Condado de Larch"),
        languages: vec![language("en"), language("es")],
        paper: Paper::Inches17,
        parties: vec![
            party("meadow", "Meadow Party", "Partido de la Pradera"),
            party("harbor", "Harbor Party", "Partido del Puerto"),
            party("summit", "Summit Party", "Partido de la Cumbre"),
        ],
        precincts: precincts(&mut dice),
        title: words("General Election", "Elecciones generales"),
        election_type: ElectionType::General,
    }
}

impl Kind {
    fn name(&self, number: usize) -> String {
        format!("{}-{number}", self.id)
    }

    fn districts(&self) -> impl Iterator<Item = District> {
        let (en, es) = self.names;
        (1..=self.count).map(move |number| {
            district(&self.name(number), &format!("{en} {number}"), &format!("{es} {number}"))
        })
    }

    fn draw(&self, dice: &mut Dice) -> String {
        self.name(dice.below(self.count).saturating_add(1))
    }
}

/// A precinct lies in one supervisor's district and one city; its halves differ in the rest.
fn precincts(dice: &mut Dice) -> Vec<Precinct> {
    let mut seen = HashSet::new();
    let mut precinct = |number: usize| {
        let shared = [SUPERVISOR.draw(dice), CITY.draw(dice)];
        let id = format!("{}", number.saturating_add(1000));
        let mut splits = Vec::new();
        while splits.len() < 2 {
            let mut districts = vec!["county".to_owned()];
            districts.extend(shared.iter().cloned());
            districts.extend([SCHOOL.draw(dice), WATER.draw(dice), FIRE.draw(dice)]);
            if seen.insert(districts.clone()) {
                let letter = if splits.is_empty() { "A" } else { "B" };
                let districts = districts.iter().map(|id| name(id)).collect();
                splits.push(Split { districts, id: name(&format!("{id}-{letter}")) });
            }
        }
        let names = words(&format!("Precinct {id}"), &format!("Precinto {id}"));
        Precinct { id: name(&id), name: names, splits }
    };
    (1..=PRECINCTS).map(&mut precinct).collect()
}

fn people(count: usize, dice: &mut Dice, taken: &mut Vec<String>) -> Vec<Choice> {
    (1..=count).map(|number| candidate(&format!("c{number}"), &dice.person(taken))).collect()
}

fn county_wide(dice: &mut Dice, taken: &mut Vec<String>) -> Vec<Contest> {
    let mut contests = Vec::new();
    for (id, en, es) in COUNTY_OFFICES {
        let count = dice.below(4).saturating_add(2);
        let mut office = contest(id, "county", words(en, es), people(count, dice, taken));
        for (choice, party) in office.choices.iter_mut().zip(["meadow", "harbor", "summit"]) {
            choice.parties = vec![name(party)];
        }
        office.rotation = Some(Rotation::Precinct);
        office.write_ins = 1;
        contests.push(office);
    }
    let title = words("County Executive", "Ejecutivo del condado");
    let mut executive = contest("executive", "county", title, people(6, dice, taken));
    executive.method = Method::Ranked;
    executive.ranks = Some(5);
    executive.write_ins = 1;
    executive.rotation = Some(Rotation::Style);
    contests.insert(0, executive);
    let mut judge = contest(
        "judge",
        "county",
        words("Shall the presiding judge be kept?", "¿Debe permanecer la jueza presidenta?"),
        yes_or_no(),
    );
    judge.subject = Subject::Retention;
    contests.push(judge);
    contests
}

/// One contest for each district of a kind; every third has a measure too.
fn of_kind(kind: &Kind, dice: &mut Dice, taken: &mut Vec<String>) -> Vec<Contest> {
    let (en, es) = kind.names;
    let mut contests = Vec::new();
    for number in 1..=kind.count {
        let id = kind.name(number);
        let seats = dice.below(3).saturating_add(1);
        let count = seats.saturating_add(dice.below(3)).saturating_add(1);
        let title = words(
            &format!("{en} {number}: members of the board"),
            &format!("{es} {number}: miembros de la junta"),
        );
        let mut board = contest(&format!("{id}-board"), &id, title, people(count, dice, taken));
        board.vote_for = u64::try_from(seats).unwrap_or(1);
        board.write_ins = board.vote_for;
        contests.push(board);
        if number.checked_rem(3) == Some(0) {
            contests.push(measure(
                &format!("{id}-measure"),
                &id,
                words(&format!("Measure {number}, {en}"), &format!("Medida {number}, {es}")),
                paragraphs(
                    &format!("Shall {en} {number} levy a tax of one tenth of one percent?"),
                    &format!("¿Debe {es} {number} recaudar un impuesto de una décima de 1 %?"),
                ),
            ));
        }
    }
    contests
}
