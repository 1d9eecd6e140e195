//! NIST's common data formats.

pub mod definition;
