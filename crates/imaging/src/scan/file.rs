//! Files as scanners write them: JPEG, PNG, TIFF and PDF, told apart by their first bytes.
//!
//! A file is opened once and gives its pictures one by one, so that a file of a thousand pages
//! needs the memory of one. A picture's size is looked at before any of its pixels: one that is too
//! large is refused at the cost of its header.

mod jpeg;
mod pdf;
mod tiff;

use super::picture::{MAX_PIXELS, MAX_SIDE, Picture, PictureError};

/// The most pages of a file.
pub const MAX_PAGES: usize = 20_000;

/// A file of pictures.
pub struct File<'a>(Form<'a>);

enum Form<'a> {
    Png(&'a [u8]),
    Jpeg(&'a [u8]),
    Tiff(&'a [u8], usize),
    Pdf(Box<pdf::Document>),
}

impl<'a> File<'a> {
    /// Opens a file of any of the four forms.
    ///
    /// # Errors
    /// [`PictureError::Form`] where the bytes begin as none of them does; others where the list of
    /// its pages cannot be read.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PictureError> {
        let form = match bytes {
            [0x89, b'P', b'N', b'G', ..] => Form::Png(bytes),
            [0xff, 0xd8, 0xff, ..] => Form::Jpeg(bytes),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
                Form::Tiff(bytes, tiff::pages(bytes)?)
            }
            // The header of a PDF may have something before it.
            _ if is_pdf(bytes) => Form::Pdf(Box::new(pdf::Document::open(bytes)?)),
            _ => return Err(PictureError::Form),
        };
        Ok(Self(form))
    }

    /// How many pictures it has.
    pub fn pages(&self) -> usize {
        match &self.0 {
            Form::Png(_) | Form::Jpeg(_) => 1,
            Form::Tiff(_, pages) => *pages,
            Form::Pdf(document) => document.pages(),
        }
    }

    /// Reads one of its pictures, from 0.
    pub fn picture(&self, page: usize) -> Result<Picture, PictureError> {
        match &self.0 {
            Form::Png(bytes) => Picture::read_png(bytes),
            Form::Jpeg(bytes) => jpeg::read(bytes),
            Form::Tiff(bytes, _) => tiff::read(bytes, page),
            Form::Pdf(document) => document.picture(page),
        }
    }
}

fn is_pdf(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    start.windows(5).any(|window| window == b"%PDF-")
}

/// Refuses a picture that has too many pixels to be looked at.
fn has_bounds(width: u64, height: u64) -> Result<(usize, usize), PictureError> {
    let is_small =
        width.max(height) <= u64::from(MAX_SIDE) && width.saturating_mul(height) <= MAX_PIXELS;
    match (usize::try_from(width), usize::try_from(height)) {
        (Ok(width), Ok(height)) if is_small && width > 0 && height > 0 => Ok((width, height)),
        _ => {
            let side = |length: u64| u32::try_from(length).unwrap_or(u32::MAX);
            Err(PictureError::Size { width: side(width), height: side(height) })
        }
    }
}
