//! Pictures as shades of grey.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Transformations};

/// The longest side of a picture that is read, in pixels.
pub const MAX_SIDE: u32 = 12_000;

/// The most pixels of a picture that is read: what a good camera makes.
pub(super) const MAX_PIXELS: u64 = 64 << 20;

/// Bytes that reading a picture may take beside its pixels.
const MAX_BYTES: usize = 512 << 20;

/// A picture in shades of grey, row by row: 0 is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    grey: Vec<u8>,
    texts: Vec<(String, String)>,
}

/// Why a picture cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Not a PNG file, or a damaged one.
    #[error("it cannot be read as a PNG file: {0}")]
    Png(#[source] png::DecodingError),
    /// None of the forms that are read.
    #[error("it is no JPEG, PNG, TIFF or PDF file")]
    Form,
    /// A damaged JPEG file.
    #[error("it cannot be read as a JPEG file: {0}")]
    Jpeg(String),
    /// A damaged TIFF file, or one of a form that no scanner writes.
    #[error("it cannot be read as a TIFF file: {0}")]
    Tiff(String),
    /// A damaged PDF file, or one whose pages are not pictures.
    #[error("it cannot be read as a PDF file of scanned pages: {0}")]
    Pdf(String),
    /// More pixels than are looked at.
    #[error("it has {width} by {height} pixels, too many to be looked at")]
    Size {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// Pixels and size do not agree.
    #[error("it does not have {width} by {height} pixels")]
    Pixels {
        /// The width that was claimed.
        width: usize,
        /// The height that was claimed.
        height: usize,
    },
}

impl PictureError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Png(_) | Self::Pixels { .. } => "save the picture as PNG",
            Self::Form | Self::Jpeg(_) | Self::Tiff(_) | Self::Pdf(_) => {
                "scan the sheet again, as JPEG, PNG, TIFF or PDF"
            }
            Self::Size { .. } => "cut the code out of it, or make it smaller",
        }
    }
}

impl Picture {
    /// The picture of these shades, row by row.
    pub fn new(width: usize, height: usize, grey: Vec<u8>) -> Result<Self, PictureError> {
        if width.checked_mul(height) != Some(grey.len()) || grey.is_empty() {
            return Err(PictureError::Pixels { width, height });
        }
        Ok(Self { width, height, grey, texts: Vec::new() })
    }

    /// Reads a PNG file of any kind: grey, colours or a palette, of any depth. What is transparent
    /// lies on white.
    pub fn read_png(bytes: &[u8]) -> Result<Self, PictureError> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_BYTES });
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(PictureError::Png)?;
        let (width, height) = reader.info().size();
        let pixels = u64::from(width).saturating_mul(u64::from(height));
        if width.max(height) > MAX_SIDE || pixels > MAX_PIXELS {
            return Err(PictureError::Size { width, height });
        }
        let length = reader.output_buffer_size();
        let mut raw = vec![0; length.ok_or(PictureError::Size { width, height })?];
        let frame = reader.next_frame(&mut raw).map_err(PictureError::Png)?;
        raw.truncate(frame.buffer_size());
        // Texts may stand behind the pixels. A file that ends there has been read well enough.
        let _ = reader.finish();
        let grey = greys(&raw, frame.color_type);
        let side = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
        let mut picture = Self::new(side(width), side(height), grey)?;
        picture.texts = texts(reader.info());
        Ok(picture)
    }

    /// Its width in pixels.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Its height in pixels.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// All shades, row by row.
    pub fn shades(&self) -> &[u8] {
        &self.grey
    }

    /// The shade of a pixel; beside the picture all is white.
    pub fn at(&self, column: usize, row: usize) -> u8 {
        let at = row.checked_mul(self.width).and_then(|row| row.checked_add(column));
        let shade = at.filter(|_| column < self.width).and_then(|at| self.grey.get(at));
        shade.copied().unwrap_or(u8::MAX)
    }

    /// The text with this keyword that a program put into the file.
    pub fn text(&self, keyword: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(name, _)| name == keyword);
        found.map(|(_, text)| text.as_str())
    }
}

fn texts(info: &png::Info<'_>) -> Vec<(String, String)> {
    let texts = info.utf8_text.iter();
    texts.filter_map(|one| Some((one.keyword.clone(), one.get_text().ok()?))).collect()
}

/// One shade for each pixel.
pub(super) fn greys(raw: &[u8], color: ColorType) -> Vec<u8> {
    match color {
        ColorType::Grayscale | ColorType::Indexed => raw.to_vec(),
        ColorType::GrayscaleAlpha => {
            raw.as_chunks::<2>().0.iter().map(|[grey, alpha]| on_white(*grey, *alpha)).collect()
        }
        ColorType::Rgb => raw.as_chunks::<3>().0.iter().copied().map(luma).collect(),
        ColorType::Rgba => {
            let pixels = raw.as_chunks::<4>().0.iter();
            pixels.map(|[red, green, blue, alpha]| on_white(luma([*red, *green, *blue]), *alpha))
        }
        .collect(),
    }
}

/// The brightness of a colour by Rec. 601, in 256ths.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let parts = [(red, 77_u16), (green, 150), (blue, 29)];
    let sum = parts.iter().map(|(part, weight)| u16::from(*part).saturating_mul(*weight));
    u8::try_from(sum.fold(0, u16::saturating_add) >> 8).unwrap_or(u8::MAX)
}

fn on_white(grey: u8, alpha: u8) -> u8 {
    let ink = u16::from(u8::MAX.saturating_sub(grey)).saturating_mul(u16::from(alpha)) / 255;
    u8::MAX.saturating_sub(u8::try_from(ink).unwrap_or(u8::MAX))
}
