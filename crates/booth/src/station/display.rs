//! What a station shows at an instant.

use std::time::Duration;

use canon::Timestamp;

use super::{Keys, TokenFault, Wraps};
use crate::totp::{self, Code, Day, STEP_S, Station};

/// How far the clock may have been from the network's when it was last compared, before no code is
/// shown: the platform takes the codes of one step before and after, and people need the rest.
const MAX_OFFSET: Duration = Duration::from_secs(20);

/// From here on the display says that the clock is off.
const GOOD_OFFSET: Duration = Duration::from_secs(3);

/// For how long a comparison says something. A clock of 20 parts per million, without a stove
/// beside it, goes 12 seconds wrong in this time.
const GOOD_FOR_S: i64 = 7 * 86_400;

/// Parts per million by which such a clock goes wrong. From some day on the codes of a station that
/// was not compared again would be answered with decoys.
const DRIFT_PPM: i64 = 20;

/// How far the clock may fall behind what was seen on it, or go ahead of what has passed, as when
/// it is set right by a little.
const MAX_STEP_S: i64 = 20;

/// What keeps a station's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// A token, which uses it and never gives it out.
    Token,
    /// A file, which whoever has it can copy. For development only.
    FileForDevelopment,
}

/// The result of comparing the station's clock with time servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockCheck {
    /// When, by the servers' time.
    pub at: Timestamp,
    /// How many milliseconds the station's clock was behind (positive) or ahead (negative).
    pub offset_ms: i64,
    /// How many servers agreed on it.
    pub agreed: u16,
    /// How many were asked.
    pub asked: u16,
}

/// What a station remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub station: Station,
    /// When it last took its secret from the map.
    pub updated: Timestamp,
    /// The latest time that it had good reason to believe in.
    pub latest: Timestamp,
    /// The last time that its clock was compared.
    pub clock: Option<ClockCheck>,
    /// Codes that were known before their time.
    pub ahead: Option<Ahead>,
}

/// Codes that a station has shown before their time, by a clock that was ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// The last of them is of this time, at the latest.
    pub until: Timestamp,
    /// When it was found, by time servers: the codes were known by then.
    pub known_at: Timestamp,
}

/// The clock beside one that nobody sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    wall: Timestamp,
    uptime_s: u64,
}

/// The clock's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It was right when it was compared, and that is not long ago.
    Good,
    /// It was seconds off when it was compared.
    Off,
    /// It was right by a single server, which nothing contradicts and nothing confirms.
    OneServer,
    /// It was right when it was compared, too long ago.
    Old,
    /// It was never compared.
    NeverCompared,
}

/// A code on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The code.
    pub code: Code,
    /// Seconds until the next one, 1 to 30.
    pub seconds_left: u64,
}

/// Why no code is shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Codes of the past are of use to somebody who wants to know later ones in advance: set the
    /// clock ahead, note the codes, and set it back.
    #[error(
        "the clock shows {now}, but it was {latest} already: it was set back or has lost power"
    )]
    ClockBack {
        /// What the clock shows.
        now: Timestamp,
        /// What it has shown, or a time server told.
        latest: Timestamp,
    },
    /// The codes would not be taken.
    #[error("the clock was {seconds} seconds off when it was compared at {at}")]
    ClockOff {
        /// How far.
        seconds: u64,
        /// When it was compared.
        at: Timestamp,
    },
    /// Codes of the future are of use to somebody who sets the clock back afterwards.
    #[error("the clock went ahead by {seconds} seconds that did not pass")]
    ClockAhead {
        /// How far.
        seconds: u64,
    },
    /// It may be so far off by now that the codes would not be taken.
    #[error("the clock was compared at {at}, too long ago: it may be 20 seconds off by now")]
    ClockOld {
        /// When it was compared.
        at: Timestamp,
    },
    /// The map had no seed for this day.
    #[error("the station has no secret for {0}")]
    NoSeed(Day),
    /// The token does not do its part.
    #[error(transparent)]
    Token(#[from] TokenFault),
}

impl Refused {
    /// What staff can do.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::ClockBack { .. } | Self::ClockOff { .. } | Self::ClockAhead { .. } => {
                "set the clock, put the station online and run `scrutineer station update`"
            }
            Self::ClockOld { .. } | Self::NoSeed(_) => {
                "put the station online and run `scrutineer station update`"
            }
            Self::Token(_) => "see that the token is plugged in, and start the station again",
        }
    }
}

/// The whole screen of a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The station.
    pub station: Station,
    /// The time by its clock.
    pub now: Timestamp,
    /// When the secret was updated.
    pub updated: Timestamp,
    /// The clock's health.
    pub health: Health,
    /// The comparison that it rests on.
    pub clock: Option<ClockCheck>,
    /// Codes of today, or of later, that were known before their time.
    pub ahead: Option<Ahead>,
    /// What keeps the secret.
    pub protection: Protection,
    /// The code, or why there is none.
    pub code: Result<Shown, Refused>,
}

