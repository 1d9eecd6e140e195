//! Writes the page of findings: `cargo run -p verify --example findings > docs/spec/findings.md`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(verify::finding::page::markdown().as_bytes())
}
