//! The printed faces: Noto Sans, which is made for many languages, and its sister of even width for
//! codes. Their licence stands beside them in `fonts/`.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, GlyphId, MetadataProvider as _};

use super::PrintError;

/// A face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Face {
    /// Noto Sans Regular: what is read.
    Regular,
    /// Noto Sans Bold: what is seen first.
    Bold,
    /// Noto Sans Mono Regular, ASCII only: what is typed.
    Mono,
}

impl Face {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Regular, Self::Bold, Self::Mono];

    /// The font file, TrueType.
    pub const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../../fonts/NotoSans-Regular.ttf"),
            Self::Bold => include_bytes!("../../fonts/NotoSans-Bold.ttf"),
            Self::Mono => include_bytes!("../../fonts/NotoSansMono-Regular.ttf"),
        }
    }

    /// The name in a PDF.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Regular => "NotoSans-Regular",
            Self::Bold => "NotoSans-Bold",
            Self::Mono => "NotoSansMono-Regular",
        }
    }

    /// The face opened, to be measured and drawn.
    pub fn open(self) -> Result<Opened, PrintError> {
        let font = FontRef::new(self.bytes()).map_err(|_| PrintError::Face)?;
        Ok(Opened { face: self, font })
    }
}

/// A face that was opened.
pub struct Opened {
    face: Face,
    font: FontRef<'static>,
}

/// Measures of a whole face, in ems.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// How far letters rise above the baseline.
    pub ascent: f32,
    /// How far they hang below it; negative.
    pub descent: f32,
    /// The height of capitals.
    pub capitals: f32,
    /// The box that holds every letter: left, bottom, right, top.
    pub bounds: [f32; 4],
}

impl Opened {
    /// Which face this is.
    pub const fn face(&self) -> Face {
        self.face
    }

    /// The glyph of a letter.
    pub fn glyph(&self, letter: char) -> Option<u16> {
        let glyph = self.font.charmap().map(letter)?;
        u16::try_from(glyph.to_u32()).ok().filter(|glyph| *glyph != 0)
    }

    /// The glyphs of a text, or the letter that the face does not have.
    pub fn glyphs(&self, text: &str) -> Result<Vec<u16>, PrintError> {
        let glyphs = (1..).zip(text.chars()).map(|(at, found)| {
            let text = || text.to_owned();
            self.glyph(found).ok_or_else(|| PrintError::Character { found, at, text: text() })
        });
        glyphs.collect()
    }

    /// How far a glyph moves the pen, in ems.
    pub fn advance(&self, glyph: u16) -> f32 {
        let metrics = self.font.glyph_metrics(Size::new(1.0), LocationRef::default());
        metrics.advance_width(GlyphId::from(glyph)).unwrap_or_default()
    }

    /// The width of a text, in ems.
    pub fn width(&self, text: &str) -> Result<f32, PrintError> {
        Ok(self.glyphs(text)?.into_iter().map(|glyph| self.advance(glyph)).sum())
    }

    /// The measures of the whole face.
    pub fn measures(&self) -> Measures {
        let metrics = self.font.metrics(Size::new(1.0), LocationRef::default());
        let bounds = metrics.bounds.unwrap_or_default();
        Measures {
            ascent: metrics.ascent,
            descent: metrics.descent,
            capitals: metrics.cap_height.unwrap_or(metrics.ascent),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max],
        }
    }

    /// Draws the outline of a glyph, whose em is so many units; `y` grows upwards from the
    /// baseline.
    pub fn draw(&self, glyph: u16, em: f32, pen: &mut impl OutlinePen) -> Result<(), PrintError> {
        let Some(outline) = self.font.outline_glyphs().get(GlyphId::from(glyph)) else {
            return Ok(());
        };
        let settings = DrawSettings::unhinted(Size::new(em), LocationRef::default());
        outline.draw(settings, pen).map(|_| ()).map_err(|_| PrintError::Face)
    }
}
