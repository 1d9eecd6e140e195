//! The verifier alone.
fn main() {}
