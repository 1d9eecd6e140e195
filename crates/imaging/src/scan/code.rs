//! The QR codes of a picture.

use rqrr::PreparedImage;

use super::Picture;
use super::ink::Greys;

/// How a picture is looked at, one way after the other until something is read.
const LOOKS: [Look; 8] = [
    Look { shrink: 1, enlarge: 1, smooth: 0, ink: Ink::Running },
    Look { shrink: 1, enlarge: 1, smooth: 0, ink: Ink::Local },
    Look { shrink: 1, enlarge: 1, smooth: 1, ink: Ink::Local },
    Look { shrink: 1, enlarge: 3, smooth: 1, ink: Ink::Local },
    Look { shrink: 2, enlarge: 1, smooth: 0, ink: Ink::Local },
    Look { shrink: 1, enlarge: 1, smooth: 2, ink: Ink::Local },
    Look { shrink: 1, enlarge: 1, smooth: 2, ink: Ink::Running },
    Look { shrink: 3, enlarge: 1, smooth: 0, ink: Ink::Local },
];

/// The longest side at which a picture is looked at; a larger one is shrunk.
const ENOUGH: usize = 3_000;

/// One way to look.
#[derive(Clone, Copy)]
struct Look {
    /// So many pixels a side become one, by their mean.
    shrink: usize,
    /// One pixel becomes so many a side: modules of two or three pixels get edges.
    enlarge: usize,
    /// Each pixel becomes the mean of those so far around it: takes grain away.
    smooth: usize,
    /// How ink is told from paper.
    ink: Ink,
}

/// How ink is told from paper.
#[derive(Clone, Copy)]
enum Ink {
    /// As the reader itself does it: darker than a running mean of the rows so far.
    Running,
    /// Darker than the mean of what lies around: better in shadow and bad light.
    Local,
}

/// The contents of the QR codes in a picture, wherever and however turned they lie in it; nothing
/// if none can be read. A code is in the answer only if its error correction says that it was read
/// whole. Of several codes that lie side by side some may be missing.
pub fn codes(picture: &Picture) -> Vec<Vec<u8>> {
    let largest = picture.width().max(picture.height()).div_ceil(ENOUGH).max(1);
    for look in LOOKS {
        let seen = Greys::of(picture).shrunk(look.shrink.saturating_mul(largest));
        if seen.width.max(seen.height).saturating_mul(look.enlarge) > ENOUGH {
            continue;
        }
        let seen = seen.enlarged(look.enlarge).smoothed(look.smooth);
        let found = read(&seen, look.ink);
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn read(seen: &Greys, ink: Ink) -> Vec<Vec<u8>> {
    let (width, height) = (seen.width, seen.height);
    let mut prepared = match ink {
        Ink::Running => {
            PreparedImage::prepare_from_greyscale(width, height, |x, y| seen.pixel(x, y))
        }
        Ink::Local => {
            let ink = seen.ink();
            PreparedImage::prepare_from_bitmap(width, height, |x, y| {
                let at = y.saturating_mul(width).saturating_add(x);
                ink.get(at).copied().unwrap_or(false)
            })
        }
    };
    let grids = prepared.detect_grids();
    let read = grids.iter().filter_map(|grid| {
        let mut bytes = Vec::new();
        grid.decode_to(&mut bytes).ok().map(|_| bytes)
    });
    read.collect()
}
