//! Lengths in whole micrometres, and what is measured in them.
//!
//! An inch is 25,400 of them, so American and European papers are both exact; the longest ballot of
//! 22 inches has 558,800.

use serde::{Deserialize, Serialize};

/// A length in micrometres.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[must_use]
pub struct Length(i32);

impl Length {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many micrometres.
    pub const fn micrometres(count: i32) -> Self {
        Self(count)
    }

    /// So many hundredths of a millimetre.
    pub const fn hundredths(count: i32) -> Self {
        Self(count.saturating_mul(10))
    }

    /// So many sixteenths of an inch, rounded down.
    pub const fn sixteenths(count: i32) -> Self {
        Self(count.saturating_mul(25_400) / 16)
    }

    /// So many tenths of a point, of which 720 are an inch, rounded down.
    pub const fn tenths_of_points(count: i32) -> Self {
        Self(count.saturating_mul(2_540) / 72)
    }

    /// In micrometres.
    pub const fn get(self) -> i32 {
        self.0
    }

    /// In millimetres, for what draws.
    #[allow(clippy::cast_precision_loss, reason = "no paper has 2^24 micrometres")]
    pub const fn millimetres(self) -> f32 {
        self.0 as f32 / 1000.0
    }

    /// This and another; at most the longest length.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This less another; may be negative.
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// So many times this.
    pub const fn times(self, count: i32) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// One of so many equal parts, rounded towards nought; nothing for no parts.
    pub const fn part(self, parts: i32) -> Self {
        match self.0.checked_div(parts) {
            Some(part) => Self(part),
            None => Self::ZERO,
        }
    }
}

/// A place on a side, from its upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// To the right.
    pub x: Length,
    /// Down.
    pub y: Length,
}

/// A rectangle on a side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct Area {
    /// Its height.
    pub height: Length,
    /// Its width.
    pub width: Length,
    /// Its left border.
    pub x: Length,
    /// Its upper border.
    pub y: Length,
}

impl Area {
    /// The place beyond its lower right corner.
    pub const fn end(&self) -> Point {
        Point { x: self.x.plus(self.width), y: self.y.plus(self.height) }
    }

    /// The same, smaller by a margin on each side.
    pub const fn within(&self, margin: Length) -> Self {
        Self {
            height: self.height.less(margin.times(2)),
            width: self.width.less(margin.times(2)),
            x: self.x.plus(margin),
            y: self.y.plus(margin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inches_and_points_are_exact_where_they_can_be() {
        assert_eq!(Length::sixteenths(16).get(), 25_400);
        assert_eq!(Length::sixteenths(22 * 16).get(), 558_800);
        assert_eq!(Length::tenths_of_points(720).get(), 25_400);
        assert_eq!(Length::tenths_of_points(120).get(), 4_233);
        assert_eq!(Length::hundredths(21_000).get(), 210_000);
    }

    #[test]
    fn no_length_overflows() {
        let longest = Length::micrometres(i32::MAX);
        assert_eq!(longest.plus(longest), longest);
        assert_eq!(longest.times(3), longest);
        assert_eq!(longest.part(0), Length::ZERO);
    }
}
