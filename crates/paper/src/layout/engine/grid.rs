//! A ranked contest: a row a choice, a column a preference.

use crate::layout::geometry::Target;
use crate::layout::ink::{Ink, Role, Weight};
use crate::layout::length::{Length, Point};
use crate::layout::typesetter::Typesetter;

use super::block::Piece;
use super::choices::{mark, writing};
use super::compose::{Composing, beside};
use super::measure::{CHOICE, NAMES, PART, RANK, WRITING};
use super::write::Written;
use super::{Ballot, LayoutError, Tongue};

/// The columns of a grid.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    names: Length,
    ranks: u32,
    /// The width of a column of preferences.
    width: Length,
}

/// White on both sides of what stands above a column.
const MARGIN: Length = Length::hundredths(200);

impl Columns {
    /// As wide as the widest heading needs, and for the names what is left, but not so much that an
    /// oval is far from its name.
    pub(super) fn of<T: Typesetter>(
        ballot: &Ballot<'_, T>,
        composing: &Composing<'_>,
    ) -> Result<Self, LayoutError> {
        let ranks = u32::try_from(composing.contest.ranks.unwrap_or(1)).unwrap_or(u32::MAX);
        let mut width = RANK;
        for line in (1..=ranks).map(|rank| heads(ballot, composing, rank)) {
            for Written { ink, .. } in line? {
                width = width.max(ink.area().width.plus(MARGIN));
            }
        }
        let count = i32::try_from(ranks).unwrap_or(i32::MAX);
        let names = composing.width.less(width.times(count)).min(NAMES.0);
        if names < NAMES.1 {
            let place = composing.manner.place.clone();
            return Err(LayoutError::Room { place, what: "the columns of preferences" });
        }
        Ok(Self { names, ranks, width })
    }

    fn centre(self, rank: u32) -> Length {
        let before = i32::try_from(rank.saturating_sub(1)).unwrap_or(i32::MAX);
        self.names.plus(self.width.times(before)).plus(self.width.part(2))
    }

    /// What stands above the columns.
    pub(super) fn heading<T: Typesetter>(
        self,
        ballot: &Ballot<'_, T>,
        composing: &Composing<'_>,
    ) -> Result<Piece, LayoutError> {
        let mut piece = Piece { gap: PART, keeps: true, ..Piece::default() };
        for rank in 1..=self.ranks {
            let mut y = Length::ZERO;
            for Written { height, ink } in heads(ballot, composing, rank)? {
                // Where the line begins by itself does not count: it is put in the middle.
                let area = ink.area();
                let x = self.centre(rank).less(area.width.part(2)).less(area.x);
                piece.inks.push(ink.moved(Point { x, y }));
                y = y.plus(height);
            }
            piece.height = piece.height.max(y);
        }
        Ok(piece)
    }
}

/// The names of a preference, each once.
fn heads<T: Typesetter>(
    ballot: &Ballot<'_, T>,
    composing: &Composing<'_>,
    rank: u32,
) -> Result<Vec<Written>, LayoutError> {
    let at = usize::try_from(rank.saturating_sub(1)).unwrap_or(usize::MAX);
    let manner = composing.manner.of(Role::Rank, Weight::Bold);
    let mut said: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for Tongue { language, words } in &ballot.tongues {
        let name = words.ranks.get(at);
        let name = name.map_or_else(|| rank.to_string(), |name| name.clone().into_owned());
        if !said.contains(&name) {
            lines.extend(ballot.write(&name, language, composing.width, manner)?);
            said.push(name);
        }
    }
    Ok(lines)
}

impl<T: Typesetter> Ballot<'_, T> {
    /// A row a choice, and a row a line to write on.
    pub(super) fn rows(
        &self,
        composing: &Composing<'_>,
        columns: Columns,
    ) -> Result<Vec<Piece>, LayoutError> {
        let width = columns.names.less(MARGIN);
        let mut pieces = Vec::new();
        for (number, choice) in self.ordered(composing)? {
            let mut piece = self.names(choice, composing.manner, Length::ZERO, width)?;
            let y = beside(&piece.inks).y;
            columns.ovals(&mut piece, composing.number, Target::Choice(number), y);
            pieces.push(piece);
        }
        let lines = u32::try_from(composing.contest.write_ins).unwrap_or(u32::MAX);
        if lines > 0 {
            pieces.push(self.write_in_label(composing, Length::ZERO, width)?);
        }
        for line in 0..lines {
            let mut piece = writing(composing.number, line, Length::ZERO, width);
            let y = WRITING.0.part(2);
            columns.ovals(&mut piece, composing.number, Target::WriteIn(line), y);
            pieces.push(piece);
        }
        Ok(pieces)
    }
}

impl Columns {
    fn ovals(self, piece: &mut Piece, contest: u32, target: Target, y: Length) {
        for rank in 1..=self.ranks {
            mark(piece, Point { x: self.centre(rank), y }, contest, rank, target);
        }
        // The same white as between names.
        if piece.gap < CHOICE && !matches!(target, Target::WriteIn(0)) {
            piece.gap = CHOICE;
        }
        debug_assert!(piece.inks.iter().any(|ink| matches!(ink, Ink::Oval { .. })));
    }
}
