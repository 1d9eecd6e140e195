//! Instants as whole seconds in UTC.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const DAY_S: i64 = 86_400;
/// 9999-12-31T23:59:59Z.
const LAST: i64 = 253_402_300_799;

/// An instant in UTC, in whole seconds, from 1970 to the end of 9999.
///
/// ```text
/// 2024-11-05T19:00:00Z
/// ```
///
/// The text is the one profile of RFC 3339 that has one spelling for an instant: four-digit year,
/// capital `T` and `Z`, no fraction, no offset, no leap second. Anything else is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why something is no [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not of the form `YYYY-MM-DDThh:mm:ssZ`.
    #[error("a time is written like 2024-11-05T19:00:00Z (UTC, whole seconds), found {found:?}")]
    Form {
        /// The text, cut to 40 characters.
        found: String,
    },
    /// A month, day, hour, minute or second that does not exist.
    #[error("{found:?} names a date or an hour that does not exist")]
    NoSuchInstant {
        /// The text.
        found: String,
    },
    /// Before 1970 or after 9999.
    #[error("{seconds} seconds since 1970 lies outside the years 1970 to 9999")]
    Range {
        /// Seconds since 1970-01-01T00:00:00Z.
        seconds: i64,
    },
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// 9999-12-31T23:59:59Z.
    pub const MAX: Self = Self(LAST);

    /// The instant that many seconds after 1970-01-01T00:00:00Z (POSIX time).
    pub fn from_unix(seconds: i64) -> Result<Self, TimeError> {
        if (0..=LAST).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(TimeError::Range { seconds })
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z (POSIX time).
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// Seconds since 1970-01-01T00:00:00Z, as the unsigned number that C2SP cosignatures carry.
    pub const fn unix_u64(self) -> u64 {
        self.0.unsigned_abs()
    }

    /// The instant some seconds later.
    pub fn plus_seconds(self, seconds: u64) -> Result<Self, TimeError> {
        let sum = self.0.saturating_add_unsigned(seconds);
        Self::from_unix(sum)
    }

    /// The instant some seconds later, or the last one there is.
    #[must_use]
    pub fn saturating_plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add_unsigned(seconds).min(LAST))
    }

    /// Seconds from `earlier` to this instant; negative when it lies before.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Days in a month of a year.
const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, for years 0 to 9999.
///
/// Months are counted from March, so that the leap day is the last of its year; in that count the
/// first `m` months have `(153 m + 2) / 5` days. 719,468 days lie between 0000-03-01 and the epoch.
#[allow(clippy::arithmetic_side_effects, reason = "every term is bounded by the year 9999")]
const fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// The inverse of [`days_from_date`]: year, month and day.
///
/// 146,097 days are a cycle of 400 years; within it the three corrections take out the leap days.
#[allow(clippy::arithmetic_side_effects, reason = "every term is bounded by the year 9999")]
const fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let cycle = days / 146_097;
    let day_of_cycle = days % 146_097;
    let year_of_cycle = (day_of_cycle - day_of_cycle / 1_460 + day_of_cycle / 36_524
        - day_of_cycle / 146_096)
        / 365;
    let day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (cycle * 400 + year_of_cycle + later, month, day)
}

/// The number that some ASCII digits write; `None` when one is not a digit.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, digit| {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit & 0x0f))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// The six fields of `YYYY-MM-DDThh:mm:ssZ`; `None` when the text has another form.
fn fields(text: &[u8]) -> Option<[i64; 6]> {
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        o0,
        o1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        m0,
        m1,
        b':',
        s0,
        s1,
        b'Z',
    ] = text
    else {
        return None;
    };
    Some([
        number(&[*y0, *y1, *y2, *y3])?,
        number(&[*o0, *o1])?,
        number(&[*d0, *d1])?,
        number(&[*h0, *h1])?,
        number(&[*m0, *m1])?,
        number(&[*s0, *s1])?,
    ])
}

impl FromStr for Timestamp {
    type Err = TimeError;

    #[allow(clippy::arithmetic_side_effects, reason = "every term is bounded by the year 9999")]
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let found = || text.chars().take(40).collect::<String>();
        let [year, month, day, hour, minute, second] =
            fields(text.as_bytes()).ok_or_else(|| TimeError::Form { found: found() })?;
        let exists = (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !exists {
            return Err(TimeError::NoSuchInstant { found: found() });
        }
        let time_of_day = hour * 3_600 + minute * 60 + second;
        Self::from_unix(days_from_date(year, month, day) * DAY_S + time_of_day)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_from_days(self.0 / DAY_S);
        let time = self.0 % DAY_S;
        let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time like 2024-11-05T19:00:00Z")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(E::custom)
    }
}

#[cfg(test)]
mod tests;
