//! Signed things and the bundles they travel in.
//!
//! An *artifact* is what an election commits to its log: either an envelope (canonical JSON with
//! signatures) or a raw file listed by a signed manifest. This crate knows the form of every
//! artifact, who may submit it, which keys are in force when, and how the whole body of evidence
//! is laid out as a folder, a zip or a web site.
//!
//! - [`role`]: the one table of roles and entry types
//! - [`kind`], [`payload`], [`manifest`]: what an artifact may say
//! - [`charter`], [`register`], [`anchor`]: whose keys count, and from where one knows
//! - [`leaf`], [`admit`]: what the log records, and what it and every verifier accept
//! - [`bundle`]: paths, sources, sinks
//!
//! In scope: the form of one artifact, and the register of keys. Out of scope: what payloads mean
//! together (a seed that matches its commitment, a sample that follows from a seed), HTTP servers,
//! and every clock: the only times here are those that artifacts state.
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

#[cfg(test)]
mod fixture;
mod form;

pub mod admit;
pub mod anchor;
pub mod bundle;
pub mod charter;
pub mod id;
pub mod kind;
pub mod leaf;
pub mod manifest;
pub mod payload;
pub mod register;
pub mod role;
