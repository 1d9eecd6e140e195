//! Pictures of pages: PNG, 8 bit grey, with texts for programs inside.

use png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};

use super::raster;
use super::{Page, PrintError};

/// Pixels of a millimetre: 254 dots an inch, and a module of a card's code is seven pixels.
pub const PIXELS: f32 = 10.0;

/// A page as a PNG file. Each text, with its keyword, becomes a chunk `iTXt`; it is not seen in the
/// picture.
pub fn write(page: &Page, texts: &[(&str, &str)]) -> Result<Vec<u8>, PrintError> {
    let canvas = raster::draw(page, PIXELS)?;
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(u32::MAX);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, side(canvas.width), side(canvas.height));
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: 10_000, yppu: 10_000, unit: Unit::Meter }));
    for (keyword, text) in texts {
        let added = encoder.add_itxt_chunk((*keyword).to_owned(), (*text).to_owned());
        added.map_err(PrintError::Picture)?;
    }
    let mut writer = encoder.write_header().map_err(PrintError::Picture)?;
    writer.write_image_data(&canvas.grey).map_err(PrintError::Picture)?;
    writer.finish().map_err(PrintError::Picture)?;
    Ok(bytes)
}
