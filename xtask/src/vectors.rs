//! `cargo xtask vectors`: the test vectors are well-formed and say where they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use anyhow::Result;

use crate::tidy::{Tree, Violation};
use crate::workspace::{self, File};

/// One of these stands in a README that says where values come from.
const SOURCES: [&str; 6] = ["source", "from", "made by", "made with", "rfc", "nist"];

/// The rule `vectors`: JSON parses, no file is empty, and each folder's README says the source.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (subject, files) in subjects(&tree.files) {
        let folder = format!("vectors/{subject}");
        let mut report = |path: &str, advice: &str| {
            let (path, advice) = (path.to_owned(), advice.to_owned());
            found.push(Violation { path, line: 0, rule: "vectors", advice });
        };
        let readme = format!("{folder}/README.md");
        match files.iter().find(|file| file.path == readme) {
            None => report(&folder, "has no README.md; say there where the values come from"),
            Some(file) => {
                let text = file.text().unwrap_or_default().to_lowercase();
                if !SOURCES.iter().any(|word| text.contains(word)) {
                    report(&readme, "does not say the source of the values");
                }
            }
        }
        if files.len() < 2 {
            report(&folder, "holds no vector");
        }
        for file in files {
            if file.bytes.is_empty() && !means_nothing(&file.path) {
                report(&file.path, "is empty; say so in its name if that is the case it shows");
            } else if file.extension() == "json" && !meant_to_fail(&file.path) {
                let value = serde_json::from_slice::<serde_json::Value>(&file.bytes);
                if let Err(error) = value {
                    report(&file.path, &format!("is not JSON: {error}"));
                }
            }
        }
    }
    found
}

/// A file that is a failing case in itself may break any rule.
fn meant_to_fail(path: &str) -> bool {
    ["bad", "fail", "invalid", "refuse"].iter().any(|word| path.contains(word))
}

/// An empty file is a vector when its name says so.
fn means_nothing(path: &str) -> bool {
    path.contains("empty") || meant_to_fail(path)
}

/// Files of `vectors/` by their first folder.
fn subjects(files: &[File]) -> BTreeMap<&str, Vec<&File>> {
    let mut subjects: BTreeMap<&str, Vec<&File>> = BTreeMap::new();
    for file in files {
        let inside = file.path.strip_prefix("vectors/").and_then(|rest| rest.split_once('/'));
        if let Some((subject, _)) = inside {
            subjects.entry(subject).or_default().push(file);
        }
    }
    subjects
}

/// `cargo xtask vectors`.
pub(crate) fn run() -> Result<ExitCode> {
    let tree = Tree { files: workspace::files()?, crates: Vec::new() };
    for (subject, files) in subjects(&tree.files) {
        let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
        let endings: BTreeSet<&str> = files.iter().map(|file| file.extension()).collect();
        let endings: Vec<&str> = endings.into_iter().collect();
        println!("{subject:<28} {:>4} files {bytes:>8} bytes  {}", files.len(), endings.join(" "));
    }
    let found = check(&tree);
    for violation in &found {
        println!("{violation}");
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(files: &[(&str, &str)]) -> Vec<String> {
        let files = files
            .iter()
            .map(|(path, text)| File {
                path: format!("vectors/{path}"),
                bytes: text.as_bytes().to_vec(),
            })
            .collect();
        let found = check(&Tree { files, crates: Vec::new() });
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_documented_subject_passes() {
        let files = [("tile/README.md", "Source: RFC 6962."), ("tile/a.json", "[1]")];
        assert_eq!(advice(&files), [""; 0]);
        let failing = [("tile/README.md", "From RFC 6962."), ("tile/bad/a.json", "[1")];
        assert_eq!(advice(&failing), [""; 0]);
    }

    #[test]
    fn a_source_must_be_said() {
        assert!(advice(&[("tile/a.json", "1"), ("tile/b.json", "2")])[0].contains("no README"));
        let silent = [("tile/README.md", "Tiles."), ("tile/a.json", "1")];
        assert!(advice(&silent)[0].contains("does not say the source"));
    }

    #[test]
    fn broken_empty_and_missing_vectors_are_refused() {
        let readme = ("tile/README.md", "Source: here.");
        assert!(advice(&[readme])[0].contains("holds no vector"));
        assert!(advice(&[readme, ("tile/a.json", "[1")])[0].contains("is not JSON"));
        assert!(advice(&[readme, ("tile/a.csv", "")])[0].contains("is empty"));
        assert_eq!(advice(&[readme, ("tile/empty.csv", "")]), [""; 0]);
    }
}
