//! The rules of the paper path.
//!
//! In scope: what follows from paper ballots and the records of them, as functions from bytes to
//! answers. Out of scope: pixels, PDF, files and the network.
//!
//! - [`definition`] says whether a ballot definition holds together, and makes its styles.
//! - [`deck`] makes test decks and what counting them must give.
//! - [`interpret`] turns the ink in ovals into votes, and says where a person has to look.
//! - [`layout`] says where everything stands on a printed ballot.
//! - [`audit`] draws the sample of a risk-limiting audit from a ballot manifest and a seed.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

pub mod audit;
pub mod deck;
#[cfg(feature = "definition")]
pub mod definition;
pub mod interpret;
pub mod layout;
