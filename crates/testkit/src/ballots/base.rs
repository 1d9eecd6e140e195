//! A printed side as it comes out of a printer, before anybody has it in hand.

use imaging::print::qr::Modules;
use paper::layout::frame::{MARK, MODULE};
use paper::layout::geometry::{OVAL, OVAL_LINE};
use paper::layout::{Area, Frame, Label, Length, Point, Side, Target};

use super::dice::Dice;

/// Dots of an inch.
pub const DPI: f32 = 400.0;

/// Dots of a millimetre.
pub const DOTS: f32 = DPI / 25.4;

/// A printed side in shades of grey, 400 dots an inch, row by row: 0 is black.
#[derive(Clone, Debug)]
pub struct Base {
    /// Its width in dots.
    pub width: usize,
    /// Its height in dots.
    pub height: usize,
    /// The shades.
    pub grey: Vec<u8>,
}

impl Base {
    /// White paper.
    pub fn blank(frame: Frame) -> Self {
        let (width, height) = frame.size();
        let (width, height) = (dots(width.millimetres()), dots(height.millimetres()));
        Self { width, height, grey: vec![u8::MAX; width * height] }
    }

    /// A side drawn without a printer: its frame and ovals as the geometry has them, and bars and
    /// dashes where words would be.
    ///
    /// # Panics
    /// When a code cannot be drawn, which no label makes happen.
    pub fn sketch(frame: Frame, label: &Label, side: &Side, seed: u64) -> Self {
        let mut base = Self::blank(frame);
        for centre in frame.printed() {
            base.bar(around(centre, MARK), 0);
        }
        for (area, is_second) in frame.codes().into_iter().zip([false, true]) {
            let modules = Modules::of(&label.to_bytes(is_second)).expect("17 bytes fit");
            let module = MODULE.millimetres();
            for row in 0..i32::from(modules.side()) {
                for column in 0..i32::from(modules.side()) {
                    if modules.is_dark(column, row) {
                        let x = area.x.millimetres() + module * column as f32;
                        let y = area.y.millimetres() + module * row as f32;
                        base.fill((x, y), (x + module, y + module), 0);
                    }
                }
            }
        }
        let mut dice = Dice::new(seed);
        base.words(&mut dice, frame.header());
        base.words(&mut dice, frame.footer());
        for oval in &side.ovals {
            base.oval(oval.centre);
            if matches!(oval.target, Target::WriteIn(_)) {
                continue;
            }
            let name = Area {
                x: oval.centre.x.plus(Length::hundredths(450)),
                y: oval.centre.y.less(Length::hundredths(180)),
                width: Length::hundredths(3_500),
                height: Length::hundredths(360),
            };
            base.words(&mut dice, name);
        }
        for line in &side.write_ins {
            let end = line.area.end();
            let foot = Area { y: end.y, height: Length::micrometres(200), ..line.area };
            base.bar(foot, 0);
        }
        base
    }

    /// A rectangle of one shade.
    pub fn bar(&mut self, area: Area, shade: u8) {
        let end = area.end();
        let start = (area.x.millimetres(), area.y.millimetres());
        self.fill(start, (end.x.millimetres(), end.y.millimetres()), shade);
    }

    /// Puts ink on a dot: what is there gets no lighter.
    pub fn ink(&mut self, column: i64, row: i64, shade: u8) {
        let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) else { return };
        if column < self.width && row < self.height {
            let dot = &mut self.grey[row * self.width + column];
            *dot = (*dot).min(shade);
        }
    }

    fn fill(&mut self, (x0, y0): (f32, f32), (x1, y1): (f32, f32), shade: u8) {
        for row in dots(y0)..dots(y1).max(dots(y0) + 1).min(self.height) {
            for column in dots(x0)..dots(x1).min(self.width) {
                self.ink(column as i64, row as i64, shade);
            }
        }
    }

    fn oval(&mut self, centre: Point) {
        let (x, y) = (centre.x.millimetres(), centre.y.millimetres());
        let (a, b) = (OVAL.0.millimetres() / 2.0, OVAL.1.millimetres() / 2.0);
        let line = OVAL_LINE.millimetres();
        for row in dots(y - b)..=dots(y + b) {
            for column in dots(x - a)..=dots(x + a) {
                let (u, v) = (column as f32 / DOTS - x, row as f32 / DOTS - y);
                let is_inside =
                    |less: f32| (u / (a - less)).powi(2) + (v / (b - less)).powi(2) <= 1.0;
                if is_inside(0.0) && !is_inside(line) {
                    self.ink(column as i64, row as i64, 0);
                }
            }
        }
    }

    /// Strokes as dense as words of 12 points.
    fn words(&mut self, dice: &mut Dice, area: Area) {
        let (left, top) = (area.x.millimetres(), area.y.millimetres());
        let end = area.end();
        let (right, bottom) = (end.x.millimetres(), end.y.millimetres());
        let mut y = top;
        while y + 2.5 < bottom + 1.2 {
            let mut x = left;
            while x + 2.0 < right {
                let height = dice.between(1.6, 2.6);
                self.fill((x, y), (x + 0.35, y + height), 0);
                if dice.happens(0.6) {
                    let at = y + dice.between(0.0, height);
                    self.fill((x, at), (x + 1.2, at + 0.3), 0);
                }
                x += if dice.happens(0.15) { 3.4 } else { dice.between(1.3, 2.0) };
            }
            y += 4.6;
        }
    }
}

fn around(centre: Point, (width, height): (Length, Length)) -> Area {
    Area { height, width, x: centre.x.less(width.part(2)), y: centre.y.less(height.part(2)) }
}

/// Millimetres as dots.
pub(super) fn dots(millimetres: f32) -> usize {
    (millimetres * DOTS).round().max(0.0) as usize
}
