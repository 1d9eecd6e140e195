//! Blocks into columns, columns into sides, sides into sheets.
//!
//! A side has bands from top to bottom: columns side by side, or a block over the whole width.
//! Where such a block follows on columns, these are made equally long. No contest breaks that fits
//! into a column by itself.

use crate::layout::frame::Frame;
use crate::layout::ink::{Laid, LaidSide};
use crate::layout::length::{Length, Point};
use crate::layout::typesetter::Typesetter;

use super::block::{self, Block};
use super::edges::Next;
use super::measure::{BETWEEN, GUTTER};
use super::{Ballot, LayoutError, Place};

/// The most sheets of a ballot.
const SHEETS: usize = 100;

/// Puts blocks on sides, and these on sheets.
pub(super) fn flow<T: Typesetter>(
    ballot: &Ballot<'_, T>,
    blocks: &[Block],
    one_sided: bool,
) -> Result<Laid, LayoutError> {
    // The header may take another line for a longer number; few ballots have ten pages.
    let mut sides = Vec::new();
    for most in [9, 99, SHEETS.saturating_mul(2)] {
        sides = sides_of(ballot, blocks, most)?;
        if sides.len() <= most {
            break;
        }
    }
    let sheets = sheets(ballot, sides, one_sided)?;
    Ok(Laid { sheets })
}

/// Puts blocks on sides, with room above them for a number of pages.
fn sides_of<T: Typesetter>(
    ballot: &Ballot<'_, T>,
    blocks: &[Block],
    pages: usize,
) -> Result<Vec<LaidSide>, LayoutError> {
    let content = Frame::of(ballot.definition.paper).content();
    let (_, top) = ballot.header(pages, pages)?;
    let mut bottom = content.end().y;
    for next in [Next::Turn, Next::Sheet(88), Next::End] {
        bottom = bottom.min(ballot.footer(next)?.1);
    }
    if bottom.less(top) < content.height.part(3) {
        let what = "what stands above and below the contests";
        return Err(LayoutError::Room { place: Place::Heading, what });
    }
    let page = Page { bottom, left: content.x, top, widths: ballot.widths() };
    let mut flow = Flow::of(page, ballot.columns());
    for block in blocks {
        flow.add(block)?;
    }
    Ok(flow.sides)
}

/// Gives every side its header and footer.
fn sheets<T: Typesetter>(
    ballot: &Ballot<'_, T>,
    sides: Vec<LaidSide>,
    one_sided: bool,
) -> Result<Vec<Vec<LaidSide>>, LayoutError> {
    let pages = sides.len();
    let most = if one_sided { 1 } else { 2 };
    if pages > SHEETS.saturating_mul(most) {
        return Err(LayoutError::Sheets(ballot.style.id.to_string()));
    }
    let mut sheets: Vec<Vec<LaidSide>> = Vec::new();
    for (page, mut side) in (1..).zip(sides) {
        let is_new = sheets.last().is_none_or(|sheet| sheet.len() >= most);
        let sheet = if is_new { sheets.len().saturating_add(1) } else { sheets.len() };
        let next = match (page == pages, is_new && most > 1) {
            (true, _) => Next::End,
            (false, true) => Next::Turn,
            (false, false) => Next::Sheet(sheet.saturating_add(1)),
        };
        let mut inks = ballot.header(page, pages)?.0;
        inks.append(&mut side.inks);
        inks.extend(ballot.footer(next)?.0);
        side.inks = inks;
        match sheets.last_mut() {
            Some(sheet) if !is_new => sheet.push(side),
            _ => sheets.push(vec![side]),
        }
    }
    Ok(sheets)
}

/// What of a page is for blocks.
#[derive(Clone, Copy)]
struct Page {
    bottom: Length,
    left: Length,
    top: Length,
    /// Of the page and of a column.
    widths: (Length, Length),
}

