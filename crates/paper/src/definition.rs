//! The ballot definition as a whole: what must hold of it, and how its styles follow from the rest.
//!
//! The form is `artifact::payload::definition`; the rules in words are in
//! `docs/spec/definition.md`.
//!
//! - [`check`](fn@check) names every fault of a definition at once, each with its place and what
//!   to do.
//! - [`derive`](fn@derive) makes the styles out of districts, parties and the rules of rotation. It
//!   goes another way than [`check`](fn@check), so that neither can hide a mistake of the other.
//! - [`example`] makes a small city and a large county, for tests and for trying things out.

pub mod check;
pub mod derive;
pub mod example;
pub mod fault;

pub use check::check;
pub use derive::{Description, derive};
pub use fault::{Fault, Wrong};

use artifact::payload::BallotDefinition;
use artifact::payload::definition::{Contest, ElectionType};

/// The most styles of a definition.
pub const MOST_STYLES: usize = 5_000;
/// The most precincts.
pub const MOST_PRECINCTS: usize = 2_500;
/// The most splits of all precincts together.
pub const MOST_SPLITS: usize = 10_000;
/// The most contests.
pub const MOST_CONTESTS: usize = 1_000;
/// The most districts, and the most parties.
pub const MOST_AREAS: usize = 5_000;
/// The most choices of a contest.
pub const MOST_CHOICES: usize = 100;
/// The most options that a voter may mark in a contest.
pub const MOST_VOTES: u64 = 50;
/// The most languages.
pub const MOST_LANGUAGES: usize = 10;
/// The most ranks of a contest.
pub const MOST_RANKS: u64 = 10;

/// Whether each voter takes the ballot of one party: some contest is a party's.
pub fn is_by_party(definition: &BallotDefinition) -> bool {
    has_parties(definition.election_type, &definition.contests)
}

fn has_parties(election: ElectionType, contests: &[Contest]) -> bool {
    election != ElectionType::General && contests.iter().any(|contest| contest.party.is_some())
}
