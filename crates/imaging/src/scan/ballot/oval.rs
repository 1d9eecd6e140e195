//! The ink in ovals and on write-in lines, measured against what the blank ones have.
//!
//! Each oval is first found by its outline close to where the map has it, for paper is never quite
//! flat. Then the ink inside the outline is measured: a part of the inside, from nought to one.
//! Faint ink over all of it counts as solid ink over a part of it.

use paper::layout::geometry::{OVAL, OVAL_LINE};
use paper::layout::{Oval, Side, WriteIn};

use super::Refusal;
use super::lattice::Warp;
use super::pixels::{Pixels, median, real, whole};
use super::tone::Tone;

/// How far from its place an oval is looked for, in millimetres.
const REACH: f32 = 1.1;

/// White between the outline and what is measured inside, in millimetres.
const INSIDE: f32 = 0.28;

/// From the outline to the ring outside of it that is paper, in millimetres.
const OUTSIDE: f32 = 0.45;

/// How far apart places inside are measured, in millimetres.
const GRAIN: f32 = 0.11;

/// Places on the outline.
const AROUND: usize = 40;

/// Darkness that is still paper: its grain, and what JPEG leaves around lines.
const PAPER: f32 = 0.13;

/// Darkness from which ink is solid.
const SOLID: f32 = 0.5;

/// How clearly an outline must show for an oval to be found by it.
const CLEAR: f32 = 0.22;

/// The part of a side's ovals whose outlines must be found.
const FOUND: f32 = 0.7;

/// The ink in one oval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OvalInk {
    /// Thousandths of its inside that are covered.
    pub thousandths: u16,
    /// How clearly its outline shows, in thousandths.
    pub outline: u16,
    /// Where its centre was found in the picture.
    pub centre: (f32, f32),
}

/// The ink on one write-in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteInInk {
    /// Thousandths of the place for writing that are covered.
    pub thousandths: u16,
}

/// Places about an oval's centre, in pixels, the same for all ovals of a side.
struct Template {
    outline: Vec<(f32, f32)>,
    outside: Vec<(f32, f32)>,
    inside: Vec<(f32, f32)>,
    reach: i32,
}

impl Template {
    fn of(warp: &Warp) -> Self {
        let (right, down) = warp.directions();
        let pixel = |x: f32, y: f32| (right.0 * x + down.0 * y, right.1 * x + down.1 * y);
        let half = |length: f32, less: f32| length / 2.0 - less;
        let (width, height) = (OVAL.0.millimetres(), OVAL.1.millimetres());
        let line = OVAL_LINE.millimetres();
        let ring = |by: f32| {
            let (a, b) = (half(width, by), half(height, by));
            let turn = core::f32::consts::TAU / real(AROUND);
            let place = |step: usize| {
                let (sin, cos) = (real(step) * turn).sin_cos();
                pixel(a * cos, b * sin)
            };
            (0..AROUND).map(place).collect()
        };
        let (a, b) = (half(width, line + INSIDE), half(height, line + INSIDE));
        let steps = super::pixels::count(a / GRAIN);
        let place = |step: usize| (real(step) - real(steps)) * GRAIN;
        let all = 0..=steps.saturating_mul(2);
        let grid = all.clone().flat_map(|row| all.clone().map(move |column| (column, row)));
        let inside = grid.filter_map(|(column, row)| {
            let (x, y) = (place(column), place(row));
            ((x / a).powi(2) + (y / b).powi(2) <= 1.0).then(|| pixel(x, y))
        });
        Self {
            outline: ring(line / 2.0),
            outside: ring(-OUTSIDE),
            inside: inside.collect(),
            reach: whole(REACH * warp.scale()),
        }
    }

    /// How clearly an outline shows around a centre: the mean of how much darker it is than what is
    /// just outside.
    fn clearness(&self, pixels: &Pixels, range: f32, centre: (f32, f32), step: usize) -> f32 {
        let mut sum = 0.0;
        for (line, outside) in self.outline.iter().zip(&self.outside).step_by(step) {
            let shade = |place: &(f32, f32)| {
                f32::from(pixels.near((centre.0 + place.0, centre.1 + place.1)))
            };
            sum += (shade(outside) - shade(line)).max(0.0);
        }
        sum / range / real(self.outline.len().div_ceil(step).max(1))
    }

    /// The place close by where an outline shows best, and how clearly. Nearer places win where
    /// there is little between them.
    fn find(&self, pixels: &Pixels, range: f32, centre: (f32, f32)) -> ((f32, f32), f32) {
        let (mut best, mut clear) = (centre, f32::MIN);
        let mut look = |around: (f32, f32), reach: i32, by: i32, step: usize| {
            let steps = || {
                (reach.saturating_neg()..=reach).step_by(usize::try_from(by).unwrap_or(1).max(1))
            };
            for down in steps() {
                for right in steps() {
                    #[allow(clippy::cast_precision_loss, reason = "a few pixels")]
                    let (x, y) = (around.0 + right as f32, around.1 + down as f32);
                    let away = (x - centre.0).hypot(y - centre.1);
                    let found = self.clearness(pixels, range, (x, y), step) - away * 0.004;
                    if found > clear {
                        (best, clear) = ((x, y), found);
                    }
                }
            }
            best
        };
        let rough = look(centre, self.reach, 2, 2);
        let fine = look(rough, 1, 1, 1);
        (fine, self.clearness(pixels, range, fine, 1))
    }

