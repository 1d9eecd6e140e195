//! Generated definitions, laid out by letters that are all equally wide: what must hold of every
//! ballot is counted and measured on what comes out.

use std::collections::{BTreeMap, BTreeSet};

use artifact::id::{Language, Name};
use artifact::payload::definition::{BallotDefinition, Method, Paper};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::layout::frame::Frame;
use crate::layout::geometry::{OVAL, Target};
use crate::layout::ink::{Ink, LaidSide, Line, Role, oval_area};
use crate::layout::length::{Area, Length};
use crate::layout::typesetter::{Letters, SetLine};

mod places;
mod rules;

/// Letters of half an em, lines broken at spaces.
struct Plain;

impl Typesetter for Plain {
    fn lines(
        &self,
        text: &str,
        letters: Letters<'_>,
        width: Length,
    ) -> Result<Vec<SetLine>, TypesetError> {
        let wide = |text: &str| {
            let count = i32::try_from(text.chars().count()).unwrap();
            letters.size.times(count).part(2)
        };
        let mut lines: Vec<String> = Vec::new();
        for paragraph in text.split('\n') {
            lines.push(String::new());
            for word in paragraph.split(' ') {
                if wide(word) > width {
                    return Err(TypesetError::Word { word: word.to_owned(), width });
                }
                let last = lines.last_mut().unwrap();
                let longer =
                    if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
                if wide(&longer) <= width {
                    *last = longer;
                } else {
                    lines.push(word.to_owned());
                }
            }
        }
        let set = lines.into_iter().map(|text| SetLine { width: wide(&text), text });
        Ok(set.collect())
    }
}

/// What a contest of a generated definition is like.
#[derive(Clone, Debug)]
struct Kind {
    choices: usize,
    details: bool,
    method: Method,
    question: usize,
    ranks: u64,
    vote_for: u64,
    write_ins: u64,
}

fn kind() -> impl Strategy<Value = Kind> {
    let method = prop_oneof![
        4 => Just(Method::Plurality),
        1 => Just(Method::Approval),
        1 => Just(Method::Ranked),
    ];
    let question = prop_oneof![3 => Just(0_usize), 2 => 1_usize..60, 1 => 200_usize..500];
    let choices = prop_oneof![8 => 2_usize..12, 1 => 30_usize..100];
    (method, choices, any::<bool>(), question, 1_u64..7, 1_u64..4, 0_u64..4).prop_map(
        |(method, choices, details, question, ranks, vote_for, write_ins)| {
            let lines = choices as u64 + write_ins;
            let ranks = ranks.min(lines);
            let most = if method == Method::Ranked { ranks } else { vote_for };
            let write_ins = write_ins.min(most);
            Kind { choices, details, method, question, ranks, vote_for, write_ins }
        },
    )
}

/// A text in each language, unlike any other.
fn said(languages: &[&str], text: &str) -> Value {
    let of = |language: &&str| ((*language).to_owned(), json!(format!("{language} {text}")));
    Value::Object(languages.iter().map(of).collect())
}

fn contest(number: usize, kind: &Kind, languages: &[&str]) -> Value {
    let choice = |at: usize| {
        let name = format!("c{number}n{at} Name");
        let mut choice = json!({"id": format!("n{at}"), "name": said(languages, &name)});
        if kind.details {
            choice["detail"] = said(languages, &format!("c{number}d{at} detail of some words"));
            choice["parties"] = json!(["p"]);
        }
        choice
    };
    let choices: Vec<Value> = (0..kind.choices).map(choice).collect();
    let mut contest = json!({
        "choices": choices, "district": "d", "id": format!("c{number}"), "method": kind.method,
        "subject": "office", "title": said(languages, &format!("c{number}t Title of it")),
        "vote_for": kind.vote_for, "write_ins": kind.write_ins,
    });
    if kind.method == Method::Ranked {
        contest["ranks"] = json!(kind.ranks);
    }
    if kind.question > 0 {
        let words: Vec<String> =
            (0..kind.question).map(|word| format!("c{number}q{word}")).collect();
        contest["text"] = said(languages, &words.join(" "));
    }
    contest
}

fn definition(paper: Paper, languages: &[&str], kinds: &[Kind]) -> BallotDefinition {
    let contests = (0..).zip(kinds).map(|(number, kind)| contest(number, kind, languages));
    let placed = (0..kinds.len()).map(|number| json!({"contest": format!("c{number}")}));
    let name = |text| said(languages, text);
    let value = json!({
        "contests": contests.collect::<Vec<_>>(), "date": "2026-11-03",
        "districts": [{"id": "d", "name": name("District")}], "election_id": "city-2026",
        "jurisdiction": name("City of Elm"), "languages": languages, "paper": paper,
        "parties": [{"id": "p", "name": name("Party of All")}],
        "precincts": [{"id": "1", "name": name("Precinct One"),
                       "splits": [{"districts": ["d"], "id": "1"}]}],
        "styles": [{"contests": placed.collect::<Vec<_>>(), "id": "1", "splits": ["1"]}],
        "title": name("General Election"), "type": "general",
    });
    serde_json::from_value(value).unwrap()
}

const PAPERS: [Paper; 6] =
    [Paper::Letter, Paper::Legal, Paper::Inches17, Paper::Inches19, Paper::Inches22, Paper::A4];

fn any_definition() -> impl Strategy<Value = BallotDefinition> {
    let languages = prop_oneof![
        Just(vec!["en"]),
        Just(vec!["en", "es"]),
        Just(vec!["ar", "en"]),
        Just(vec!["en", "es", "vi", "hi"]),
    ];
    let paper = (0..PAPERS.len()).prop_map(|at| PAPERS[at]);
    (paper, languages, proptest::collection::vec(kind(), 1..14))
        .prop_map(|(paper, languages, kinds)| definition(paper, &languages, &kinds))
}

fn laid(definition: &BallotDefinition) -> Laid {
    lay_out(definition, 0, &Plain, Printing::default()).unwrap()
}

fn sides(laid: &Laid) -> impl Iterator<Item = &LaidSide> {
    laid.sheets.iter().flatten()
}

fn lines(laid: &Laid) -> impl Iterator<Item = &Line> {
    sides(laid).flat_map(|side| &side.inks).filter_map(|ink| match ink {
        Ink::Line(line) => Some(line),
        _ => None,
    })
}
