//! The words that every card has, from a file in another language.

use std::path::Path;

use imaging::print::card::Wording;
use serde::Deserialize;

use crate::file;
use crate::message::Failure;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    document: String,
    number: String,
    use_it: String,
    look_up: String,
    foot: String,
}

/// The words of a file, or the English ones.
pub(super) fn read(path: Option<&Path>) -> Result<Wording, Failure> {
    let Some(path) = path else { return Ok(Wording::default()) };
    let bytes = file::read(path)?;
    let words: Words = toml::from_slice(&bytes).map_err(|error| {
        Failure::new(format_args!("{}: {}", file::name(path), error.message()))
            .hint("the file has five texts: document, number, use_it, look_up, foot")
    })?;
    let Words { document, number, use_it, look_up, foot } = words;
    Ok(Wording { document, number, use_it, look_up, foot })
}
