//! Blocks of pieces: what stays together on the way into columns.

use crate::layout::geometry::{Oval, WriteIn};
use crate::layout::ink::{Ink, LaidSide, moved};
use crate::layout::length::{Length, Point};

use super::Place;

/// Something that does not break, measured from its upper left corner.
#[derive(Clone, Default)]
pub(super) struct Piece {
    /// White above it, unless it stands at the top.
    pub(super) gap: Length,
    pub(super) height: Length,
    pub(super) inks: Vec<Ink>,
    /// Whether it stays with the next piece.
    pub(super) keeps: bool,
    pub(super) ovals: Vec<Oval>,
    pub(super) write_ins: Vec<WriteIn>,
}

impl Piece {
    /// Puts it on a side.
    pub(super) fn put(&self, laid: &mut LaidSide, at: Point) {
        laid.inks.extend(self.inks.iter().map(|ink| ink.clone().moved(at)));
        let ovals = self.ovals.iter().map(|oval| Oval { centre: oval.centre.moved(at), ..*oval });
        laid.side.ovals.extend(ovals);
        let areas = self.write_ins.iter();
        let areas = areas.map(|line| WriteIn { area: moved(line.area, at), ..*line });
        laid.side.write_ins.extend(areas);
    }

    /// Its height, and the white above it.
    pub(super) fn outer(&self) -> Length {
        self.gap.plus(self.height)
    }
}

/// A contest, or the instructions: pieces from top to bottom.
pub(super) struct Block {
    pub(super) pieces: Vec<Piece>,
    /// At the foot of a column, where it goes on in another.
    pub(super) goes_on: Piece,
    /// At the head of the column where it goes on.
    pub(super) again: Vec<Piece>,
    /// Whether it takes the whole width of the page.
    pub(super) is_wide: bool,
    pub(super) place: Place,
}

impl Block {
    /// Its height from the first piece to the last.
    pub(super) fn height(&self) -> Length {
        height(&self.pieces)
    }

    /// The pieces in groups that stay together; where no column of a height holds a group, its
    /// pieces by themselves.
    pub(super) fn groups(&self, column: Length) -> Vec<&[Piece]> {
        let foot = self.goes_on.outer();
        let head = height(&self.again);
        let groups = self.pieces.split_inclusive(|piece| !piece.keeps);
        let groups = groups.enumerate().flat_map(|(number, group)| {
            let above = if number == 0 { Length::ZERO } else { head };
            let needed = height(group).plus(foot).plus(above);
            let most = if needed > column { 1 } else { group.len() };
            group.chunks(most.max(1))
        });
        groups.collect()
    }
}

/// The height of pieces below one another; the white above the first is left out.
pub(super) fn height(pieces: &[Piece]) -> Length {
    let outer = pieces.iter().fold(Length::ZERO, |sum, piece| sum.plus(piece.outer()));
    pieces.first().map_or(Length::ZERO, |first| outer.less(first.gap))
}

/// Puts pieces below one another from a place on; gives where they end.
pub(super) fn put(pieces: &[Piece], laid: &mut LaidSide, mut at: Point) -> Length {
    for (number, piece) in pieces.iter().enumerate() {
        if number > 0 {
            at.y = at.y.plus(piece.gap);
        }
        piece.put(laid, at);
        at.y = at.y.plus(piece.height);
    }
    at.y
}
