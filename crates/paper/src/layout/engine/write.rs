//! Lines of text in their boxes.

use artifact::id::Language;
use artifact::payload::definition::Translated;

use crate::layout::ink::{Ink, Line, Role, Weight};
use crate::layout::language::{is_from_right, room};
use crate::layout::length::{Area, Length, Point};
use crate::layout::typesetter::{Letters, Typesetter};

use super::measure::{TEXT, TIGHT};
use super::{Ballot, LayoutError, Place, Tongue};

/// What a text is and how it looks.
#[derive(Clone, Copy)]
pub(super) struct Manner<'a> {
    pub(super) contest: Option<u32>,
    /// Whether lines stand close, as in the header.
    pub(super) is_tight: bool,
    pub(super) place: &'a Place,
    pub(super) role: Role,
    pub(super) weight: Weight,
}

impl Manner<'_> {
    pub(super) const fn of(self, role: Role, weight: Weight) -> Self {
        Self { role, weight, ..self }
    }

    /// Above and below the baseline.
    fn room(self, language: &Language) -> (Length, Length) {
        let (above, below) = match room(language) {
            (104, 28) if self.is_tight => TIGHT,
            room => room,
        };
        (TEXT.times(above).part(100), TEXT.times(below).part(100))
    }
}

/// A line with its height, its left upper corner at nought.
pub(super) struct Written {
    pub(super) height: Length,
    pub(super) ink: Ink,
}

impl<'a, T: Typesetter> Ballot<'a, T> {
    /// The texts of a thing, in the order of printing. What is the same in several languages, as
    /// names are, is printed once.
    pub(super) fn said<'b, W: AsRef<str>>(
        &self,
        texts: &'b Translated<W>,
        place: &Place,
    ) -> Result<Vec<(&'a Language, &'b str)>, LayoutError> {
        let mut said: Vec<(&'a Language, &'b str)> = Vec::new();
        for Tongue { language, .. } in &self.tongues {
            let text = texts.of(language).ok_or_else(|| LayoutError::Untranslated {
                place: place.clone(),
                language: (*language).clone(),
            })?;
            if !said.iter().any(|(_, other)| *other == text.as_ref()) {
                said.push((language, text.as_ref()));
            }
        }
        Ok(said)
    }

    /// A text broken into lines of a width, each with its left end, or for a language that is read
    /// from the right its right end, at the border of the place.
    pub(super) fn write(
        &self,
        text: &str,
        language: &Language,
        width: Length,
        manner: Manner<'_>,
    ) -> Result<Vec<Written>, LayoutError> {
        let letters = Letters { language, weight: manner.weight, size: TEXT };
        let set = self.typesetter.lines(text, letters, width);
        let set =
            set.map_err(|error| LayoutError::Typeset { place: manner.place.clone(), error })?;
        let (above, below) = manner.room(language);
        let height = above.plus(below);
        let written = set.into_iter().map(|line| {
            let left = width.less(line.width);
            let x = if is_from_right(language) { left } else { Length::ZERO };
            let area = Area { height, width: line.width, x, y: Length::ZERO };
            let ink = Ink::Line(Line {
                area,
                baseline: above,
                contest: manner.contest,
                language: language.clone(),
                role: manner.role,
                size: TEXT,
                text: line.text,
                weight: manner.weight,
            });
            Written { height, ink }
        });
        Ok(written.collect())
    }
}

/// Lines below one another, from a place on.
#[derive(Default)]
pub(super) struct Stack {
    pub(super) inks: Vec<Ink>,
    pub(super) at: Point,
}

impl Stack {
    pub(super) const fn from(x: Length, y: Length) -> Self {
        Self { inks: Vec::new(), at: Point { x, y } }
    }

    pub(super) fn add(&mut self, lines: Vec<Written>) {
        for Written { height, ink } in lines {
            self.inks.push(ink.moved(self.at));
            self.at.y = self.at.y.plus(height);
        }
    }
}
