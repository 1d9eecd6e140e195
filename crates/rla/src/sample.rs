//! Which cards to look at: a public seed in, cards out.
//!
//! Two ways, both replayed by anyone who has the seed and the manifest:
//!
//! - [`ticket`]: every card gets a ticket by HKDF, the cards with the lowest tickets are the
//!   sample. Without replacement; a longer sample begins with the shorter one. Our own audits.
//! - [`colorado`]: the generator of Stark's tools and of Colorado's audits since 2017. With
//!   replacement; a card drawn twice counts twice. Here to replay those audits.

pub mod colorado;
pub mod ticket;

pub use colorado::ColoradoGenerator;
pub use ticket::{Lowest, Ticket, Tickets};

/// Why there is no sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// The seed is empty or holds something else than digits.
    #[error("the seed must be decimal digits and nothing else")]
    Seed,
    /// There is nothing to draw from.
    #[error("the range to draw from is empty: its first number is {first}, its last is {last}")]
    Range {
        /// Lower bound given.
        first: u64,
        /// Upper bound given.
        last: u64,
    },
    /// The election id cannot be told from the card id that follows it.
    #[error("the election id is empty or holds a zero byte")]
    ElectionId,
}

impl SampleError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Seed => "roll ten-sided dice in public and write the digits in a row",
            Self::Range { .. } => "give a manifest with at least one card",
            Self::ElectionId => "give the election id of the charter",
        }
    }
}

/// Refuses a seed that is no string of decimal digits. Leading zeros stay: the text is hashed.
fn check_seed(seed: &str) -> Result<(), SampleError> {
    if !seed.is_empty() && seed.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(SampleError::Seed)
    }
}
