//! PDF as scanners write it: pages that are pictures.
//!
//! A page's pictures are put where its content places them; words and lines that a program drew are
//! not a scan, and a page without a picture is refused. A page's own turn is undone by nobody: the
//! reader of ballots finds which way is up.

use hayro_syntax::Pdf;
use hayro_syntax::content::ops::TypedInstruction;
use hayro_syntax::object::dict::keys::{
    BITS_PER_COMPONENT, COLORSPACE, DECODE, HEIGHT, IMAGE_MASK, SUBTYPE, WIDTH,
};
use hayro_syntax::object::stream::{ImageColorSpace, ImageDecodeParams};
use hayro_syntax::object::{Array, Name, Object, Stream};
use hayro_syntax::page::Page;

use super::{MAX_PAGES, has_bounds};
use crate::scan::picture::{self, Picture, PictureError};

/// The most pictures of a page: scanners cut a page into strips.
const MAX_PICTURES: usize = 400;

/// A file that was opened.
pub(super) struct Document {
    pdf: Pdf,
    pages: usize,
}

/// A picture and where it stands on its page: the corner and the ends of its sides, in points.
struct Placed {
    picture: Picture,
    matrix: Matrix,
}

/// `a b c d e f` of the content of a page (ISO 32000-2, 8.3.3).
type Matrix = [f64; 6];

/// From left to right, and from below upwards.
type Edges = ((f64, f64), (f64, f64));

const UNIT: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

impl Document {
    pub(super) fn open(bytes: &[u8]) -> Result<Self, PictureError> {
        let pdf = Pdf::new(bytes.to_vec())
            .map_err(|_| PictureError::Pdf("it is damaged, or locked by a password".to_owned()))?;
        let pages = pdf.pages().len().min(MAX_PAGES);
        Ok(Self { pdf, pages })
    }

    pub(super) const fn pages(&self) -> usize {
        self.pages
    }

    pub(super) fn picture(&self, page: usize) -> Result<Picture, PictureError> {
        let page = self.pdf.pages().get(page);
        let page = page.ok_or_else(|| PictureError::Pdf("it has no such page".to_owned()))?;
        let mut placed = placed(page)?;
        match placed.len() {
            0 => Err(PictureError::Pdf("a page of it shows no picture".to_owned())),
            1 => placed.pop().map(|one| one.picture).ok_or(PictureError::Form),
            _ => joined(&placed),
        }
    }
}

/// The pictures that a page's content shows.
fn placed(page: &Page<'_>) -> Result<Vec<Placed>, PictureError> {
    let mut placed = Vec::new();
    let (mut matrix, mut saved) = (UNIT, Vec::new());
    let mut instructions = page.typed_operations();
    while let Some(instruction) = instructions.next() {
        match instruction {
            TypedInstruction::SaveState(_) if saved.len() < 256 => saved.push(matrix),
            TypedInstruction::RestoreState(_) => matrix = saved.pop().unwrap_or(UNIT),
            TypedInstruction::Transform(by) => {
                let by = [by.0, by.1, by.2, by.3, by.4, by.5].map(|number| number.as_f64());
                matrix = product(by, matrix);
            }
            TypedInstruction::XObject(object) => {
                let Some(stream) = page.resources().get_x_object(object.0) else { continue };
                let subtype = stream.dict().get::<Name<'_>>(SUBTYPE);
                let is_image = subtype.is_some_and(|name| name.as_ref() == b"Image");
                if is_image && placed.len() < MAX_PICTURES {
                    placed.push(Placed { picture: read(&stream)?, matrix });
                }
            }
            _ => {}
        }
    }
    Ok(placed)
}

