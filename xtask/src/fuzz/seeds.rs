//! The seed corpus: the test vectors, cut into the pieces that the parsers read.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::workspace::File;

/// Shorter pieces the fuzzer finds by itself.
const SHORTEST: usize = 4;

/// Longer pieces teach it little.
const LONGEST: usize = 8 * 1024;

/// Which folders of `vectors/` a target learns from; a target that is not named learns from all.
const SUBJECTS: [(&str, &[&str]); 28] = [
    ("admit", &["artifacts"]),
    ("anchor", &["anchor", "artifacts/charter"]),
    ("bundle_path", &["leaf", "merkle", "bundle"]),
    ("campaign", &["booth"]),
    ("canonical_json", &["canonical-json", "leaf"]),
    ("card", &["booth"]),
    ("checkpoint", &["note"]),
    ("configuration", &["configuration"]),
    ("definition", &["artifacts/ballot_definition"]),
    ("envelope", &["envelope", "admission"]),
    ("field", &["booth"]),
    ("frames", &["submission"]),
    ("links", &["booth"]),
    ("list_line", &["booth"]),
    ("manifest", &["artifacts", "colorado-2024"]),
    ("nist", &["nist-ballot-definition"]),
    ("note", &["note", "witness"]),
    ("pem", &["key-files"]),
    ("picture", &["booth"]),
    ("policy", &["note"]),
    ("proof", &["note", "merkle"]),
    ("record", &["booth"]),
    ("request", &["booth"]),
    ("signature", &["signatures"]),
    ("tile_path", &["merkle"]),
    ("token", &["booth"]),
    ("wal", &["submission"]),
    ("witness", &["witness"]),
];

/// The pieces for one target.
pub(super) struct Seeds {
    pieces: BTreeSet<Vec<u8>>,
}

/// Each vector file whole, and from JSON each string and each object by itself.
pub(super) fn collect(files: &[File], target: &str) -> Seeds {
    let subjects = SUBJECTS.iter().find(|(name, _)| *name == target).map(|(_, list)| *list);
    let mut seeds = Seeds { pieces: BTreeSet::new() };
    for file in files {
        let Some(path) = file.path.strip_prefix("vectors/") else {
            continue;
        };
        let wanted = subjects.is_none_or(|list| list.iter().any(|name| is_in(path, name)));
        if !wanted || ["md", "py"].contains(&file.extension()) {
            continue;
        }
        seeds.add(&file.bytes);
        if let Ok(value) = serde_json::from_slice::<Value>(&file.bytes) {
            seeds.add_value(&value);
        }
    }
    seeds
}

/// Whether a path of `vectors/` lies in this folder.
fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl Seeds {
    fn add(&mut self, bytes: &[u8]) {
        if (SHORTEST..=LONGEST).contains(&bytes.len()) {
            self.pieces.insert(bytes.to_vec());
        }
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.add(text.as_bytes()),
            Value::Array(items) => items.iter().for_each(|item| self.add_value(item)),
            Value::Object(members) => {
                self.add(value.to_string().as_bytes());
                members.values().for_each(|member| self.add_value(member));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Writes the pieces into a folder, beside what earlier runs found there; gives their number.
    pub(super) fn plant(&self, folder: &Path) -> Result<usize> {
        std::fs::create_dir_all(folder)?;
        for (number, piece) in self.pieces.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:05}")), piece)?;
        }
        Ok(self.pieces.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn vectors_are_taken_whole_and_in_pieces() {
        let seeds = collect(
            &[
                file("vectors/note/a.json", r#"[{"note":"text"}, 7]"#),
                file("vectors/note/b.txt", "plain"),
                file("vectors/note/README.md", "words"),
                file("docs/a.json", "{}"),
            ],
            "unnamed",
        );
        let pieces: Vec<&str> =
            seeds.pieces.iter().map(|piece| std::str::from_utf8(piece).unwrap()).collect();
        let object = r#"{"note":"text"}"#;
        assert_eq!(pieces, [r#"[{"note":"text"}, 7]"#, "plain", "text", object]);
    }

    #[test]
    fn long_pieces_are_left_out() {
        let long = "a".repeat(LONGEST + 1);
        assert!(collect(&[file("vectors/a/b.txt", &long)], "unnamed").pieces.is_empty());
    }

    #[test]
    fn a_target_learns_from_its_own_subjects() {
        let files = [file("vectors/note/a.txt", "a note"), file("vectors/leaf/b.txt", "a leaf")];
        assert_eq!(collect(&files, "note").pieces.len(), 1);
        assert_eq!(collect(&files, "unnamed").pieces.len(), 2);
    }

    #[test]
    fn every_folder_that_a_target_learns_from_is_there() {
        let files = crate::workspace::files().unwrap();
        for (target, folders) in SUBJECTS {
            for folder in folders {
                let inside: Vec<File> = files
                    .iter()
                    .filter(|file| is_in(&file.path, &format!("vectors/{folder}")))
                    .cloned()
                    .collect();
                let pieces = collect(&inside, target).pieces;
                assert!(!pieces.is_empty(), "{target} learns nothing from vectors/{folder}");
            }
        }
    }

    /// A target without a row learns from everything, which is nothing in particular.
    #[test]
    fn every_target_has_its_row() {
        let rows = SUBJECTS.map(|(target, _)| target.to_owned());
        assert_eq!(super::super::targets().unwrap(), rows);
    }
}
