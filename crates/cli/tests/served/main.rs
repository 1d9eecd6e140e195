//! Logs and witnesses as real processes of the real binary, on loopback ports that the system
//! chooses.
#![cfg(unix)]

mod process;
mod resume;
mod world;
