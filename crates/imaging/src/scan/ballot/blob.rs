//! Dark bars along the borders of a picture that may be timing marks.
//!
//! Pixels of solid ink that touch, also at a corner, are one blob. Blobs are found row by row from
//! runs of ink, in the outer parts of the picture only: marks are nowhere else.

use paper::layout::frame::MARK;

use super::pixels::{Pixels, real};
use super::tone::Tone;

/// The part of the picture at each side in which marks are looked for: one of so many.
const OUTER: usize = 6;

/// Height of the largest paper's part that a picture may show beyond the paper, by which the size
/// of a pixel is first guessed: marks of 0.7 to 1.3 of the guess are taken.
const SPREAD: (f32, f32) = (0.7, 1.3);

/// The most blobs that are followed at once: a picture of noise has no more of them than this.
const MAX_BLOBS: usize = 1 << 18;

/// A dark bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Blob {
    /// Its centre, column and row.
    pub(super) centre: (f32, f32),
    /// Whether it is wider than high.
    pub(super) is_level: bool,
}

/// What is known of a blob while its runs come in.
#[derive(Clone, Copy)]
struct Growing {
    parent: usize,
    left: usize,
    right: usize,
    top: usize,
    bottom: usize,
    area: usize,
    columns: u64,
    rows: u64,
}

/// A run of ink in a row.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    blob: usize,
}

/// Every bar of about the size of a timing mark.
pub(super) fn find(pixels: &Pixels, tone: Tone, paper_height: f32) -> Vec<Blob> {
    let blobs = grow(pixels, tone.solid());
    let guess = real(pixels.width.max(pixels.height)) / paper_height;
    let long = MARK.0.millimetres() * guess;
    let short = MARK.1.millimetres() * guess;
    let is_near = |found: f32, expected: f32| {
        // A pixel more or less by where the edge falls.
        (expected * SPREAD.0 - 1.0..=expected * SPREAD.1 + 2.0).contains(&found)
    };
    let bars = blobs.iter().filter_map(|blob| {
        let width = real(blob.right.saturating_sub(blob.left).saturating_add(1));
        let height = real(blob.bottom.saturating_sub(blob.top).saturating_add(1));
        let is_level = width > height;
        let (longer, shorter) = if is_level { (width, height) } else { (height, width) };
        // A bar that leans by three degrees takes a little more room across.
        let leaning = longer * 0.06;
        let is_bar = is_near(longer, long) && is_near(shorter - leaning / 2.0, short);
        let is_full = real(blob.area) > width * height * 0.62;
        let middle = |sum: u64| share(sum, blob.area);
        let centre = (middle(blob.columns), middle(blob.rows));
        (is_bar && is_full && longer > 2.0 * shorter).then_some(Blob { centre, is_level })
    });
    bars.collect()
}

/// A sum of places by how many there are.
#[allow(clippy::cast_precision_loss, reason = "sums of places in a picture are below 2^40")]
fn share(sum: u64, count: usize) -> f32 {
    let mean = sum as f64 / count.max(1) as f64;
    #[allow(clippy::cast_possible_truncation, reason = "a hundredth of a pixel is enough")]
    let mean = mean as f32;
    mean
}

/// All blobs of the outer parts.
fn grow(pixels: &Pixels, solid: u8) -> Vec<Growing> {
    let (side, end) = (pixels.width / OUTER, pixels.height / OUTER);
    let right = pixels.width.saturating_sub(side);
    let lower = pixels.height.saturating_sub(end);
    let mut blobs: Vec<Growing> = Vec::new();
    let (mut above, mut here): (Vec<Run>, Vec<Run>) = (Vec::new(), Vec::new());
    for (row, shades) in pixels.rows().enumerate() {
        here.clear();
        if (end..lower).contains(&row) {
            runs(shades, 0, side, solid, &mut here);
            runs(shades, right, pixels.width, solid, &mut here);
        } else {
            runs(shades, 0, pixels.width, solid, &mut here);
        }
        join(&mut blobs, &above, &mut here, row);
        if blobs.len() > MAX_BLOBS {
            break;
        }
        core::mem::swap(&mut above, &mut here);
    }
    gathered(&blobs)
}

