//! The transparency log without I/O: the tree, its tiles and entries, signed notes and
//! checkpoints, proofs, the sequencer and the witness's rules.
//!
//! Everything here is a function or a state machine. The callers bring clock, disk, network
//! and randomness, so the same code runs in the server, in the verifier, in a browser and in
//! a seeded simulation.
//!
//! | module | what it is | source |
//! |---|---|---|
//! | [`merkle`] | hashes, the growing edge, proofs made and checked | RFC 6962, RFC 9162 |
//! | [`tile`] | paths and bytes of tiles, entry bundles and leaf bundles | C2SP tlog-tiles |
//! | [`note`] | signed notes and verifier keys | C2SP signed-note |
//! | [`checkpoint`] | the text of a tree head | C2SP tlog-checkpoint |
//! | [`cosignature`] | timestamped Ed25519 signatures | C2SP tlog-cosignature |
//! | [`policy`] | which logs and witnesses are enough | C2SP tlog-policy |
//! | [`proof`] | a leaf's proof as one file | C2SP tlog-proof |
//! | [`sequence`] | order, time, and what a log may sign | `docs/spec/log-tree.md` |
//! | [`witness`] | when a witness may cosign | C2SP tlog-witness |
//!
//! In scope: trees of up to 2^64 - 1 leaves, and every wire form above, read strictly and
//! written exactly. Out of scope: what an entry means (`artifact`), where bytes are kept
//! (`service`, `log-server`), HTTP, and the time of day.
//!
//! Hashes are [`canon::Digest`]; leaves are `SHA-256(0x00 || entry)` and nodes
//! `SHA-256(0x01 || left || right)`.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

pub mod checkpoint;
pub mod cosignature;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof;
pub mod sequence;
pub mod tile;
pub mod witness;
