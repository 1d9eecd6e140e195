//! The choices of a contest: an oval, and a name at its right.

use artifact::id::Name;
use artifact::payload::definition::Choice;

use crate::layout::geometry::{OVAL, Oval, Target, WriteIn};
use crate::layout::ink::{Ink, Role, Weight};
use crate::layout::length::{Area, Length, Point};
use crate::layout::typesetter::Typesetter;

use super::block::Piece;
use super::compose::{Composing, beside};
use super::measure::{CHOICE, INDENT, ROW, WRITING};
use super::write::{Manner, Stack};
use super::{Ballot, LayoutError, Tongue};

impl<T: Typesetter> Ballot<'_, T> {
    /// The choices in the order of the style, each with its place in the definition.
    pub(super) fn ordered<'c>(
        &self,
        composing: &Composing<'c>,
    ) -> Result<Vec<(u32, &'c Choice)>, LayoutError> {
        let choices: Vec<(u32, &Choice)> = (0..).zip(&composing.contest.choices).collect();
        if composing.placed.choices.is_empty() {
            return Ok(choices);
        }
        let find = |id: &Name| {
            let found = choices.iter().find(|(_, choice)| choice.id == *id).copied();
            found.ok_or_else(|| self.unknown("choice", id))
        };
        composing.placed.choices.iter().map(find).collect()
    }

    /// Rows with an oval each, and lines to write on.
    pub(super) fn choices(&self, composing: &Composing<'_>) -> Result<Vec<Piece>, LayoutError> {
        let width = composing.width.less(INDENT);
        let mut pieces = Vec::new();
        for (number, choice) in self.ordered(composing)? {
            let mut piece = self.names(choice, composing.manner, INDENT, width)?;
            let centre = beside(&piece.inks);
            mark(&mut piece, centre, composing.number, 1, Target::Choice(number));
            pieces.push(piece);
        }
        let lines = u32::try_from(composing.contest.write_ins).unwrap_or(u32::MAX);
        if lines > 0 {
            pieces.push(self.write_in_label(composing, INDENT, width)?);
        }
        for line in 0..lines {
            let mut piece = writing(composing.number, line, INDENT, width);
            let y = WRITING.0.part(2);
            let centre = Point { x: OVAL.0.part(2), y };
            mark(&mut piece, centre, composing.number, 1, Target::WriteIn(line));
            pieces.push(piece);
        }
        Ok(pieces)
    }

    /// The name of a choice with what stands below it.
    pub(super) fn names(
        &self,
        choice: &Choice,
        manner: Manner<'_>,
        x: Length,
        width: Length,
    ) -> Result<Piece, LayoutError> {
        let mut stack = Stack::from(x, Length::ZERO);
        for (language, text) in self.said(&choice.name, manner.place)? {
            let manner = manner.of(Role::Name, Weight::Bold);
            stack.add(self.write(text, language, width, manner)?);
        }
        if let Some(detail) = &choice.detail {
            for (language, text) in self.said(detail, manner.place)? {
                let manner = manner.of(Role::Detail, Weight::Regular);
                stack.add(self.write(text, language, width, manner)?);
            }
        }
        for id in &choice.parties {
            let mut parties = self.definition.parties.iter();
            let party = parties.find(|party| party.id == *id);
            let party = party.ok_or_else(|| self.unknown("party", id))?;
            for (language, text) in self.said(&party.name, manner.place)? {
                let manner = manner.of(Role::Party, Weight::Regular);
                stack.add(self.write(text, language, width, manner)?);
            }
        }
        let (height, inks) = (stack.at.y.max(ROW), stack.inks);
        Ok(Piece { gap: CHOICE, height, inks, ..Piece::default() })
    }

    /// What the lines are for, above them.
    pub(super) fn write_in_label(
        &self,
        composing: &Composing<'_>,
        x: Length,
        width: Length,
    ) -> Result<Piece, LayoutError> {
        let mut stack = Stack::from(x, Length::ZERO);
        let manner = composing.manner.of(Role::WriteIn, Weight::Regular);
        for Tongue { language, words } in &self.tongues {
            stack.add(self.write(&words.write_in, language, width, manner)?);
        }
        let (height, inks) = (stack.at.y, stack.inks);
        Ok(Piece { gap: CHOICE, height, inks, keeps: true, ..Piece::default() })
    }
}

/// A line to write on, with the place above it.
pub(super) fn writing(contest: u32, line: u32, x: Length, width: Length) -> Piece {
    let (height, rule) = WRITING;
    let area = Area { height, width, x, y: Length::ZERO };
    let below = Area { height: rule, width, x, y: height };
    Piece {
        height: height.plus(rule),
        inks: vec![Ink::Rule(below)],
        write_ins: vec![WriteIn { area, contest, line }],
        ..Piece::default()
    }
}

/// Gives a piece an oval.
pub(super) fn mark(piece: &mut Piece, centre: Point, contest: u32, rank: u32, target: Target) {
    piece.inks.push(Ink::Oval { centre, is_filled: false });
    piece.ovals.push(Oval { centre, contest, rank, target });
}
