//! Shades of grey that can be looked up at any place, and mended.

use crate::scan::Picture;

/// Shades, row by row: 0 is black. Beside the picture all is white.
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    grey: Vec<u8>,
}

impl Pixels {
    pub(super) fn of(picture: &Picture) -> Self {
        let (width, height) = (picture.width(), picture.height());
        Self { width, height, grey: picture.shades().to_vec() }
    }

    /// The rows from above.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.grey.chunks_exact(self.width.max(1))
    }

    /// A row, or none below the picture.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        let start = row.saturating_mul(self.width);
        self.grey.get(start..start.saturating_add(self.width)).unwrap_or_default()
    }

    pub(super) fn at(&self, column: i32, row: i32) -> u8 {
        let (Ok(column), Ok(row)) = (usize::try_from(column), usize::try_from(row)) else {
            return u8::MAX;
        };
        if column >= self.width {
            return u8::MAX;
        }
        let at = row.saturating_mul(self.width).saturating_add(column);
        self.grey.get(at).copied().unwrap_or(u8::MAX)
    }

    /// The shade of the pixel nearest to a place.
    pub(super) fn near(&self, (x, y): (f32, f32)) -> u8 {
        self.at(whole(x), whole(y))
    }

    pub(super) fn set(&mut self, column: usize, row: usize, shade: u8) {
        let at = row.saturating_mul(self.width).saturating_add(column);
        if let Some(pixel) = self.grey.get_mut(at).filter(|_| column < self.width) {
            *pixel = shade;
        }
    }
}

/// The whole number nearest to a place.
#[allow(clippy::cast_possible_truncation, reason = "a float is cut to the nearest whole number")]
pub(super) fn whole(place: f32) -> i32 {
    (place + 0.5).floor() as i32
}

/// A count as a measure.
#[allow(clippy::cast_precision_loss, reason = "no picture has 2^24 pixels a side")]
pub(super) fn real(count: usize) -> f32 {
    count as f32
}

/// A measure as a count; nothing is negative.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut to the nearest whole number"
)]
pub(super) fn count(measure: f32) -> usize {
    (measure + 0.5).max(0.0) as usize
}

/// The middle one of some measures; nought of none.
pub(super) fn median(measures: &mut [f32]) -> f32 {
    let middle = measures.len() / 2;
    if measures.is_empty() {
        return 0.0;
    }
    let (_, median, _) = measures.select_nth_unstable_by(middle, f32::total_cmp);
    *median
}

/// A measure as a shade.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is cut to the nearest whole number"
)]
pub(super) fn shade(measure: f32) -> u8 {
    (measure + 0.5) as u8
}
