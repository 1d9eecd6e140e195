//! Shaped text in a PDF: the used glyphs of each typeface, with a table back to text. Where glyphs
//! and letters do not go one by one, the text itself stands beside them, so that what is copied or
//! read aloud is what was written.

use std::collections::BTreeMap;
use std::sync::Arc;

use paper::layout::Weight;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use skrifa::{FontRef, Tag};
use subsetter::GlyphRemapper;

use super::packed;
use crate::print::page::{Mark, Page};
use crate::print::shape::{Cluster, Run};
use crate::print::{PrintError, Typeface};

const SYSTEM: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// Units of an em in the widths of a PDF.
const EM: f32 = 1000.0;

/// The typefaces of a document, by their numbers.
pub(super) struct Typefaces(BTreeMap<usize, Used>);

struct Used {
    glyphs: GlyphRemapper,
    /// What single glyphs stand for, by their codes in the file.
    texts: BTreeMap<u16, String>,
    typeface: Arc<Typeface>,
}

/// What a typeface is called in the content of a page.
pub(super) fn name(number: usize) -> Vec<u8> {
    format!("T{number}").into_bytes()
}

impl Typefaces {
    /// The typefaces of these pages, with the glyphs that are used.
    pub(super) fn of(pages: &[Page]) -> Self {
        let mut all: BTreeMap<usize, Used> = BTreeMap::new();
        for mark in pages.iter().flat_map(|page| &page.marks) {
            let Mark::Run { run, .. } = mark else { continue };
            let used = all.entry(run.typeface.number()).or_insert_with(|| Used {
                glyphs: GlyphRemapper::new(),
                texts: BTreeMap::new(),
                typeface: run.typeface.clone(),
            });
            for cluster in &run.clusters {
                for glyph in &cluster.glyphs {
                    let code = used.glyphs.remap(glyph.id);
                    if cluster.glyphs.len() == 1 && !cluster.text.is_empty() {
                        used.texts.entry(code).or_insert_with(|| cluster.text.clone());
                    }
                }
            }
        }
        Self(all)
    }

    /// Writes the typefaces into the file, and gives what refers to them.
    pub(super) fn write(
        &self,
        pdf: &mut Pdf,
        fresh: &mut impl FnMut() -> Ref,
    ) -> Result<Vec<(usize, Ref)>, PrintError> {
        self.0.iter().map(|(number, used)| Ok((*number, used.write(pdf, fresh)?))).collect()
    }

    /// Draws a run with an em of so many points.
    pub(super) fn draw(
        &self,
        content: &mut Content,
        run: &Run,
        size: f32,
        at: [f32; 6],
    ) -> Result<(), PrintError> {
        let used = self.0.get(&run.typeface.number()).ok_or(PrintError::Face)?;
        let glyphs = run.clusters.iter().flat_map(|cluster| &cluster.glyphs);
        let usual = run.typeface.advances(glyphs.map(|glyph| glyph.id))?;
        let mut usual = usual.into_iter();
        let name = name(run.typeface.number());
        content.begin_text().set_font(Name(&name), size).set_text_matrix(at);
        let mut line = Line { content, scale: EM / f32::from(run.typeface.units()), rise: 0, size };
        for part in parts(&run.clusters, used) {
            match part {
                Part::Plain(clusters) => line.show(clusters, used, &mut usual)?,
                Part::Told(cluster) => {
                    let mut marked =
                        line.content.begin_marked_content_with_properties(Name(b"Span"));
                    marked.properties().actual_text(TextStr(&cluster.text));
                    drop(marked);
                    line.show(std::slice::from_ref(cluster), used, &mut usual)?;
                    line.content.end_marked_content();
                }
            }
        }
        if line.rise != 0 {
            content.set_rise(0.0);
        }
        content.end_text();
        Ok(())
    }
}

/// Clusters whose text the table gives, or one whose text has to be told.
enum Part<'a> {
    Plain(&'a [Cluster]),
    Told(&'a Cluster),
}

fn parts<'a>(clusters: &'a [Cluster], used: &Used) -> Vec<Part<'a>> {
    let is_plain = |cluster: &Cluster| match cluster.glyphs.as_slice() {
        [glyph] => {
            let code = used.glyphs.get(glyph.id);
            let told = code.and_then(|code| used.texts.get(&code));
            told.is_some_and(|told| *told == cluster.text)
        }
        _ => false,
    };
    let parts = clusters.chunk_by(|one, other| is_plain(one) && is_plain(other));
    let parts = parts.map(|part| match part {
        [one] if !is_plain(one) => Part::Told(one),
        plain => Part::Plain(plain),
    });
    parts.collect()
}

/// A line that is being shown.
struct Line<'a> {
    content: &'a mut Content,
    /// Thousandths of an em in a unit of the typeface.
    scale: f32,
    /// How far above the baseline glyphs stand now, in units of the typeface.
    rise: i32,
    size: f32,
}

/// What a line shows: codes, or a move to the left in thousandths of an em.
enum Shown {
    Codes(Vec<u8>),
    Back(f32),
}

/// Less than this is no move.
const STILL: f32 = 0.01;

