//! The rules of the paper path.
