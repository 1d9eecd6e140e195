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
//! Behind them, and never waited for, the log is told:
//!
//! ```text
//! snapshots.log -> committer: campaign, each snapshot, reveal    publish::committer
//!                     |
//!                  outbox: signed, durable, sent until placed    publish::outbox
//! ```
//!
//! A snapshot is a record of `snapshots.log`, which is durable after the lists that it describes.
//! Whatever a crash leaves behind the last record is cut off at the start. Specified in
//! `docs/spec/booth.md`, operated by `docs/operate/publish.md`.
//!
//! *Invariant: what is served is a snapshot, whole and as recorded; and of a campaign that keeps
//! its results until the close nothing is told before but the number of records and commitments.*

mod attempt;
mod close;
mod committer;
mod condition;
mod config;
mod date;
mod edges;
mod error;
mod fetch;
mod figures;
mod file;
mod grown;
mod inner;
mod intake;
mod internal;
mod liars;
mod lines;
mod log;
mod origin;
mod outbox;
mod page;
mod publisher;
mod record;
mod reveal;
mod server;
mod site;
mod stamps;
mod status;
mod store;
mod texts;
mod view;

pub use close::{CloseError, close, close_on};
pub use committer::{CommitError, Committer, Standing};
pub use config::{BarrierLimits, Interim, PublishConfig};
pub use error::PublishError;
pub use intake::Lie;
pub use log::{Log, LogEntry, LogFault, LogParts, LogTarget, Placed, Unplaced};
pub use publisher::{Outcome, Publisher};
pub use record::{Boots, ByStation, FileState, LeftOut, Record, Taken};
pub use reveal::{RevealError, gather};
pub use server::{Server, serve};
pub use status::{LogStatus, ShardsStatus, SnapshotStatus, Status};
pub use store::{Store, StoreError};
