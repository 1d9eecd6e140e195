//! Links between the repository's own documents lead somewhere, and the tests that the account of
//! threats names are there.

use std::collections::BTreeSet;

use super::{Tree, Violation};

/// Where paragraphs that begin with "Tests:" name tests between backticks.
const THREATS: &str = "docs/threats.md";

/// The rules `link` and `named-test`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = broken_links(tree);
    found.extend(missing_tests(tree));
    found
}

fn missing_tests(tree: &Tree) -> Vec<Violation> {
    let Some(threats) = tree.files.iter().find(|file| file.path == THREATS) else {
        return Vec::new();
    };
    let defined = |name: &str| {
        let (function, target) = (format!("fn {name}("), format!("fuzz/fuzz_targets/{name}.rs"));
        let mut code = tree.files.iter().filter(|file| file.extension() == "rs");
        code.any(|file| {
            file.path == target || file.text().is_some_and(|text| text.contains(&function))
        })
    };
    let mut found = Vec::new();
    let mut inside = false;
    for (line, number) in threats.text().unwrap_or_default().lines().zip(1..) {
        inside = line.starts_with("Tests:") || (inside && !line.is_empty());
        let names = line.split('`').skip(1).step_by(2);
        for name in names.filter(|name| inside && !defined(name)) {
            let advice = format!("no test and no fuzz target is called {name}");
            let path = THREATS.to_owned();
            found.push(Violation { path, line: number, rule: "named-test", advice });
        }
    }
    found
}

fn broken_links(tree: &Tree) -> Vec<Violation> {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for file in &tree.files {
        known.insert(&file.path);
        for (at, _) in file.path.match_indices('/') {
            known.extend(file.path.get(..at));
        }
    }
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.extension() == "md") {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (line, number) in file.text().unwrap_or_default().lines().zip(1..) {
            for target in targets(line) {
                let path = resolve(folder, target);
                if !known.contains(path.as_str()) {
                    let advice = format!("{target} leads nowhere; there is no {path}");
                    let path = file.path.clone();
                    found.push(Violation { path, line: number, rule: "link", advice });
                }
            }
        }
    }
    found
}

/// The relative targets of `[text](target)` on this line, without their anchors.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', ' ']).next()?.split('#').next()?;
        let elsewhere =
            target.is_empty() || target.contains("://") || target.starts_with("mailto:");
        (!elsewhere).then_some(target)
    })
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{places, tree};
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_refused() {
        let tree = tree(&[
            ("README.md", "see\n[a](docs/a.md) and [b](docs/b.md#top)\n"),
            ("docs/a.md", "[up](../README.md), [folder](../docs), [web](https://example.org/x)\n"),
            ("docs/c.md", "[self](#here) [bad](a.md/../../gone.txt)\n"),
        ]);
        let found = check(&tree);
        assert_eq!(places(&found), [("README.md", 2, "link"), ("docs/c.md", 1, "link")]);
        assert!(found[0].advice.contains("docs/b.md"), "{}", found[0].advice);
    }

    #[test]
    fn a_test_that_is_not_there_cannot_be_named() {
        let text = "`nothing` here\n\nTests: `a_fork_is_found`, `a_bird_is_found`,\n\
                    `witness` and `gone`\n\n`end`\n";
        let tree = tree(&[
            ("docs/threats.md", text),
            ("crates/a/src/tests.rs", "#[test]\nfn a_fork_is_found() {}\n"),
            ("fuzz/fuzz_targets/witness.rs", ""),
        ]);
        let found = check(&tree);
        let rule = "named-test";
        assert_eq!(places(&found), [(THREATS, 3, rule), (THREATS, 4, rule)]);
    }
}
