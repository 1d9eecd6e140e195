//! Files, folders and modules are named after what they hold.

use super::{Tree, Violation};

/// Names that say nothing.
const EMPTY: [&str; 8] =
    ["utils", "util", "common", "helpers", "helper", "manager", "misc", "stuff"];

/// Endings of names of code and its folders.
const CODE: [&str; 4] = ["rs", "ts", "js", "svelte"];

/// The rule `module-name`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| CODE.contains(&file.extension())) {
        let mut report = |line: usize, advice: String| {
            let path = file.path.clone();
            found.push(Violation { path, line, rule: "module-name", advice });
        };
        for part in file.path.split('/') {
            let stem = part.split('.').next().unwrap_or(part);
            if says_nothing(stem) {
                report(0, format!("{stem} could hold anything; name it after what it holds"));
            }
        }
        if file.path.ends_with("/mod.rs") {
            report(0, "write `name.rs` beside the folder `name/`".to_owned());
        }
        for (line, number) in file.text().unwrap_or_default().lines().zip(1..) {
            if let Some(name) = inline_module(line).filter(|name| says_nothing(name)) {
                report(number, format!("{name} could hold anything; name it after what it holds"));
            }
        }
    }
    found
}

fn says_nothing(name: &str) -> bool {
    let last = name.rsplit(['_', '-']).next().unwrap_or(name);
    EMPTY.contains(&last)
}

/// The name in `mod name {`; one in `mod name;` is the name of a file.
fn inline_module(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix('{').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{places, tree};
    use super::*;

    #[test]
    fn names_that_say_nothing_are_refused() {
        let tree = tree(&[
            ("crates/a/src/tile.rs", "mod helpers {\n}\nmod wire {\n}\n"),
            ("crates/a/src/utils.rs", ""),
            ("crates/common/src/lib.rs", ""),
            ("web/key_manager.ts", ""),
            ("docs/common.md", ""),
        ]);
        let found = check(&tree);
        assert_eq!(
            places(&found),
            [
                ("crates/a/src/tile.rs", 1, "module-name"),
                ("crates/a/src/utils.rs", 0, "module-name"),
                ("crates/common/src/lib.rs", 0, "module-name"),
                ("web/key_manager.ts", 0, "module-name"),
            ]
        );
    }

    #[test]
    fn a_module_is_not_a_file_called_mod() {
        let tree = tree(&[("crates/a/src/tile/mod.rs", "")]);
        assert!(check(&tree)[0].advice.contains("name.rs"));
    }
}
