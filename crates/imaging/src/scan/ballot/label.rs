//! The two codes of a side, read where the frame has them.
//!
//! Nobody has to look for them: the frame says where each module is. They are at opposite corners,
//! so a sheet that is upside down has them at the same two places, turned.

use paper::layout::frame::{Frame, MODULE, MODULES};
use paper::layout::{Area, Label};
use rqrr::{BitGrid, Grid};

use super::Refusal;
use super::lattice::Warp;
use super::pixels::{Pixels, median, real};

/// Places about the expected one at which a code is tried, in millimetres.
const SHIFTS: [f32; 5] = [0.0, -0.25, 0.25, -0.5, 0.5];

/// Modules of a code, row by row.
struct Modules(Vec<bool>);

/// Modules on a side.
const SIDE: usize = MODULES.unsigned_abs() as usize;

impl BitGrid for Modules {
    fn size(&self) -> usize {
        SIDE
    }

    fn bit(&self, row: usize, column: usize) -> bool {
        let at = row.saturating_mul(SIDE).saturating_add(column);
        self.0.get(at).copied().unwrap_or(false)
    }
}

/// Reads the codes, and turns the map upside down where they stand so.
pub(super) fn read(pixels: &Pixels, warp: Warp, frame: Frame) -> Result<(Label, Warp), Refusal> {
    let turned = warp.clone().turned(frame);
    let mut odd = None;
    for warp in [warp, turned] {
        let mut found = Vec::new();
        for (place, area) in frame.codes().into_iter().enumerate() {
            let Some(bytes) = code(pixels, &warp, area) else { continue };
            match Label::read(&bytes) {
                // A code says where it stands; elsewhere it is not this side's.
                Ok((label, is_second)) if is_second == (place == 1) => found.push(label),
                Ok(_) => {}
                Err(error) => odd = Some(error),
            }
        }
        match found[..] {
            [one, two] if one != two => return Err(Refusal::CodesDiffer),
            [label, ..] => return Ok((label, warp)),
            [] => {}
        }
    }
    Err(odd.map_or(Refusal::Codes, Refusal::Label))
}

/// The bytes of the code at a place, if they can be read there or close by.
fn code(pixels: &Pixels, warp: &Warp, area: Area) -> Option<Vec<u8>> {
    let mut shifts: Vec<(f32, f32)> =
        SHIFTS.iter().flat_map(|x| SHIFTS.iter().map(|y| (*x, *y))).collect();
    // Best first: where the dark and light modules of the three corners are told apart best.
    let quality = |shift: &(f32, f32)| fit(pixels, warp, area, *shift);
    shifts.sort_by_cached_key(|shift| core::cmp::Reverse(quality(shift)));
    shifts.into_iter().take(3).find_map(|shift| {
        let modules = sampled(pixels, warp, area, shift);
        let mut bytes = Vec::new();
        Grid::new(modules).decode_to(&mut bytes).ok().map(|_| bytes)
    })
}

/// Modules of the three corner patterns that come out as they are printed.
fn fit(pixels: &Pixels, warp: &Warp, area: Area, shift: (f32, f32)) -> usize {
    let modules = sampled(pixels, warp, area, shift);
    let last = SIDE.saturating_sub(7);
    let corners = [(0, 0), (last, 0), (0, last)];
    let cells = (0..7_usize).flat_map(|row| (0..7_usize).map(move |column| (column, row)));
    let right = |(column, row): &(usize, usize)| {
        let ring = column.abs_diff(3).max(row.abs_diff(3));
        let is_dark = ring != 2;
        corners
            .iter()
            .filter(|(x, y)| {
                modules.bit(row.saturating_add(*y), column.saturating_add(*x)) == is_dark
            })
            .count()
    };
    cells.map(|cell| right(&cell)).sum()
}

/// The modules as they are seen: each the mean of five places around its middle.
#[allow(clippy::many_single_char_names, reason = "places in three systems of coordinates")]
fn sampled(pixels: &Pixels, warp: &Warp, area: Area, (right, down): (f32, f32)) -> Modules {
    let module = MODULE.millimetres();
    let (x, y) = (area.x.millimetres() + right, area.y.millimetres() + down);
    let ((rx, ry), (dx, dy)) = warp.directions();
    // The map bends too little within a code to be asked for every module.
    let (start_x, start_y) = warp.pixel(x, y);
    let end = module * real(SIDE);
    let ((ax, ay), (bx, by)) = (warp.pixel(x + end, y), warp.pixel(x, y + end));
    let part = |from: f32, to: f32| (to - from) / real(SIDE);
    let (ux, uy) = (part(start_x, ax), part(start_y, ay));
    let (vx, vy) = (part(start_x, bx), part(start_y, by));
    let quarter = module * 0.2;
    let mut shades = Vec::with_capacity(SIDE.saturating_mul(SIDE));
    for row in 0..SIDE {
        for column in 0..SIDE {
            let (u, v) = (real(column) + 0.5, real(row) + 0.5);
            let (cx, cy) = (start_x + ux * u + vx * v, start_y + uy * u + vy * v);
            let around = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
            let sum: f32 = around
                .iter()
                .map(|(a, b)| {
                    let (a, b) = (a * quarter, b * quarter);
                    f32::from(pixels.near((cx + rx * a + dx * b, cy + ry * a + dy * b)))
                })
                .sum();
            shades.push(sum / 5.0);
        }
    }
    let threshold = threshold(&shades);
    Modules(shades.into_iter().map(|shade| shade < threshold).collect())
}

/// Between the middle of the darker and the middle of the lighter half.
fn threshold(shades: &[f32]) -> f32 {
    let middle = median(&mut shades.to_vec());
    let (mut dark, mut light): (Vec<f32>, Vec<f32>) =
        shades.iter().partition(|shade| **shade < middle);
    f32::midpoint(median(&mut dark), median(&mut light))
}
