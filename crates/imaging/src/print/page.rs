//! Pages as a list of marks, in millimetres from the upper left corner.

use super::face::Face;
use super::qr::Modules;
use super::shape::Run;

/// One thing on a page, black where nothing else is said.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A line of text from left to right.
    Text {
        /// Its face.
        face: Face,
        /// Millimetres of an em.
        size: f32,
        /// Where it begins.
        x: f32,
        /// Its baseline.
        y: f32,
        /// The text; every letter is in the face.
        text: String,
    },
    /// A filled rectangle.
    Bar {
        /// Its left side.
        x: f32,
        /// Its upper side.
        y: f32,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
    },
    /// A filled rectangle of grey.
    Shade {
        /// Its left side.
        x: f32,
        /// Its upper side.
        y: f32,
        /// Its width.
        width: f32,
        /// Its height.
        height: f32,
        /// How light: 0 is black, 1 white.
        grey: f32,
    },
    /// An oval.
    Oval {
        /// The middle, from the left.
        x: f32,
        /// The middle, from above.
        y: f32,
        /// Its width, the line included.
        width: f32,
        /// Its height, the line included.
        height: f32,
        /// The width of its line; none where it is filled.
        line: Option<f32>,
    },
    /// Shaped text.
    Run {
        /// The glyphs.
        run: Run,
        /// Millimetres of an em.
        size: f32,
        /// Where it begins, at the left.
        x: f32,
        /// Its baseline.
        y: f32,
        /// The direction of the baseline: to the right and up, of length 1.
        along: (f32, f32),
        /// How light: 0 is black, 1 white.
        grey: f32,
    },
    /// A QR code, without the quiet zone around it.
    Code {
        /// Its left side.
        x: f32,
        /// Its upper side.
        y: f32,
        /// Millimetres of one module.
        module: f32,
        /// What is dark in it.
        modules: Modules,
    },
}

/// A page with everything on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Its width in millimetres.
    pub width: f32,
    /// Its height in millimetres.
    pub height: f32,
    /// What is on it.
    pub marks: Vec<Mark>,
}

/// How cards are put on sheets of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// One card on a sheet of A4, half as large again.
    One,
    /// Four cards on a sheet of A4 in their own size, with marks to cut along.
    Four,
}

/// The width and height of A4 in millimetres.
const A4: (f32, f32) = (210.0, 297.0);

/// How far from a corner of the sheet, and from its middle, marks to cut along reach.
const CUT: f32 = 5.0;

/// The width of a line to cut along.
const HAIR: f32 = 0.1;

impl Sheet {
    /// Cards on one sheet.
    pub const fn cards(self) -> usize {
        match self {
            Self::One => 1,
            Self::Four => 4,
        }
    }

    /// One sheet with at most [`Sheet::cards`] pages on it; others are left out.
    pub fn of(self, cards: &[Page]) -> Page {
        let (width, height) = A4;
        let mut sheet = Page { width, height, marks: Vec::new() };
        for (at, card) in cards.iter().take(self.cards()).enumerate() {
            let (x, y, scale) = match self {
                Self::One => {
                    let scale = 1.5;
                    let left = (width - card.width * scale) / 2.0;
                    (left, left, scale)
                }
                Self::Four => {
                    let column = if at % 2 == 0 { 0.0 } else { width / 2.0 };
                    let row = if at < 2 { 0.0 } else { height / 2.0 };
                    (column, row, 1.0)
                }
            };
            sheet.marks.extend(card.marks.iter().map(|mark| mark.moved(x, y, scale)));
        }
        if self == Self::Four {
            sheet.marks.extend(cuts());
        }
        sheet
    }
}

/// Marks at the middle of each side and in the middle of the sheet.
fn cuts() -> impl Iterator<Item = Mark> {
    let (width, height) = A4;
    let (middle, half) = ((width - HAIR) / 2.0, (height - HAIR) / 2.0);
    let upright = [0.0, height / 2.0 - CUT / 2.0, height - CUT];
    let level = [0.0, width / 2.0 - CUT / 2.0, width - CUT];
    let upright = upright.map(|y| Mark::Bar { x: middle, y, width: HAIR, height: CUT });
    let level = level.map(|x| Mark::Bar { x, y: half, width: CUT, height: HAIR });
    upright.into_iter().chain(level)
}

impl Mark {
    /// The same, enlarged from the upper left corner and then moved.
    fn moved(&self, right: f32, down: f32, scale: f32) -> Self {
        let mut mark = self.clone();
        match &mut mark {
            Self::Text { x, y, size, .. } | Self::Run { x, y, size, .. } => {
                (*x, *y, *size) = (*x * scale + right, *y * scale + down, *size * scale);
            }
            Self::Bar { x, y, width, height } | Self::Shade { x, y, width, height, .. } => {
                (*x, *y) = (*x * scale + right, *y * scale + down);
                (*width, *height) = (*width * scale, *height * scale);
            }
            Self::Oval { x, y, width, height, line } => {
                (*x, *y) = (*x * scale + right, *y * scale + down);
                (*width, *height) = (*width * scale, *height * scale);
                *line = line.map(|line| line * scale);
            }
            Self::Code { x, y, module, .. } => {
                (*x, *y, *module) = (*x * scale + right, *y * scale + down, *module * scale);
            }
        }
        mark
    }
}
