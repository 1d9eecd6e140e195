//! The station: the device in a booth that shows codes.
//!
//! The secret of the codes comes to it wrapped under a key of its own (RFC 3394), through a map
//! that everybody can read, and is unwrapped and used inside a token, which never gives it out.
//! Here are the wrapping, the map, what the station shows at an instant, and how a code that
//! somebody saw is compared with the map after the close. The token is handed in; so are the clock,
//! and what is known about it.
//!
//! ```text
//! platform   WrappingKey::wrap(seed) -> Wrapped -> Field (field.yml) ----> everybody
//! station    Field -> Wraps -> Token::unwrap -> Keys;  Display::of(known, keys, now) -> screen
//! platform   Field::misfits(campaign): what would turn voters away, before the first one comes
//! anybody    after the close: Seen::judge(field, seed, station, code, at)
//! ```

use std::collections::BTreeMap;

use crate::totp::Day;

mod display;
mod field;
mod fit;
mod seen;
#[cfg(test)]
mod tests;
mod wrap;

pub use display::{Ahead, ClockCheck, Display, Health, Known, Pace, Protection, Refused, Shown};
pub use field::{Field, FieldError, Generator, Location, LocationError, Place, Problem};
pub use fit::{Days, Misfit};
pub use seen::{MAX_DRIFT_STEPS, Seen};
pub use wrap::{UnwrapError, Wrapped, WrappingKey};

/// The wrapped secrets of one station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wraps {
    /// The campaign's one seed, which every station has.
    Same(Wrapped),
    /// The station's own seeds, one a day; none of them says anything about another.
    Daily(BTreeMap<Day, Wrapped>),
}

/// Why a token does not do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The wrapped secret was changed on its way, or is wrapped for another token.
    #[error("the wrapped secret does not fit this token")]
    Foreign,
    /// It would give the secret to whoever has its PIN.
    #[error("the wrapping key on the token lets secrets be read")]
    Open,
    /// It cannot be reached, or fails.
    #[error("the token does not answer: {0}")]
    Broken(String),
}

/// A secret inside a token.
pub trait SeedKey: Send + Sync {
    /// HMAC-SHA-256 under the secret.
    fn mac(&self, message: &[u8; 8]) -> Result<[u8; 32], TokenFault>;
}

/// Where a station's wrapping key is.
pub trait Token: Send + Sync {
    /// Unwraps a secret, inside.
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Box<dyn SeedKey>, TokenFault>;
    /// What keeps the secret.
    fn protection(&self) -> Protection;
}

/// The unwrapped secrets of a station, inside its token.
pub enum Keys {
    /// The one of all days.
    Same(Box<dyn SeedKey>),
    /// One a day.
    Daily(BTreeMap<Day, Box<dyn SeedKey>>),
}

impl Keys {
    /// Unwraps all of them, or none.
    pub fn unwrap(token: &dyn Token, wraps: &Wraps) -> Result<Self, TokenFault> {
        Ok(match wraps {
            Wraps::Same(wrapped) => Self::Same(token.unwrap(wrapped)?),
            Wraps::Daily(days) => {
                let unwrapped =
                    days.iter().map(|(day, wrapped)| Ok((*day, token.unwrap(wrapped)?)));
                Self::Daily(unwrapped.collect::<Result<_, TokenFault>>()?)
            }
        })
    }

    /// The one that is in force on a day.
    pub fn of(&self, day: Day) -> Option<&dyn SeedKey> {
        match self {
            Self::Same(key) => Some(key.as_ref()),
            Self::Daily(days) => days.get(&day).map(AsRef::as_ref),
        }
    }
}
