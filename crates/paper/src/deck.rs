//! Test decks: marked ballots for the logic-and-accuracy test, and what counting them must give.
//!
//! For each style, in this order:
//!
//! ```text
//! blank           no mark
//! each k          the k-th option of every contest that has so many, write-in lines last
//! full            as many options of every contest as a voter may mark
//! write_ins       every write-in line of every contest that has some
//! overvote c      one option too many in contest c, the other contests filled rightly
//! ranking         every contest ranked 1, 2, 3 in the order of printing
//! skipped_rank    the second rank left out
//! duplicate_rank  one choice at every rank
//! ```
//!
//! Ballots that would be the same as one before for the same style are left out. The deck and its
//! expected results are pure functions of the definition; [`expected`] counts marks and knows
//! nothing of how the deck was made, nor of how ballots are read.
//!
//! ```text
//! deck.json
//! {"ballots":[{"marks":[{"contest":0,"rank":1,"target":{"choice":2}}],"pattern":"each 3",
//!              "sheets":2?,"style":0}],
//!  "definition":"<64 hex>",
//!  "expected":[{"ballots":9,"blank":1,"choices":[[5,0]],"contest":"mayor","overvotes":1,
//!               "undervotes":3,"write_ins":[1,0]}]}
//! ```

mod expected;
mod patterns;

use core::fmt;
use std::collections::BTreeSet;
use std::str::FromStr;

use artifact::id::Name;
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Contest, Method, Style};
use canon::Digest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use expected::{Tally, expected};

use crate::layout::{Geometry, Target};

/// A mark: a filled oval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// The contest's place in the definition, from 0.
    pub contest: u32,
    /// The preference, from 1; 1 too where the contest is not ranked.
    pub rank: u32,
    /// The option.
    pub target: Target,
}

/// Why a ballot is in the deck.
///
/// Wire form: one word, with a number where there is one, as `blank`, `each 3`, `overvote 0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// No mark at all.
    Blank,
    /// The option of this number, from 1, in every contest that has so many.
    Each(u32),
    /// As many marks as a voter may make.
    Full,
    /// Every write-in line.
    WriteIns,
    /// One mark too many in the contest at this place of the definition.
    Overvote(u32),
    /// Every rank used once.
    Ranking,
    /// The second rank left out.
    SkippedRank,
    /// One choice at every rank.
    DuplicateRank,
}

/// Neither a pattern's word nor its number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no pattern of a deck: {0:?}")]
pub struct PatternError(String);

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => out.write_str("blank"),
            Self::Each(number) => write!(out, "each {number}"),
            Self::Full => out.write_str("full"),
            Self::WriteIns => out.write_str("write_ins"),
            Self::Overvote(contest) => write!(out, "overvote {contest}"),
            Self::Ranking => out.write_str("ranking"),
            Self::SkippedRank => out.write_str("skipped_rank"),
            Self::DuplicateRank => out.write_str("duplicate_rank"),
        }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let error = || PatternError(text.chars().take(40).collect());
        let (word, number) = match text.split_once(' ') {
            Some((word, number)) => (word, Some(number.parse().map_err(|_| error())?)),
            None => (text, None),
        };
        let pattern = match (word, number) {
            ("blank", None) => Self::Blank,
            ("each", Some(number)) => Self::Each(number),
            ("full", None) => Self::Full,
            ("write_ins", None) => Self::WriteIns,
            ("overvote", Some(contest)) => Self::Overvote(contest),
            ("ranking", None) => Self::Ranking,
            ("skipped_rank", None) => Self::SkippedRank,
            ("duplicate_rank", None) => Self::DuplicateRank,
            _ => return Err(error()),
        };
        // One spelling: no leading zero, no sign.
        if pattern.to_string() == text { Ok(pattern) } else { Err(error()) }
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A ballot of a deck.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeckBallot {
    /// Its marks.
    pub marks: BTreeSet<Mark>,
    /// Why it is there.
    pub pattern: Pattern,
    /// How many sheets it has, where the geometry was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheets: Option<u32>,
    /// The style's place in the definition, from 0.
    pub style: u32,
}

/// A test deck with what counting it must give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deck {
    /// The ballots, style by style.
    pub ballots: Vec<DeckBallot>,
    /// SHA-256 over the canonical bytes of the definition.
    pub definition: Digest,
    /// The results, contest by contest in the order of the definition.
    pub expected: Vec<Tally>,
}

/// Why there is no deck.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeckError {
    /// The definition has no canonical bytes.
    #[error("the definition cannot be written: {0}")]
    Definition(#[from] canon::JsonError),
    /// The geometry is that of another definition.
    #[error("the geometry is of the definition {found}, not of {expected}")]
    OtherGeometry {
        /// The definition's digest.
        expected: Digest,
        /// What the geometry names.
        found: Digest,
    },
}

/// The deck of a definition that holds together. With the geometry of its printed ballots every
/// ballot says how many sheets it has.
pub fn deck(definition: &BallotDefinition, geometry: Option<&Geometry>) -> Result<Deck, DeckError> {
    let digest = Digest::of(&canon::json::to_canonical(definition)?);
    if let Some(geometry) = geometry
        && geometry.definition != digest
    {
        return Err(DeckError::OtherGeometry { expected: digest, found: geometry.definition });
    }
    let mut ballots = Vec::new();
    for (number, style) in (0_u32..).zip(&definition.styles) {
        let sheets = geometry.and_then(|geometry| sheets(geometry, number));
        let mut seen = BTreeSet::new();
        for (pattern, marks) in patterns::of_style(&faces(definition, style)) {
            if seen.insert(marks.clone()) {
                ballots.push(DeckBallot { marks, pattern, sheets, style: number });
            }
        }
    }
    let expected = expected(definition, &ballots);
    Ok(Deck { ballots, definition: digest, expected })
}

fn sheets(geometry: &Geometry, style: u32) -> Option<u32> {
    let style = geometry.styles.get(usize::try_from(style).ok()?)?;
    u32::try_from(style.sheets.len()).ok()
}

/// A contest as the voters of a style see it.
struct Face {
    contest: u32,
    is_ranked: bool,
    /// The options in the order of printing: choices, then write-in lines.
    options: Vec<Target>,
    /// How many options may be marked; how many ranks there are.
    most: u32,
}

fn faces(definition: &BallotDefinition, style: &Style) -> Vec<Face> {
    let mut faces = Vec::new();
    for placed in &style.contests {
        let mut contests = (0_u32..).zip(&definition.contests);
        let Some((number, contest)) = contests.find(|(_, one)| one.id == placed.contest) else {
            continue;
        };
        let mut places: Vec<u32> = if placed.choices.is_empty() {
            (0_u32..).zip(&contest.choices).map(|(at, _)| at).collect()
        } else {
            let at = |id: &Name| (0_u32..).zip(&contest.choices).find(|(_, one)| one.id == *id);
            placed.choices.iter().filter_map(at).map(|(at, _)| at).collect()
        };
        places.dedup();
        let lines = (0_u32..).take(usize::try_from(contest.write_ins).unwrap_or_default());
        let choices = places.into_iter().map(Target::Choice);
        faces.push(Face {
            contest: number,
            is_ranked: contest.method == Method::Ranked,
            options: choices.chain(lines.map(Target::WriteIn)).collect(),
            most: most(contest),
        });
    }
    faces
}

/// How many options may be marked, or how many ranks there are.
fn most(contest: &Contest) -> u32 {
    let most = match contest.method {
        Method::Ranked => contest.ranks.unwrap_or(1),
        Method::Plurality | Method::Approval => contest.vote_for,
    };
    u32::try_from(most).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
