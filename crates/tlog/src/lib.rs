//! The transparency log without I/O: trees, tiles, notes, witnesses.