    /// The part of the inside that ink covers.
    fn ink(&self, pixels: &Pixels, tone: Tone, centre: (f32, f32)) -> f32 {
        let at = |place: &(f32, f32)| pixels.near((centre.0 + place.0, centre.1 + place.1));
        let mut ring: Vec<f32> = self.outside.iter().map(|place| f32::from(at(place))).collect();
        // The paper itself, around this oval: a fold or a stain darkens it.
        let white = median(&mut ring).clamp(f32::from(tone.white) - 25.0, 255.0);
        let covered: f32 = self
            .inside
            .iter()
            .map(|place| tone.darkness(at(place), white))
            .filter(|darkness| *darkness > PAPER)
            .map(|darkness| (darkness / SOLID).min(1.0))
            .sum();
        covered / real(self.inside.len().max(1))
    }
}

/// Measures every oval and write-in line of a side.
pub(super) fn read(
    pixels: &Pixels,
    tone: Tone,
    warp: &Warp,
    side: &Side,
) -> Result<(Vec<OvalInk>, Vec<WriteInInk>), Refusal> {
    let template = Template::of(warp);
    let range = f32::from(tone.white.saturating_sub(tone.black)).max(1.0);
    let place = |oval: &Oval| warp.pixel(oval.centre.x.millimetres(), oval.centre.y.millimetres());
    let found: Vec<((f32, f32), f32)> =
        side.ovals.iter().map(|oval| template.find(pixels, range, place(oval))).collect();
    let missing = found.iter().filter(|(_, clear)| *clear < CLEAR).count();
    if real(missing) > real(side.ovals.len()) * (1.0 - FOUND) {
        return Err(Refusal::Ovals { missing, of: side.ovals.len() });
    }
    let shift = usual_shift(&found, side, &place);
    let ovals = side.ovals.iter().zip(&found).map(|(oval, (centre, clear))| {
        // A scribble may hide the outline: then the oval is where its neighbours say.
        let centre = if *clear < CLEAR {
            let (x, y) = place(oval);
            (x + shift.0, y + shift.1)
        } else {
            *centre
        };
        let thousandths = thousandths(template.ink(pixels, tone, centre));
        OvalInk { thousandths, outline: self::thousandths(*clear), centre }
    });
    let write_ins = side
        .write_ins
        .iter()
        .map(|line| WriteInInk { thousandths: thousandths(written(pixels, tone, warp, line)) });
    Ok((ovals.collect(), write_ins.collect()))
}

/// How far ovals that were found are from where the map has them, in the middle.
fn usual_shift(
    found: &[((f32, f32), f32)],
    side: &Side,
    place: &impl Fn(&Oval) -> (f32, f32),
) -> (f32, f32) {
    let clear = found.iter().zip(&side.ovals).filter(|((_, clear), _)| *clear >= CLEAR);
    let (mut rights, mut downs): (Vec<f32>, Vec<f32>) = clear
        .map(|((centre, _), oval)| {
            let (x, y) = place(oval);
            (centre.0 - x, centre.1 - y)
        })
        .unzip();
    (median(&mut rights), median(&mut downs))
}

/// The part of a write-in line's place that ink covers.
fn written(pixels: &Pixels, tone: Tone, warp: &Warp, line: &WriteIn) -> f32 {
    let area = line.area;
    let (x, y) = (area.x.millimetres(), area.y.millimetres());
    let (width, height) = (area.width.millimetres(), area.height.millimetres());
    let start = warp.pixel(x, y);
    let (right, down) = warp.directions();
    let steps = |length: f32| super::pixels::count(length / (2.0 * GRAIN));
    let (columns, rows) = (steps(width), steps(height));
    let mut ink = 0.0;
    for row in 0..rows {
        for column in 0..columns {
            let (along, below) = (real(column) * 2.0 * GRAIN, real(row) * 2.0 * GRAIN);
            let x = start.0 + right.0 * along + down.0 * below;
            let y = start.1 + right.1 * along + down.1 * below;
            let darkness = tone.darkness(pixels.near((x, y)), f32::from(tone.white));
            if darkness > 2.0 * PAPER {
                ink += 1.0;
            }
        }
    }
    ink / real(columns.saturating_mul(rows).max(1))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part between nought and one"
)]
fn thousandths(part: f32) -> u16 {
    (part.clamp(0.0, 1.0) * 1000.0 + 0.5) as u16
}
