//! The collecting instance.

mod embedded;
mod ledger;
pub mod seen;

pub use embedded::{Disks, Embedded, Opening};
pub use ledger::{Ledger, LedgerError, Position, Record, Recovered};
