//! The platform of the booth path as servers, and the voter's device.
//!
//! In scope: what the roles of [`booth`] need to run: network, disk, clock, randomness. Out of
//! scope: their rules, which stand in [`booth`] and are only called here.
//!
//! - [`campaign`] reads the file that they all share;
//! - [`wire`] is how they speak to each other;
//! - [`edge`] is what voters reach;
//! - [`collect`] is the collecting instance of a shard, and makes the folder of a platform;
//! - [`station`] is the device in the booth, which shows the codes;
//! - [`publish`] merges and serves the two lists;
//! - [`voter`] is the voter's device, and a crowd of them.

pub mod campaign;
pub mod collect;
pub mod edge;
mod plain;
pub mod publish;
pub mod station;
pub mod voter;
pub mod wire;