impl Page {
    fn height(self) -> Length {
        self.bottom.less(self.top)
    }

    fn x(self, column: i32) -> Length {
        self.left.plus(self.widths.1.plus(GUTTER).times(column))
    }
}

/// The columns that are being filled.
struct Band<'b> {
    /// Whole blocks that began in it.
    blocks: Vec<&'b Block>,
    bottom: Length,
    column: i32,
    columns: i32,
    /// What of the side was there before it: inks, ovals, lines to write on.
    before: (usize, usize, usize),
    /// Whether a part of a block stands in it.
    is_broken: bool,
    top: Length,
    y: Length,
}

impl Band<'_> {
    const fn is_at_top(&self) -> bool {
        self.y.get() == self.top.get()
    }

    /// Where a block of a height begins in this column, if it fits.
    fn room(&self, height: Length) -> Option<Length> {
        let y = if self.is_at_top() { self.y } else { self.y.plus(BETWEEN) };
        (y.plus(height) <= self.bottom).then_some(y)
    }

    const fn is_empty(&self) -> bool {
        self.column == 0 && self.is_at_top()
    }
}

struct Flow<'b> {
    band: Band<'b>,
    columns: i32,
    page: Page,
    sides: Vec<LaidSide>,
}

impl<'b> Flow<'b> {
    fn of(page: Page, columns: i32) -> Self {
        let band = band(page.top, page.bottom, columns, (0, 0, 0));
        Self { band, columns, page, sides: vec![LaidSide::default()] }
    }

    fn add(&mut self, block: &'b Block) -> Result<(), LayoutError> {
        if block.is_wide { self.add_wide(block) } else { self.add_to_columns(block) }
    }

    fn add_to_columns(&mut self, block: &'b Block) -> Result<(), LayoutError> {
        let height = block.height();
        if height > self.page.height() {
            return self.add_broken(block);
        }
        loop {
            if let Some(y) = self.band.room(height) {
                self.put_whole(block, y);
                return Ok(());
            }
            self.turn();
        }
    }

    fn put_whole(&mut self, block: &'b Block, y: Length) {
        let x = self.page.x(self.band.column);
        self.band.blocks.push(block);
        if let Some(side) = self.sides.last_mut() {
            self.band.y = block::put(&block.pieces, side, Point { x, y });
        }
    }

    /// A block that no column holds, group by group.
    fn add_broken(&mut self, block: &'b Block) -> Result<(), LayoutError> {
        self.band.is_broken = true;
        let groups = block.groups(self.page.height());
        let foot = block.goes_on.outer();
        let last = groups.len().saturating_sub(1);
        let mut is_begun = false;
        for (number, group) in groups.into_iter().enumerate() {
            let needed =
                block::height(group).plus(if number == last { Length::ZERO } else { foot });
            let mut turns = 0_i32;
            let y = loop {
                let gap = group.first().map_or(Length::ZERO, |piece| piece.gap);
                let gap = if is_begun { gap } else { BETWEEN };
                let y = if self.band.is_at_top() { self.band.y } else { self.band.y.plus(gap) };
                if y.plus(needed) <= self.band.bottom {
                    break y;
                }
                turns = turns.saturating_add(1);
                if turns > self.columns.saturating_add(2) {
                    let what = "a part that must not break";
                    return Err(LayoutError::Room { place: block.place.clone(), what });
                }
                self.go_on(block, is_begun);
            };
            let x = self.page.x(self.band.column);
            if let Some(side) = self.sides.last_mut() {
                self.band.y = block::put(group, side, Point { x, y });
            }
            is_begun = true;
        }
        Ok(())
    }