/// Appends the runs of ink between two columns of a row.
fn runs(shades: &[u8], from: usize, to: usize, solid: u8, runs: &mut Vec<Run>) {
    let mut at = from;
    let part = |start: usize| shades.get(start..to).unwrap_or_default();
    while let Some(gap) = part(at).iter().position(|shade| *shade < solid) {
        let start = at.saturating_add(gap);
        let ink = part(start).iter().position(|shade| *shade >= solid);
        let end = ink.map_or(to, |length| start.saturating_add(length));
        runs.push(Run { start, end, blob: 0 });
        at = end;
    }
}

/// Gives each run of a row its blob: that of a run above that it touches, or a new one.
fn join(blobs: &mut Vec<Growing>, above: &[Run], here: &mut [Run], row: usize) {
    let mut first = 0_usize;
    for run in here {
        let mut own = None;
        // Runs above that end before this one begins cannot touch any later one either.
        let passed = above.iter().skip(first).take_while(|other| other.end < run.start).count();
        first = first.saturating_add(passed);
        for other in above.iter().skip(first).take_while(|other| other.start <= run.end) {
            let root = root(blobs, other.blob);
            own = Some(own.map_or(root, |own| unite(blobs, own, root)));
        }
        run.blob = own.unwrap_or_else(|| {
            let parent = blobs.len();
            let (left, top) = (run.start, row);
            let (right, bottom, area, columns, rows) = (left, top, 0, 0, 0);
            blobs.push(Growing { parent, left, right, top, bottom, area, columns, rows });
            parent
        });
        if let Some(blob) = blobs.get_mut(run.blob) {
            blob.add(run, row);
        }
    }
}

impl Growing {
    fn add(&mut self, run: &Run, row: usize) {
        let length = run.end.saturating_sub(run.start);
        let last = run.end.saturating_sub(1);
        self.left = self.left.min(run.start);
        self.right = self.right.max(last);
        self.bottom = self.bottom.max(row);
        self.area = self.area.saturating_add(length);
        // The sum of all columns of the run, and its row as often.
        let wide = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let twice = wide(run.start.saturating_add(last)).saturating_mul(wide(length));
        self.columns = self.columns.saturating_add(twice / 2);
        self.rows = self.rows.saturating_add(wide(row).saturating_mul(wide(length)));
    }

    fn take(&mut self, other: &Self) {
        self.left = self.left.min(other.left);
        self.right = self.right.max(other.right);
        self.top = self.top.min(other.top);
        self.bottom = self.bottom.max(other.bottom);
        self.area = self.area.saturating_add(other.area);
        self.columns = self.columns.saturating_add(other.columns);
        self.rows = self.rows.saturating_add(other.rows);
    }
}

/// The blob to which a blob has come to belong; the way there is shortened.
fn root(blobs: &mut [Growing], mut blob: usize) -> usize {
    while let Some(parent) = blobs.get(blob).map(|growing| growing.parent) {
        if parent == blob {
            break;
        }
        let next = blobs.get(parent).map_or(parent, |growing| growing.parent);
        if let Some(growing) = blobs.get_mut(blob) {
            growing.parent = next;
        }
        blob = next;
    }
    blob
}

fn unite(blobs: &mut [Growing], one: usize, two: usize) -> usize {
    let (older, newer) = (one.min(two), one.max(two));
    if older != newer
        && let Some(growing) = blobs.get_mut(newer)
    {
        growing.parent = older;
    }
    older
}

/// Every blob with all that has come to belong to it.
fn gathered(blobs: &[Growing]) -> Vec<Growing> {
    let mut whole = blobs.to_vec();
    // A blob's parent is older, so walking from the newest hands everything on to the roots.
    for at in (0..blobs.len()).rev() {
        let Some(growing) = whole.get(at).copied().filter(|growing| growing.parent != at) else {
            continue;
        };
        if let Some(parent) = whole.get_mut(growing.parent) {
            parent.take(&growing);
        }
    }
    let roots = whole.into_iter().enumerate();
    roots.filter(|(at, growing)| growing.parent == *at).map(|(_, growing)| growing).collect()
}
