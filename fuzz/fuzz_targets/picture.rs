//! Pictures that others made: as files, and as shades in which a code is looked for.
#![no_main]

use imaging::scan::{MAX_SIDE, Picture, codes};
use libfuzzer_sys::fuzz_target;

/// The most pixels that codes are looked for in: more only take longer.
const MOST: usize = 1 << 14;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(picture) = Picture::read_png(bytes) {
        assert!(picture.width().max(picture.height()) <= MAX_SIDE as usize);
        if picture.width() * picture.height() <= MOST {
            look(&picture);
        }
    }
    // Shades without a file around them: the first byte is the width.
    let Some((width, shades)) = bytes.split_first() else {
        return;
    };
    let width = usize::from(*width).max(1);
    let height = shades.len() / width;
    if let Ok(picture) = Picture::new(width, height, shades[..width * height].to_vec()) {
        look(&picture);
    }
});

fn look(picture: &Picture) {
    for code in codes(picture) {
        // Version 40 at the weakest correction.
        assert!(code.len() <= 2953, "{} bytes in one code", code.len());
    }
}
