//! Pages as PDF: vectors, and the letters of the printed faces that are used.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use super::page::{Mark, Page};
use super::qr::Modules;
use super::{Face, PrintError};

mod fonts;
mod glyphs;
mod shapes;

use fonts::Fonts;
use glyphs::Typefaces;

/// Points of a millimetre.
const POINTS: f32 = 72.0 / 25.4;

/// The pages as one PDF file with a title. The same pages give the same bytes.
pub fn write(pages: &[Page], title: &str) -> Result<Vec<u8>, PrintError> {
    write_in(pages, title, None)
}

/// The same, with the language in which the pages are read aloud.
pub fn write_in(
    pages: &[Page],
    title: &str,
    language: Option<&str>,
) -> Result<Vec<u8>, PrintError> {
    let mut last = 0_i32;
    let mut fresh = || {
        last = last.saturating_add(1);
        Ref::new(last)
    };
    let (catalog, tree, info) = (fresh(), fresh(), fresh());
    let mut fonts = Fonts::of(pages)?;
    let mut pdf = Pdf::new();
    pdf.document_info(info).title(TextStr(title)).creator(TextStr("scrutineer"));
    let faces: Vec<(Face, Ref)> = fonts.write(&mut pdf, &mut fresh)?;
    let typefaces = Typefaces::of(pages);
    let shaped = typefaces.write(&mut pdf, &mut fresh)?;
    let ids: Vec<(Ref, Ref)> = pages.iter().map(|_| (fresh(), fresh())).collect();
    let mut root = pdf.catalog(catalog);
    root.pages(tree);
    if let Some(language) = language {
        root.lang(TextStr(language));
    }
    let mut preferences = root.viewer_preferences();
    preferences.display_doc_title(true);
    // In its own size: a sheet that is cut must not be shrunk to a printer's liking.
    preferences.pair(Name(b"PrintScaling"), Name(b"None"));
    preferences.finish();
    root.finish();
    let count = i32::try_from(ids.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(count);
    for (page, (id, content)) in pages.iter().zip(&ids) {
        let mut writer = pdf.page(*id);
        writer.media_box(Rect::new(0.0, 0.0, page.width * POINTS, page.height * POINTS));
        writer.parent(tree).contents(*content);
        let mut resources = writer.resources();
        let mut named = resources.fonts();
        for (face, font) in &faces {
            named.pair(Name(name(*face)), *font);
        }
        for (number, font) in &shaped {
            named.pair(Name(&glyphs::name(*number)), *font);
        }
        named.finish();
        resources.finish();
        writer.finish();
        let drawn = packed(&draw(page, &fonts, &typefaces)?);
        pdf.stream(*content, &drawn).filter(Filter::FlateDecode);
    }
    Ok(pdf.finish())
}

/// What a face is called in the content of a page.
const fn name(face: Face) -> &'static [u8] {
    match face {
        Face::Regular => b"R",
        Face::Bold => b"B",
        Face::Mono => b"M",
    }
}

/// The content of a page, its origin moved from the lower left corner to the upper left.
fn draw(page: &Page, fonts: &Fonts, typefaces: &Typefaces) -> Result<Vec<u8>, PrintError> {
    let mut content = Content::new();
    let down = |y: f32| (page.height - y) * POINTS;
    for mark in &page.marks {
        match mark {
            Mark::Text { face, size, x, y, text } => {
                let codes = fonts.codes(*face, text)?;
                content.begin_text().set_font(Name(name(*face)), size * POINTS);
                content.next_line(x * POINTS, down(*y)).show(Str(&codes)).end_text();
            }
            Mark::Bar { x, y, width, height } => {
                let (width, height) = (width * POINTS, height * POINTS);
                content.rect(x * POINTS, down(*y) - height, width, height).fill_nonzero();
            }
            Mark::Shade { x, y, width, height, grey } => {
                let (width, height) = (width * POINTS, height * POINTS);
                content.set_fill_gray(*grey);
                content.rect(x * POINTS, down(*y) - height, width, height).fill_nonzero();
                content.set_fill_gray(0.0);
            }
            Mark::Oval { x, y, width, height, line } => {
                let radii = (width / 2.0 * POINTS, height / 2.0 * POINTS);
                shapes::oval(&mut content, (x * POINTS, down(*y)), radii, line.map(|l| l * POINTS));
            }
            Mark::Run { run, size, x, y, along, grey } => {
                content.set_fill_gray(*grey);
                let at = [along.0, along.1, -along.1, along.0, x * POINTS, down(*y)];
                typefaces.draw(&mut content, run, size * POINTS, at)?;
                content.set_fill_gray(0.0);
            }
            Mark::Code { x, y, module, modules } => {
                code(&mut content, modules, (x * POINTS, down(*y)), module * POINTS);
            }
        }
    }
    Ok(content.finish().to_vec())
}

/// The dark parts of a code, as one path.
fn code(content: &mut Content, modules: &Modules, (x, y): (f32, f32), module: f32) {
    for outline in modules.outlines() {
        for (at, (column, row)) in outline.into_iter().enumerate() {
            let (x, y) = (x + lattice(column) * module, y - lattice(row) * module);
            if at == 0 {
                content.move_to(x, y);
            } else {
                content.line_to(x, y);
            }
        }
        content.close_path();
    }
    content.fill_even_odd();
}

#[allow(clippy::cast_precision_loss, reason = "a code has 177 modules at most")]
fn lattice(modules: i32) -> f32 {
    modules as f32
}

/// Deflated, as PDF's `FlateDecode` reads it.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = packer.write_all(bytes);
    debug_assert!(written.is_ok(), "memory takes what is written to it");
    packer.finish().unwrap_or_default()
}
