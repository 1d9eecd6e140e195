//! TIFF: one page or many; black and white, grey or colour, packed as scanners pack them.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};

use super::{MAX_PAGES, has_bounds};
use crate::scan::picture::{self, Picture, PictureError};

type Reader<'a> = Decoder<Cursor<&'a [u8]>>;

#[allow(clippy::needless_pass_by_value, reason = "it is what an error is mapped by")]
fn damaged(error: tiff::TiffError) -> PictureError {
    PictureError::Tiff(error.to_string())
}

fn open(bytes: &[u8]) -> Result<Reader<'_>, PictureError> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = 256 << 20;
    Ok(Decoder::new(Cursor::new(bytes)).map_err(damaged)?.with_limits(limits))
}

/// How many pages a file has.
pub(super) fn pages(bytes: &[u8]) -> Result<usize, PictureError> {
    let mut decoder = open(bytes)?;
    let mut pages = 1_usize;
    while decoder.more_images() && pages < MAX_PAGES {
        decoder.next_image().map_err(damaged)?;
        pages = pages.saturating_add(1);
    }
    Ok(pages)
}

pub(super) fn read(bytes: &[u8], page: usize) -> Result<Picture, PictureError> {
    let mut decoder = open(bytes)?;
    decoder.seek_to_image(page).map_err(damaged)?;
    let (width, height) = decoder.dimensions().map_err(damaged)?;
    let (width, height) = has_bounds(u64::from(width), u64::from(height))?;
    let color = decoder.colortype().map_err(damaged)?;
    let DecodingResult::U8(raw) = decoder.read_image().map_err(damaged)? else {
        return Err(PictureError::Tiff("its samples are not of 8 bits or one".to_owned()));
    };
    let grey = match color {
        ColorType::Gray(8) => raw,
        ColorType::Gray(1) => unpacked(&raw, width),
        ColorType::GrayA(8) => picture::greys(&raw, png::ColorType::GrayscaleAlpha),
        ColorType::RGB(8) | ColorType::YCbCr(8) => picture::greys(&raw, png::ColorType::Rgb),
        ColorType::RGBA(8) => picture::greys(&raw, png::ColorType::Rgba),
        other => return Err(PictureError::Tiff(format!("colours as {other:?} are not read"))),
    };
    Picture::new(width, height, grey)
}

/// Rows of bits, each row beginning at a byte, as white and black.
pub(super) fn unpacked(raw: &[u8], width: usize) -> Vec<u8> {
    let rows = raw.chunks(width.div_ceil(8).max(1));
    let row = |row: &[u8]| {
        let bits = row.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
        bits.take(width).map(|bit| if bit == 1 { u8::MAX } else { 0 }).collect::<Vec<u8>>()
    };
    rows.flat_map(row).collect()
}
