//! The publisher: it takes what the instances of all shards have cut, adds it to the two lists of
//! the world at a barrier, and serves them.
//!
//! ```text
//! instances --cuts--> intake: are they those of before?     publish::intake, pure
//!                        |
//!                     booth::publish: barrier, merge        judged as a whole, or nothing is added
//!                        |
//!                     store: both lists, then snapshots.log publish::store
//!                        |
//!                     view: what is shown of it             publish::view, pure
//!                        |
//!                     site: ranges, ETag, gzip              publish::site
//! ```
//!
//! A snapshot is a record of `snapshots.log`, which is durable after the lists that it describes.
//! Whatever a crash leaves behind the last record is cut off at the start. Specified in
//! `docs/spec/booth.md`, operated by `docs/operate/publish.md`.
//!
//! *Invariant: what is served is a snapshot, whole and as recorded; and of a campaign that keeps
//! its results until the close nothing is told before but the number of records and commitments.*

mod config;
mod error;
mod figures;
mod file;
mod intake;
mod origin;
mod publisher;
mod record;
mod server;
mod site;
mod store;
mod view;

pub use config::{Interim, PublishConfig};
pub use error::PublishError;
pub use intake::Lie;
pub use publisher::{Outcome, Publisher};
pub use record::{FileState, Record, Taken};
pub use server::{Server, serve};
pub use store::{Store, StoreError};
