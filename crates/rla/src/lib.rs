//! Audit statistics without file formats: how many ballot cards to look at, which, and what the
//! look has shown.
//!
//! In scope: numbers in, numbers out. Out of scope: manifests, cast vote records and reports
//! (they call in here), the clock, files and randomness; a seed is handed in by the caller.
//!
//! - [`risk`] is the Kaplan–Markov sample size and measured risk of a ballot-level comparison;
//! - [`plan`] guesses sizes from the error rates that one expects;
//! - [`sample`] turns a seed into cards, by hashed tickets or as Colorado's audit tool does.
//!
//! Everything here is deterministic, and specified with examples in `docs/spec/audit.md`.
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

pub mod plan;
pub mod risk;
pub mod sample;
