//! Stations with seeds of their own.

use std::fmt;
use std::str::FromStr;

use canon::Timestamp;

use super::STEP_S;
use crate::secret::Secret;

/// The most characters of a station's name.
const MAX_CHARS: usize = 64;

/// The name of a station: 1 to 64 letters, digits and dashes of ASCII.
///
/// ```text
/// 8704-2A05-B259-1090
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Station(String);

/// Why a text names no station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a station is named by 1 to 64 letters, digits and dashes")]
pub struct StationError;

impl Station {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The station's seed on the day in which a step begins, in UTC. No step spans two days.
    pub fn seed(&self, master: &Secret, step: u64) -> Secret {
        let seconds = i64::try_from(step.saturating_mul(STEP_S)).unwrap_or(i64::MAX);
        self.seed_of(master, Day::of(Timestamp::from_unix(seconds).unwrap_or(Timestamp::MAX)))
    }

    /// The station's seed of a day.
    pub fn seed_of(&self, master: &Secret, day: Day) -> Secret {
        let day = day.to_string();
        master.derive(b"scrutineer/totp-station/v1", &[self.0.as_bytes(), &[0], day.as_bytes()])
    }
}

/// A day in UTC: `2026-11-22`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u64);

/// Seconds of a day; leap seconds are not counted.
const DAY_S: u64 = 86_400;

/// Why a text is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written as 2026-11-22")]
pub struct DayError;

impl Day {
    /// The day in which an instant lies.
    pub const fn of(instant: Timestamp) -> Self {
        Self(instant.unix_u64() / DAY_S)
    }

    /// The day that comes so many days later.
    #[must_use]
    pub const fn plus(self, days: u64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The day that came so many days earlier.
    #[must_use]
    pub const fn minus(self, days: u64) -> Self {
        Self(self.0.saturating_sub(days))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.0.saturating_mul(DAY_S)).unwrap_or(i64::MAX);
        let instant = Timestamp::from_unix(seconds).unwrap_or(Timestamp::MAX).to_string();
        f.write_str(instant.split('T').next().unwrap_or_default())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Day({self})")
    }
}

impl FromStr for Day {
    type Err = DayError;

    fn from_str(text: &str) -> Result<Self, DayError> {
        format!("{text}T00:00:00Z").parse().map(Self::of).map_err(|_| DayError)
    }
}

impl FromStr for Station {
    type Err = StationError;

    fn from_str(text: &str) -> Result<Self, StationError> {
        let fits = (1..=MAX_CHARS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(StationError) }
    }
}

impl fmt::Display for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Station({})", self.0)
    }
}
