//! The log and its witnesses as servers.
//!
//! - [`log`] takes signed artifacts, makes them durable and publishes heads over them;
//! - [`witness`] cosigns heads that extend what it saw before;
//! - [`clock`] is what both hold their time against.
//!
//! In scope: the order of disk, signature and answer, and the HTTP forms. Out of scope: the rules
//! themselves, which are `tlog`'s and `artifact`'s, and anything that handles votes.

pub mod clock;
pub mod log;
pub mod witness;