impl Display {
    /// What is shown now.
    pub fn of(known: &Known, keys: &Keys, protection: Protection, now: Timestamp) -> Self {
        Self {
            station: known.station.clone(),
            now,
            updated: known.updated,
            health: Health::of(known.clock, now),
            clock: known.clock,
            ahead: known.ahead.filter(|ahead| ahead.matters_on(Day::of(now))),
            protection,
            code: known.may_show(now).and_then(|()| shown(keys, now)),
        }
    }
}

impl Health {
    /// Of a clock that shows `now`.
    pub fn of(clock: Option<ClockCheck>, now: Timestamp) -> Self {
        match clock {
            None => Self::NeverCompared,
            Some(check) if check.offset() > GOOD_OFFSET => Self::Off,
            Some(check) if now.seconds_since(check.at) > GOOD_FOR_S => Self::Old,
            Some(check) if check.asked == 1 => Self::OneServer,
            Some(_) => Self::Good,
        }
    }
}

impl ClockCheck {
    /// How far the clock was off.
    pub const fn offset(&self) -> Duration {
        Duration::from_millis(self.offset_ms.unsigned_abs())
    }

    /// Whether codes may be shown by this clock.
    pub fn is_usable(&self) -> bool {
        self.offset() <= MAX_OFFSET
    }

    /// Whether it may have drifted too far since.
    fn is_too_old(&self, now: Timestamp) -> bool {
        let passed = now.seconds_since(self.at).saturating_mul(DRIFT_PPM);
        let drift = Duration::from_micros(u64::try_from(passed).unwrap_or_default());
        self.offset().saturating_add(drift) > MAX_OFFSET
    }

    /// Codes that were shown before their time, where the station's notes say that it was `noted`
    /// already.
    pub fn ahead(&self, noted: Timestamp) -> Option<Ahead> {
        (noted.seconds_since(self.at) > MAX_STEP_S)
            .then_some(Ahead { until: noted, known_at: self.at })
    }
}

impl Ahead {
    /// Whether codes of this day or later are among them.
    pub fn matters_on(&self, day: Day) -> bool {
        day <= Day::of(self.until)
    }

    /// Whether the codes are still those that were shown, after a map has brought other secrets.
    pub fn concerns(&self, before: &Wraps, now: &Wraps) -> bool {
        match (before, now) {
            (Wraps::Daily(before), Wraps::Daily(now)) => {
                let days = Day::of(self.known_at)..=Day::of(self.until);
                let known = now.iter().filter(|(day, _)| days.contains(day));
                known.into_iter().any(|(day, wrapped)| before.get(day) == Some(wrapped))
            }
            _ => before == now,
        }
    }
}

impl Pace {
    /// From an instant on, by both clocks.
    pub const fn new(wall: Timestamp, uptime_s: u64) -> Self {
        Self { wall, uptime_s }
    }

    /// Whether no more time has gone by on the clock than has passed. A clock that fell behind is
    /// followed, so that it does not have to catch up before it is found ahead.
    pub fn hold(&mut self, wall: Timestamp, uptime_s: u64) -> Result<(), Refused> {
        let passed = i64::try_from(uptime_s.saturating_sub(self.uptime_s)).unwrap_or(i64::MAX);
        let gained = wall.seconds_since(self.wall).saturating_sub(passed);
        if gained < 0 {
            *self = Self::new(wall, uptime_s);
        }
        let drift = passed.saturating_mul(DRIFT_PPM).checked_div(1_000_000).unwrap_or_default();
        match u64::try_from(gained) {
            Ok(seconds) if gained > MAX_STEP_S.saturating_add(drift) => {
                Err(Refused::ClockAhead { seconds })
            }
            _ => Ok(()),
        }
    }
}

impl Known {
    /// Whether a code may be shown by a clock that shows `now`.
    pub fn may_show(&self, now: Timestamp) -> Result<(), Refused> {
        if self.latest.seconds_since(now) > MAX_STEP_S {
            return Err(Refused::ClockBack { now, latest: self.latest });
        }
        match self.clock {
            Some(check) if !check.is_usable() => {
                Err(Refused::ClockOff { seconds: check.offset().as_secs(), at: check.at })
            }
            Some(check) if check.is_too_old(now) => Err(Refused::ClockOld { at: check.at }),
            _ => Ok(()),
        }
    }
}

fn shown(keys: &Keys, now: Timestamp) -> Result<Shown, Refused> {
    let day = Day::of(now);
    let key = keys.of(day).ok_or(Refused::NoSeed(day))?;
    let mac = key.mac(&totp::message(totp::step(now)))?;
    let passed = now.unix_u64().checked_rem(STEP_S).unwrap_or_default();
    Ok(Shown { code: Code::from_mac(&mac), seconds_left: STEP_S.saturating_sub(passed) })
}
