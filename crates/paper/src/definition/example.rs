//! Elections to try things out with. Nobody in them exists.

mod city;
mod county;
mod people;

use artifact::id::{Language, Name, Text};
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{
    Choice, Contest, District, Method, Paragraphs, Party, Subject, Words,
};

use super::derive;

/// A city of two precincts, one of them split, with a contest of every kind in English and Spanish.
pub fn city() -> BallotDefinition {
    derive(city::description())
}

/// A county with a thousand styles. The same seed gives the same county on every machine.
pub fn county(seed: u64) -> BallotDefinition {
    derive(county::description(seed))
}

#[allow(clippy::expect_used, reason = "the texts of the examples are ours")]
fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

#[allow(clippy::expect_used, reason = "the texts of the examples are ours")]
fn language(text: &str) -> Language {
    text.parse().expect("a language")
}

#[allow(clippy::expect_used, reason = "the texts of the examples are ours")]
fn long(text: &str) -> Text {
    text.parse().expect("a text")
}

fn words(en: &str, es: &str) -> Words {
    [(language("en"), name(en)), (language("es"), name(es))].into_iter().collect()
}

/// The same in both languages, as the names of people are.
fn same(text: &str) -> Words {
    words(text, text)
}

fn paragraphs(en: &str, es: &str) -> Paragraphs {
    [(language("en"), long(en)), (language("es"), long(es))].into_iter().collect()
}

fn district(id: &str, en: &str, es: &str) -> District {
    District { id: name(id), name: words(en, es) }
}

fn party(id: &str, en: &str, es: &str) -> Party {
    Party { id: name(id), name: words(en, es) }
}

/// One vote for one of these, without lines to write on.
fn contest(id: &str, district: &str, title: Words, choices: Vec<Choice>) -> Contest {
    Contest {
        choices,
        district: name(district),
        id: name(id),
        method: Method::Plurality,
        party: None,
        ranks: None,
        rotation: None,
        subject: Subject::Office,
        text: None,
        title,
        vote_for: 1,
        write_ins: 0,
    }
}

/// A question, answered by yes or no.
fn measure(id: &str, district: &str, title: Words, text: Paragraphs) -> Contest {
    let mut contest = contest(id, district, title, yes_or_no());
    contest.subject = Subject::Measure;
    contest.text = Some(text);
    contest
}

fn yes_or_no() -> Vec<Choice> {
    vec![answer("yes", "Yes", "Sí"), answer("no", "No", "No")]
}

fn answer(id: &str, en: &str, es: &str) -> Choice {
    Choice { detail: None, id: name(id), name: words(en, es), parties: Vec::new() }
}

fn candidate(id: &str, person: &str) -> Choice {
    Choice { detail: None, id: name(id), name: same(person), parties: Vec::new() }
}

#[cfg(test)]
mod tests;
