//! Which bar is which timing mark, and where each place of the paper is in the picture.
//!
//! First the lean of the paper is taken from neighbouring bars, then the four borders are found as
//! the outermost lines that hold enough bars, then each bar gets its number on its border. An
//! affine map is fitted to all of them by least squares: it holds turning, scale, stretch and
//! shear. What is left, as where the paper slipped or was folded, is kept for each mark of the
//! borders and blended over the side between them (a Coons patch).

use paper::layout::Frame;

use super::affine::{Affine, Place};
use super::blob::Blob;
use super::pixels::{Pixels, median, real};
use super::refusal::{Border, Refusal};

/// The part of a border's marks that must be in a line for it to be taken for the border.
const LINE: f32 = 0.45;

/// The part of a border's marks that must be found in the end.
const FOUND: f32 = 0.6;

/// How far bars of one border may stand from a line, in millimetres.
const LINE_WIDTH: f32 = 1.6;

/// How far a bar may be from where the affine map has its mark, in millimetres, to count.
const STRAY: f32 = 1.6;

/// What height by width may differ by from the printed paper's, as a part.
const FORM: f32 = 0.045;

/// Bars that a picture of a ballot has at least.
const ENOUGH: usize = 40;

/// More bars than any ballot has; a picture with more is something else.
const MOST: usize = 3_000;

/// A picture that stands upright, or lies on its side.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Turn {
    /// The picture's width where it lies on its side.
    sideways: Option<f32>,
}

impl Turn {
    /// A place of the picture, in the picture turned upright by a quarter.
    fn upright(self, (x, y): Place) -> Place {
        self.sideways.map_or((x, y), |width| (y, width - 1.0 - x))
    }

    /// A place of the upright picture, in the picture.
    fn picture(self, (x, y): Place) -> Place {
        self.sideways.map_or((x, y), |width| (width - 1.0 - y, x))
    }

    /// A direction of the upright picture, in the picture.
    fn direction(self, (x, y): Place) -> Place {
        if self.sideways.is_some() { (-y, x) } else { (x, y) }
    }
}

/// From places on the paper, in millimetres, to pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Warp {
    turn: Turn,
    /// The paper's size, where it is upside down.
    upside_down: Option<Place>,
    affine: Affine,
    /// The first and the last mark's place on the paper.
    corners: (Place, Place),
    /// What is left at the marks of the upper, lower, left and right border.
    left_over: [Vec<Place>; 4],
}

impl Warp {
    /// The pixel of a place on the paper.
    pub(super) fn pixel(&self, x: f32, y: f32) -> Place {
        let (x, y) = self.upside_down.map_or((x, y), |(width, height)| (width - x, height - y));
        let (right, down) = self.affine.at((x, y));
        let (more_right, more_down) = self.blend((x, y));
        self.turn.picture((right + more_right, down + more_down))
    }

    /// Pixels of a millimetre to the right on the paper, and of one down.
    pub(super) fn directions(&self) -> (Place, Place) {
        let sign = if self.upside_down.is_some() { -1.0 } else { 1.0 };
        let [x, y] = [self.affine.right, self.affine.down];
        let turned = |(x, y): Place| self.turn.direction((sign * x, sign * y));
        (turned(x), turned(y))
    }

    /// Pixels of a millimetre.
    pub(super) fn scale(&self) -> f32 {
        let length = |(x, y): Place| x.hypot(y);
        f32::midpoint(length(self.affine.right), length(self.affine.down))
    }

    /// The same paper the other way up.
    pub(super) fn turned(mut self, frame: Frame) -> Self {
        let (width, height) = frame.size();
        self.upside_down = Some((width.millimetres(), height.millimetres()));
        self
    }

