//! The voter's device: the whole way of one vote against any edge, and a crowd of such devices.
//!
//! - [`Client`] asks an edge, and gives every answer as a value;
//! - [`Journey`] is the way of one vote as a state machine: what is asked, checked and believed;
//! - [`vote`] and [`resume`] drive it, and a [`Companion`] keeps the [`Record`] on disk;
//! - [`crowd`] lets thousands of them vote, some of them hostile;
//! - [`Refused`], [`End`] and [`Lie`] say what happened and what to do.
//!
//! The wire is that of `docs/spec/booth.md`; every rule stands in [`booth`]. What a voter sees of
//! it is in `docs/operate/vote.md`.

mod client;
pub mod crowd;
mod drive;
mod end;
mod finding;
mod journey;
mod record;
mod refused;
mod words;

pub use client::{CastAnswer, Client, ClientError, Errand, Judged, Meter, Patience, SetupError};
pub use drive::{Arrival, Companion, DriveError, News, Pace, Plan, resume, vote};
pub use end::{End, Lie};
pub use finding::{Finder, Meaning, Sight, Work};
pub use journey::{Input, Journey, Output, Question, SetOutError, Wait};
pub use record::{KeptRecord, MAX_RECORD_BYTES, Record, RecordError};
pub use refused::Refused;
pub use words::{Advice, typed_code};
