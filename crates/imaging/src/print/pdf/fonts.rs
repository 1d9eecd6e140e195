//! The printed faces in a PDF: the used letters only, with a table back to text, so that what is
//! copied or read aloud from the file is what stands on it.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish as _, Name, Pdf, Rect, Ref, Str};
use subsetter::GlyphRemapper;

use super::packed;
use crate::print::face::Opened;
use crate::print::page::{Mark, Page};
use crate::print::{Face, PrintError};

const SYSTEM: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// Units of an em in the widths of a PDF.
const EM: f32 = 1000.0;

/// The faces of a document.
pub(super) struct Fonts(BTreeMap<Face, Font>);

struct Font {
    opened: Opened,
    glyphs: GlyphRemapper,
    letters: BTreeMap<u16, char>,
}

impl Fonts {
    /// The faces of these pages, with the letters that are used.
    pub(super) fn of(pages: &[Page]) -> Result<Self, PrintError> {
        let mut fonts = BTreeMap::new();
        for face in Face::ALL {
            let opened = face.open()?;
            let (glyphs, letters) = (GlyphRemapper::new(), BTreeMap::new());
            fonts.insert(face, Font { opened, glyphs, letters });
        }
        for mark in pages.iter().flat_map(|page| &page.marks) {
            let Mark::Text { face, text, .. } = mark else { continue };
            let font = fonts.get_mut(face).ok_or(PrintError::Face)?;
            let glyphs = font.opened.glyphs(text)?;
            for (glyph, letter) in glyphs.into_iter().zip(text.chars()) {
                let code = font.glyphs.remap(glyph);
                font.letters.entry(code).or_insert(letter);
            }
        }
        Ok(Self(fonts))
    }

    /// A text as its codes in the file, two bytes each.
    pub(super) fn codes(&self, face: Face, text: &str) -> Result<Vec<u8>, PrintError> {
        let font = self.0.get(&face).ok_or(PrintError::Face)?;
        let mut codes = Vec::new();
        for glyph in font.opened.glyphs(text)? {
            let code = font.glyphs.get(glyph).ok_or(PrintError::Face)?;
            codes.extend(code.to_be_bytes());
        }
        Ok(codes)
    }

    /// Writes the faces into the file, and gives what refers to them.
    pub(super) fn write(
        &mut self,
        pdf: &mut Pdf,
        fresh: &mut impl FnMut() -> Ref,
    ) -> Result<Vec<(Face, Ref)>, PrintError> {
        let used = self.0.values().filter(|font| !font.letters.is_empty());
        used.map(|font| Ok((font.opened.face(), font.write(pdf, fresh)?))).collect()
    }
}

impl Font {
    /// The five objects of a face: the composite font, its one descendant, its description, the
    /// font file, and the table back to text.
    fn write(&self, pdf: &mut Pdf, fresh: &mut impl FnMut() -> Ref) -> Result<Ref, PrintError> {
        let [whole, descendant, description, file, table] = [(); 5].map(|()| fresh());
        // Six letters and a plus sign say that this is a part of the face.
        let name = format!("SCRUTI+{}", self.opened.face().name());
        let name = Name(name.as_bytes());
        pdf.type0_font(whole)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(table);
        self.descendant(pdf, descendant, description, name);
        self.describe(pdf, description, file, name);
        let bytes = self.opened.face().bytes();
        let part = subsetter::subset(bytes, 0, &self.glyphs).map_err(|_| PrintError::Face)?;
        let small = packed(&part);
        let mut stream = pdf.stream(file, &small);
        stream.filter(Filter::FlateDecode);
        stream.pair(Name(b"Length1"), i32::try_from(part.len()).unwrap_or(i32::MAX));
        stream.finish();
        let mut cmap = UnicodeCmap::new(Name(b"Scrutineer"), SYSTEM);
        for (code, letter) in &self.letters {
            cmap.pair(*code, *letter);
        }
        let cmap = cmap.finish();
        pdf.cmap(table, &packed(&cmap)).filter(Filter::FlateDecode);
        Ok(whole)
    }

    fn descendant(&self, pdf: &mut Pdf, id: Ref, description: Ref, name: Name<'_>) {
        let mut font = pdf.cid_font(id);
        font.subtype(CidFontType::Type2).base_font(name).system_info(SYSTEM);
        font.font_descriptor(description).default_width(0.0);
        font.cid_to_gid_map_predefined(Name(b"Identity"));
        let widths = self.glyphs.remapped_gids().map(|glyph| self.opened.advance(glyph) * EM);
        font.widths().consecutive(0, widths);
    }

    fn describe(&self, pdf: &mut Pdf, id: Ref, file: Ref, name: Name<'_>) {
        let measures = self.opened.measures();
        let [left, bottom, right, top] = measures.bounds.map(|length| length * EM);
        let fixed = self.opened.face() == Face::Mono;
        let flags = if fixed { FontFlags::FIXED_PITCH } else { FontFlags::empty() };
        pdf.font_descriptor(id)
            .name(name)
            .flags(flags | FontFlags::SYMBOLIC)
            .bbox(Rect::new(left, bottom, right, top))
            .italic_angle(0.0)
            .ascent(measures.ascent * EM)
            .descent(measures.descent * EM)
            .cap_height(measures.capitals * EM)
            .stem_v(if self.opened.face() == Face::Bold { 140.0 } else { 80.0 })
            .font_file2(file);
    }
}
