//! A code that somebody saw in a booth, compared with the map once the seed is public.

use canon::Timestamp;
use subtle::ConstantTimeEq as _;

use super::{Field, WrappingKey, Wraps};
use crate::secret::Secret;
use crate::totp::{self, Code, Station};

/// How many steps before and after are searched: ten minutes. More of them would make codes fit
/// by chance: a code of six digits fits one of 41 steps once in 24,000 times.
pub const MAX_DRIFT_STEPS: u64 = 20;

/// What is to be said about a code that was seen at a station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen<'a> {
    /// The station is not on the map.
    NotOnMap,
    /// It is the station's code of that time, or of the step before or after.
    Right,
    /// It is the station's code of so many steps earlier: its clock, or the watch, was off.
    Earlier(u64),
    /// The same, later.
    Later(u64),
    /// It is a code that another station showed: what stood there was not the station of the map.
    OfAnother(&'a Station),
    /// It is no code of that time.
    Foreign,
}

impl<'a> Seen<'a> {
    /// Judges a code that `station` showed at `at`. Where the map has one secret a day for each
    /// station, `seed` is the campaign's master seed.
    pub fn judge(
        field: &'a Field,
        seed: &Secret,
        station: &Station,
        code: Code,
        at: Timestamp,
    ) -> Self {
        let Some((_, wraps)) = field.find(station) else { return Self::NotOnMap };
        let own = |step| code_of(wraps, seed, station, step);
        let now = totp::step(at);
        if own(now) == code {
            return Self::Right;
        }
        for away in 1..=MAX_DRIFT_STEPS {
            let earlier = now.checked_sub(away).is_some_and(|step| own(step) == code);
            let later = own(now.saturating_add(away)) == code;
            match (earlier, later) {
                (false, false) => {}
                _ if away == 1 => return Self::Right,
                (true, _) => return Self::Earlier(away),
                (false, true) => return Self::Later(away),
            }
        }
        // With one seed for all, no code belongs to another station.
        let another = field.generators().map(|(_, one)| one).find(|one| {
            one.station != *station
                && matches!(one.wraps, Wraps::Daily(_))
                && [now.saturating_sub(1), now, now.saturating_add(1)]
                    .iter()
                    .any(|step| code_of(&one.wraps, seed, &one.station, *step) == code)
        });
        another.map_or(Self::Foreign, |one| Self::OfAnother(&one.station))
    }
}

fn code_of(wraps: &Wraps, seed: &Secret, station: &Station, step: u64) -> Code {
    match wraps {
        Wraps::Same(_) => totp::code(seed, step),
        Wraps::Daily(_) => totp::code(&station.seed(seed, step), step),
    }
}

impl Wraps {
    /// Whether all that is wrapped here for a station is what the seed says.
    pub fn hold(&self, key: &WrappingKey, seed: &Secret, station: &Station) -> bool {
        let holds = |wrapped, expected: &Secret| {
            let opened = key.unwrap(wrapped);
            opened.is_ok_and(|found| bool::from(found.bytes().ct_eq(expected.bytes())))
        };
        match self {
            Self::Same(wrapped) => holds(wrapped, seed),
            Self::Daily(days) => {
                days.iter().all(|(day, wrapped)| holds(wrapped, &station.seed_of(seed, *day)))
            }
        }
    }
}
