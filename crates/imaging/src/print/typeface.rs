//! Typefaces in files: TrueType and CFF outlines, single or in collections.

use std::fmt;
use std::sync::Arc;

use harfrust::{Font, GlyphId};
use paper::layout::Weight;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::TableProvider as _;
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider as _};

use super::PrintError;
use super::face::Measures;

/// A typeface of a [`super::Library`].
pub struct Typeface {
    bytes: Arc<Vec<u8>>,
    font: Font,
    index: u32,
    name: String,
    number: usize,
    weight: Weight,
}

impl fmt::Debug for Typeface {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Typeface").field(&self.number).field(&self.name).finish()
    }
}

impl PartialEq for Typeface {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number && Arc::ptr_eq(&self.bytes, &other.bytes)
    }
}

/// A font of heavier strokes than this is bold.
const MEDIUM: u16 = 600;

/// The most fonts of a collection.
const COLLECTION: u32 = 64;

/// What names a font in a PDF may have.
const LETTERS: usize = 60;

impl Typeface {
    /// The fonts of a file, numbered from a number on.
    pub(super) fn of_file(
        file: &str,
        bytes: Vec<u8>,
        number: usize,
    ) -> Result<Vec<Self>, PrintError> {
        let bytes = Arc::new(bytes);
        let mut found = Vec::new();
        for index in 0..COLLECTION {
            let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = bytes.clone();
            let Some(font) = Font::new(shared, index) else { break };
            let Ok(raw) = FontRef::from_index(&bytes, index) else { break };
            let heavy = raw.os2().is_ok_and(|os2| os2.us_weight_class() >= MEDIUM);
            let weight = if heavy { Weight::Bold } else { Weight::Regular };
            let name = raw.localized_strings(StringId::POSTSCRIPT_NAME).english_or_first();
            let name = name.map(|name| name.to_string()).unwrap_or_default();
            let name = name.chars().filter(|letter| {
                letter.is_ascii_alphanumeric() || *letter == '-' || *letter == '_'
            });
            let name: String = name.take(LETTERS).collect();
            let number = number.saturating_add(found.len());
            let name = if name.is_empty() { format!("Font{number}") } else { name };
            let bytes = bytes.clone();
            found.push(Self { bytes, font, index, name, number, weight });
        }
        if found.is_empty() {
            return Err(PrintError::Font { file: file.to_owned() });
        }
        Ok(found)
    }

    /// Its number in the library.
    pub const fn number(&self) -> usize {
        self.number
    }

    /// Its name in a PDF.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How heavy it is.
    pub const fn weight(&self) -> Weight {
        self.weight
    }

    /// The file, and which font of it.
    pub fn file(&self) -> (&[u8], u32) {
        (&self.bytes, self.index)
    }

    pub(super) const fn font(&self) -> &Font {
        &self.font
    }

    /// Units of an em.
    pub fn units(&self) -> u16 {
        self.font.units_per_em().max(1)
    }

    /// Whether it has a letter.
    pub fn has(&self, letter: char) -> bool {
        let glyph = self.font.charmap().map_unicode(letter);
        glyph.is_some_and(|glyph| glyph != GlyphId::new(0))
    }

    fn raw(&self) -> Result<FontRef<'_>, PrintError> {
        let damaged = |_| PrintError::Font { file: self.name.clone() };
        FontRef::from_index(&self.bytes, self.index).map_err(damaged)
    }

    /// How far glyphs move the pen, in ems.
    pub fn advances(&self, glyphs: impl Iterator<Item = u16>) -> Result<Vec<f32>, PrintError> {
        let metrics = self.raw()?.glyph_metrics(Size::new(1.0), LocationRef::default());
        let advance = |glyph| metrics.advance_width(GlyphId::from(glyph));
        Ok(glyphs.map(|glyph| advance(glyph).unwrap_or_default()).collect())
    }

    /// The measures of the whole font.
    pub fn measures(&self) -> Result<Measures, PrintError> {
        let metrics = self.raw()?.metrics(Size::new(1.0), LocationRef::default());
        let bounds = metrics.bounds.unwrap_or_default();
        Ok(Measures {
            ascent: metrics.ascent,
            descent: metrics.descent,
            capitals: metrics.cap_height.unwrap_or(metrics.ascent),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max],
        })
    }

    /// Draws the outline of a glyph, whose em is so many units; `y` grows upwards from the
    /// baseline.
    pub fn draw(&self, glyph: u16, em: f32, pen: &mut impl OutlinePen) -> Result<(), PrintError> {
        let outlines = self.raw()?.outline_glyphs();
        let Some(outline) = outlines.get(GlyphId::from(glyph)) else { return Ok(()) };
        let settings = DrawSettings::unhinted(Size::new(em), LocationRef::default());
        let damaged = |_| PrintError::Font { file: self.name.clone() };
        outline.draw(settings, pen).map(|_| ()).map_err(damaged)
    }
}
