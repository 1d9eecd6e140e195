//! The ballot definition: what is voted on, who votes on what, and how it stands on paper
//! (sections 3.1, 6.1, 9.1).
//!
//! The form is here, with the rules of single lists. Whether a definition holds together as a whole
//! (districts, styles, rotation, room on paper) is judged by `paper::definition`.

use std::collections::{BTreeMap, HashSet};

use canon::Digest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Broken, PayloadType, rule};
use crate::form::{listed, present, words};
use crate::id::{CalendarDate, ElectionId, Language, Name, Text};
use crate::kind::ArtifactKind;

/// A text in one language or several, as `{"en":"Mayor","es":"Alcalde"}`; never in none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Translated<T>(BTreeMap<Language, T>);

/// A short text in the languages of the election.
pub type Words = Translated<Name>;

/// A longer text in the languages of the election.
pub type Paragraphs = Translated<Text>;

impl<T> Translated<T> {
    /// The text in a language.
    pub fn of(&self, language: &Language) -> Option<&T> {
        self.0.get(language)
    }

    /// Every language with its text, in the order of the languages' names.
    pub fn iter(&self) -> impl Iterator<Item = (&Language, &T)> {
        self.0.iter()
    }
}

/// Of several texts for one language the last one stays.
impl<T> FromIterator<(Language, T)> for Translated<T> {
    fn from_iter<I: IntoIterator<Item = (Language, T)>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Translated<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = BTreeMap::deserialize(deserializer)?;
        if texts.is_empty() {
            return Err(D::Error::custom("a text in no language"));
        }
        Ok(Self(texts))
    }
}

words! {
    /// What sort of election it is.
    pub enum ElectionType ("an election type") {
        /// Offices and questions for all voters.
        General = "general",
        /// Each voter takes the ballot of one party.
        Primary = "primary",
        /// Outside the calendar.
        Special = "special",
        /// Between the leading candidates of an earlier one.
        Runoff = "runoff",
    }
}

/// A party, or whatever stands for one on the ballot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its id.
    pub id: Name,
    /// As printed beside its candidates.
    pub name: Words,
}

/// An area whose voters vote on the same contests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
}

/// A part of a precinct all of whose voters have the same districts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// The ids of its districts.
    #[serde(deserialize_with = "listed")]
    pub districts: Vec<Name>,
    /// Its id, unlike that of any other split of the definition.
    pub id: Name,
}

/// A precinct. One that is not split has one split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precinct {
    /// Its id.
    pub id: Name,
    /// Its name.
    pub name: Words,
    /// Its splits.
    #[serde(deserialize_with = "listed")]
    pub splits: Vec<Split>,
}

words! {
    /// How the marks of a contest become votes.
    pub enum Method ("a method") {
        /// Up to `vote_for` options, one vote each.
        Plurality = "plurality",
        /// As many options as the voter approves of.
        Approval = "approval",
        /// Options in the order of preference, up to `ranks` of them.
        Ranked = "ranked",
    }
}

words! {
    /// What is decided in a contest; it says how the contest is printed.
    pub enum Subject ("a subject") {
        /// Who takes an office.
        Office = "office",
        /// Whether somebody keeps an office: two options.
        Retention = "retention",
        /// A question: its text stands above its options.
        Measure = "measure",
    }
}

words! {
    /// How the order of the options changes: by one place each time, the first option going to the
    /// end.
    pub enum Rotation ("a rotation") {
        /// From precinct to precinct, among those that vote on the contest, in their order.
        Precinct = "precinct",
        /// From style to style, among those that have the contest, in their order.
        Style = "style",
    }
}

/// One option of a contest: a candidate, several who stand together, or an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Below the name, as an occupation or a running mate.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub detail: Option<Words>,
    /// Its id within the contest.
    pub id: Name,
    /// As printed.
    pub name: Words,
    /// The ids of the parties that nominated it.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub parties: Vec<Name>,
}

/// One contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// The options, in the order of the definition.
    #[serde(deserialize_with = "listed")]
    pub choices: Vec<Choice>,
    /// The id of the district whose voters it is put to.
    pub district: Name,
    /// Its id.
    pub id: Name,
    /// How marks become votes.
    pub method: Method,
    /// The id of the party whose primary it is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub party: Option<Name>,
    /// How many preferences a voter may mark, in a ranked contest only.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub ranks: Option<u64>,
    /// How the order of the options changes; absent where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub rotation: Option<Rotation>,
    /// What is decided.
    pub subject: Subject,
    /// Below the title, as a term of office; the question of a measure.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub text: Option<Paragraphs>,
    /// As printed.
    pub title: Words,
    /// How many options a voter may mark; how many win, in a ranked contest.
    pub vote_for: u64,
    /// Lines on which a voter may write a name, 0 to `vote_for` (to `ranks` in a ranked contest).
    pub write_ins: u64,
}

/// A contest as it stands on the ballots of a style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Placed {
    /// The ids of its options in the order of printing, where that is not the definition's.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub choices: Vec<Name>,
    /// Its id.
    pub contest: Name,
}

/// One ballot style: one printed face, for one or several splits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Its contests, in their order on the ballot.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<Placed>,
    /// Its id.
    pub id: Name,
    /// The id of the party whose voters take it, in a primary.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub party: Option<Name>,
    /// The ids of the splits whose voters take it.
    #[serde(deserialize_with = "listed")]
    pub splits: Vec<Name>,
}

