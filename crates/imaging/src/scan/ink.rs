//! Shades made larger, smaller and smoother, and ink told from paper.

use std::ops::Range;

use super::Picture;

/// The side of what lies around a pixel, as a part of the picture's longest side: wide enough to
/// hold several modules of a code that fills the picture, narrow enough to lie in one light.
const AROUND: usize = 16;

/// How much darker than its surroundings ink is, of 256.
const DARKER: u64 = 10;

/// Shades of grey, row by row.
pub(super) struct Greys {
    pub(super) width: usize,
    pub(super) height: usize,
    grey: Vec<u8>,
}

impl Greys {
    pub(super) fn of(picture: &Picture) -> Self {
        Self::made(picture.width(), picture.height(), |column, row| picture.at(column, row))
    }

    fn made(width: usize, height: usize, shade: impl Fn(usize, usize) -> u8) -> Self {
        let mut grey = Vec::with_capacity(width.saturating_mul(height));
        for row in 0..height {
            grey.extend((0..width).map(|column| shade(column, row)));
        }
        Self { width, height, grey }
    }

    /// A shade; below the last row all is white.
    pub(super) fn pixel(&self, column: usize, row: usize) -> u8 {
        let at = row.saturating_mul(self.width).saturating_add(column);
        self.grey.get(at).copied().unwrap_or(u8::MAX)
    }

    /// So many pixels a side become one.
    pub(super) fn shrunk(self, by: usize) -> Self {
        if by <= 1 {
            return self;
        }
        let sums = Sums::of(&self);
        let span = |at: usize| at.saturating_mul(by)..at.saturating_add(1).saturating_mul(by);
        Self::made(self.width.div_ceil(by), self.height.div_ceil(by), |column, row| {
            sums.mean(span(column), span(row))
        })
    }

    /// One pixel becomes so many a side.
    pub(super) fn enlarged(self, by: usize) -> Self {
        if by <= 1 {
            return self;
        }
        let at = |place: usize| place.checked_div(by).unwrap_or_default();
        let (width, height) = (self.width.saturating_mul(by), self.height.saturating_mul(by));
        Self::made(width, height, |column, row| self.pixel(at(column), at(row)))
    }

    /// Each pixel becomes the mean of those so far around it.
    pub(super) fn smoothed(self, by: usize) -> Self {
        if by == 0 {
            return self;
        }
        let sums = Sums::of(&self);
        Self::made(self.width, self.height, |column, row| {
            sums.mean(around(column, by), around(row, by))
        })
    }

    /// Which pixels are ink: those darker than what lies around them.
    pub(super) fn ink(&self) -> Vec<bool> {
        let sums = Sums::of(self);
        let by = (self.width.max(self.height) / AROUND / 2).max(2);
        let pixels = (0..self.height).flat_map(|row| (0..self.width).map(move |at| (at, row)));
        let ink = pixels.map(|(column, row)| {
            let mean = u64::from(sums.mean(around(column, by), around(row, by)));
            let shade = u64::from(self.pixel(column, row));
            shade.saturating_mul(256) < mean.saturating_mul(256_u64.saturating_sub(DARKER))
        });
        ink.collect()
    }
}

fn around(at: usize, by: usize) -> Range<usize> {
    at.saturating_sub(by)..at.saturating_add(by).saturating_add(1)
}

/// The sums of all shades above and to the left of each place: the mean of any rectangle takes four
/// of them.
struct Sums {
    width: usize,
    height: usize,
    corners: Vec<u64>,
}

impl Sums {
    fn of(greys: &Greys) -> Self {
        let (width, height) = (greys.width, greys.height);
        let mut corners = vec![0_u64; width.saturating_add(1)];
        for row in greys.grey.chunks(width.max(1)) {
            let above = corners.len().saturating_sub(width.saturating_add(1));
            corners.push(0);
            let mut so_far = 0_u64;
            for (column, shade) in row.iter().enumerate() {
                so_far = so_far.saturating_add(u64::from(*shade));
                let above = above.saturating_add(column).saturating_add(1);
                let above = corners.get(above).copied().unwrap_or_default();
                corners.push(above.saturating_add(so_far));
            }
        }
        Self { width, height, corners }
    }

    fn at(&self, column: usize, row: usize) -> u64 {
        let row = row.saturating_mul(self.width.saturating_add(1));
        self.corners.get(row.saturating_add(column)).copied().unwrap_or_default()
    }

    /// The mean shade of a rectangle; beside the picture nothing counts.
    fn mean(&self, columns: Range<usize>, rows: Range<usize>) -> u8 {
        let (right, below) = (columns.end.min(self.width), rows.end.min(self.height));
        let (left, above) = (columns.start.min(right), rows.start.min(below));
        let whole = self.at(right, below).saturating_add(self.at(left, above));
        let beside = self.at(left, below).saturating_add(self.at(right, above));
        let pixels = right.saturating_sub(left).saturating_mul(below.saturating_sub(above));
        let mean = whole.saturating_sub(beside).checked_div(pixels as u64).unwrap_or(255);
        u8::try_from(mean).unwrap_or(u8::MAX)
    }
}
