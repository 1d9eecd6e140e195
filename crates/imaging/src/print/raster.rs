//! A page as pixels.

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use skrifa::outline::OutlinePen;

use super::page::{Mark, Page};
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
    fn fill(&mut self, [x, y, width, height]: [f32; 4]) {
        let (left, top) = (whole(x), whole(y));
        let right = whole(x + width).max(left.saturating_add(1)).min(self.width);
        let bottom = whole(y + height).max(top.saturating_add(1)).min(self.height);
        for row in self.grey.chunks_mut(self.width.max(1)).take(bottom).skip(top) {
            row.iter_mut().take(right).skip(left).for_each(|pixel| *pixel = 0);
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
        let (left, top) = (signed(left), signed(top));
        pen.ink.for_each_pixel_2d(|column, row, ink| {
            let place = left.checked_add_unsigned(column).zip(top.checked_add_unsigned(row));
            if let Some((column, row)) = place {
                self.ink(column, row, ink);
            }
        });
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
    x: f32,
    baseline: f32,
    at: Point,
    start: Point,
}

impl Pen {
    fn new(ink: Rasterizer, baseline: f32) -> Self {
        let start = point(0.0, 0.0);
        Self { ink, x: 0.0, baseline, at: start, start }
    }

    fn point(&self, x: f32, y: f32) -> Point {
        point(self.x + x, self.baseline - y)
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

#[allow(clippy::cast_precision_loss, reason = "a code has 177 modules at most")]
fn real(modules: i32) -> f32 {
    modules as f32
}
