//! The seed corpus: the test vectors, cut into the pieces that the parsers read.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::workspace::File;

/// Longer pieces teach the fuzzer little.
const LONGEST: usize = 8 * 1024;

/// Every target gets the same pieces: libFuzzer drops those that teach a target nothing.
pub(super) struct Seeds {
    pieces: BTreeSet<Vec<u8>>,
}

/// Each vector file whole, and from JSON each string and each object by itself.
pub(super) fn collect(files: &[File]) -> Seeds {
    let mut seeds = Seeds {
        pieces: BTreeSet::new(),
    };
    for file in files {
        let wanted = file.path.starts_with("vectors/") || file.path.starts_with("schemas/");
        if !wanted || file.extension() == "md" {
            continue;
        }
        seeds.add(&file.bytes);
        if let Ok(value) = serde_json::from_slice::<Value>(&file.bytes) {
            seeds.add_value(&value);
        }
    }
    seeds
}

impl Seeds {
    fn add(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && bytes.len() <= LONGEST {
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
        File {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    #[test]
    fn vectors_are_taken_whole_and_in_pieces() {
        let seeds = collect(&[
            file("vectors/note/a.json", r#"[{"note":"text"}, 7]"#),
            file("vectors/note/b.txt", "plain"),
            file("vectors/note/README.md", "words"),
            file("docs/a.json", "{}"),
        ]);
        let pieces: Vec<&str> = seeds
            .pieces
            .iter()
            .map(|piece| std::str::from_utf8(piece).unwrap())
            .collect();
        let object = r#"{"note":"text"}"#;
        assert_eq!(pieces, [r#"[{"note":"text"}, 7]"#, "plain", "text", object]);
    }

    #[test]
    fn long_pieces_are_left_out() {
        let long = "a".repeat(LONGEST + 1);
        assert!(collect(&[file("vectors/a/b.txt", &long)]).pieces.is_empty());
    }
}
