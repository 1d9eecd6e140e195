//! Every text in every language of the definition, and in no other.

use std::collections::HashSet;

use artifact::id::Language;
use artifact::payload::BallotDefinition;
use artifact::payload::definition::Translated;

use super::names::skeleton;
use super::{Faults, place};
use crate::definition::Wrong;

pub(super) fn check(definition: &BallotDefinition, faults: &mut Faults) {
    let listed: HashSet<&Language> = definition.languages.iter().collect();
    let mut texts = Texts { languages: &definition.languages, listed, faults };
    texts.judge("title", &definition.title);
    texts.judge("jurisdiction", &definition.jurisdiction);
    for (at, party) in definition.parties.iter().enumerate() {
        texts.judge(&place("parties", at, &party.id), &party.name);
    }
    for (at, district) in definition.districts.iter().enumerate() {
        texts.judge(&place("districts", at, &district.id), &district.name);
    }
    for (at, precinct) in definition.precincts.iter().enumerate() {
        texts.judge(&place("precincts", at, &precinct.id), &precinct.name);
    }
    for (at, contest) in definition.contests.iter().enumerate() {
        let here = place("contests", at, &contest.id);
        texts.judge(&format!("{here} title"), &contest.title);
        if let Some(text) = &contest.text {
            texts.judge(&format!("{here} text"), text);
        }
        for (at, choice) in contest.choices.iter().enumerate() {
            let here = format!("{here} {}", place("choices", at, &choice.id));
            texts.judge(&here, &choice.name);
            if let Some(detail) = &choice.detail {
                texts.judge(&format!("{here} detail"), detail);
            }
        }
    }
}

struct Texts<'a> {
    languages: &'a [Language],
    listed: HashSet<&'a Language>,
    faults: &'a mut Faults,
}

impl Texts<'_> {
    fn judge<T: AsRef<str>>(&mut self, place: &str, texts: &Translated<T>) {
        for language in self.languages {
            match texts.of(language) {
                None => {
                    self.faults.add(place, Wrong::TextMissing { language: language.clone() });
                }
                Some(text) if skeleton(text.as_ref()).is_empty() => {
                    self.faults.add(place, Wrong::Invisible { language: language.clone() });
                }
                Some(_) => {}
            }
        }
        for (language, _) in texts.iter() {
            if !self.listed.contains(language) {
                self.faults.add(place, Wrong::TextForeign { language: language.clone() });
            }
        }
    }
}
