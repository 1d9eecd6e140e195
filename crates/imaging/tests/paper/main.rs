//! What is printed is read again: by this crate, and by programs of others where they are at hand.

mod card;
mod outside;
mod photograph;

use booth::mandate::Mandate;
use imaging::print::card::{Heading, Wording, lay_out};
use imaging::print::{Page, png};

/// The mandate of the prototype's Figure 11, and its lines.
fn figure() -> (Mandate, Vec<String>) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/booth/card.json");
    let card: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mandate = Mandate::from_token(card["token"].as_str().unwrap()).unwrap();
    let lines = card["lines"].as_array().unwrap();
    (mandate, lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect())
}

/// Its card.
fn page() -> Page {
    let heading = Heading {
        title: "Élection à Łódź, Київ and Αθήνα".to_owned(),
        date: "22 November 2026".to_owned(),
        number: Some(123),
    };
    lay_out(&figure().0, &heading, &Wording::default()).unwrap()
}

fn picture() -> Vec<u8> {
    png::write(&page(), &[("Title", "Élection"), ("Number", "123")]).unwrap()
}
