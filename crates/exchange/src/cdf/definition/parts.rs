//! The small parts of a file: papers, objects of a class, texts, identifiers, references.

use std::collections::HashMap;

use artifact::id::Name;
use artifact::payload::definition::{Contest, Method, Paper, Translated};
use serde_json::{Map, Value, json};

use super::OUR_ID;

/// Sizes in points, and the papers that have them; A4 within half a point.
const PAPERS: [(Paper, f64, f64); 6] = [
    (Paper::Letter, 612.0, 792.0),
    (Paper::Legal, 612.0, 1008.0),
    (Paper::Inches17, 612.0, 1224.0),
    (Paper::Inches19, 612.0, 1368.0),
    (Paper::Inches22, 612.0, 1584.0),
    (Paper::A4, 595.276, 841.89),
];

/// The paper of a size in points.
pub(super) fn paper_of(short: f64, long: f64) -> Option<Paper> {
    let near = |left: f64, right: f64| (left - right).abs() < 0.5;
    let paper = PAPERS.iter().find(|(_, width, height)| near(*width, short) && near(*height, long));
    paper.map(|(paper, _, _)| *paper)
}

pub(super) fn format(paper: Paper) -> Value {
    let (unit, short, long) = match paper {
        Paper::Letter => ("pt", 612, 792),
        Paper::Legal => ("pt", 612, 1008),
        Paper::Inches17 => ("pt", 612, 1224),
        Paper::Inches19 => ("pt", 612, 1368),
        Paper::Inches22 => ("pt", 612, 1584),
        Paper::A4 => ("mm", 210, 297),
    };
    let identifier = json!({ "Type": "local-level", "Value": paper.as_str() });
    class(
        "BallotFormat",
        json!({
            "@id": "format",
            "ExternalIdentifier": [class("ExternalIdentifier", identifier)],
            "LongEdge": long,
            "MeasurementUnit": unit,
            "Orientation": "portrait",
            "SelectionCaptureMethod": "omr",
            "ShortEdge": short,
        }),
    )
}

/// An object of a class. Members that are null are left out.
pub(super) fn class(name: &str, members: Value) -> Value {
    let mut object = match members {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    object.retain(|_, value| !value.is_null());
    object.insert("@type".into(), format!("BallotDefinition.{name}").into());
    Value::Object(object)
}

pub(super) fn texts<T: AsRef<str>>(texts: &Translated<T>) -> Value {
    let text = |language: &str, text: &str| {
        class("LanguageString", json!({ "Content": text, "Language": language }))
    };
    let list = texts.iter().map(|(language, content)| text(language.as_str(), content.as_ref()));
    class("InternationalizedText", json!({ "Text": list.collect::<Vec<_>>() }))
}

pub(super) fn ours(kind: &str, value: &str) -> Value {
    let members = json!({ "OtherType": kind, "Type": "other", "Value": value });
    class("ExternalIdentifier", members)
}

pub(super) fn id(value: &Name) -> Value {
    Value::Array(vec![ours(OUR_ID, value.as_str())])
}

pub(super) fn numbers<'a>(ids: impl Iterator<Item = &'a Name>) -> HashMap<&'a Name, usize> {
    ids.enumerate().map(|(at, id)| (id, at)).collect()
}

/// A reference; one to what the definition does not have leads nowhere, which every reader finds.
pub(super) fn refer(kind: &str, number: Option<&usize>) -> String {
    number.map_or_else(|| format!("{kind}-unknown"), |number| format!("{kind}-{number}"))
}

pub(super) const fn variation(contest: &Contest) -> &'static str {
    match contest.method {
        Method::Plurality if contest.vote_for == 1 => "plurality",
        Method::Plurality => "n-of-m",
        Method::Approval => "approval",
        Method::Ranked => "rcv",
    }
}
