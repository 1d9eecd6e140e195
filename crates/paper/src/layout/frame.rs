//! The frame of a side: timing marks on all four borders, and the places of header, footer, codes.
//!
//! A timing mark is a black bar of 4.8 by 1.6 mm. Its centres stand on a lattice: a row at the top
//! and one at the bottom, a column at the left and one at the right, about a quarter of an inch
//! apart; the corner marks belong to a row and a column. What a sheet went through in printer and
//! scanner is told by where the marks are found, so that every oval is looked for where it must be.
//!
//! Two codes carry the same label, at the lower left and the upper right; each says at which of the
//! two it stands, so that a sheet that was fed upside down is turned by any one of them.

use artifact::payload::definition::Paper;

use super::length::{Area, Length, Point};

/// The width and height of a timing mark.
pub const MARK: (Length, Length) = (Length::hundredths(480), Length::hundredths(160));

/// From the left and right border of the paper to the centres of the outermost marks.
const SIDES: Length = Length::hundredths(740);

/// From the upper and lower border to the centres of the outermost marks.
const ENDS: Length = Length::hundredths(550);

/// What marks are to be apart.
const PITCH: Length = Length::micrometres(6_350);

/// A module of the codes.
pub const MODULE: Length = Length::micrometres(500);

/// Modules on a side of the codes: version 3 of QR.
pub const MODULES: i32 = 29;

/// White around the codes and between frame and content.
const QUIET: Length = Length::hundredths(250);

/// The frame of each side of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The paper.
    pub paper: Paper,
}

impl Frame {
    /// The frame on a paper.
    pub const fn of(paper: Paper) -> Self {
        Self { paper }
    }

    /// The paper's width and height.
    pub const fn size(self) -> (Length, Length) {
        match self.paper {
            Paper::Letter => size_in_inches(11),
            Paper::Legal => size_in_inches(14),
            Paper::Inches17 => size_in_inches(17),
            Paper::Inches19 => size_in_inches(19),
            Paper::Inches22 => size_in_inches(22),
            Paper::A4 => (Length::hundredths(21_000), Length::hundredths(29_700)),
        }
    }

    /// How many marks stand in a row, and how many in a column.
    pub const fn marks(self) -> (i32, i32) {
        let (width, height) = self.size();
        (count(width.less(SIDES.times(2))), count(height.less(ENDS.times(2))))
    }

    /// The centre of a mark of the lattice: column and row from 0 at the upper left. Only the first
    /// and last column and row are printed.
    pub const fn mark(self, column: i32, row: i32) -> Point {
        let (width, height) = self.size();
        let (columns, rows) = self.marks();
        let across = width.less(SIDES.times(2));
        let down = height.less(ENDS.times(2));
        Point {
            x: SIDES.plus(across.times(column).part(columns.saturating_sub(1))),
            y: ENDS.plus(down.times(row).part(rows.saturating_sub(1))),
        }
    }

    /// The centres of all marks that are printed: the upper row, the lower row, then the left and
    /// the right column without their corners.
    pub fn printed(self) -> impl Iterator<Item = Point> {
        let (columns, rows) = self.marks();
        let (last_column, last_row) = (columns.saturating_sub(1), rows.saturating_sub(1));
        let upper = (0..columns).map(move |column| self.mark(column, 0));
        let lower = (0..columns).map(move |column| self.mark(column, last_row));
        let left = (1..last_row).map(move |row| self.mark(0, row));
        let right = (1..last_row).map(move |row| self.mark(last_column, row));
        upper.chain(lower).chain(left).chain(right)
    }

    /// The place inside the marks, with white around it.
    pub const fn inside(self) -> Area {
        let (width, height) = self.size();
        let x = SIDES.plus(MARK.0.part(2)).plus(QUIET);
        let y = ENDS.plus(MARK.1.part(2)).plus(QUIET);
        Area { height: height.less(y.times(2)), width: width.less(x.times(2)), x, y }
    }

    /// The side of a code.
    pub const fn code_side(self) -> Length {
        MODULE.times(MODULES)
    }

    /// The first code, at the lower left, and the second, at the upper right.
    pub const fn codes(self) -> [Area; 2] {
        let (inside, side) = (self.inside(), self.code_side());
        let end = inside.end();
        [
            Area { height: side, width: side, x: inside.x, y: end.y.less(side) },
            Area { height: side, width: side, x: end.x.less(side), y: inside.y },
        ]
    }

    /// Where the header's words may stand: left of the second code.
    pub const fn header(self) -> Area {
        let inside = self.inside();
        let [_, code] = self.codes();
        let width = code.x.less(inside.x).less(QUIET);
        Area { height: code.height, width, x: inside.x, y: inside.y }
    }

    /// Where the footer's words may stand: right of the first code.
    pub const fn footer(self) -> Area {
        let [code, _] = self.codes();
        let x = code.end().x.plus(QUIET);
        Area { height: code.height, width: self.inside().end().x.less(x), x, y: code.y }
    }

    /// Where contests may stand: between header and footer.
    pub const fn content(self) -> Area {
        let (inside, header, footer) = (self.inside(), self.header(), self.footer());
        let y = header.end().y.plus(QUIET);
        Area { height: footer.y.less(QUIET).less(y), width: inside.width, x: inside.x, y }
    }
}

const fn size_in_inches(height: i32) -> (Length, Length) {
    (Length::sixteenths(136), Length::sixteenths(height.saturating_mul(16)))
}

/// Marks on a border of this length between its outermost centres.
const fn count(length: Length) -> i32 {
    let (length, pitch) = (length.get(), PITCH.get());
    match length.saturating_add(pitch / 2).checked_div(pitch) {
        Some(steps) => steps.saturating_add(1),
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPERS: [Paper; 6] =
        [Paper::Letter, Paper::Legal, Paper::Inches17, Paper::Inches19, Paper::Inches22, Paper::A4];

    #[test]
    fn marks_stand_about_a_quarter_of_an_inch_apart_from_border_to_border() {
        for paper in PAPERS {
            let frame = Frame::of(paper);
            let (width, height) = frame.size();
            let (columns, rows) = frame.marks();
            let (first, last) = (frame.mark(0, 0), frame.mark(columns - 1, rows - 1));
            assert_eq!((first.x, first.y), (SIDES, ENDS));
            assert_eq!((last.x, last.y), (width.less(SIDES), height.less(ENDS)));
            let next = frame.mark(1, 1);
            for step in [next.x.less(first.x), next.y.less(first.y)] {
                assert!((6_150..=6_550).contains(&step.get()), "{paper:?}: {step:?}");
            }
            assert_eq!(frame.printed().count(), usize::try_from(2 * (columns + rows) - 4).unwrap());
        }
    }

    #[test]
    fn a_letter_has_33_by_43_marks() {
        assert_eq!(Frame::of(Paper::Letter).marks(), (33, 43));
    }

    #[test]
    fn nothing_of_the_frame_overlaps() {
        for paper in PAPERS {
            let frame = Frame::of(paper);
            let [first, second] = frame.codes();
            let (header, footer, content) = (frame.header(), frame.footer(), frame.content());
            assert!(header.end().x < second.x && first.end().x < footer.x);
            assert!(header.end().y < content.y && content.end().y < footer.y);
            assert!(second.end().y < content.y && content.end().y < first.y);
            let marks_end = frame.mark(0, 0).x.plus(MARK.0.part(2));
            assert!(marks_end < content.x && marks_end < first.x);
        }
    }
}
