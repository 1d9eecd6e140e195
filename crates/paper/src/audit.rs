//! The sample of an audit: a manifest that says what paper there is, a seed from outside,
//! and the cards that follow from both.
//!
//! Specified with examples in `docs/spec/audit.md`.

pub mod draw;
pub mod manifest;
pub mod seed;

pub use draw::{Draw, DrawError, MAX_TICKETS};
pub use manifest::{BallotManifest, Batch, Card, Fault, FaultKind, ManifestError};
