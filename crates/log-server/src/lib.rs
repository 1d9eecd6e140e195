//! The log and its witnesses as servers.
//!
//! - [`log`] takes signed artifacts, makes them durable and publishes heads over them;
//! - [`witness`] cosigns heads that extend what it saw before.

pub mod log;
pub mod witness;
