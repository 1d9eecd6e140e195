//! Logs, witnesses and platforms as real processes of the real binary, on loopback ports that the
//! system chooses.
#![cfg(unix)]

mod bundles;
mod check_ins;
mod collect;
mod kill;
mod process;
mod resume;
mod stop;
mod voters;
mod world;
