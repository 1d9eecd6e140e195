//! The measures of the printed ballot.

use crate::layout::length::Length;

/// The em of all that is read: 12 points.
pub(super) const TEXT: Length = Length::tenths_of_points(120);

/// Between columns.
pub(super) const GUTTER: Length = Length::hundredths(550);

/// Between contests.
pub(super) const BETWEEN: Length = Length::hundredths(500);

/// From the left border of an oval to the text at its right.
pub(super) const INDENT: Length = Length::hundredths(720);

/// White inside the grey bar, left and right of the title, and above and below it.
pub(super) const BAR: (Length, Length) = (Length::hundredths(150), Length::hundredths(80));

/// Between a bar and what follows, and between the parts of a contest's head.
pub(super) const PART: Length = Length::hundredths(150);

/// Between one choice and the next. With a line of text, ovals are 7 mm apart.
pub(super) const CHOICE: Length = Length::hundredths(180);

/// The least height of a row with an oval.
pub(super) const ROW: Length = Length::hundredths(520);

/// The height of the place to write a name, and of the rule below it.
pub(super) const WRITING: (Length, Length) = (Length::hundredths(900), Length::micrometres(250));

/// The least width of a column of preferences: ovals are that far apart.
pub(super) const RANK: Length = Length::hundredths(1200);

/// The most and the least that names take beside columns of preferences.
pub(super) const NAMES: (Length, Length) = (Length::hundredths(8_000), Length::hundredths(3_500));

/// Between two cells of header or footer.
pub(super) const CELL: Length = Length::hundredths(400);

/// Above and below the baseline in header and footer, in hundredths of an em, where the language
/// needs no more: three lines beside a code.
pub(super) const TIGHT: (i32, i32) = (90, 24);
