//! The page of findings, `docs/spec/findings.md`, made from the table.

use std::fmt::Write as _;

use super::{Effect, families};

/// The page as Markdown. A test keeps the file in the repository equal to it.
pub fn markdown() -> String {
    let mut page = String::from(HEAD);
    for effect in
        [Effect::Fails, Effect::CouldNotCheck, Effect::Incomplete, Effect::NotAuthenticated]
    {
        let _ = writeln!(page, "- **{}**: {}", effect.words(), meaning(effect));
    }
    for family in families() {
        let _ = write!(page, "\n## {}: {}\n", family.prefix, family.about);
        for rule in family.rules {
            let _ = write!(
                page,
                "\n### {}: {}\n\n- Rule: {} (section {})\n- Effect: {}\n- What to do: {}\n",
                rule.id,
                rule.title,
                rule.rule,
                rule.section,
                rule.effect.words(),
                rule.advice,
            );
        }
    }
    page
}

const HEAD: &str = "# Findings

This page is made from the table in `crates/verify/src/finding/`; a test keeps the two equal. To
write it again: `cargo run -p verify --example findings > docs/spec/findings.md`.

An id never changes its meaning and is never used again. A finding names its subject (a path of the
bundle, or an entry by its index), what was expected and what was found. Section numbers are of the
PVTL-X specification; a word after them names a format of this repository's `docs/spec`.

A finding has one of four effects on the verdict. The gravest that occurs decides.

";

fn meaning(effect: Effect) -> &'static str {
    match effect {
        Effect::Fails => "the evidence is bad; exit code 1.",
        Effect::CouldNotCheck => "this verifier cannot judge it; exit code 2.",
        Effect::Incomplete => "something is owed and not yet there; exit code 2.",
        Effect::NotAuthenticated => "nothing outside the bundle vouches for it; exit code 2.",
    }
}