    /// To the next column, saying at both ends that a block goes on.
    fn go_on(&mut self, block: &Block, is_begun: bool) {
        if !is_begun {
            self.turn();
            self.band.is_broken = true;
            return;
        }
        let y = self.band.y.plus(block.goes_on.gap);
        let x = self.page.x(self.band.column);
        if let Some(side) = self.sides.last_mut() {
            block.goes_on.put(side, Point { x, y });
        }
        self.turn();
        self.band.is_broken = true;
        let at = Point { x: self.page.x(self.band.column), y: self.band.y };
        if let Some(side) = self.sides.last_mut() {
            self.band.y = block::put(&block.again, side, at);
        }
    }

    /// To the next column, or to the next side.
    fn turn(&mut self) {
        let next = self.band.column.saturating_add(1);
        if next < self.band.columns {
            (self.band.column, self.band.y) = (next, self.band.top);
            return;
        }
        self.sides.push(LaidSide::default());
        self.band = band(self.page.top, self.page.bottom, self.band.columns, (0, 0, 0));
    }

    /// A block over the whole width, below columns that are made equally long.
    fn add_wide(&mut self, block: &'b Block) -> Result<(), LayoutError> {
        let end = self.level();
        let height = block.height();
        let top = if self.band.is_empty() { self.band.top } else { end.plus(BETWEEN) };
        let fits = top.plus(height) <= self.page.bottom;
        if fits {
            self.begin(top, 1);
        } else {
            if !self.band.is_empty() || self.band.top > self.page.top {
                self.sides.push(LaidSide::default());
            }
            self.begin(self.page.top, 1);
        }
        self.add_to_columns(block)?;
        let top = self.band.y.plus(BETWEEN);
        self.begin(top, self.columns);
        Ok(())
    }

    /// Begins a band at a height of the present side.
    fn begin(&mut self, top: Length, columns: i32) {
        let before = self.sides.last().map_or((0, 0, 0), counts);
        self.band = band(top, self.page.bottom, columns, before);
    }

    /// Makes the columns of the band equally long where that can be done; gives where they end.
    fn level(&mut self) -> Length {
        if self.band.is_broken {
            // A broken block has filled its columns.
            return if self.band.column == 0 { self.band.y } else { self.page.bottom };
        }
        if self.band.is_empty() {
            return self.band.top;
        }
        let (top, blocks) = (self.band.top, core::mem::take(&mut self.band.blocks));
        // The lowest bottom that will do, to the micrometre.
        let (mut low, mut high) = (top.get(), self.page.bottom.get());
        while low < high {
            let middle = low.saturating_add(high.saturating_sub(low) / 2);
            let bottom = Length::micrometres(middle);
            if fits(&blocks, band(top, bottom, self.columns, (0, 0, 0))) {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        let bottom = Length::micrometres(high);
        if let Some(side) = self.sides.last_mut() {
            let (inks, ovals, lines) = self.band.before;
            side.inks.truncate(inks);
            side.side.ovals.truncate(ovals);
            side.side.write_ins.truncate(lines);
        }
        self.band = band(top, bottom, self.columns, self.band.before);
        for block in blocks {
            let height = block.height();
            let y = self.band.room(height).unwrap_or_else(|| {
                self.turn();
                self.band.y
            });
            self.put_whole(block, y);
        }
        bottom
    }
}

const fn band<'b>(
    top: Length,
    bottom: Length,
    columns: i32,
    before: (usize, usize, usize),
) -> Band<'b> {
    Band { blocks: Vec::new(), bottom, column: 0, columns, before, is_broken: false, top, y: top }
}

fn counts(side: &LaidSide) -> (usize, usize, usize) {
    (side.inks.len(), side.side.ovals.len(), side.side.write_ins.len())
}

/// Whether blocks fit into a band.
fn fits(blocks: &[&Block], mut band: Band<'_>) -> bool {
    for block in blocks {
        let height = block.height();
        let y = loop {
            if let Some(y) = band.room(height) {
                break y;
            }
            band.column = band.column.saturating_add(1);
            if band.column >= band.columns {
                return false;
            }
            band.y = band.top;
        };
        band.y = y.plus(height);
    }
    true
}