impl Line<'_> {
    fn show(
        &mut self,
        clusters: &[Cluster],
        used: &Used,
        usual: &mut impl Iterator<Item = f32>,
    ) -> Result<(), PrintError> {
        let mut shown: Vec<Shown> = Vec::new();
        let mut back = 0.0;
        for glyph in clusters.iter().flat_map(|cluster| &cluster.glyphs) {
            if glyph.y != self.rise {
                self.flush(&mut shown);
                self.rise = glyph.y;
                self.content.set_rise(real(glyph.y) * self.scale / EM * self.size);
            }
            go_back(&mut shown, back - real(glyph.x) * self.scale);
            let code = used.glyphs.get(glyph.id).ok_or(PrintError::Face)?.to_be_bytes();
            match shown.last_mut() {
                Some(Shown::Codes(codes)) => codes.extend(code),
                _ => shown.push(Shown::Codes(code.to_vec())),
            }
            let usual = usual.next().unwrap_or_default() * EM;
            back = usual - (real(glyph.advance) - real(glyph.x)) * self.scale;
        }
        go_back(&mut shown, back);
        self.flush(&mut shown);
        Ok(())
    }

    fn flush(&mut self, shown: &mut Vec<Shown>) {
        if shown.is_empty() {
            return;
        }
        let mut positioned = self.content.show_positioned();
        let mut items = positioned.items();
        for item in shown.drain(..) {
            match item {
                Shown::Codes(codes) => items.show(Str(&codes)),
                Shown::Back(back) => items.adjust(back),
            };
        }
    }
}

fn go_back(shown: &mut Vec<Shown>, back: f32) {
    if back.abs() > STILL {
        shown.push(Shown::Back(back));
    }
}

#[allow(clippy::cast_precision_loss, reason = "a glyph has some thousand units")]
fn real(units: i32) -> f32 {
    units as f32
}

impl Used {
    /// The five objects of a typeface, as for the built-in faces.
    fn write(&self, pdf: &mut Pdf, fresh: &mut impl FnMut() -> Ref) -> Result<Ref, PrintError> {
        let [whole, descendant, description, file, table] = [(); 5].map(|()| fresh());
        // Six letters and a plus sign say that this is a part of the font.
        let name = format!("SCRUTI+{}", self.typeface.name());
        let name = Name(name.as_bytes());
        let (bytes, index) = self.typeface.file();
        let damaged = || PrintError::Font { file: self.typeface.name().to_owned() };
        let part = subsetter::subset(bytes, index, &self.glyphs).map_err(|_| damaged())?;
        let outlines = compact(&part);
        pdf.type0_font(whole)
            .base_font(name)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(descendant)
            .to_unicode(table);
        self.descendant(pdf, [descendant, description], name, outlines.is_some())?;
        self.describe(pdf, [description, file], name, outlines.is_some())?;
        let small = packed(outlines.unwrap_or(&part));
        let mut stream = pdf.stream(file, &small);
        stream.filter(Filter::FlateDecode);
        if outlines.is_some() {
            stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
        } else {
            stream.pair(Name(b"Length1"), i32::try_from(part.len()).unwrap_or(i32::MAX));
        }
        stream.finish();
        let mut cmap = UnicodeCmap::new(Name(b"Scrutineer"), SYSTEM);
        for (code, text) in &self.texts {
            cmap.pair_with_multiple(*code, text.chars());
        }
        let cmap = cmap.finish();
        pdf.cmap(table, &packed(&cmap)).filter(Filter::FlateDecode);
        Ok(whole)
    }

    fn descendant(
        &self,
        pdf: &mut Pdf,
        [id, description]: [Ref; 2],
        name: Name<'_>,
        is_compact: bool,
    ) -> Result<(), PrintError> {
        let widths = self.typeface.advances(self.glyphs.remapped_gids())?;
        let mut font = pdf.cid_font(id);
        font.subtype(if is_compact { CidFontType::Type0 } else { CidFontType::Type2 });
        font.base_font(name).system_info(SYSTEM);
        font.font_descriptor(description).default_width(0.0);
        if !is_compact {
            font.cid_to_gid_map_predefined(Name(b"Identity"));
        }
        font.widths().consecutive(0, widths.into_iter().map(|width| width * EM));
        Ok(())
    }

    fn describe(
        &self,
        pdf: &mut Pdf,
        [id, file]: [Ref; 2],
        name: Name<'_>,
        is_compact: bool,
    ) -> Result<(), PrintError> {
        let measures = self.typeface.measures()?;
        let [left, bottom, right, top] = measures.bounds.map(|length| length * EM);
        let is_bold = self.typeface.weight() == Weight::Bold;
        let mut description = pdf.font_descriptor(id);
        description
            .name(name)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(left, bottom, right, top))
            .italic_angle(0.0)
            .ascent(measures.ascent * EM)
            .descent(measures.descent * EM)
            .cap_height(measures.capitals * EM)
            .stem_v(if is_bold { 140.0 } else { 80.0 });
        if is_compact {
            description.font_file3(file);
        } else {
            description.font_file2(file);
        }
        Ok(())
    }
}

/// The outlines of a font in compact form, if it has them so; a PDF takes these alone.
fn compact(font: &[u8]) -> Option<&[u8]> {
    let font = FontRef::new(font).ok()?;
    font.table_data(Tag::new(b"CFF ")).map(|table| table.as_bytes())
}
