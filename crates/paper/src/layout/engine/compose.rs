//! The instructions and the contests as blocks.

use artifact::payload::definition::{Contest, Method, Paragraphs, Placed, Words};

use crate::layout::frame::Frame;
use crate::layout::geometry::OVAL;
use crate::layout::ink::{Ink, Role, Weight};
use crate::layout::length::{Area, Length, Point};
use crate::layout::typesetter::Typesetter;

use super::block::{Block, Piece};
use super::measure::{BAR, GUTTER, INDENT, PART, TEXT};
use super::write::{Manner, Stack};
use super::{Ballot, LayoutError, Place, Tongue, grid};

/// All blocks of a ballot, in their order.
pub(super) fn blocks<T: Typesetter>(ballot: &Ballot<'_, T>) -> Result<Vec<Block>, LayoutError> {
    let mut blocks = vec![ballot.instructions()?];
    for placed in &ballot.style.contests {
        blocks.push(ballot.block(placed)?);
    }
    Ok(blocks)
}

/// A contest that is being composed.
pub(super) struct Composing<'a> {
    pub(super) contest: &'a Contest,
    pub(super) manner: Manner<'a>,
    pub(super) number: u32,
    pub(super) placed: &'a Placed,
    pub(super) width: Length,
}

impl<T: Typesetter> Ballot<'_, T> {
    /// The width of the page and that of a column.
    pub(super) fn widths(&self) -> (Length, Length) {
        let page = Frame::of(self.definition.paper).content().width;
        let columns = self.columns();
        let column = page.less(GUTTER.times(columns.saturating_sub(1))).part(columns);
        (page, column)
    }

    /// How to vote, with the picture of an oval that is filled.
    fn instructions(&self) -> Result<Block, LayoutError> {
        let (_, width) = self.widths();
        let place = Place::Instructions;
        let manner = Manner {
            contest: None,
            is_tight: false,
            place: &place,
            role: Role::Instruction,
            weight: Weight::Bold,
        };
        let mut stack = Stack::from(INDENT, Length::ZERO);
        for tongue in &self.tongues {
            let narrow = width.less(INDENT);
            stack.add(self.write(&tongue.words.fill, tongue.language, narrow, manner)?);
        }
        let mut first = Piece { height: stack.at.y, inks: stack.inks, ..Piece::default() };
        first.inks.push(Ink::Oval { centre: beside(&first.inks), is_filled: true });
        let mut pieces = vec![first];
        let has_lines = self.has_write_ins()?;
        for tongue in &self.tongues {
            let says = [Some(&tongue.words.write_in_how).filter(|_| has_lines)];
            let says = says.into_iter().flatten().chain([&tongue.words.mistake]);
            for say in says {
                let manner = manner.of(Role::Instruction, Weight::Regular);
                let mut stack = Stack::default();
                stack.add(self.write(say, tongue.language, width, manner)?);
                let (height, inks) = (stack.at.y, stack.inks);
                pieces.push(Piece { gap: PART, height, inks, ..Piece::default() });
            }
        }
        let (goes_on, again) = (self.goes_on(None, width, manner)?, Vec::new());
        Ok(Block { pieces, goes_on, again, is_wide: false, place })
    }

    fn has_write_ins(&self) -> Result<bool, LayoutError> {
        for placed in &self.style.contests {
            if self.contest(&placed.contest)?.1.write_ins > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn block(&self, placed: &Placed) -> Result<Block, LayoutError> {
        let (number, contest) = self.contest(&placed.contest)?;
        let (page, column) = self.widths();
        let is_wide = contest.method == Method::Ranked;
        let width = if is_wide { page } else { column };
        let place = Place::Contest(contest.id.to_string());
        let manner = Manner {
            contest: Some(number),
            is_tight: false,
            place: &place,
            role: Role::Title,
            weight: Weight::Bold,
        };
        let composing = Composing { contest, manner, number, placed, width };
        let mut pieces = vec![self.bar(&composing, false)?];
        if let Some(text) = &contest.text {
            self.question(&composing, text, &mut pieces)?;
        }
        pieces.push(self.count(&composing)?);
        let mut again = vec![self.bar(&composing, true)?];
        if is_wide {
            let columns = grid::Columns::of(self, &composing)?;
            let heading = columns.heading(self, &composing)?;
            again.push(heading.clone());
            pieces.push(heading);
            pieces.extend(self.rows(&composing, columns)?);
        } else {
            pieces.extend(self.choices(&composing)?);
        }
        let goes_on = self.goes_on(Some(number), width, manner)?;
        Ok(Block { pieces, goes_on, again, is_wide, place })
    }

    /// The grey bar with the title.
    fn bar(&self, composing: &Composing<'_>, is_again: bool) -> Result<Piece, LayoutError> {
        let Composing { contest, manner, width, .. } = composing;
        let (side, end) = BAR;
        let inner = width.less(side.times(2));
        let mut stack = Stack::from(side, end);
        let title: &Words = &contest.title;
        for (language, text) in self.said(title, manner.place)? {
            let again = self.tongues.iter().find(|tongue| tongue.language == language);
            let again = again.filter(|_| is_again);
            let (text, role) = match again {
                Some(again) => (format!("{text} ({})", again.words.again), Role::Continued),
                None => (text.to_owned(), Role::Title),
            };
            stack.add(self.write(&text, language, inner, manner.of(role, Weight::Bold))?);
        }
        let height = stack.at.y.plus(end);
        let area = Area { height, width: *width, x: Length::ZERO, y: Length::ZERO };
        let mut inks = vec![Ink::Bar(area)];
        inks.extend(stack.inks);
        Ok(Piece { height, inks, keeps: true, ..Piece::default() })
    }

    /// The text below the title, a piece a line.
    fn question(
        &self,
        composing: &Composing<'_>,
        text: &Paragraphs,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), LayoutError> {
        let Composing { manner, width, .. } = composing;
        for (language, text) in self.said(text, manner.place)? {
            let manner = manner.of(Role::Question, Weight::Regular);
            let lines = self.write(text, language, *width, manner)?;
            let count = lines.len();
            for (number, line) in lines.into_iter().enumerate() {
                let gap = if number == 0 { PART } else { Length::ZERO };
                // No first or last line of a text stands alone.
                let keeps = number == 0 || number.saturating_add(2) == count;
                let (height, inks) = (line.height, vec![line.ink]);
                pieces.push(Piece { gap, height, inks, keeps, ..Piece::default() });
            }
        }
        Ok(())
    }

    /// How many may be marked, in bold.
    fn count(&self, composing: &Composing<'_>) -> Result<Piece, LayoutError> {
        let Composing { contest, manner, width, .. } = composing;
        let mut stack = Stack::default();
        for Tongue { language, words } in &self.tongues {
            let text = match (contest.method, contest.vote_for) {
                (Method::Approval, _) => words.any.clone().into_owned(),
                (Method::Ranked, _) => {
                    let count = words.number(contest.ranks.unwrap_or(1));
                    words.rank.replace("{count}", &count)
                }
                (Method::Plurality, 1) => words.one.clone().into_owned(),
                (Method::Plurality, count) => words.up_to.replace("{count}", &words.number(count)),
            };
            let manner = manner.of(Role::Count, Weight::Bold);
            stack.add(self.write(&text, language, *width, manner)?);
        }
        let (height, inks) = (stack.at.y, stack.inks);
        Ok(Piece { gap: PART, height, inks, keeps: true, ..Piece::default() })
    }

    /// That a contest goes on in another column.
    fn goes_on(
        &self,
        contest: Option<u32>,
        width: Length,
        manner: Manner<'_>,
    ) -> Result<Piece, LayoutError> {
        let mut stack = Stack::default();
        let manner = Manner { contest, ..manner.of(Role::Continued, Weight::Bold) };
        for Tongue { language, words } in &self.tongues {
            stack.add(self.write(&words.continued, language, width, manner)?);
        }
        let (height, inks) = (stack.at.y, stack.inks);
        Ok(Piece { gap: PART.times(2), height, inks, ..Piece::default() })
    }
}

/// The centre of an oval beside the first of lines, at half the height of its small letters.
pub(super) fn beside(lines: &[Ink]) -> Point {
    let baseline = lines.iter().find_map(|ink| match ink {
        Ink::Line(line) => Some(line.baseline),
        _ => None,
    });
    let y = baseline.unwrap_or(TEXT).less(TEXT.times(34).part(100));
    Point { x: OVAL.0.part(2), y }
}
