//! Header and footer: whose election it is and which page, what to do next and which ballot it is.
//!
//! Each language has a cell of lines, two cells to a row. What finds no room beside the codes goes
//! on in the content, which becomes so much shorter.

use artifact::id::Language;
use artifact::payload::definition::{Precinct, Words};

use crate::layout::frame::Frame;
use crate::layout::ink::{Ink, Role, Weight};
use crate::layout::length::{Area, Length, Point};
use crate::layout::typesetter::Typesetter;

use super::measure::{CELL, PART};
use super::write::{Manner, Written};
use super::{Ballot, LayoutError, Place, Tongue};

/// What a voter does after a side.
#[derive(Clone, Copy)]
pub(super) enum Next {
    /// Turns the sheet over.
    Turn,
    /// Takes the sheet of this number, from 1.
    Sheet(usize),
    /// Nothing.
    End,
}

/// The lines of one edge, row by row and cell by cell.
type Rows = Vec<Vec<Vec<Written>>>;

const PLACE: Place = Place::Heading;

const fn manner(role: Role) -> Manner<'static> {
    Manner { contest: None, is_tight: true, place: &PLACE, role, weight: Weight::Regular }
}

impl<T: Typesetter> Ballot<'_, T> {
    fn frame(&self) -> Frame {
        Frame::of(self.definition.paper)
    }

    /// The width of a cell in a place.
    fn cell(&self, place: Area) -> Length {
        if self.tongues.len() > 1 { place.width.less(CELL).part(2) } else { place.width }
    }

    /// The header of a page, from 1, and where the content may begin.
    pub(super) fn header(
        &self,
        page: usize,
        pages: usize,
    ) -> Result<(Vec<Ink>, Length), LayoutError> {
        let place = self.frame().header();
        let width = self.cell(place);
        let regular = manner(Role::Header);
        let mut cells = Vec::new();
        for Tongue { language, words } in &self.tongues {
            let own = |texts| own(texts, language);
            let title = own(&self.definition.title)?;
            let bold = regular.of(Role::Header, Weight::Bold);
            let mut lines = self.write(title, language, width, bold)?;
            if let Some(party) = self.party()? {
                lines.extend(self.write(own(party)?, language, width, bold)?);
            }
            let place = own(&self.definition.jurisdiction)?;
            lines.extend(self.write(place, language, width, regular)?);
            let date = words.date(&self.definition.date);
            let page = words.page.replace("{page}", &page.to_string());
            let page = page.replace("{pages}", &pages.to_string());
            let last = format!("{date} · {page}");
            lines.extend(self.write(&last, language, width, regular)?);
            cells.push(lines);
        }
        let content = self.frame().content();
        let (inks, end, is_beyond) = pour(&rows(cells), [place, content], width);
        Ok((inks, if is_beyond { end.plus(PART.times(2)) } else { content.y }))
    }

    /// The footer of a side, and where the content must end.
    pub(super) fn footer(&self, next: Next) -> Result<(Vec<Ink>, Length), LayoutError> {
        let (place, content) = (self.frame().footer(), self.frame().content());
        let width = self.cell(place);
        let regular = manner(Role::Footer);
        let mut cells = Vec::new();
        for Tongue { language, words } in &self.tongues {
            let text = match next {
                Next::Turn => words.turn.clone().into_owned(),
                Next::Sheet(sheet) => words.next_sheet.replace("{sheet}", &sheet.to_string()),
                Next::End => words.end.clone().into_owned(),
            };
            let bold = regular.of(Role::Footer, Weight::Bold);
            let mut lines = self.write(&text, language, width, bold)?;
            if let Some(precinct) = self.precinct() {
                let name = own(&precinct.name, language)?;
                lines.extend(self.write(name, language, width, regular)?);
            }
            let style = words.style.replace("{style}", self.style.id.as_str());
            lines.extend(self.write(&style, language, width, regular)?);
            cells.push(lines);
        }
        let mut above = rows(cells);
        // As many of the last rows as find room beside the code.
        let mut room = place.height;
        let mut first = above.len();
        for row in above.iter().rev() {
            let height = tallest(row);
            if height > room {
                break;
            }
            room = room.less(height);
            first = first.saturating_sub(1);
        }
        let below = above.split_off(first);
        let end = content.end().y;
        let taken = above.iter().fold(Length::ZERO, |sum, row| sum.plus(tallest(row)));
        let top = Area { y: end.less(taken), height: taken, ..content };
        let (mut inks, _, _) = pour(&above, [top, top], width);
        inks.extend(pour(&below, [place, place], width).0);
        Ok((inks, if above.is_empty() { end } else { top.y.less(PART.times(2)) }))
    }

    /// The name of the party whose voters take the ballot.
    fn party(&self) -> Result<Option<&Words>, LayoutError> {
        let Some(id) = &self.style.party else { return Ok(None) };
        let found = self.definition.parties.iter().find(|party| party.id == *id);
        found.map(|party| Some(&party.name)).ok_or_else(|| self.unknown("party", id))
    }

    /// The precinct, where the style is for voters of one only.
    fn precinct(&self) -> Option<&Precinct> {
        let is_of = |precinct: &&Precinct| {
            precinct.splits.iter().any(|split| self.style.splits.contains(&split.id))
        };
        let mut precincts = self.definition.precincts.iter().filter(is_of);
        precincts.next().filter(|_| precincts.next().is_none())
    }
}

/// A text of the heading in a language.
fn own<'t>(texts: &'t Words, language: &Language) -> Result<&'t str, LayoutError> {
    let text = texts.of(language).map(AsRef::as_ref);
    let untranslated = || LayoutError::Untranslated { place: PLACE, language: language.clone() };
    text.ok_or_else(untranslated)
}

/// Two cells to a row.
fn rows(cells: Vec<Vec<Written>>) -> Rows {
    let mut rows: Rows = Vec::new();
    for cell in cells {
        match rows.last_mut() {
            Some(row) if row.len() < 2 => row.push(cell),
            _ => rows.push(vec![cell]),
        }
    }
    rows
}

/// The height of a row of cells, line by line.
fn tallest(row: &[Vec<Written>]) -> Length {
    heights(row).fold(Length::ZERO, Length::plus)
}

/// The heights of the lines of a row: of two beside one another, the greater.
fn heights(row: &[Vec<Written>]) -> impl Iterator<Item = Length> {
    let count = row.iter().map(Vec::len).max().unwrap_or(0);
    (0..count).map(|at| {
        let lines = row.iter().filter_map(move |cell| cell.get(at));
        lines.map(|line| line.height).max().unwrap_or(Length::ZERO)
    })
}

/// Puts rows into the first place, and what finds no room there into the second. Gives where they
/// end, and whether they reached the second.
fn pour(rows: &Rows, [first, second]: [Area; 2], width: Length) -> (Vec<Ink>, Length, bool) {
    let mut inks = Vec::new();
    let (mut place, mut y, mut is_beyond) = (first, first.y, false);
    for row in rows {
        for (at, height) in heights(row).enumerate() {
            if !is_beyond && y.plus(height) > first.end().y {
                (place, y, is_beyond) = (second, second.y, true);
            }
            for (column, cell) in (0..).zip(row) {
                if let Some(line) = cell.get(at) {
                    let x = place.x.plus(width.plus(CELL).times(column));
                    inks.push(line.ink.clone().moved(Point { x, y }));
                }
            }
            y = y.plus(height);
        }
    }
    (inks, y, is_beyond)
}
