//! Words that do not belong in the repository: promises, this machine, this network.

use super::{Tree, Violation};
use crate::workspace::File;

/// Promises. Broken in two so that this file does not find itself.
const PROMISES: [&str; 2] = [concat!("TO", "DO"), concat!("FIX", "ME")];

/// Calls that judge less strictly than `verify_strict`.
const LAX: [&str; 1] = [concat!("verify", "_batch")];

/// Folders that exist on one machine only.
const MACHINE_PATHS: [&str; 6] = [
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/private/", "var/"),
    concat!("C:", "\\"),
];

/// Hosts of registries: a client finds its own, and a mirror has another name.
const HOSTS: [&str; 8] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("py", "pi.org"),
    concat!("files.", "pythonhosted.org"),
    concat!("registry.", "npmjs.org"),
    concat!("deb.", "debian.org"),
    concat!("proxy.", "golang.org"),
    concat!("registry.", "yarnpkg.com"),
];

/// The rules `promise`, `lax-signature`, `machine-path` and `registry-host`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let files = tree.files.iter().filter(|file| !file.path.ends_with("Cargo.lock"));
    files.flat_map(file_violations).collect()
}

fn file_violations(file: &File) -> Vec<Violation> {
    let mut found = Vec::new();
    // Other people's files are carried as they are.
    if file.path.starts_with("vectors/") && file.extension() != "md" {
        return found;
    }
    for (line, number) in file.text().unwrap_or_default().lines().zip(1..) {
        let mut report = |rule: &'static str, advice: String| {
            found.push(Violation { path: file.path.clone(), line: number, rule, advice });
        };
        for word in PROMISES.iter().filter(|word| has_word(line, word)) {
            report("promise", format!("{word}: do it now, or say in plain words what is absent"));
        }
        for word in LAX.iter().filter(|word| has_word(line, word)) {
            report("lax-signature", format!("{word} accepts what verify_strict refuses"));
        }
        for path in MACHINE_PATHS.iter().filter(|path| has_path(line, path)) {
            report("machine-path", format!("{path}… exists on one machine; write a relative path"));
        }
        for host in HOSTS.iter().filter(|host| line.contains(**host)) {
            report("registry-host", format!("{host}: name the registry, not its host"));
        }
    }
    found
}

/// True when `word` stands in `line` with no letter, digit or `_` on either side.
fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// True when an absolute path begins here: `a/root/b` and `https://x/home/` are none.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<[".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{file, places, tree};
    use super::*;

    fn rules(text: &str) -> Vec<&'static str> {
        file_violations(&file("crates/a/src/lib.rs", text)).iter().map(|one| one.rule).collect()
    }

    #[test]
    fn promises_are_found_as_words() {
        for word in PROMISES {
            assert_eq!(rules(&format!("// {word}: later")), ["promise"]);
            assert_eq!(rules(&format!("let {word}S = a_{word};")), [""; 0]);
        }
    }

    #[test]
    fn paths_of_one_machine_are_found_where_a_path_begins() {
        for path in MACHINE_PATHS {
            assert_eq!(rules(&format!("open(\"{path}a\")")), ["machine-path"], "{path}");
        }
        assert_eq!(rules(&format!("GET /tree{}hash", concat!("/ro", "ot/"))), [""; 0]);
    }

    #[test]
    fn hosts_and_lax_signatures_are_found() {
        for host in HOSTS {
            assert_eq!(rules(&format!("from {host}/simple")), ["registry-host"]);
        }
        assert_eq!(rules(&format!("{}(&messages)", LAX[0])), ["lax-signature"]);
        assert_eq!(rules("crates.io is a registry"), [""; 0]);
    }

    #[test]
    fn the_line_is_named_and_other_peoples_files_are_left_alone() {
        let text = format!("a\n{}\n", PROMISES[0]);
        let tree = tree(&[
            ("docs/a.md", &text),
            ("vectors/a/b.csv", &text),
            ("vectors/a/README.md", &text),
            ("Cargo.lock", &text),
        ]);
        let found = check(&tree);
        assert_eq!(
            places(&found),
            [("docs/a.md", 2, "promise"), ("vectors/a/README.md", 2, "promise")]
        );
    }
}