    /// What is left at the borders, blended over the side.
    fn blend(&self, (x, y): Place) -> Place {
        let ((x0, y0), (x1, y1)) = self.corners;
        let across = ((x - x0) / (x1 - x0)).clamp(0.0, 1.0);
        let along = ((y - y0) / (y1 - y0)).clamp(0.0, 1.0);
        let [upper, lower, left, right] = &self.left_over;
        let (up, low) = (between(upper, across), between(lower, across));
        let (west, east) = (between(left, along), between(right, along));
        let corner = |places: &[Place], at: f32| between(places, at);
        let corners = [
            (corner(upper, 0.0), (1.0 - across) * (1.0 - along)),
            (corner(upper, 1.0), across * (1.0 - along)),
            (corner(lower, 0.0), (1.0 - across) * along),
            (corner(lower, 1.0), across * along),
        ];
        let sides = [(up, 1.0 - along), (low, along), (west, 1.0 - across), (east, across)];
        let sum = |pick: fn(Place) -> f32| {
            let sides: f32 = sides.iter().map(|(place, weight)| pick(*place) * weight).sum();
            let corners: f32 = corners.iter().map(|(place, weight)| pick(*place) * weight).sum();
            sides - corners
        };
        (sum(|place| place.0), sum(|place| place.1))
    }
}

/// A value between those of a border's marks; `at` from 0 to 1.
fn between(places: &[Place], at: f32) -> Place {
    let place = at * real(places.len().saturating_sub(1));
    let first = super::pixels::count(place.floor());
    let part = place - place.floor();
    let one = places.get(first).or(places.last()).copied().unwrap_or_default();
    let two = places.get(first.saturating_add(1)).copied().unwrap_or(one);
    (one.0 + (two.0 - one.0) * part, one.1 + (two.1 - one.1) * part)
}

/// A timing mark that was found.
#[derive(Debug, Clone, Copy)]
struct Mark {
    border: Border,
    number: usize,
    /// Its place on the paper, in millimetres.
    paper: Place,
    /// Its place in the upright picture.
    pixel: Place,
}

/// Fits the frame of a paper to bars, not knowing yet which end is up.
pub(super) fn fit(blobs: &[Blob], pixels: &Pixels, frame: Frame) -> Result<Warp, Refusal> {
    let level = blobs.iter().filter(|blob| blob.is_level).count();
    let is_sideways = level.saturating_mul(2) < blobs.len();
    let turn = Turn { sideways: is_sideways.then(|| real(pixels.width)) };
    let bars = blobs.iter().filter(|blob| blob.is_level != is_sideways);
    let bars: Vec<Place> = bars.map(|blob| turn.upright(blob.centre)).collect();
    if !(ENOUGH..=MOST).contains(&bars.len()) {
        return Err(Refusal::NoMarks { found: bars.len() });
    }
    let scale = real(pixels.width.max(pixels.height)) / frame.size().1.millimetres();
    let lean = lean(&bars, scale);
    let mut marks = numbered(&bars, lean, scale, frame)?;
    let (mut affine, mut worst) = (None, 0.0_f32);
    for _ in 0..3 {
        let fitted = Affine::fitted(marks.iter().map(|mark| (mark.paper, mark.pixel)))
            .ok_or(Refusal::NoMarks { found: marks.len() })?;
        let off = |mark: &Mark| {
            let (x, y) = fitted.at(mark.paper);
            (mark.pixel.0 - x).hypot(mark.pixel.1 - y) / scale
        };
        marks.retain(|mark| off(mark) < STRAY);
        worst = marks.iter().map(off).fold(0.0, f32::max);
        affine = Some(fitted);
    }
    let affine = affine.ok_or(Refusal::Distorted { micrometres: micrometres(worst) })?;
    let left_over = left_over(&marks, &affine, frame)?;
    let (columns, rows) = frame.marks();
    let place = |point: paper::layout::Point| (point.x.millimetres(), point.y.millimetres());
    let last = frame.mark(columns.saturating_sub(1), rows.saturating_sub(1));
    let corners = (place(frame.mark(0, 0)), place(last));
    Ok(Warp { turn, upside_down: None, affine, corners, left_over })
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance on paper is below 2^32 micrometres and never negative"
)]
fn micrometres(millimetres: f32) -> u32 {
    (millimetres * 1000.0) as u32
}

/// The tangent of the angle by which the paper is turned clockwise, from neighbouring bars.
fn lean(bars: &[Place], scale: f32) -> f32 {
    let near = 4.0 * scale..9.0 * scale;
    let mut slopes = Vec::new();
    for (at, one) in bars.iter().enumerate() {
        for two in bars.iter().skip(at.saturating_add(1)) {
            let (across, along) = (two.0 - one.0, two.1 - one.1);
            if near.contains(&across.abs()) && along.abs() < across.abs() * 0.15 {
                slopes.push(along / across);
            } else if near.contains(&along.abs()) && across.abs() < along.abs() * 0.15 {
                slopes.push(-across / along);
            }
        }
    }
    median(&mut slopes)
}

