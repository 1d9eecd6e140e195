//! The rules of the house, enforced by a program.
//!
//! Each rule reads the same [`Tree`] and answers with [`Violation`]s: the place, the rule, what to
//! do. A rule has a test that shows it failing on a small made-up input.

use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::{self, File};

mod code;
mod floors;
mod header;
mod kinds;
mod links;
mod manifest;
mod names;
mod size;
mod words;

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// The file, from the root.
    pub(crate) path: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    /// The rule's name.
    pub(crate) rule: &'static str,
    /// What is wrong and what to do about it.
    pub(crate) advice: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}: {}", self.path, self.rule, self.advice),
            line => write!(out, "{}:{line}: {}: {}", self.path, self.rule, self.advice),
        }
    }
}

/// What the rules look at.
pub(crate) struct Tree {
    /// Every file that is tracked or would be.
    pub(crate) files: Vec<File>,
    /// Every crate of the workspace.
    pub(crate) crates: Vec<floors::Crate>,
}

type Rule = fn(&Tree) -> Vec<Violation>;

/// The rules, in the order in which they are reported.
const RULES: [Rule; 10] = [
    floors::check,
    manifest::check,
    header::check,
    code::check,
    size::check,
    names::check,
    words::check,
    kinds::check,
    links::check,
    crate::vectors::check,
];

/// All violations of the tree as it stands on disk.
pub(crate) fn violations() -> Result<Vec<Violation>> {
    let tree =
        Tree { files: workspace::files()?, crates: floors::Crate::all(&workspace::metadata()?) };
    let mut found: Vec<Violation> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    found.sort();
    Ok(found)
}

/// Prints the violations; true when there are none.
pub(crate) fn holds() -> Result<bool> {
    let found = violations()?;
    for violation in &found {
        println!("{violation}");
    }
    match found.len() {
        0 => println!("tidy: every rule holds"),
        1 => println!("tidy: 1 violation"),
        many => println!("tidy: {many} violations"),
    }
    Ok(found.is_empty())
}

/// `cargo xtask tidy`.
pub(crate) fn run() -> Result<ExitCode> {
    Ok(if holds()? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// True for files that hold only tests: `tests.rs`, anything under `tests/` or `benches/`.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests" || part == "benches")
}

/// True for source files of crates, chores and fuzz targets.
fn is_rust(file: &File) -> bool {
    file.extension() == "rs"
}

/// Made-up trees for the tests of the rules.
#[cfg(test)]
mod made_up {
    use super::{File, Tree, Violation};

    pub(super) fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    pub(super) fn tree(files: &[(&str, &str)]) -> Tree {
        Tree {
            files: files.iter().map(|(path, text)| file(path, text)).collect(),
            crates: Vec::new(),
        }
    }

    /// Path, line and rule of each violation, in order.
    pub(super) fn places(found: &[Violation]) -> Vec<(&str, usize, &str)> {
        found.iter().map(|one| (one.path.as_str(), one.line, one.rule)).collect()
    }
}
