//! A page as pixels.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use skrifa::outline::OutlinePen;

use super::page::{Mark, Page};
use super::shape::Run;
use super::{Face, PrintError};

/// Pixels in shades of grey, row by row: 0 is black.
pub(super) struct Canvas {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) grey: Vec<u8>,
}

/// Draws a page with so many pixels a millimetre.
pub(super) fn draw(page: &Page, pixels: f32) -> Result<Canvas, PrintError> {
    let (width, height) = (whole(page.width * pixels), whole(page.height * pixels));
    let grey = vec![u8::MAX; width.saturating_mul(height)];
    let mut canvas = Canvas { width, height, grey };
    for mark in &page.marks {
        match mark {
            Mark::Text { face, size, x, y, text } => {
                canvas.text(*face, size * pixels, (x * pixels, y * pixels), text)?;
            }
            Mark::Bar { x, y, width, height } => {
                canvas.fill([x, y, width, height].map(|length| length * pixels));
            }
            Mark::Shade { x, y, width, height, grey } => {
                let area = [x, y, width, height].map(|length| length * pixels);
                canvas.shade(area, shade(grey * 255.0));
            }
            Mark::Oval { x, y, width, height, line } => {
                let [x, y, width, height] = [x, y, width, height].map(|length| length * pixels);
                canvas.oval((x, y), (width / 2.0, height / 2.0), line.map(|line| line * pixels));
            }
            Mark::Run { run, size, x, y, along, grey } => {
                let place = (x * pixels, y * pixels);
                canvas.run(run, size * pixels, place, *along, *grey)?;
            }
            Mark::Code { x, y, module, modules } => {
                let side = module * pixels;
                for row in 0..i32::from(modules.side()) {
                    for column in 0..i32::from(modules.side()) {
                        if modules.is_dark(column, row) {
                            let left = x * pixels + real(column) * side;
                            canvas.fill([left, y * pixels + real(row) * side, side, side]);
                        }
                    }
                }
            }
        }
    }
    Ok(canvas)
}

impl Canvas {
    /// Fills a rectangle in whole pixels; it is at least one pixel wide and high.
    fn fill(&mut self, area: [f32; 4]) {
        self.shade(area, 0);
    }

    /// The same in a shade of grey.
    fn shade(&mut self, [x, y, width, height]: [f32; 4], grey: u8) {
        let (left, top) = (whole(x), whole(y));
        let right = whole(x + width).max(left.saturating_add(1)).min(self.width);
        let bottom = whole(y + height).max(top.saturating_add(1)).min(self.height);
        for row in self.grey.chunks_mut(self.width.max(1)).take(bottom).skip(top) {
            row.iter_mut().take(right).skip(left).for_each(|pixel| *pixel = grey);
        }
    }

    /// Draws a line of text with its edges smoothed.
    fn text(
        &mut self,
        face: Face,
        em: f32,
        (x, y): (f32, f32),
        text: &str,
    ) -> Result<(), PrintError> {
        let face = face.open()?;
        let glyphs = face.glyphs(text)?;
        let advances = glyphs.iter().map(|glyph| face.advance(*glyph) * em);
        let measures = face.measures();
        // Room for what leans out of its advance on either side.
        let width = whole((advances.clone().sum::<f32>() + 2.0 * em).ceil());
        let height = whole(((measures.bounds[3] - measures.bounds[1]) * em).ceil() + 2.0);
        let (left, top) = ((x - em).floor(), (y - measures.bounds[3] * em).floor() - 1.0);
        let mut pen = Pen::new(Rasterizer::new(width, height), y - top);
        let mut right = x - left;
        for (glyph, advance) in glyphs.iter().zip(advances) {
            pen.x = right;
            face.draw(*glyph, em, &mut pen)?;
            right += advance;
        }
        self.lay(&pen.ink, (signed(left), signed(top)), 1.0);
        Ok(())
    }

    /// Puts what was inked on the canvas, at a place, with some strength.
    fn lay(&mut self, inked: &Rasterizer, (left, top): (i32, i32), strength: f32) {
        inked.for_each_pixel_2d(|column, row, ink| {
            let place = left.checked_add_unsigned(column).zip(top.checked_add_unsigned(row));
            if let Some((column, row)) = place {
                self.ink(column, row, ink * strength);
            }
        });
    }

    /// An oval, as a ring or filled.
    fn oval(&mut self, (x, y): (f32, f32), radii: (f32, f32), line: Option<f32>) {
        let (left, top) = ((x - radii.0).floor() - 1.0, (y - radii.1).floor() - 1.0);
        let side = |radius: f32| whole((2.0 * radius).ceil() + 3.0);
        let ink = Rasterizer::new(side(radii.0), side(radii.1));
        let mut pen = Pen::new(ink, y - top);
        pen.x = x - left;
        ellipse(&mut pen, radii, 1.0);
        if let Some(line) = line {
            // The other way round, so that it takes away.
            ellipse(&mut pen, (radii.0 - line, radii.1 - line), -1.0);
        }
        self.lay(&pen.ink, (signed(left), signed(top)), 1.0);
    }

