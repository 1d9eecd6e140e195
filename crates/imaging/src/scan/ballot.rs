//! One side of a ballot, from a picture to what stands in its ovals.
//!
//! ```text
//! Picture --- tone ----> what is white, what is black
//!         --- streak --> lines that the scanner drew, taken out
//!         --- blob ----> dark bars that may be timing marks
//!         --- lattice -> which mark is which; where each place of the paper is in the picture
//!         --- label ---> the two codes: definition, style, sheet, side, and which end is up
//!         --- fold ----> lines across the paper, taken out
//!         --- oval ----> how much ink stands in each oval, against the blank one
//! ```
//!
//! Nothing is guessed: where marks, codes or ovals are not where the geometry has them, the side is
//! refused, with the rule that says so. What a mark means is not judged here.

mod affine;
mod blob;
mod fold;
mod label;
mod lattice;
mod oval;
mod pixels;
mod refusal;
mod streak;
mod tone;

use paper::layout::{Frame, Geometry, Label, Side};

pub use oval::{OvalInk, WriteInInk};
pub use refusal::{Border, Refusal};

use super::Picture;
use pixels::Pixels;
use tone::Tone;

/// What was seen on a side.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// What the side says that it is.
    pub label: Label,
    /// The ink in each oval, in the order of the geometry.
    pub ovals: Vec<OvalInk>,
    /// The ink on each write-in line, in the order of the geometry.
    pub write_ins: Vec<WriteInInk>,
    /// Where the paper lies in the picture.
    pub place: Place,
    /// Lines that were taken out before ink was measured.
    pub lines: Lines,
}

/// Where the paper lies in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    warp: lattice::Warp,
}

/// Lines that are none of the ballot's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lines {
    /// Lines along the scanner's way: dirt on its glass.
    pub streaks: usize,
    /// Lines across the paper: folds.
    pub folds: usize,
}

impl Place {
    /// The pixel, column and row, of a place on the side in millimetres from its upper left corner.
    pub fn pixel(&self, x: f32, y: f32) -> (f32, f32) {
        self.warp.pixel(x, y)
    }

    /// Pixels of a millimetre, the mean of across and down.
    pub fn scale(&self) -> f32 {
        self.warp.scale()
    }
}

/// Reads the side of a ballot that a picture shows, whichever of four ways up it is.
///
/// # Errors
/// A [`Refusal`] names the rule that the picture breaks.
pub fn read_side(picture: &Picture, geometry: &Geometry) -> Result<Sighting, Refusal> {
    let frame = Frame::of(geometry.paper);
    let mut pixels = Pixels::of(picture);
    let tone = Tone::of(&pixels)?;
    let streaks = streak::take_out(&mut pixels, tone)?;
    let blobs = blob::find(&pixels, tone, frame.size().1.millimetres());
    let lattice = lattice::fit(&blobs, &pixels, frame)?;
    let (label, warp) = label::read(&pixels, lattice, frame)?;
    let side = side_of(&label, geometry)?;
    let folds = fold::take_out(&mut pixels, tone, &warp, frame);
    let (ovals, write_ins) = oval::read(&pixels, tone, &warp, side)?;
    let lines = Lines { streaks, folds };
    Ok(Sighting { label, ovals, write_ins, place: Place { warp }, lines })
}

/// The side that a label names.
fn side_of<'a>(label: &Label, geometry: &'a Geometry) -> Result<&'a Side, Refusal> {
    if !label.is_of(&geometry.definition) {
        return Err(Refusal::OtherElection { found: label.definition });
    }
    let unknown =
        Refusal::UnknownSide { style: label.style, sheet: label.sheet, is_back: label.is_back };
    let (style, sheet) = (usize::from(label.style), usize::from(label.sheet));
    geometry.side(style, sheet, usize::from(label.is_back)).ok_or(unknown)
}
