//! Elections, faulty stores and a seeded world, for tests.
//!
//! In scope: whole elections in memory, made from a seed, the rules of a campaign, disks and stores
//! that fail where a test says, and the load of benches. Out of scope: anything that is shipped.

pub mod campaign;
pub mod canned;
pub mod election;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(feature = "load")]
pub mod load;
pub mod source;
