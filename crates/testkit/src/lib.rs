//! Elections, faulty stores and a seeded world, for tests.
//!
//! In scope: whole elections in memory, made from a seed, and disks and stores that fail where a
//! test says. Out of scope: anything that is shipped.

pub mod canned;
pub mod election;
#[cfg(feature = "faults")]
pub mod faults;
pub mod source;
