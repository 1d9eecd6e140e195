//! Printed and read back by this crate.

use imaging::print::Sheet;
use imaging::print::pdf;
use imaging::scan::{MAX_SIDE, Picture, PictureError, codes};

use super::{figure, page, picture};

#[test]
fn the_code_of_a_card_is_its_mandate() {
    let picture = Picture::read_png(&picture()).unwrap();
    assert_eq!((picture.width(), picture.height()), (1050, 1480));
    assert_eq!(codes(&picture), [figure().0.to_bytes()]);
}

#[test]
fn a_picture_keeps_its_texts() {
    let picture = Picture::read_png(&picture()).unwrap();
    assert_eq!(picture.text("Title"), Some("Élection"));
    assert_eq!(picture.text("Number"), Some("123"));
    assert_eq!(picture.text("Author"), None);
}

/// The same mandate as segno wrote it, with a pixel a module of another size.
#[test]
fn the_code_of_another_program_is_read() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/booth/card.png");
    let picture = Picture::read_png(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(codes(&picture), [figure().0.to_bytes()]);
}

/// A damaged file is refused or read, and nothing worse.
#[test]
fn damaged_pictures_are_refused() {
    let whole = picture();
    for cut in [0, 1, 8, 30, 100, whole.len() / 2] {
        assert!(matches!(Picture::read_png(&whole[..cut]), Err(PictureError::Png(_))), "{cut}");
    }
}

/// More pixels on a side than any camera has.
#[test]
fn a_picture_of_monstrous_size_is_refused() {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, MAX_SIDE + 1, 1);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![0; MAX_SIDE as usize + 1]).unwrap();
    writer.finish().unwrap();
    assert!(matches!(Picture::read_png(&bytes), Err(PictureError::Size { height: 1, .. })));
}

#[test]
fn the_same_pages_give_the_same_file() {
    let sheets = [Sheet::One.of(&[page()]), Sheet::Four.of(&vec![page(); 4])];
    let (one, other) = (pdf::write(&sheets, "Cards"), pdf::write(&sheets, "Cards"));
    assert_eq!(one.unwrap(), other.unwrap());
}

/// A hundred cards share their faces: what a card adds is its own code and lines.
#[test]
fn a_sheet_adds_little_to_a_file() {
    let sheet = Sheet::One.of(&[page()]);
    let one = pdf::write(std::slice::from_ref(&sheet), "Cards").unwrap().len();
    let hundred = pdf::write(&vec![sheet; 100], "Cards").unwrap().len();
    assert!(one < 60_000, "{one}");
    assert!(hundred < one + 99 * 12_000, "{hundred}");
}
