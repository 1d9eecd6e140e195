//! Folds: lines across the paper or along it, straight but at any small angle.
//!
//! They are looked for as streaks are, but in the paper's own directions and with a lean of up to
//! a degree and a half: each place that is a ridge votes for the lines that it may lie on.

use paper::layout::Frame;

use super::lattice::Warp;
use super::pixels::{Pixels, count, median, real, shade};
use super::streak::{Ridge, Seen};
use super::tone::Tone;

/// How far places on a line that are asked are apart, in millimetres.
const STEP: f32 = 2.0;

/// Leans to each side that are tried, and the tangent between them.
const LEANS: usize = 12;
const LEAN: f32 = 0.0022;

/// The part of the places with both sides light at which a fold must show.
const SHOWS: f32 = 0.72;

/// The part of the line at which both sides must be light.
const LIGHT: f32 = 0.35;

/// Half the broadest fold, in millimetres.
const REACH: f32 = 0.6;

/// The most folds that are taken out: a ballot folded in thirds both ways has four.
const MOST: usize = 6;

/// By how much of itself a line may be darker than it usually is.
const EXCESS: f32 = 1.3;

/// Shades by which paper differs from place to place.
const GRAIN: f32 = 12.0;

/// A way to go over the paper: where it starts, and its steps in pixels.
struct Way {
    start: (f32, f32),
    /// One millimetre along the line.
    along: (f32, f32),
    /// One pixel across it.
    across: (f32, f32),
    /// Places along, and pixels across.
    size: (usize, usize),
    /// Pixels of a millimetre.
    scale: f32,
}

/// A line: its lean, and where it begins.
#[derive(Clone, Copy)]
struct Line {
    lean: f32,
    /// Pixels across at the first place.
    start: f32,
}

/// Takes folds out, and says how many.
pub(super) fn take_out(pixels: &mut Pixels, tone: Tone, warp: &Warp, frame: Frame) -> usize {
    let (width, height) = frame.size();
    let (width, height) = (width.millimetres(), height.millimetres());
    let (right, down) = warp.directions();
    let scale = warp.scale();
    let start = warp.pixel(0.0, 0.0);
    let unit = |(x, y): (f32, f32)| (x / scale, y / scale);
    let ways = [
        Way {
            start,
            along: right,
            across: unit(down),
            size: (count(width / STEP), count(height * scale)),
            scale,
        },
        Way {
            start,
            along: down,
            across: unit(right),
            size: (count(height / STEP), count(width * scale)),
            scale,
        },
    ];
    let ridge = Ridge::of(tone);
    let mut folds = 0_usize;
    for way in ways {
        for line in way.lines(pixels, ridge) {
            way.mend(pixels, ridge, line);
            folds = folds.saturating_add(1);
        }
    }
    folds
}

/// The lean of a number: nought in the middle.
fn leaning(number: usize) -> f32 {
    (real(number) - real(LEANS)) * LEAN
}

impl Way {
    /// The pixel at a place along and pixels across.
    fn at(&self, along: f32, across: f32) -> (f32, f32) {
        (
            self.start.0 + self.along.0 * along + self.across.0 * across,
            self.start.1 + self.along.1 * along + self.across.1 * across,
        )
    }

    fn seen(&self, pixels: &Pixels, ridge: Ridge, along: f32, across: f32) -> Seen {
        let reach = REACH * self.scale;
        let shade = |across| pixels.near(self.at(along, across));
        ridge.at(shade(across - reach), shade(across), shade(across + reach))
    }

    /// The folds, each once.
    fn lines(&self, pixels: &Pixels, ridge: Ridge) -> Vec<Line> {
        let leans = LEANS.saturating_mul(2).saturating_add(1);
        let (places, breadth) = self.size;
        let mut votes = vec![0_u16; leans.saturating_mul(breadth)];
        for place in 0..places {
            let along = real(place) * STEP;
            for across in 0..breadth {
                if self.seen(pixels, ridge, along, real(across)) != Seen::Ridge {
                    continue;
                }
                for lean in 0..leans {
                    let start = real(across) - leaning(lean) * along * self.scale;
                    let at = lean.saturating_mul(breadth).saturating_add(count(start));
                    if start >= 0.0
                        && count(start) < breadth
                        && let Some(vote) = votes.get_mut(at)
                    {
                        *vote = vote.saturating_add(1);
                    }
                }
            }
        }
        self.best(pixels, ridge, &votes)
    }

