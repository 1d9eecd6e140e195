//! The log: takes signed artifacts, makes them durable, and publishes heads over them.
//!
//! ```text
//!  POST /add -> judge -> queue -> committer: write-ahead log, one sync a batch -> promise
//!                                    |
//!                                    +-> storer: artifacts, raw files ----+
//!                                    +-> publisher: leaves, tiles, head --+-> store -> GET
//!                                                     |
//!                                                  witnesses
//! ```
//!
//! What it holds to, whatever fails around it: no acknowledged entry is lost, there are never two
//! signed roots of one size, and no published object changes. An operator's page is
//! `docs/operate/log.md`; the interface is specified in `docs/spec/log-api.md`.
//!
//! Out of scope: what payloads mean together, which is for the verifier, and the witnesses, whom
//! the log meets as [`Cosigner`](cosign::Cosigner)s.

pub mod api;
mod aside;
pub mod client;
mod clock;
mod commit;
mod config;
pub mod cosign;
mod entry;
mod error;
mod evidence;
mod figures;
mod index;
mod keys;
mod left_over;
mod prove;
mod publish;
mod read;
mod recover;
mod resume;
mod running;
mod server;
mod state;
mod statements;
mod storer;
mod submit;
mod unsettled;
pub mod wal;
mod watch;
mod witnesses;

pub use config::{LogConfig, WitnessEntry};
pub use error::LogError;
pub use keys::{Description, LogKeys, init};
pub use publish::Publication;
pub use read::{Inclusion, ReadError, Wanted};
pub use resume::{ResumeParts, Resumed, Risks, resume, resume_parts};
pub use running::{Log, Parts};
pub use server::{Server, serve};
pub use state::{Published, Settings};
pub use submit::{FrameError, Receipt, Submission, SubmitError};
