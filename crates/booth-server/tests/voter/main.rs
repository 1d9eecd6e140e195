//! The voter's device against a stand-in that speaks the wire of `docs/spec/booth.md`.

mod crowd;
mod finding;
mod journey;
mod lies;
mod platform;
mod seed;
mod tls;
mod way;
