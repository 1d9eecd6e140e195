//! Replays a bundle of evidence into a report.
//!
//! [`replay`] reads a bundle through a [`Source`](artifact::bundle::Source), checks everything in
//! it against everything else, and answers with a [`Report`]: what holds, what does not, and what
//! that does not show. Bad evidence is a finding, never an error; an error ([`CouldNotCheck`])
//! means that nothing could be judged.
//!
//! The order of the checks, with their ids, is specified in `docs/spec/verification.md`, so that a
//! stranger can write a second verifier. The ids are those of [`finding::table`].
//!
//! In scope: the log, its heads and witnesses, the charter, keys and roles, artifacts and raw
//! files, the audit's seed and samples, the campaigns of the booth path with their lists. Out of
//! scope: counting votes, computing risks, and every
//! clock: the only times are those that the evidence states.
//!
//! Entries are read in windows and judged on all cores. Memory does not grow with the number of
//! ballots; 64 bytes are kept of each entry, so that what comes twice is found, and 64 of each
//! raw file.
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

mod checks;
mod commitment;
mod error;
pub mod finding;
pub mod growth;
mod open;
mod options;
mod replay;
pub mod report;
pub mod terminal;

pub use commitment::{Commitment, MapEntry};
pub use error::CouldNotCheck;
pub use finding::Finding;
pub use growth::Growth;
pub use open::{open, open_lists};
pub use options::{Lists, Options, Progress, Silent};
pub use replay::{replay, replay_commitments, replay_growth};
pub use report::{Report, Verdict};