/// Gives bars their numbers on the four borders.
fn numbered(bars: &[Place], lean: f32, scale: f32, frame: Frame) -> Result<Vec<Mark>, Refusal> {
    let long = lean.hypot(1.0);
    let (cos, sin) = (1.0 / long, lean / long);
    // The picture turned back by the lean.
    let straight: Vec<(Place, Place)> = bars
        .iter()
        .map(|bar| ((bar.0 * cos + bar.1 * sin, bar.1 * cos - bar.0 * sin), *bar))
        .collect();
    let (columns, rows) = frame.marks();
    let (columns, rows) = (usize::try_from(columns), usize::try_from(rows));
    let (columns, rows) = (columns.unwrap_or_default(), rows.unwrap_or_default());
    let width = LINE_WIDTH * scale;
    let border = |border, of, pick: fn(Place) -> f32| line(&straight, border, of, width, pick);
    let upper = border(Border::Upper, columns, |(_, y)| y)?;
    let lower = border(Border::Lower, columns, |(_, y)| -y)?;
    let left = border(Border::Left, rows, |(x, _)| x)?;
    let right = border(Border::Right, rows, |(x, _)| -x)?;
    let (top, bottom) = (middle(&upper, |(_, y)| y), middle(&lower, |(_, y)| y));
    let (west, east) = (middle(&left, |(x, _)| x), middle(&right, |(x, _)| x));
    // With one border out of the picture the other is found twice.
    if bottom - top < width {
        return Err(Refusal::Marks { border: Border::Lower, found: 0, of: columns });
    }
    if east - west < width {
        return Err(Refusal::Marks { border: Border::Right, found: 0, of: rows });
    }
    has_form(east - west, bottom - top, frame)?;
    let mut marks = Vec::new();
    for (border, line) in [
        (Border::Upper, upper),
        (Border::Lower, lower),
        (Border::Left, left),
        (Border::Right, right),
    ] {
        let is_level = matches!(border, Border::Upper | Border::Lower);
        let (start, end, of) = if is_level { (west, east, columns) } else { (top, bottom, rows) };
        let pitch = (end - start) / real(of.saturating_sub(1));
        for ((x, y), pixel) in line {
            let place = (if is_level { x } else { y } - start) / pitch;
            let number = place.round();
            if (place - number).abs() > 0.3 || number < -0.5 || number > real(of) - 0.5 {
                continue;
            }
            let number = super::pixels::count(number);
            let paper = on_paper(frame, border, number);
            marks.push(Mark { border, number, paper, pixel });
        }
    }
    Ok(marks)
}

/// The place of a border's mark on the paper, in millimetres.
fn on_paper(frame: Frame, border: Border, number: usize) -> Place {
    let number = i32::try_from(number).unwrap_or(i32::MAX);
    let (columns, rows) = frame.marks();
    let (last_column, last_row) = (columns.saturating_sub(1), rows.saturating_sub(1));
    let point = match border {
        Border::Upper => frame.mark(number, 0),
        Border::Lower => frame.mark(number, last_row),
        Border::Left => frame.mark(0, number),
        Border::Right => frame.mark(last_column, number),
    };
    (point.x.millimetres(), point.y.millimetres())
}

/// The outermost line that holds enough bars: each with its straight and its own place.
fn line(
    bars: &[(Place, Place)],
    border: Border,
    of: usize,
    width: f32,
    pick: fn(Place) -> f32,
) -> Result<Vec<(Place, Place)>, Refusal> {
    let mut sorted = bars.to_vec();
    sorted.sort_by(|one, two| pick(one.0).total_cmp(&pick(two.0)));
    let enough = super::pixels::count(real(of) * LINE);
    let mut most = 0;
    for (at, (first, _)) in sorted.iter().enumerate() {
        let end = pick(*first) + width;
        let rest = sorted.get(at..).unwrap_or_default();
        let inside = rest.partition_point(|(place, _)| pick(*place) <= end);
        most = most.max(inside);
        if inside >= enough {
            // The window may have begun at a stray bar: it is laid around the middle one.
            let mut places: Vec<f32> =
                rest.iter().take(inside).map(|(place, _)| pick(*place)).collect();
            let centre = median(&mut places);
            let on_line = |place: &Place| (pick(*place) - centre).abs() <= width;
            return Ok(sorted.iter().filter(|(place, _)| on_line(place)).copied().collect());
        }
    }
    Err(Refusal::Marks { border, found: most, of })
}

