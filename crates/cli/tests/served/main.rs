//! Logs, witnesses and collecting instances as real processes of the real binary, on loopback
//! ports that the system chooses.
#![cfg(unix)]

mod bundles;
mod collect;
mod kill;
mod process;
mod resume;
mod stop;
mod world;
