//! Other people's files: what voting systems and standards write, in and out.
//!
//! In scope: the common data formats of NIST, as JSON; so far ballot definitions. Out of scope:
//! what the things in them mean to an election, which the crates below say, and files themselves.
//!
//! An import loses nothing in silence: what is not taken over is a note, with its place. So is what
//! an export cannot say.
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

pub mod cdf;
mod json;
