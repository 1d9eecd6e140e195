//! The edge over real TCP, before instances that do as a test tells them.

#![allow(clippy::panic, reason = "a test that cannot go on ends")]

mod caching;
mod claims;
mod client;
mod clock;
mod distinguishing;
mod failover;
mod floods;
mod hosts;
mod instance;
mod ledgers;
mod platform;
mod remote;
mod settings;
#[cfg(target_os = "linux")]
mod shares;
mod silence;
mod solar;
mod stamps;
mod statuses;
mod tls;
mod transcripts;
