//! JPEG: its brightness alone is decoded where the file keeps it apart from colour.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::has_bounds;
use crate::scan::picture::{MAX_SIDE, Picture, PictureError};

/// Passes over one picture; a file that asks for more wants to take time.
const MAX_SCANS: usize = 64;

pub(super) fn read(bytes: &[u8]) -> Result<Picture, PictureError> {
    let damaged = |error: zune_jpeg::errors::DecodeErrors| PictureError::Jpeg(error.to_string());
    // The bound is ours, checked below, so that it is told as such.
    let most = usize::try_from(MAX_SIDE).unwrap_or(usize::MAX).saturating_mul(8);
    let options = DecoderOptions::default()
        .set_max_width(most)
        .set_max_height(most)
        .jpeg_set_max_scans(MAX_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::Luma);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    let info = decoder.info().ok_or_else(|| PictureError::Jpeg("no picture in it".to_owned()))?;
    let (width, height) = has_bounds(u64::from(info.width), u64::from(info.height))?;
    let grey = decoder.decode().map_err(damaged)?;
    Picture::new(width, height, grey)
}
