//! Streaks: lines along the scanner's own way, from dirt on its glass.
//!
//! A streak is narrow, straight to the pixel, and runs through the whole picture. Where both sides
//! of it are light it shows as a ridge of darker pixels; it is taken for a streak when it does so
//! nearly everywhere. What stood under it is filled in from both sides, so that a line through an
//! empty oval leaves it empty, and one through a mark leaves it marked.

use super::Refusal;
use super::pixels::{Pixels, real};
use super::tone::Tone;

/// Each how many-th row is asked.
const STEP: usize = 6;

/// The part of the places with both sides light at which a streak must show.
const SHOWS: f32 = 0.8;

/// The part of the picture's length at which both sides must be light.
const LIGHT: f32 = 0.35;

/// The most streaks that are taken out.
const MOST: usize = 12;

/// Half the broadest streak that is taken out: one of so many parts of the picture's width.
const BREADTH: usize = 300;

/// Takes streaks out in both directions, and says how many.
pub(super) fn take_out(pixels: &mut Pixels, tone: Tone) -> Result<usize, Refusal> {
    let reach = pixels.width.min(pixels.height).checked_div(BREADTH).unwrap_or(1).max(3);
    let ridge = Ridge::of(tone);
    let upright = bands(&upright(pixels, reach, ridge));
    let level = bands(&level(pixels, reach, ridge));
    let count = upright.len().saturating_add(level.len());
    let too_broad = |band: &(usize, usize)| band.1.saturating_sub(band.0) > reach.saturating_mul(2);
    if count > MOST || upright.iter().chain(&level).any(too_broad) {
        return Err(Refusal::Streaks { count });
    }
    for band in upright {
        for row in 0..pixels.height {
            mend(pixels, band, |across| (across, row));
        }
    }
    for band in level {
        for column in 0..pixels.width {
            mend(pixels, band, |across| (column, across));
        }
    }
    Ok(count)
}

/// What makes a pixel one of a ridge.
#[derive(Clone, Copy)]
pub(super) struct Ridge {
    /// Both sides are lighter than this.
    light: u8,
    /// By how much the pixel is darker than both.
    darker: u8,
}

/// What a place is, seen across a line that may run through it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Darker than both sides, which are light.
    Ridge,
    /// Light on both sides, and no darker itself.
    Plain,
    /// Something else stands here: nothing can be said.
    Covered,
}

impl Ridge {
    pub(super) fn of(tone: Tone) -> Self {
        let range = tone.white.saturating_sub(tone.black);
        Self { light: tone.white.saturating_sub(range / 5), darker: (range / 14).max(8) }
    }

    pub(super) fn at(self, before: u8, here: u8, after: u8) -> Seen {
        let lower = before.min(after);
        if lower < self.light {
            Seen::Covered
        } else if lower.saturating_sub(here) >= self.darker {
            Seen::Ridge
        } else {
            Seen::Plain
        }
    }
}

/// For each column whether a streak runs through it.
fn upright(pixels: &Pixels, reach: usize, ridge: Ridge) -> Vec<bool> {
    let mut counts = vec![(0_u32, 0_u32); pixels.width];
    for row in (0..pixels.height).step_by(STEP) {
        let shades = pixels.row(row);
        let here = shades.get(reach..).unwrap_or_default();
        let after = shades.get(reach.saturating_mul(2)..).unwrap_or_default();
        let counts = counts.iter_mut().skip(reach);
        for (((before, here), after), count) in shades.iter().zip(here).zip(after).zip(counts) {
            add(count, ridge.at(*before, *here, *after));
        }
    }
    judged(&counts, pixels.height / STEP)
}

/// For each row whether a streak runs through it.
fn level(pixels: &Pixels, reach: usize, ridge: Ridge) -> Vec<bool> {
    let mut counts = vec![(0_u32, 0_u32); pixels.height];
    for (row, count) in counts.iter_mut().enumerate().skip(reach) {
        let before = pixels.row(row.saturating_sub(reach)).iter().step_by(STEP);
        let here = pixels.row(row).iter().step_by(STEP);
        let after = pixels.row(row.saturating_add(reach)).iter().step_by(STEP);
        for ((before, here), after) in before.zip(here).zip(after) {
            add(count, ridge.at(*before, *here, *after));
        }
    }
    judged(&counts, pixels.width / STEP)
}

fn add((ridges, plain): &mut (u32, u32), seen: Seen) {
    match seen {
        Seen::Ridge => *ridges = ridges.saturating_add(1),
        Seen::Plain => *plain = plain.saturating_add(1),
        Seen::Covered => {}
    }
}

fn judged(counts: &[(u32, u32)], length: usize) -> Vec<bool> {
    let is_streak = |(ridges, plain): &(u32, u32)| {
        let ridges_real = f64::from(*ridges);
        let seen = f64::from(ridges.saturating_add(*plain));
        ridges_real > seen * f64::from(SHOWS) && seen > f64::from(real(length) * LIGHT)
    };
    counts.iter().map(is_streak).collect()
}

/// Neighbouring places that are streaks, as first and last; gaps of one belong to them.
fn bands(streaks: &[bool]) -> Vec<(usize, usize)> {
    let mut bands: Vec<(usize, usize)> = Vec::new();
    for (at, _) in streaks.iter().enumerate().filter(|(_, streak)| **streak) {
        match bands.last_mut() {
            Some((_, last)) if at <= last.saturating_add(2) => *last = at,
            _ => bands.push((at, at)),
        }
    }
    bands
}

/// Fills a band from both its sides, at one place of its length.
fn mend(pixels: &mut Pixels, band: (usize, usize), place: impl Fn(usize) -> (usize, usize)) {
    // The ink of a streak fades over a pixel at each side.
    let (first, last) = (band.0.saturating_sub(1), band.1.saturating_add(1));
    let shade = |pixels: &Pixels, across: usize| {
        let (column, row) = place(across);
        let (column, row) = (i32::try_from(column), i32::try_from(row));
        pixels.at(column.unwrap_or(-1), row.unwrap_or(-1))
    };
    let before = shade(pixels, first.saturating_sub(1));
    let after = shade(pixels, last.saturating_add(1));
    // Beside an outline or a mark one side is dark: what is light goes on from the other.
    let filled = before.max(after);
    for across in first..=last {
        if shade(pixels, across) < filled {
            let (column, row) = place(across);
            pixels.set(column, row, filled);
        }
    }
}
