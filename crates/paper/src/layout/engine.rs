//! From a definition to a ballot: every contest of a style in its place.
//!
//! Whole numbers only, in one order, so that every machine lays out the same ballot. The words of a
//! contest become blocks of pieces that do not break; these flow into columns, and the
//! columns into sides.

use artifact::id::Language;
use artifact::payload::definition::{BallotDefinition, Contest, Style};

use super::ink::Laid;
use super::typesetter::{TypesetError, Typesetter};
use super::wording::{Wording, Wordings};

mod block;
mod choices;
mod compose;
mod edges;
mod flow;
mod grid;
mod measure;
mod write;

/// How a ballot is laid out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Printing<'a> {
    /// Whether the backs stay white.
    pub one_sided: bool,
    /// The words of the ballot itself; none for those that are built in.
    pub wordings: Option<&'a Wordings>,
}

/// Why a ballot cannot be laid out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// The definition does not have the style.
    #[error("the definition has no style number {0}")]
    Style(usize),
    /// The style names what the definition does not have.
    #[error("the definition has no {what} {id:?}, which style {style:?} names")]
    Unknown {
        /// Contest, choice, split or party.
        what: &'static str,
        /// Its id.
        id: String,
        /// The style.
        style: String,
    },
    /// A text is not in every language of the ballot.
    #[error("{place}: a text is not in the language {language}")]
    Untranslated {
        /// Where.
        place: Place,
        /// The language.
        language: Language,
    },
    /// Nobody knows the ballot's own words in a language.
    #[error("the words of the ballot itself are not built in for the language {0}")]
    Wording(Language),
    /// A text cannot be set.
    #[error("{place}: {error}")]
    Typeset {
        /// Where.
        place: Place,
        /// Why.
        error: TypesetError,
    },
    /// Something does not fit on a page by itself.
    #[error("{place}: {what} does not fit on this paper")]
    Room {
        /// Where.
        place: Place,
        /// What does not fit.
        what: &'static str,
    },
    /// More sheets than a code can number.
    #[error("style {0:?} needs more than 100 sheets")]
    Sheets(String),
}

impl LayoutError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Style(_) | Self::Unknown { .. } | Self::Untranslated { .. } => {
                "check the definition: all its faults are named together"
            }
            Self::Wording(_) => "give the words of that language in a file",
            Self::Typeset { error: TypesetError::Character { .. }, .. } => {
                "give a font file that has the letter"
            }
            Self::Typeset { error: TypesetError::Word { .. }, .. } => {
                "write the word in two, or put a soft hyphen (U+00AD) into it"
            }
            Self::Typeset { error: TypesetError::Font { .. }, .. } => "give another font file",
            Self::Room { .. } | Self::Sheets(_) => "choose longer paper, or use fewer words",
        }
    }
}

/// A part of the ballot, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Title, jurisdiction, date, the style and its party.
    Heading,
    /// What tells how to vote.
    Instructions,
    /// A contest, by its id.
    Contest(String),
}

impl core::fmt::Display for Place {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Heading => out.write_str("the heading"),
            Self::Instructions => out.write_str("the instructions"),
            Self::Contest(id) => write!(out, "contest {id:?}"),
        }
    }
}

/// Lays out the ballot of a style: its place in the definition, from 0.
pub fn lay_out(
    definition: &BallotDefinition,
    style: usize,
    typesetter: &impl Typesetter,
    printing: Printing<'_>,
) -> Result<Laid, LayoutError> {
    let found = definition.styles.get(style).ok_or(LayoutError::Style(style))?;
    let ballot = Ballot {
        definition,
        style: found,
        tongues: tongues(definition, printing.wordings)?,
        typesetter,
    };
    let blocks = compose::blocks(&ballot)?;
    flow::flow(&ballot, &blocks, printing.one_sided)
}

/// A language of the ballot with its words, in the order of printing.
struct Tongue<'a> {
    language: &'a Language,
    words: Wording,
}

fn tongues<'a>(
    definition: &'a BallotDefinition,
    wordings: Option<&Wordings>,
) -> Result<Vec<Tongue<'a>>, LayoutError> {
    let built_in = Wordings::default();
    let wordings = wordings.unwrap_or(&built_in);
    let tongue = |language: &'a Language| {
        let words = wordings.of(language).ok_or_else(|| LayoutError::Wording(language.clone()))?;
        Ok(Tongue { language, words: words.into_owned() })
    };
    definition.languages.iter().map(tongue).collect()
}

/// What is laid out, with all that has to be known for it.
struct Ballot<'a, T> {
    definition: &'a BallotDefinition,
    style: &'a Style,
    tongues: Vec<Tongue<'a>>,
    typesetter: &'a T,
}

impl<'a, T> Ballot<'a, T> {
    /// Columns of a side: lines of several languages need wider ones.
    const fn columns(&self) -> i32 {
        if self.tongues.len() > 1 { 2 } else { 3 }
    }

    fn unknown(&self, what: &'static str, id: &impl ToString) -> LayoutError {
        LayoutError::Unknown { what, id: id.to_string(), style: self.style.id.to_string() }
    }

    /// A contest by its id, with its place in the definition.
    fn contest(&self, id: &artifact::id::Name) -> Result<(u32, &'a Contest), LayoutError> {
        let contests = (0..).zip(&self.definition.contests);
        let mut found = contests.filter(|(_, contest)| contest.id == *id);
        found.next().ok_or_else(|| self.unknown("contest", id))
    }
}

#[cfg(test)]
mod tests;
