//! The rules of the booth path.
//!
//! In scope: what a voter's device, an edge and a collecting instance say to each other, and by
//! which rules they judge it. Out of scope: network, disk, clock and randomness: the present
//! instant and random bytes come in as arguments, so all of it also runs in a browser.
//!
//! The way of a vote, and the type that it is at each step:
//!
//! ```text
//! authority        Mandate ---- card, QR code, token ----> voter
//! booth            Code ----------------------------------> voter
//! edge             PlatformStamp + VoterStamp  <-- code --- voter
//! voter            Puzzle -> Nonce;  VoteRequest ---------> edge
//! edge             examine -> Examined -> Edge::step -----> instance of the mandate's shard
//! instance         collect::examine -> Collector::step: VoteLine and voters' line, apart
//! instance         Batches: at least k of both, sorted ---> lists;  Acceptance, Receipt --> voter
//! ```
//!
//! - [`mandate`] and [`card`]: what an authority gives to a voter, and how it is typed;
//! - [`totp`], [`stamp`], [`work`]: the three proofs in a vote request;
//! - [`station`]: the device that shows the codes, and the map of where each one stands;
//! - [`campaign`]: the rules that everybody shares;
//! - [`vote`] and [`request`]: the line of the list of votes, and the header block of a request;
//! - [`edge`] and [`collect`]: who admits what, as state machines; [`answer`]: the status codes;
//! - [`batch`]: which votes are published together;
//! - [`publish`]: what a snapshot adds to the two lists, from the cuts of all shards;
//! - [`differential`]: whether the published lists grow as voters make them;
//! - [`link`]: who voted how, for the auditors of a trial;
//! - [`receipt`]: what the voter gets, at once and after the batch is cut.
//!
//! The wire forms are specified in `docs/spec/booth.md`.
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

pub mod answer;
pub mod batch;
pub mod campaign;
pub mod card;
pub mod collect;
pub mod differential;
pub mod edge;
#[cfg(test)]
mod fixture;
pub mod link;
pub mod mandate;
pub mod publish;
pub mod receipt;
pub mod record;
pub mod request;
mod secret;
pub mod stamp;
pub mod station;
mod text;
pub mod totp;
pub mod vote;
pub mod work;

pub use secret::Secret;
