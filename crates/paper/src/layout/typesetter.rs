//! What lays out asks of what knows fonts: into which lines a text breaks.

use artifact::id::Language;

use super::ink::Weight;
use super::length::Length;

/// The letters of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Letters<'a> {
    /// The language, by which lines break and letters take their forms.
    pub language: &'a Language,
    /// How heavy they are.
    pub weight: Weight,
    /// The em.
    pub size: Length,
}

/// A line that a text was broken into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetLine {
    /// What stands on it.
    pub text: String,
    /// Its width.
    pub width: Length,
}

/// Why a text cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypesetError {
    /// No font has a character.
    #[error("no font has {character:?} (U+{code:04X}) of {text:?}", code = u32::from(*character))]
    Character {
        /// The character.
        character: char,
        /// A file that has it, as its makers call it.
        file: &'static str,
        /// The text.
        text: String,
    },
    /// A word is wider than its place.
    #[error("{word:?} is wider than its place of {} mm", width.get() / 1000)]
    Word {
        /// The word.
        word: String,
        /// The place.
        width: Length,
    },
    /// A font that cannot be used.
    #[error("the font {name} is damaged")]
    Font {
        /// What it is called.
        name: String,
    },
}

/// What knows fonts. The same answers come to the same questions on every machine.
pub trait Typesetter {
    /// Breaks a text into lines of at most a width. A line feed always ends a line.
    fn lines(
        &self,
        text: &str,
        letters: Letters<'_>,
        width: Length,
    ) -> Result<Vec<SetLine>, TypesetError>;
}