fn middle(line: &[(Place, Place)], pick: fn(Place) -> f32) -> f32 {
    median(&mut line.iter().map(|(place, _)| pick(*place)).collect::<Vec<_>>())
}

/// Whether height by width is that of the paper.
fn has_form(width: f32, height: f32, frame: Frame) -> Result<(), Refusal> {
    let (columns, rows) = frame.marks();
    let (first, last) =
        (frame.mark(0, 0), frame.mark(columns.saturating_sub(1), rows.saturating_sub(1)));
    let expected = last.y.less(first.y).millimetres() / last.x.less(first.x).millimetres();
    let found = height / width.max(1.0);
    if (found / expected - 1.0).abs() <= FORM {
        return Ok(());
    }
    Err(Refusal::Form {
        found_thousandths: micrometres(found),
        expected_thousandths: micrometres(expected),
    })
}

/// What is left at each mark of each border; marks that were not found have what lies between
/// their neighbours.
fn left_over(marks: &[Mark], affine: &Affine, frame: Frame) -> Result<[Vec<Place>; 4], Refusal> {
    let (columns, rows) = frame.marks();
    let borders = [
        (Border::Upper, columns),
        (Border::Lower, columns),
        (Border::Left, rows),
        (Border::Right, rows),
    ];
    let mut left_over = [const { Vec::new() }; 4];
    for (places, (border, of)) in left_over.iter_mut().zip(borders) {
        let of = usize::try_from(of).unwrap_or_default();
        let mut found: Vec<Option<Place>> = vec![None; of];
        for mark in marks.iter().filter(|mark| mark.border == border) {
            let (x, y) = affine.at(mark.paper);
            if let Some(place) = found.get_mut(mark.number) {
                *place = Some((mark.pixel.0 - x, mark.pixel.1 - y));
            }
        }
        let count = found.iter().flatten().count();
        if real(count) < real(of) * FOUND {
            return Err(Refusal::Marks { border, found: count, of });
        }
        *places = smoothed(&filled(&found));
    }
    Ok(left_over)
}

/// Fills what is missing from both sides.
fn filled(found: &[Option<Place>]) -> Vec<Place> {
    let known: Vec<(usize, Place)> =
        found.iter().enumerate().filter_map(|(at, place)| Some((at, (*place)?))).collect();
    let fill = |at: usize| {
        let after = known.partition_point(|(place, _)| *place < at);
        let before = after.checked_sub(1).and_then(|before| known.get(before));
        match (before, known.get(after)) {
            (Some((from, one)), Some((to, two))) => {
                let span = real(to.saturating_sub(*from)).max(1.0);
                let part = real(at.saturating_sub(*from)) / span;
                (one.0 + (two.0 - one.0) * part, one.1 + (two.1 - one.1) * part)
            }
            (Some((_, only)), None) | (None, Some((_, only))) => *only,
            (None, None) => (0.0, 0.0),
        }
    };
    (0..found.len())
        .map(|at| found.get(at).copied().flatten().unwrap_or_else(|| fill(at)))
        .collect()
}

/// Takes the middle of each three neighbours: one mark that was drawn upon moves nothing.
fn smoothed(places: &[Place]) -> Vec<Place> {
    let middle = |at: usize, pick: fn(Place) -> f32| {
        let first = at.saturating_sub(1);
        let around = places.get(first..at.saturating_add(2).min(places.len())).unwrap_or_default();
        match around {
            [_, _, _] => median(&mut around.iter().map(|place| pick(*place)).collect::<Vec<_>>()),
            _ => places.get(at).map_or(0.0, |place| pick(*place)),
        }
    };
    (0..places.len()).map(|at| (middle(at, |place| place.0), middle(at, |place| place.1))).collect()
}
