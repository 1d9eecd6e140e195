//! The collecting instance: it takes the votes of its shard from the edges, records each durably,
//! and publishes them in batches.
//!
//! - [`init`] makes the folder of a platform with its secrets, [`CollectConfig`] is what an
//!   instance is told, [`serve`] runs it;
//! - [`Ledger`] says what is asked of the place where votes are recorded; [`Embedded`] is the one
//!   that needs nothing but files;
//! - [`seen`] are the tables that decide whether a vote is new;
//! - [`Watch`] is the clock, and whether it can be believed.
//!
//! The rules are those of [`booth::collect`]; the wire is specified in `docs/spec/booth.md`.
//!
//! *Invariant: an acceptance is given only for a record that is on disk, sealed under a key that is
//! kept elsewhere; and no file ties a vote to its voter once their batch is cut.*

mod config;
mod embedded;
mod engine;
mod error;
mod figures;
mod folders;
mod init;
mod ledger;
mod links;
#[cfg(target_os = "linux")]
mod pages;
mod published;
pub mod seen;
mod serve;
mod server;
mod watch;

pub use config::CollectConfig;
pub use embedded::{Disks, Embedded, Opening};
pub use error::CollectError;
pub use init::{Platform, init};
pub use ledger::{Cuts, Ledger, LedgerError, LedgerId, Position, Record, Recovered};
pub use links::{LinksError, read_links};
pub use serve::{Server, serve};
pub use watch::Watch;
