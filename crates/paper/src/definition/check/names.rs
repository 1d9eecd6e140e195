//! Ids and names that people, or the files that are named after them, would take for one another.

use std::borrow::Cow;
use std::collections::HashMap;

use artifact::id::{Language, Name};
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Choice, Words};
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

use super::{Faults, place};
use crate::definition::Wrong;

/// What of a text can be seen: in Unicode's compatibility form NFKC, without characters that have
/// no shape (`Default_Ignorable_Code_Point`), one space for any number of them.
pub(super) fn skeleton(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Cow::Borrowed(text);
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let seen: String = text.chars().filter(|&symbol| !ignorable.contains(symbol)).collect();
    let normal = ComposingNormalizerBorrowed::new_nfkc().normalize(&seen);
    Cow::Owned(normal.split_whitespace().collect::<Vec<_>>().join(" "))
}

pub(super) fn check(definition: &BallotDefinition, faults: &mut Faults) {
    let splits = definition.precincts.iter().flat_map(|precinct| &precinct.splits);
    differ("parties", definition.parties.iter().map(|one| &one.id), faults);
    differ("districts", definition.districts.iter().map(|one| &one.id), faults);
    differ("precincts", definition.precincts.iter().map(|one| &one.id), faults);
    differ("splits", splits.map(|one| &one.id), faults);
    differ("contests", definition.contests.iter().map(|one| &one.id), faults);
    differ("styles", definition.styles.iter().map(|one| &one.id), faults);
    for (at, contest) in definition.contests.iter().enumerate() {
        let here = place("contests", at, &contest.id);
        let list = format!("{here} choices");
        differ(&list, contest.choices.iter().map(|one| &one.id), faults);
        for language in &definition.languages {
            tell_apart(&list, language, &contest.choices, faults);
        }
    }
}

/// Two ids that are equal but for capitals. Equal ids are a rule's of the form.
fn differ<'a>(list: &str, ids: impl Iterator<Item = &'a Name>, faults: &mut Faults) {
    let mut seen: HashMap<String, (usize, &Name)> = HashMap::new();
    for (at, id) in ids.enumerate() {
        let folded = skeleton(&id.as_str().to_lowercase()).into_owned();
        match seen.get(&folded) {
            Some((first, other)) if *other != id => {
                let other = place(list, *first, other);
                faults.add(place(list, at, id), Wrong::CaseOnly { other });
            }
            Some(_) => {}
            None => {
                seen.insert(folded, (at, id));
            }
        }
    }
}

fn tell_apart(list: &str, language: &Language, choices: &[Choice], faults: &mut Faults) {
    let seen_of = |words: Option<&Words>| {
        let text = words.and_then(|words| words.of(language));
        text.map(|text| skeleton(text.as_str()).into_owned())
    };
    let mut seen: HashMap<(String, Option<String>), (usize, &Name)> = HashMap::new();
    for (at, choice) in choices.iter().enumerate() {
        let Some(name) = seen_of(Some(&choice.name)) else { continue };
        let key = (name, seen_of(choice.detail.as_ref()));
        match seen.get(&key) {
            Some((first, other)) => {
                let (other, language) = (place(list, *first, other), language.clone());
                faults.add(place(list, at, &choice.id), Wrong::SameName { other, language });
            }
            None => {
                seen.insert(key, (at, &choice.id));
            }
        }
    }
}
