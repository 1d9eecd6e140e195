//! The card of a mandate: one page that a person can read aloud over the telephone, and a code that
//! carries the same thing.
//!
//! ```text
//! Voting mandate               No. 123      what this is; its number in the stock
//! Solar 2026                                the title
//! 22 November 2026                          the date
//! [QR code]     Scan this code or type ..   the 120 bytes
//!               Eohk V9iy ...               the look-up string
//!  1   Q0C1  E147  7AZR  YM3Q   N           the same bytes, twelve lines
//! ...
//! Good for one vote. ...
//! ```

use booth::card;
use booth::mandate::Mandate;

use super::page::{Mark, Page};
use super::qr::Modules;
use super::{Face, PrintError};

/// The size of a card: A6.
pub const SIZE: (f32, f32) = (105.0, 148.0);

/// White on each side.
const MARGIN: f32 = 9.0;

/// Millimetres of a module: seven pixels of the picture.
const MODULE: f32 = 0.7;

/// What stands on a card beside the mandate itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Heading {
    /// What is voted on, at most two lines.
    pub title: String,
    /// When, written out; may be empty.
    pub date: String,
    /// The number in the stock, if there is one.
    pub number: Option<u64>,
}

/// The words that every card has, in the language of its readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// What the document is.
    pub document: String,
    /// Before the number in the stock.
    pub number: String,
    /// What the code and the lines are for; broken into lines where it needs to be.
    pub use_it: String,
    /// Above the look-up string.
    pub look_up: String,
    /// At the foot.
    pub foot: String,
}

impl Default for Wording {
    fn default() -> Self {
        Self {
            document: "Voting mandate".to_owned(),
            number: "No.".to_owned(),
            use_it: "To vote, scan this code or type the twelve lines below.".to_owned(),
            look_up: "In the list of voters:".to_owned(),
            foot: "Good for one vote, for whoever holds it: show it to nobody else.".to_owned(),
        }
    }
}

/// Lays out a card.
pub fn lay_out(
    mandate: &Mandate,
    heading: &Heading,
    wording: &Wording,
) -> Result<Page, PrintError> {
    let (width, height) = SIZE;
    let mut layout = Layout { marks: Vec::new(), width: width - 2.0 * MARGIN };
    layout.head(heading, wording)?;
    layout.code(mandate, wording)?;
    layout.lines(mandate)?;
    let foot = fitted(Face::Regular, 2.7, layout.width, &wording.foot)?;
    layout.text(Face::Regular, foot, MARGIN, 140.5, &wording.foot)?;
    Ok(Page { width, height, marks: layout.marks })
}

/// Sizes in ems that a text may shrink to, of its usual size.
const SMALLEST: f32 = 0.7;

struct Layout {
    marks: Vec<Mark>,
    width: f32,
}

impl Layout {
    fn head(&mut self, heading: &Heading, wording: &Wording) -> Result<(), PrintError> {
        self.text(Face::Regular, 3.2, MARGIN, 12.0, &wording.document)?;
        if let Some(number) = heading.number {
            let text = format!("{} {number}", wording.number);
            let width = Face::Regular.open()?.width(&text)? * 3.2;
            self.text(Face::Regular, 3.2, MARGIN + self.width - width, 12.0, &text)?;
        }
        self.bar(14.2, 0.35);
        let (size, lines) = self.title(&heading.title)?;
        let mut baseline = 21.4;
        for line in &lines {
            self.text(Face::Bold, size, MARGIN, baseline, line)?;
            baseline += size * 1.2;
        }
        if !heading.date.is_empty() {
            let size = fitted(Face::Regular, 3.5, self.width, &heading.date)?;
            self.text(Face::Regular, size, MARGIN, baseline + 0.1, &heading.date)?;
        }
        Ok(())
    }

    /// The size and the lines of a title: one line, smaller, or two lines.
    fn title(&self, title: &str) -> Result<(f32, Vec<String>), PrintError> {
        let usual = 5.6;
        let one = fitted(Face::Bold, usual, self.width, title);
        if let Ok(size) = one {
            return Ok((size, vec![title.to_owned()]));
        }
        let size = usual * SMALLEST;
        let lines = wrapped(Face::Bold, title, self.width / size)?;
        if lines.len() > 2 {
            return Err(PrintError::TooLong { text: title.to_owned() });
        }
        Ok((size, lines))
    }

