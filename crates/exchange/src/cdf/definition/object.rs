//! An object of the format: members are taken out as they are read, and what is left is a note.

use std::collections::BTreeMap;
use std::str::FromStr;

use artifact::id::{GrammarError, Language, Name, Text};
use artifact::payload::definition::Translated;

use super::error::{ImportError, Notes, What};
use super::{OUR_ID, OUR_ROTATION};
use crate::json::Value;

/// A text in several languages, in the order of the file.
pub(super) type Texts = Vec<(Language, String)>;

pub(super) struct Object {
    /// Its class, without the name of the format.
    pub(super) class: String,
    /// Where it stands, as `Election[0].Contest[2]`.
    pub(super) place: String,
    members: BTreeMap<String, Value>,
}

/// What `ExternalIdentifier` says to us.
#[derive(Default)]
pub(super) struct Ours {
    pub(super) id: Option<String>,
    pub(super) rotation: Option<String>,
    /// The first id that an office gave it.
    pub(super) local: Option<String>,
}

impl Object {
    pub(super) fn new(place: String, value: Value) -> Result<Self, ImportError> {
        let Value::Members(members) = value else {
            return Err(form(place, "an object", value.kind()));
        };
        let mut object = Self { class: String::new(), place, members };
        let class = object.required("@type")?;
        class.strip_prefix("BallotDefinition.").unwrap_or(&class).clone_into(&mut object.class);
        Ok(object)
    }

    /// The place of a member.
    pub(super) fn at(&self, member: &str) -> String {
        if self.place.is_empty() { member.to_owned() } else { format!("{}.{member}", self.place) }
    }

    pub(super) fn text(&mut self, member: &str) -> Result<Option<String>, ImportError> {
        match self.members.remove(member) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(other) => Err(form(self.at(member), "a text", other.kind())),
        }
    }

    pub(super) fn required(&mut self, member: &'static str) -> Result<String, ImportError> {
        let missing = ImportError::Missing { place: self.place.clone(), member };
        self.text(member)?.ok_or(missing)
    }

    pub(super) fn flag(&mut self, member: &str) -> Result<bool, ImportError> {
        match self.members.remove(member) {
            None => Ok(false),
            Some(Value::Flag(flag)) => Ok(flag),
            Some(other) => Err(form(self.at(member), "true or false", other.kind())),
        }
    }

    /// A whole number from 0.
    pub(super) fn whole(&mut self, member: &str) -> Result<Option<u64>, ImportError> {
        match self.members.remove(member) {
            None => Ok(None),
            Some(Value::Number(number)) if number.is_u64() => Ok(number.as_u64()),
            Some(Value::Number(number)) => {
                Err(form(self.at(member), "a whole number", &number.to_string()))
            }
            Some(other) => Err(form(self.at(member), "a whole number", other.kind())),
        }
    }

    pub(super) fn number(&mut self, member: &str) -> Result<Option<f64>, ImportError> {
        match self.members.remove(member) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(other) => Err(form(self.at(member), "a number", other.kind())),
        }
    }

    fn list(&mut self, member: &str) -> Result<Vec<Value>, ImportError> {
        match self.members.remove(member) {
            None => Ok(Vec::new()),
            Some(Value::List(list)) => Ok(list),
            Some(other) => Err(form(self.at(member), "a list", other.kind())),
        }
    }

    /// A list of ids.
    pub(super) fn ids(&mut self, member: &str) -> Result<Vec<String>, ImportError> {
        let place = self.at(member);
        let text = |(at, value): (usize, Value)| match value {
            Value::Text(text) => Ok(text),
            other => Err(form(format!("{place}[{at}]"), "a text", other.kind())),
        };
        self.list(member)?.into_iter().enumerate().map(text).collect()
    }

    pub(super) fn objects(&mut self, member: &str) -> Result<Vec<Self>, ImportError> {
        let place = self.at(member);
        let object = |(at, value)| Self::new(format!("{place}[{at}]"), value);
        self.list(member)?.into_iter().enumerate().map(object).collect()
    }

    fn object(&mut self, member: &str) -> Result<Option<Self>, ImportError> {
        let place = self.at(member);
        self.members.remove(member).map(|value| Self::new(place, value)).transpose()
    }

    /// `InternationalizedText`.
    pub(super) fn texts(
        &mut self,
        member: &str,
        notes: &mut Notes,
    ) -> Result<Option<Texts>, ImportError> {
        let Some(mut texts) = self.object(member)? else { return Ok(None) };
        let mut list = Texts::new();
        for mut text in texts.objects("Text")? {
            let (place, content) = (text.at("Language"), text.required("Content")?);
            let language: Language = read(&place, &text.required("Language")?)?;
            if list.iter().any(|(other, _)| *other == language) {
                return Err(ImportError::Twice { place, id: language.to_string() });
            }
            list.push((language, content));
            text.finish(notes);
        }
        if list.is_empty() {
            return Err(ImportError::Missing { place: texts.place, member: "Text" });
        }
        texts.finish(notes);
        Ok(Some(list))
    }

    pub(super) fn identifiers(&mut self, notes: &mut Notes) -> Result<Ours, ImportError> {
        let mut ours = Ours::default();
        for mut one in self.objects("ExternalIdentifier")? {
            let (kind, value) = (one.required("Type")?, one.required("Value")?);
            let other = one.text("OtherType")?;
            let slot = match (kind.as_str(), other.as_deref()) {
                ("other", Some(OUR_ID)) => &mut ours.id,
                ("other", Some(OUR_ROTATION)) => &mut ours.rotation,
                ("local-level", _) if self.class == "BallotStyle" => &mut ours.local,
                _ => {
                    let (class, member) = (self.class.clone(), "ExternalIdentifier".to_owned());
                    notes.add(&one.place, What::Member { class, member });
                    continue;
                }
            };
            slot.get_or_insert(value);
            one.finish(notes);
        }
        Ok(ours)
    }

    /// What has not been read becomes notes.
    pub(super) fn finish(self, notes: &mut Notes) {
        for member in self.members.into_keys() {
            let place = if self.place.is_empty() {
                member.clone()
            } else {
                format!("{}.{member}", self.place)
            };
            notes.add(&place, What::Member { class: self.class.clone(), member });
        }
    }
}

fn form(place: String, expected: &'static str, found: &str) -> ImportError {
    ImportError::Form { place, expected, found: found.to_owned() }
}

/// A text of a grammar.
pub(super) fn read<T: FromStr<Err = GrammarError>>(
    place: &str,
    text: &str,
) -> Result<T, ImportError> {
    text.parse().map_err(|error| ImportError::Text { place: place.to_owned(), error })
}

pub(super) fn translated<T: FromStr<Err = GrammarError>>(
    place: &str,
    texts: &Texts,
) -> Result<Translated<T>, ImportError> {
    let one = |(language, text): &(Language, String)| Ok((language.clone(), read(place, text)?));
    texts.iter().map(one).collect()
}

/// The same text in every language.
pub(super) fn every<T: FromStr<Err = GrammarError> + Clone>(
    place: &str,
    text: &str,
    languages: &[Language],
) -> Result<Translated<T>, ImportError> {
    let text: T = read(place, text)?;
    Ok(languages.iter().map(|language| (language.clone(), text.clone())).collect())
}

/// A name made of an id.
pub(super) fn id(place: &str, ours: Option<&String>, theirs: &str) -> Result<Name, ImportError> {
    read(place, ours.map_or(theirs, String::as_str))
}

/// What a long text may be made of.
pub(super) type Long = Translated<Text>;