words! {
    /// The paper of the ballots.
    pub enum Paper ("a paper") {
        /// 8.5 by 11 inches.
        Letter = "letter",
        /// 8.5 by 14 inches.
        Legal = "legal",
        /// 8.5 by 17 inches.
        Inches17 = "inches17",
        /// 8.5 by 19 inches.
        Inches19 = "inches19",
        /// 8.5 by 22 inches.
        Inches22 = "inches22",
        /// 210 by 297 millimetres.
        A4 = "a4",
    }
}

/// `ballot_definition/v1`: by what ballots are printed, and votes read and counted.
///
/// ```text
/// {"contests":[{"choices":[{"detail":{"en":"…"}?,"id":"…","name":{"en":"…"},"parties":["…"]?}],
///               "district":"…","id":"…","method":"plurality","party":"…"?,"ranks":3?,
///               "rotation":"precinct"?,"subject":"office","text":{"en":"…"}?,"title":{"en":"…"},
///               "vote_for":1,"write_ins":0}],
///  "date":"2026-11-03","districts":[{"id":"…","name":{"en":"…"}}],"election_id":"…",
///  "files":["<64 hex>"]?,"jurisdiction":{"en":"…"},"languages":["en"],"paper":"letter",
///  "parties":[{"id":"…","name":{"en":"…"}}]?,
///  "precincts":[{"id":"…","name":{"en":"…"},"splits":[{"districts":["…"],"id":"…"}]}],
///  "styles":[{"contests":[{"choices":["…"]?,"contest":"…"}],"id":"…","party":"…"?,
///             "splits":["…"]}],
///  "title":{"en":"…"},"type":"general"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotDefinition {
    /// The contests.
    #[serde(deserialize_with = "listed")]
    pub contests: Vec<Contest>,
    /// The day of the election.
    pub date: CalendarDate,
    /// The districts.
    #[serde(deserialize_with = "listed")]
    pub districts: Vec<District>,
    /// The election.
    pub election_id: ElectionId,
    /// SHA-256 of raw files that belong to the package, such as fonts; a manifest lists them.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub files: Vec<Digest>,
    /// Whose election it is, as printed.
    pub jurisdiction: Words,
    /// The languages of the ballots, in their order on paper; the first is the main one.
    #[serde(deserialize_with = "listed")]
    pub languages: Vec<Language>,
    /// The paper.
    pub paper: Paper,
    /// The parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "listed")]
    pub parties: Vec<Party>,
    /// The precincts.
    #[serde(deserialize_with = "listed")]
    pub precincts: Vec<Precinct>,
    /// The ballot styles; their place in this list, from 0, is on the printed ballot.
    #[serde(deserialize_with = "listed")]
    pub styles: Vec<Style>,
    /// The election's title, as printed.
    pub title: Words,
    /// What sort of election it is.
    #[serde(rename = "type")]
    pub election_type: ElectionType,
}

impl PayloadType for BallotDefinition {
    const KIND: ArtifactKind = ArtifactKind::BallotDefinition;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        rule::distinct(&mut broken, "files", "no file twice", self.files.iter());
        rule::distinct(&mut broken, "languages", "no language twice", self.languages.iter());
        let once = "no id twice";
        rule::distinct(&mut broken, "parties", once, self.parties.iter().map(|one| &one.id));
        rule::distinct(&mut broken, "districts", once, self.districts.iter().map(|one| &one.id));
        rule::distinct(&mut broken, "precincts", once, self.precincts.iter().map(|one| &one.id));
        rule::distinct(&mut broken, "contests", once, self.contests.iter().map(|one| &one.id));
        rule::distinct(&mut broken, "styles", once, self.styles.iter().map(|one| &one.id));
        let splits = self.precincts.iter().flat_map(|precinct| &precinct.splits);
        rule::distinct(&mut broken, "precincts", "no split twice", splits.map(|split| &split.id));
        for contest in &self.contests {
            contest.rules(&mut broken);
        }
        let known: HashSet<_> = self.contests.iter().map(|contest| &contest.id).collect();
        for style in &self.styles {
            let contests = style.contests.iter().map(|placed| &placed.contest);
            rule::distinct(&mut broken, "styles", "no contest twice in a style", contests.clone());
            for contest in contests.filter(|contest| !known.contains(contest)) {
                broken.push(Broken::new("styles", "contests of this definition", contest));
            }
        }
        broken
    }
}

impl Contest {
    fn rules(&self, broken: &mut Vec<Broken>) {
        let ids = self.choices.iter().map(|choice| &choice.id);
        rule::distinct(broken, "contests", "no choice id twice in a contest", ids);
        let choices = u64::try_from(self.choices.len()).unwrap_or(u64::MAX);
        let lines = choices.saturating_add(self.write_ins);
        if !(1..=lines).contains(&self.vote_for) {
            let rule = "vote_for between 1 and the number of choices and write-in lines";
            broken.push(Broken::new("contests", rule, self.vote_for));
        }
        let ranks = self.ranks.unwrap_or(0);
        match (self.method, self.ranks) {
            (Method::Ranked, None) => {
                broken.push(Broken::new("contests", "ranks in a ranked contest", "none"));
            }
            (Method::Ranked, Some(_)) if !(1..=lines).contains(&ranks) => {
                let rule = "ranks between 1 and the number of choices and write-in lines";
                broken.push(Broken::new("contests", rule, ranks));
            }
            (Method::Plurality | Method::Approval, Some(_)) => {
                broken.push(Broken::new("contests", "ranks in a ranked contest only", ranks));
            }
            _ => {}
        }
        let most = if self.method == Method::Ranked { ranks } else { self.vote_for };
        if self.write_ins > most {
            let rule = "no more write-in lines than a voter may mark";
            broken.push(Broken::new("contests", rule, self.write_ins));
        }
    }
}
