//! Elections, faulty stores and a seeded world, for tests.
//!
//! In scope: whole elections in memory, made from a seed, the rules of a campaign and what its
//! platform publishes, disks and stores that fail where a test says, the load of benches,
//! whether times tell answers apart, and whether a judge from outside is there. Out of scope:
//! anything that is shipped.

#[cfg(feature = "ballots")]
pub mod ballots;
pub mod campaign;
pub mod canned;
pub mod election;
#[cfg(feature = "faults")]
pub mod faults;
pub mod latency;
#[cfg(feature = "load")]
pub mod load;
pub mod outside;
pub mod platform;
pub mod source;