    /// Shaped text along a line; glyph by glyph, since it may go anywhere.
    fn run(
        &mut self,
        run: &Run,
        em: f32,
        (mut x, mut y): (f32, f32),
        along: (f32, f32),
        grey: f32,
    ) -> Result<(), PrintError> {
        let unit = em / f32::from(run.typeface.units());
        let bounds = run.typeface.measures()?.bounds;
        let reach = bounds.iter().fold(1.0_f32, |reach, bound| reach.max(bound.abs())) * em + 2.0;
        for glyph in run.clusters.iter().flat_map(|cluster| &cluster.glyphs) {
            let (right, up) = (real(glyph.x) * unit, real(glyph.y) * unit);
            let at = (x + right * along.0 - up * along.1, y - right * along.1 - up * along.0);
            let (left, top) = ((at.0 - reach).floor(), (at.1 - reach).floor());
            let side = whole((2.0 * reach).ceil() + 2.0);
            let mut pen = Pen::new(Rasterizer::new(side, side), at.1 - top);
            (pen.x, pen.along) = (at.0 - left, along);
            run.typeface.draw(glyph.id, em, &mut pen)?;
            self.lay(&pen.ink, (signed(left), signed(top)), 1.0 - grey);
            let advance = real(glyph.advance) * unit;
            (x, y) = (x + advance * along.0, y - advance * along.1);
        }
        Ok(())
    }

    /// Puts some ink, 0 to 1, on a pixel; beside the canvas it is lost.
    fn ink(&mut self, column: i32, row: i32, ink: f32) {
        let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) else {
            return;
        };
        let at = row.saturating_mul(self.width).saturating_add(column);
        if let Some(pixel) = self.grey.get_mut(at).filter(|_| column < self.width) {
            *pixel = shade(f32::from(*pixel) * (1.0 - ink.clamp(0.0, 1.0)));
        }
    }
}

/// Takes an outline as skrifa tells it, and inks it.
struct Pen {
    ink: Rasterizer,
    /// The direction of the baseline: to the right and up.
    along: (f32, f32),
    x: f32,
    baseline: f32,
    at: Point,
    start: Point,
}

impl Pen {
    fn new(ink: Rasterizer, baseline: f32) -> Self {
        let start = point(0.0, 0.0);
        Self { ink, along: (1.0, 0.0), x: 0.0, baseline, at: start, start }
    }

    fn point(&self, x: f32, y: f32) -> Point {
        let (right, up) = self.along;
        point(self.x + x * right - y * up, self.baseline - x * up - y * right)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.point(x, y);
        self.start = self.at;
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let to = self.point(x, y);
        self.ink.draw_line(self.at, to);
        self.at = to;
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        let (control, to) = (self.point(cx0, cy0), self.point(x, y));
        self.ink.draw_quad(self.at, control, to);
        self.at = to;
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let (one, two, to) = (self.point(cx0, cy0), self.point(cx1, cy1), self.point(x, y));
        self.ink.draw_cubic(self.at, one, two, to);
        self.at = to;
    }

    fn close(&mut self) {
        self.ink.draw_line(self.at, self.start);
        self.at = self.start;
    }
}

/// How far the handles of a quarter of a circle reach, of its radius.
const HANDLE: f32 = 0.552_284_8;

/// An ellipse around the pen's place, to the left or, with a turn of -1, to the right.
fn ellipse(pen: &mut Pen, (wide, high): (f32, f32), turn: f32) {
    let high = high * turn;
    let (far, up) = (wide * HANDLE, high * HANDLE);
    pen.move_to(wide, 0.0);
    pen.curve_to(wide, up, far, high, 0.0, high);
    pen.curve_to(-far, high, -wide, up, -wide, 0.0);
    pen.curve_to(-wide, -up, -far, -high, 0.0, -high);
    pen.curve_to(far, -high, wide, -up, wide, 0.0);
    pen.close();
}

/// A length in whole pixels; nothing is negative.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pages are metres at most, and a float is cut to the nearest whole number"
)]
fn whole(length: f32) -> usize {
    length.round().max(0.0) as usize
}

#[allow(clippy::cast_possible_truncation, reason = "a float is cut to the nearest whole number")]
fn signed(length: f32) -> i32 {
    length as i32
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut to the nearest whole number"
)]
fn shade(grey: f32) -> u8 {
    grey.round() as u8
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a code has 177 modules, a glyph some thousand units"
)]
fn real(modules: i32) -> f32 {
    modules as f32
}