    /// The code, and what is said of it at its right.
    fn code(&mut self, mandate: &Mandate, wording: &Wording) -> Result<(), PrintError> {
        let modules = Modules::of(&mandate.to_bytes())?;
        let side = f32::from(modules.side()) * MODULE;
        let top = 33.6;
        self.marks.push(Mark::Code { x: MARGIN, y: top, module: MODULE, modules });
        let left = MARGIN + side + 5.0;
        let room = MARGIN + self.width - left;
        let mut baseline = top + 3.2;
        for line in wrapped(Face::Regular, &wording.use_it, room / 3.4)? {
            self.text(Face::Regular, 3.4, left, baseline, &line)?;
            baseline += 4.8;
        }
        // Two rows of eleven, so that the eye does not lose its place.
        let look_up: Vec<char> = mandate.look_up().chars().collect();
        let rows = look_up.chunks(look_up.len().div_ceil(2).max(1));
        let mut last = top + side - 4.6 - 0.2;
        let mut above = last - 5.6;
        for line in wrapped(Face::Regular, &wording.look_up, room / 2.7)?.iter().rev() {
            self.text(Face::Regular, 2.7, left, above, line)?;
            above -= 3.8;
        }
        for row in rows {
            let text: String = row.iter().collect();
            self.text(Face::Mono, 3.6, left, last, &text)?;
            last += 4.6;
        }
        Ok(())
    }

    /// The twelve lines, in four groups of three.
    fn lines(&mut self, mandate: &Mandate) -> Result<(), PrintError> {
        let (top, row, size) = (80.0, 4.3, 4.2);
        let digits = Face::Regular.open()?;
        self.bar(top, 0.35);
        let mut baseline = top + row - 0.1;
        for (number, line) in (1_usize..).zip(card::write(mandate)) {
            let label = number.to_string();
            let width = digits.width(&label)? * 3.0;
            self.text(Face::Regular, 3.0, MARGIN + 5.0 - width, baseline, &label)?;
            let mut left = MARGIN + 15.0;
            for group in line.split(' ') {
                self.text(Face::Mono, size, left, baseline, group)?;
                left += 17.2;
            }
            baseline += row;
            if number.is_multiple_of(3) {
                let last = number == card::LINES;
                self.bar(baseline - row + 1.35, if last { 0.35 } else { 0.12 });
                baseline += 0.95;
            }
        }
        Ok(())
    }

    fn text(
        &mut self,
        face: Face,
        size: f32,
        x: f32,
        y: f32,
        text: &str,
    ) -> Result<(), PrintError> {
        // A letter that the face does not have is named here, before anything is drawn.
        face.open()?.glyphs(text)?;
        self.marks.push(Mark::Text { face, size, x, y, text: text.to_owned() });
        Ok(())
    }

    /// A rule over the whole width.
    fn bar(&mut self, y: f32, height: f32) {
        self.marks.push(Mark::Bar { x: MARGIN, y, width: self.width, height });
    }
}

/// The size at which a text fits on a line: its usual one, or somewhat less.
fn fitted(face: Face, usual: f32, room: f32, text: &str) -> Result<f32, PrintError> {
    let width = face.open()?.width(text)?;
    let size = usual.min(room / width.max(f32::EPSILON));
    if size < usual * SMALLEST {
        return Err(PrintError::TooLong { text: text.to_owned() });
    }
    Ok(size)
}

/// Breaks a text between words into lines of so many ems at most.
fn wrapped(face: Face, text: &str, room: f32) -> Result<Vec<String>, PrintError> {
    let face = face.open()?;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if face.width(word)? > room {
            return Err(PrintError::TooLong { text: text.to_owned() });
        }
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer {
            Some(longer) if face.width(&longer)? <= room => {
                lines.pop();
                lines.push(longer);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests;
