//! Ovals in a PDF.

use pdf_writer::Content;

/// How far the handles of a quarter of a circle reach, of its radius.
const HANDLE: f32 = 0.552_284_8;

/// An oval around a place, filled, or a line inside its border.
pub(super) fn oval(
    content: &mut Content,
    (x, y): (f32, f32),
    (wide, high): (f32, f32),
    line: Option<f32>,
) {
    let inside = line.unwrap_or(0.0) / 2.0;
    let (wide, high) = (wide - inside, high - inside);
    let (far, up) = (wide * HANDLE, high * HANDLE);
    content.move_to(x + wide, y);
    content.cubic_to(x + wide, y + up, x + far, y + high, x, y + high);
    content.cubic_to(x - far, y + high, x - wide, y + up, x - wide, y);
    content.cubic_to(x - wide, y - up, x - far, y - high, x, y - high);
    content.cubic_to(x + far, y - high, x + wide, y - up, x + wide, y);
    content.close_path();
    match line {
        Some(line) => content.set_line_width(line).stroke(),
        None => content.fill_nonzero(),
    };
}