/// First one, then the other.
#[allow(clippy::many_single_char_names, reason = "matrices as the standard writes them")]
fn product([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix) -> Matrix {
    [
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + l,
    ]
}

/// The shades of an image object.
fn read(stream: &Stream<'_>) -> Result<Picture, PictureError> {
    let dict = stream.dict();
    let number = |key: &[u8]| dict.get::<u32>(key).unwrap_or(0);
    let (width, height) = (number(WIDTH), number(HEIGHT));
    let (columns, rows) = has_bounds(u64::from(width), u64::from(height))?;
    let is_mask = dict.get::<bool>(IMAGE_MASK).unwrap_or(false);
    let bits = if is_mask { 1 } else { dict.get::<u8>(BITS_PER_COMPONENT).unwrap_or(8) };
    let is_indexed = matches!(dict.get::<Object<'_>>(COLORSPACE), Some(Object::Array(array))
        if array.iter::<Name<'_>>().next().is_some_and(|name| name.as_ref() == b"Indexed"));
    let params = ImageDecodeParams {
        is_indexed,
        bpc: Some(bits),
        num_components: None,
        target_dimension: None,
        width,
        height,
    };
    let damaged = || PictureError::Pdf("a picture in it is damaged".to_owned());
    let decoded = stream.decoded_image(&params).map_err(|_| damaged())?;
    if is_indexed {
        return Err(PictureError::Pdf("pictures with a palette are not read".to_owned()));
    }
    let bits = decoded.image_data.as_ref().map_or(bits, |data| data.bits_per_component);
    let space = decoded.image_data.as_ref().and_then(|data| data.color_space.as_ref());
    if let Some(ImageColorSpace::Cmyk) = space {
        return Err(PictureError::Pdf("pictures for a press (CMYK) are not read".to_owned()));
    }
    let pixels = columns.saturating_mul(rows);
    let mut grey = match bits {
        1 => super::tiff::unpacked(&decoded.data, columns),
        8 if decoded.data.len() >= pixels.saturating_mul(3) => {
            picture::greys(&decoded.data, png::ColorType::Rgb)
        }
        8 => decoded.data.into_owned(),
        other => {
            return Err(PictureError::Pdf(format!("pictures of {other} bits are not read")));
        }
    };
    grey.truncate(pixels);
    // `Decode [1 0]` turns black and white around; so does a mask, whose ones are left unpainted.
    let decode = dict.get::<Array<'_>>(DECODE);
    let is_turned = decode.is_some_and(|array| array.iter::<f32>().next() == Some(1.0));
    if is_turned {
        for shade in &mut grey {
            *shade = u8::MAX.saturating_sub(*shade);
        }
    }
    Picture::new(columns, rows, grey).map_err(|_| damaged())
}

/// Several pictures of a page as one, at the finest resolution of them.
#[allow(clippy::many_single_char_names, reason = "a matrix as the standard writes it")]
fn joined(placed: &[Placed]) -> Result<Picture, PictureError> {
    let edges = |one: &Placed| {
        let [a, b, c, d, e, f] = one.matrix;
        let (x, y) = ([e, e + a + c], [f, f + b + d]);
        let sort = |[one, two]: [f64; 2]| (one.min(two), one.max(two));
        (sort(x), sort(y))
    };
    // Strips stand upright, side by side; what a program turned is no scan.
    if placed.iter().any(|one| one.matrix.get(1).is_some_and(|skew| skew.abs() > 0.01)) {
        return Err(PictureError::Pdf("a page of it has several turned pictures".to_owned()));
    }
    let all: Vec<_> = placed.iter().map(edges).collect();
    let least = |pick: fn(&Edges) -> f64| all.iter().map(pick).fold(f64::INFINITY, f64::min);
    let (left, bottom) = (least(|edges| edges.0.0), least(|edges| edges.1.0));
    let (right, top) = (-least(|edges| -edges.0.1), -least(|edges| -edges.1.1));
    let scale = placed
        .iter()
        .zip(&all)
        .map(|(one, ((x0, x1), _))| real(one.picture.width()) / (x1 - x0).max(1e-6));
    let scale = scale.fold(0.0, f64::max);
    let pixels = |length: f64| whole(length * scale);
    let (width, height) = has_bounds(pixels(right - left), pixels(top - bottom))?;
    let mut grey = vec![u8::MAX; width.saturating_mul(height)];
    for (one, ((x0, x1), (y0, y1))) in placed.iter().zip(&all) {
        let (start, end) = (pixels(x0 - left), pixels(x1 - left));
        let (first, last) = (pixels(top - y1), pixels(top - y0));
        let rows = index(first)..index(last).min(height);
        for row in rows {
            let from = part(
                row.saturating_sub(index(first)),
                index(last.saturating_sub(first)),
                one.picture.height(),
            );
            for column in index(start)..index(end).min(width) {
                let across = part(
                    column.saturating_sub(index(start)),
                    index(end.saturating_sub(start)),
                    one.picture.width(),
                );
                let at = row.saturating_mul(width).saturating_add(column);
                if let Some(shade) = grey.get_mut(at) {
                    *shade = one.picture.at(across, from);
                }
            }
        }
    }
    Picture::new(width, height, grey)
}

/// A place of one length on another.
fn part(at: usize, of: usize, on: usize) -> usize {
    at.saturating_mul(on).checked_div(of).unwrap_or(0)
}

fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

#[allow(clippy::cast_precision_loss, reason = "a picture has no 2^52 pixels a side")]
fn real(count: usize) -> f64 {
    count as f64
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "nothing is negative, and what is too large is refused by its size"
)]
fn whole(length: f64) -> u64 {
    length.round().max(0.0) as u64
}
