//! Elections, faulty stores and a seeded world, for tests.

pub mod election;
#[cfg(feature = "faults")]
pub mod faults;