    /// The lines with enough votes, best first, none beside a better one.
    fn best(&self, pixels: &Pixels, ridge: Ridge, votes: &[u16]) -> Vec<Line> {
        let (places, breadth) = self.size;
        let enough = real(places) * LIGHT * SHOWS;
        let mut found: Vec<(u16, Line)> = Vec::new();
        for (number, votes) in votes.chunks(breadth.max(1)).enumerate() {
            let lean = leaning(number);
            let good = votes.iter().enumerate().filter(|(_, vote)| f32::from(**vote) > enough);
            found.extend(good.map(|(start, vote)| (*vote, Line { lean, start: real(start) })));
        }
        found.sort_by_key(|(vote, _)| core::cmp::Reverse(*vote));
        let mut lines: Vec<Line> = Vec::new();
        for (_, line) in found {
            let middle =
                |line: &Line| line.start + line.lean * real(places) * STEP * self.scale / 2.0;
            let apart = 3.0 * REACH * self.scale;
            let is_new = lines.iter().all(|other| (middle(other) - middle(&line)).abs() > apart);
            if is_new && lines.len() < MOST && self.shows(pixels, ridge, line) {
                lines.push(line);
            }
        }
        lines
    }

    /// Whether a line shows nearly wherever both its sides are light.
    fn shows(&self, pixels: &Pixels, ridge: Ridge, line: Line) -> bool {
        let (mut ridges, mut plain) = (0_usize, 0_usize);
        for place in 0..self.size.0 {
            let along = real(place) * STEP;
            let across = line.start + line.lean * along * self.scale;
            // A fold is not straight to the pixel.
            let around = [0.0, -1.0, 1.0].map(|by| self.seen(pixels, ridge, along, across + by));
            if around.contains(&Seen::Ridge) {
                ridges = ridges.saturating_add(1);
            } else if around.contains(&Seen::Plain) {
                plain = plain.saturating_add(1);
            }
        }
        let seen = ridges.saturating_add(plain);
        real(ridges) > real(seen) * SHOWS && real(seen) > real(self.size.0) * LIGHT
    }

    /// How much darker than both sides the line is at each pixel across it, in the middle of all
    /// places where it shows: what it takes from the paper, and no more, is given back.
    fn profile(&self, pixels: &Pixels, ridge: Ridge, line: Line) -> Vec<f32> {
        let reach = REACH * self.scale + 1.0;
        let broad = count(reach).saturating_mul(2);
        let mut darker = vec![Vec::new(); broad.saturating_add(1)];
        for place in 0..self.size.0 {
            let along = real(place) * STEP;
            let centre = line.start + line.lean * along * self.scale;
            if self.seen(pixels, ridge, along, centre) != Seen::Ridge {
                continue;
            }
            let value = |across: f32| f32::from(pixels.near(self.at(along, across)));
            let side = value(centre - reach).min(value(centre + reach));
            for (at, darker) in darker.iter_mut().enumerate() {
                darker.push((side - value(centre - reach + real(at))).max(0.0));
            }
        }
        let middle: Vec<f32> = darker.iter_mut().map(|darker| median(darker)).collect();
        // It is not straight to the pixel.
        let around = |at: usize| {
            let first = at.saturating_sub(1);
            let near = middle.iter().skip(first).take(3);
            near.fold(0.0, |most: f32, darker| most.max(*darker))
        };
        (0..middle.len()).map(around).collect()
    }

    /// Fills a line from both its sides. What is darker than the line itself is ink of another
    /// kind, as a mark that somebody made along the fold: it stays.
    fn mend(&self, pixels: &mut Pixels, ridge: Ridge, line: Line) {
        let profile = self.profile(pixels, ridge, line);
        let reach = REACH * self.scale + 1.0;
        let steps = count(real(self.size.0) * STEP * self.scale * 2.0);
        for step in 0..steps {
            let along = real(step) / (2.0 * self.scale);
            let centre = line.start + line.lean * along * self.scale;
            let value =
                |pixels: &Pixels, across: f32| f32::from(pixels.near(self.at(along, across)));
            let (before, after) = (value(pixels, centre - reach), value(pixels, centre + reach));
            // Beside an outline or a mark one side is dark: what is light goes on from the other.
            let filled = before.max(after);
            for (place, darker) in profile.iter().enumerate() {
                let across = centre - reach + real(place);
                let missing = filled - value(pixels, across);
                if missing <= 0.0 || missing > darker * EXCESS + GRAIN {
                    continue;
                }
                let (x, y) = self.at(along, across);
                let (column, row) = (super::pixels::whole(x), super::pixels::whole(y));
                if let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) {
                    pixels.set(column, row, shade(filled));
                }
            }
        }
    }
}
