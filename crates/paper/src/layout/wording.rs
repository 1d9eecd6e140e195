//! The words of the ballot itself, which no definition has: how many to vote for, how to mark,
//! where it goes on.
//!
//! The built-in ones are drafts of people who know elections and have not been approved by any
//! authority: read the proof, and give other words where the law has its own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use artifact::id::{CalendarDate, Language};
use serde::{Deserialize, Serialize};

/// Texts that are built in.
macro_rules! built {
    ([$($text:literal),* $(,)?]) => { [$(Borrowed($text)),*] };
}

mod asia;
mod europe;
mod other;

/// A text, built in or given.
pub type Say = Cow<'static, str>;

/// The words of one language. `{…}` stands for what is put in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Approval: `Vote for as many as you like`.
    pub any: Say,
    /// At the foot of a column whose contest goes on: `Continued in the next column or page`.
    pub continued: Say,
    /// After a title that stands once more: `continued`.
    pub again: Say,
    /// A date written out: `{month} {day}, {year}`.
    pub date: Say,
    /// At the foot of the last side.
    pub end: Say,
    /// How to mark an oval; the picture of a filled one stands to the left.
    pub fill: Say,
    /// What to do after a mistake.
    pub mistake: Say,
    /// The months.
    pub months: [Say; 12],
    /// At the foot of a sheet that is not the last: `Continue on sheet {sheet}`.
    pub next_sheet: Say,
    /// One to ten, as they stand in [`Wording::up_to`] and [`Wording::rank`].
    pub numbers: [Say; 10],
    /// `Vote for one`.
    pub one: Say,
    /// `Page {page} of {pages}`.
    pub page: Say,
    /// On a proof.
    pub proof: Say,
    /// `Rank up to {count}`, with how to.
    pub rank: Say,
    /// Above the columns of preferences: `1st` to `10th`.
    pub ranks: [Say; 10],
    /// On a sample.
    pub sample: Say,
    /// `Ballot style {style}`.
    pub style: Say,
    /// On a test ballot.
    pub test: Say,
    /// At the foot of a front with a back.
    pub turn: Say,
    /// `Vote for up to {count}`.
    pub up_to: Say,
    /// Above the lines to write on.
    pub write_in: Say,
    /// How to vote for somebody who is not on the ballot.
    pub write_in_how: Say,
}

impl Wording {
    /// The built-in words of a language, or of the one that it is a kind of.
    pub fn built_in(language: &Language) -> Option<Self> {
        let tag = language.as_str();
        let main = tag.split('-').next().unwrap_or_default();
        let words = match main {
            "zh" => chinese(tag),
            "ar" => other::ARABIC,
            "en" => europe::ENGLISH,
            "es" => europe::SPANISH,
            "fil" | "tl" => other::TAGALOG,
            "fr" => europe::FRENCH,
            "hi" => other::HINDI,
            "ja" => asia::JAPANESE,
            "ko" => asia::KOREAN,
            "vi" => other::VIETNAMESE,
            _ => return None,
        };
        Some(words)
    }

    /// A number as it is written in a sentence.
    pub(super) fn number(&self, count: u64) -> String {
        let at = usize::try_from(count).ok().and_then(|count| count.checked_sub(1));
        let word = at.and_then(|at| self.numbers.get(at));
        word.map_or_else(|| count.to_string(), |word| word.clone().into_owned())
    }

    /// A date written out.
    pub fn date(&self, date: &CalendarDate) -> String {
        let mut parts = date.as_str().split('-');
        let mut next = || parts.next().unwrap_or_default();
        let (year, month, day) = (next(), next(), next());
        let month: usize = month.parse().unwrap_or(0);
        let month = month.checked_sub(1).and_then(|at| self.months.get(at));
        let month = month.map_or("", |month| month);
        let day = day.trim_start_matches('0');
        self.date.replace("{year}", year).replace("{month}", month).replace("{day}", day)
    }
}

/// Traditional letters where the tag says so, by script or by place.
fn chinese(tag: &str) -> Wording {
    let is_traditional = tag.split('-').any(|part| matches!(part, "Hant" | "HK" | "MO" | "TW"));
    if is_traditional { asia::TRADITIONAL } else { asia::SIMPLIFIED }
}

/// The words of all languages: those that were given, before those that are built in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wordings(BTreeMap<Language, Wording>);

impl Wordings {
    /// The given ones, before those that are built in.
    pub const fn given(given: BTreeMap<Language, Wording>) -> Self {
        Self(given)
    }

    /// The words of a language.
    pub fn of(&self, language: &Language) -> Option<Cow<'_, Wording>> {
        match self.0.get(language) {
            Some(given) => Some(Cow::Borrowed(given)),
            None => Wording::built_in(language).map(Cow::Owned),
        }
    }
}

#[cfg(test)]
mod tests;
