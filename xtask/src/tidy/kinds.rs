//! Every kind of artifact has a schema, vectors and a place in the specification.

use super::{Tree, Violation};
use crate::workspace::File;

/// Where the table of kinds stands.
const TABLE: &str = "crates/artifact/src/kind.rs";

/// A kind has at least this many failing instances.
const LEAST_FAILING: usize = 5;

/// The rule `kind`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let Some(table) = tree.files.iter().find(|file| file.path == TABLE) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let specification: String = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("docs/spec/"))
        .filter_map(|file| file.text())
        .collect();
    let kinds = kinds(table.text().unwrap_or_default());
    if kinds.is_empty() {
        let advice = "no row `Name = \"name\" v 1 => …` found in a macro `kinds!`".to_owned();
        found.push(Violation { path: TABLE.to_owned(), line: 0, rule: "kind", advice });
    }
    for (kind, line) in kinds {
        let mut report = |advice: String| {
            found.push(Violation { path: TABLE.to_owned(), line, rule: "kind", advice });
        };
        if !tree.files.iter().any(|file| is_schema_of(file, &kind)) {
            report(format!("{kind} has no schema: no file of schemas/ has it as its title"));
        }
        let name = kind.split('/').next().unwrap_or_default();
        for (folder, least) in [("valid", 1), ("invalid", LEAST_FAILING)] {
            let folder = format!("vectors/artifacts/{name}/{folder}-");
            let count = tree.files.iter().filter(|file| file.path.starts_with(&folder)).count();
            if count < least {
                report(format!("{kind} has {count} vectors {folder}…, and {least} are needed"));
            }
        }
        if !specification.contains(&kind) {
            report(format!("{kind} is not in the specification; describe it in docs/spec"));
        }
    }
    found
}

/// True for a JSON Schema that names the kind as its title.
fn is_schema_of(file: &File, kind: &str) -> bool {
    file.path.starts_with("schemas/")
        && serde_json::from_slice::<serde_json::Value>(&file.bytes)
            .is_ok_and(|schema| schema["title"] == kind)
}

/// The rows of `kinds! { … }`: `name/vN` and its line, from each `"name" v N`.
fn kinds(text: &str) -> Vec<(String, usize)> {
    let Ok(file) = syn::parse_file(text) else {
        return Vec::new();
    };
    let mut kinds = Vec::new();
    for item in &file.items {
        let syn::Item::Macro(item) = item else {
            continue;
        };
        if !item.mac.path.is_ident("kinds") {
            continue;
        }
        let tokens: Vec<_> = item.mac.tokens.clone().into_iter().collect();
        for window in tokens.windows(3) {
            let [name, v, version] = window else { continue };
            let text = name.to_string();
            if let Some(bare) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'))
                && v.to_string() == "v"
            {
                kinds.push((format!("{bare}/v{version}"), name.span().start().line));
            }
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{places, tree};
    use super::*;

    const ROWS: &str = "kinds! {\n    /// One\n    Charter = \"charter\" v 1 => None;\n    \
                        Close = \"close\" v 2 => None;\n}\n";

    #[test]
    fn rows_are_read() {
        let expected = [("charter/v1".to_owned(), 3), ("close/v2".to_owned(), 4)];
        assert_eq!(kinds(ROWS), expected);
    }

    #[test]
    fn a_complete_kind_passes_and_each_missing_part_is_named() {
        let failing: Vec<String> = (1..=5)
            .map(|number| format!("vectors/artifacts/close/invalid-{number}.json"))
            .collect();
        let mut whole = vec![
            (TABLE, "kinds! { Close = \"close\" v 2 => None; }"),
            ("schemas/close.schema.json", r#"{"title":"close/v2"}"#),
            ("vectors/artifacts/close/valid-a.json", "{}"),
            ("docs/spec/artifacts.md", "`close/v2` ends the election"),
        ];
        whole.extend(failing.iter().map(|path| (path.as_str(), "{}")));
        assert_eq!(check(&tree(&whole)), []);
        let words = [(1, "no schema"), (2, "valid"), (3, "specification"), (4, "has 4 vectors")];
        for (missing, word) in words {
            let mut part = whole.clone();
            part.remove(missing);
            let part = tree(&part);
            let found = check(&part);
            assert_eq!(places(&found), [(TABLE, 1, "kind")]);
            assert!(found[0].advice.contains(word), "{}", found[0].advice);
        }
    }

    #[test]
    fn a_table_that_cannot_be_found_is_no_pass() {
        assert_eq!(check(&tree(&[(TABLE, "const A: u8 = 1;")])).len(), 1);
    }
}
