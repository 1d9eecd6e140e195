//! Versions stand once, in the root manifest, each group under the purpose that needs it.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Tree, Violation};
use crate::workspace::File;

const RULE: &str = "manifest";

/// What each crate takes from the workspace instead of saying it again.
const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];

const SECTIONS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The rule `manifest`. The fuzz targets are a workspace of their own and keep their versions.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    let members = tree.files.iter().filter(|file| is_member(&file.path));
    for file in members {
        member(file, &mut used, &mut found);
    }
    if let Some(root) = tree.files.iter().find(|file| file.path == "Cargo.toml") {
        purposes(root, &mut found);
        unused(root, &used, &mut found);
    }
    found
}

fn is_member(path: &str) -> bool {
    path == "xtask/Cargo.toml" || (path.starts_with("crates/") && path.ends_with("/Cargo.toml"))
}

fn violation(file: &File, line: usize, advice: String) -> Violation {
    Violation { path: file.path.clone(), line, rule: RULE, advice }
}

fn parse(file: &File, found: &mut Vec<Violation>) -> Option<Table> {
    match file.text().unwrap_or_default().parse::<Table>() {
        Ok(table) => Some(table),
        Err(error) => {
            found.push(violation(file, 0, format!("is not TOML: {}", error.message())));
            None
        }
    }
}

/// True for `x.workspace = true` and `x = { workspace = true, … }`.
fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true)
}

fn member(file: &File, used: &mut BTreeSet<String>, found: &mut Vec<Violation>) {
    let Some(manifest) = parse(file, found) else {
        return;
    };
    for field in INHERITED {
        let package = manifest.get("package");
        if !inherits(package.and_then(|package| package.get(field))) {
            let advice = format!("write `{field}.workspace = true` under [package]");
            found.push(violation(file, 0, advice));
        }
    }
    if !inherits(manifest.get("lints").map(|_| &manifest["lints"])) {
        found.push(violation(file, 0, "write `workspace = true` under [lints]".to_owned()));
    }
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    for table in tables.chain([&manifest]) {
        for section in SECTIONS {
            for (name, value) in table.get(section).and_then(Value::as_table).into_iter().flatten()
            {
                used.insert(name.clone());
                if !inherits(Some(value)) {
                    let advice = format!(
                        "{name} names its own version or path; declare it in the root's \
                         [workspace.dependencies] and write `{name}.workspace = true`"
                    );
                    found.push(violation(file, line_of(file, name), advice));
                }
            }
        }
    }
}

/// The line on which a key is set; 0 when it is not written plainly.
fn line_of(file: &File, key: &str) -> usize {
    let lines = file.text().unwrap_or_default().lines();
    lines
        .zip(1..)
        .find(|(line, _)| {
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
        })
        .map_or(0, |(_, number)| number)
}

/// Lines of `[workspace.dependencies]` with their numbers.
fn declared(root: &File) -> impl Iterator<Item = (&str, usize)> {
    let lines = root.text().unwrap_or_default().lines().zip(1..);
    lines
        .skip_while(|(line, _)| line.trim() != "[workspace.dependencies]")
        .skip(1)
        .take_while(|(line, _)| !line.starts_with('['))
}

/// Each run of lines between blank ones begins with a comment that says what it is for.
fn purposes(root: &File, found: &mut Vec<Violation>) {
    let mut headed = false;
    for (line, number) in declared(root) {
        if line.trim().is_empty() {
            headed = false;
        } else if line.starts_with('#') {
            headed = true;
        } else if !headed {
            let advice = "this group has no purpose; head it with a comment, or move the line \
                          under the purpose that needs it";
            found.push(violation(root, number, advice.to_owned()));
            headed = true;
        }
    }
}

fn unused(root: &File, used: &BTreeSet<String>, found: &mut Vec<Violation>) {
    let mut seen = BTreeSet::new();
    let Some(manifest) = parse(root, found) else {
        return;
    };
    let workspace = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    for (name, value) in workspace.and_then(Value::as_table).into_iter().flatten() {
        if !used.contains(name) {
            let advice = format!("no crate uses {name}; remove the line");
            found.push(violation(root, line_of(root, name), advice));
        }
        let package = value.get("package").and_then(Value::as_str).unwrap_or(name);
        if !seen.insert(package.to_owned()) {
            let advice = format!("{package} is declared twice; keep one version");
            found.push(violation(root, line_of(root, name), advice));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{places, tree};
    use super::*;

    const ROOT: &str = "[workspace.dependencies]\n# Text\nserde = \"1\"\n";
    const MEMBER: &str = "[package]\nname = \"canon\"\nversion.workspace = true\n\
        edition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\n\
        publish.workspace = true\n[lints]\nworkspace = true\n[dependencies]\n";

    fn advice(root: &str, member: &str) -> Vec<String> {
        let tree = tree(&[("Cargo.toml", root), ("crates/canon/Cargo.toml", member)]);
        check(&tree).into_iter().map(|violation| violation.advice).collect()
    }

    #[test]
    fn inherited_versions_pass() {
        let member = format!("{MEMBER}serde.workspace = true\n");
        assert_eq!(advice(ROOT, &member), [""; 0]);
        let member = format!("{MEMBER}serde = {{ workspace = true, features = [] }}\n");
        assert_eq!(advice(ROOT, &member), [""; 0]);
    }

    #[test]
    fn a_version_in_a_member_is_refused() {
        let member = format!("{MEMBER}serde = \"1\"\n");
        let tree = tree(&[("Cargo.toml", ROOT), ("crates/canon/Cargo.toml", &member)]);
        assert_eq!(places(&check(&tree)), [("crates/canon/Cargo.toml", 11, "manifest")]);
    }

    #[test]
    fn a_version_under_a_target_is_refused_too() {
        let member =
            format!("{MEMBER}[target.'cfg(unix)'.dependencies]\nserde = {{ path = '.' }}\n");
        assert!(advice(ROOT, &member)[0].contains("serde names its own version"));
    }

    #[test]
    fn fields_and_lints_are_inherited() {
        let member = "[package]\nname = \"canon\"\nversion = \"1.0.0\"\n[dependencies]\n\
                      serde.workspace = true\n";
        let found = advice(ROOT, member);
        assert_eq!(found.len(), 6, "{found:?}");
        assert!(found[0].contains("version.workspace"));
        assert!(found[5].contains("[lints]"));
    }

    #[test]
    fn a_group_without_a_purpose_and_a_line_without_a_user_are_refused() {
        let root = format!("{ROOT}\ncsv = \"1\"\n");
        let member = format!("{MEMBER}serde.workspace = true\n");
        let found = advice(&root, &member);
        assert!(found[0].contains("no purpose"), "{found:?}");
        assert!(found[1].contains("no crate uses csv"), "{found:?}");
    }

    #[test]
    fn one_package_under_two_names_is_refused() {
        let root = format!("{ROOT}old = {{ package = \"serde\", version = \"0.9\" }}\n");
        let member = format!("{MEMBER}serde.workspace = true\nold.workspace = true\n");
        assert!(advice(&root, &member)[0].contains("declared twice"));
    }
}
