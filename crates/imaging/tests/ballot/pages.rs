//! A printed page, as pixels: everything stands where the layout says.

use super::*;

use imaging::scan::{Picture, codes};
use paper::layout::frame::MARK;
use paper::layout::geometry::{OVAL, OVAL_LINE};
use paper::layout::{Label, Length, Point, Role};

/// Pixels of a millimetre at 254 dots an inch.
const SCALE: f32 = 10.0;

/// The pages of a document as poppler draws them.
fn drawn(pages: &[Page]) -> Option<Vec<Picture>> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ballot.pdf"), document(pages)).unwrap();
    ask("pdftoppm", &["-r", "254", "-gray", "-png", "ballot.pdf", "page"], folder.path())?;
    let read = |number: usize| {
        let png = std::fs::read(folder.path().join(format!("page-{number}.png"))).unwrap();
        Picture::read_png(&png).unwrap()
    };
    Some((1..=pages.len()).map(read).collect())
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place on a page is cut to a pixel"
)]
fn grey(picture: &Picture, x: f32, y: f32) -> u8 {
    let (column, row) = ((x * SCALE) as usize, (y * SCALE) as usize);
    picture.at(column, row)
}

fn at(picture: &Picture, place: Point, (right, down): (f32, f32)) -> u8 {
    grey(picture, place.x.millimetres() + right, place.y.millimetres() + down)
}

#[test]
fn marks_codes_and_ovals_stand_where_the_geometry_says() {
    let definition = city();
    let library = Library::built_in().unwrap();
    let (laid, pages) = printed(&definition, 0, Purpose::Official, &library);
    let Some(pictures) = drawn(&pages) else { return };
    let frame = Frame::of(definition.paper);
    let sides = laid.sheets.iter().flatten();
    for ((number, picture), side) in (0..).zip(&pictures).zip(sides) {
        let (wide, high) = (MARK.0.millimetres() / 2.0, MARK.1.millimetres() / 2.0);
        for centre in frame.printed() {
            for corner in [(-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)] {
                let inside = (corner.0 * (wide - 0.2), corner.1 * (high - 0.2));
                let outside = (corner.0 * (wide + 0.2), corner.1 * (high + 0.2));
                assert_eq!(at(picture, centre, inside), 0);
                assert_eq!(at(picture, centre, outside), 255);
            }
        }
        for oval in &side.side.ovals {
            let edge = OVAL.0.part(2).less(OVAL_LINE.part(2)).millimetres();
            let top = OVAL.1.part(2).less(OVAL_LINE.part(2)).millimetres();
            assert_eq!(at(picture, oval.centre, (0.0, 0.0)), 255);
            for line in [(-edge, 0.0), (edge, 0.0), (0.0, -top), (0.0, top)] {
                assert!(at(picture, oval.centre, line) < 64, "{oval:?}");
            }
            for beside in [-edge - 0.4, edge + 0.4] {
                assert_eq!(at(picture, oval.centre, (beside, 0.0)), 255);
            }
        }
        for line in &side.side.write_ins {
            let place = line.area.within(Length::hundredths(20));
            for across in 0..20_u8 {
                let across = place.width.millimetres() * f32::from(across) / 20.0;
                let (x, y) = (place.x.millimetres() + across, place.y.millimetres());
                assert_eq!(grey(picture, x, y + place.height.millimetres() / 2.0), 255);
                assert!(grey(picture, x, y + place.height.millimetres() + 0.3) < 64);
            }
        }
        let label = Label {
            definition: *b"0123456789",
            style: 0,
            sheet: number / 2,
            is_back: number % 2 == 1,
            purpose: Purpose::Official,
        };
        let mut found = codes(picture);
        found.sort();
        assert_eq!(found, [label.to_bytes(false), label.to_bytes(true)]);
    }
}

#[test]
fn a_watermark_is_too_light_to_be_a_mark() {
    let definition = city();
    let library = Library::built_in().unwrap();
    let (laid, pages) = printed(&definition, 1, Purpose::Sample, &library);
    let Some(pictures) = drawn(&pages) else { return };
    let sides = laid.sheets.iter().flatten();
    let mut greys = 0;
    for (picture, side) in pictures.iter().zip(sides) {
        for oval in &side.side.ovals {
            for right in -15..=15_i8 {
                for down in -9..=9_i8 {
                    let inside = (f32::from(right) / 10.0, f32::from(down) / 10.0);
                    let found = at(picture, oval.centre, inside);
                    assert!(found >= 230, "{found} in {oval:?}");
                    greys += usize::from(found < 255);
                }
            }
        }
        assert_eq!(codes(picture).len(), 2);
    }
    assert!(greys > 0, "no oval lies under the watermark");
}

#[test]
fn the_text_of_a_ballot_is_that_of_its_definition() {
    let definition = city();
    let library = Library::built_in().unwrap();
    let (laid, pages) = printed(&definition, 0, Purpose::Official, &library);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ballot.pdf"), document(&pages)).unwrap();
    let Some(text) = ask("pdftotext", &["-raw", "ballot.pdf", "-"], folder.path()) else { return };
    let text = String::from_utf8(text).unwrap();
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    for contest in &definition.contests {
        for (_, title) in contest.title.iter() {
            assert!(text.contains(title.as_str()), "{title} in {text}");
        }
        for choice in &contest.choices {
            for (_, name) in choice.name.iter() {
                assert!(text.contains(name.as_str()), "{name} in {text}");
            }
        }
    }
    let laid_lines = laid.sheets.iter().flatten().flat_map(|side| &side.inks);
    for ink in laid_lines {
        let paper::layout::Ink::Line(line) = ink else { continue };
        if line.role != Role::Rank {
            assert!(text.contains(line.text.trim()), "{} in {text}", line.text);
        }
    }
}

#[test]
fn the_same_ballot_gives_the_same_bytes() {
    let definition = city();
    let bytes = |library: &Library| document(&printed(&definition, 0, Purpose::Test, library).1);
    let library = Library::built_in().unwrap();
    assert_eq!(bytes(&library), bytes(&library));
    assert_eq!(bytes(&library), bytes(&Library::built_in().unwrap()));
}
