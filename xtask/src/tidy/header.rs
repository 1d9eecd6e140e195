//! What a crate's first file begins with: its documentation, and on the pure floors its denials.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use super::{Tree, Violation, floors};
use crate::workspace::File;

/// The floors whose input must never make them panic.
const LAST_CAREFUL_FLOOR: u64 = 4;

/// What they deny outside tests.
const DENIED: [&str; 5] = [
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::arithmetic_side_effects",
];

/// The rules `crate-docs` and `denials`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for one in &tree.crates {
        let (library, binary) =
            (format!("{}src/lib.rs", one.folder()), format!("{}src/main.rs", one.folder()));
        let file = [library, binary]
            .iter()
            .find_map(|path| tree.files.iter().find(|file| file.path == *path));
        let Some(file) = file else {
            let advice = format!("{} has neither src/lib.rs nor src/main.rs", one.name);
            let path = one.manifest.clone();
            found.push(Violation { path, line: 0, rule: "crate-docs", advice });
            continue;
        };
        first_file(one, file, &mut found);
        if is_careful(one) {
            let folder = format!("{}src/bin/", one.folder());
            let roots = tree.files.iter().filter(|file| is_root_of_binary(&file.path, &folder));
            roots.for_each(|file| denials_stand(file, &mut found));
        }
    }
    found
}

/// Whether the crate stands on a floor whose input must never make it panic.
fn is_careful(one: &floors::Crate) -> bool {
    one.floor.is_some_and(|floor| floor <= LAST_CAREFUL_FLOOR)
}

/// `<folder><name>.rs` or `<folder><name>/main.rs`: lints are set anew for each of them.
fn is_root_of_binary(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder).and_then(|rest| rest.strip_suffix(".rs"));
    rest.is_some_and(|rest| match rest.split_once('/') {
        Some((_, file)) => file == "main",
        None => true,
    })
}

/// The rule `denials`.
fn denials_stand(file: &File, found: &mut Vec<Violation>) {
    let Ok(syntax) = syn::parse_file(file.text().unwrap_or_default()) else {
        return; // `code` reports what does not parse.
    };
    let denials = denials(&syntax.attrs);
    for lint in DENIED.iter().filter(|lint| !denials.contains(**lint)) {
        let advice = format!("add {lint} to `#![cfg_attr(not(test), deny(…))]`");
        found.push(Violation { path: file.path.clone(), line: 1, rule: "denials", advice });
    }
}

fn first_file(one: &floors::Crate, file: &File, found: &mut Vec<Violation>) {
    let Ok(syntax) = syn::parse_file(file.text().unwrap_or_default()) else {
        return; // `code` reports what does not parse.
    };
    let mut report = |rule: &'static str, advice: String| {
        found.push(Violation { path: file.path.clone(), line: 1, rule, advice });
    };
    let docs = documentation(&syntax.attrs).to_lowercase();
    for phrase in ["in scope", "out of scope"] {
        if !docs.contains(phrase) {
            report("crate-docs", format!("the //! text must say what is {phrase}"));
        }
    }
    if is_careful(one) {
        denials_stand(file, found);
    }
}

fn documentation(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value
        {
            text.push_str(&line.value());
            text.push('\n');
        }
    }
    // A sentence may be broken anywhere.
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The tokens of all `#![cfg_attr(not(test), deny(…))]`, without blanks.
fn denials(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes {
        if let Meta::List(list) = &attribute.meta
            && list.path.is_ident("cfg_attr")
        {
            let tokens: String = list.tokens.to_string().split_whitespace().collect();
            if let Some(rest) = tokens.strip_prefix("not(test),deny(") {
                text.push_str(rest);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::made_up::file;
    use super::*;

    const DOCS: &str = "//! Bytes.\n//!\n//! In scope: bytes. Out of\n//! scope: clocks.\n";
    const DENY: &str = "#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, \
        clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects))]\n";

    fn found(floor: u64, text: &str) -> Vec<Violation> {
        let one = floors::Crate {
            name: "canon".to_owned(),
            manifest: "crates/canon/Cargo.toml".to_owned(),
            floor: Some(floor),
            ..floors::Crate::default()
        };
        check(&Tree { files: vec![file("crates/canon/src/lib.rs", text)], crates: vec![one] })
    }

    #[test]
    fn a_full_header_passes() {
        assert_eq!(found(0, &format!("{DOCS}{DENY}")), []);
        assert_eq!(found(5, DOCS), []);
    }

    #[test]
    fn the_scope_must_be_said_both_ways() {
        let found = found(5, "//! Bytes. In scope: all.\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].advice.contains("out of scope"));
    }

    #[test]
    fn a_comment_is_not_documentation() {
        assert_eq!(found(5, "// In scope: a. Out of scope: b.\n").len(), 2);
    }

    #[test]
    fn each_denial_is_needed_on_the_careful_floors() {
        assert_eq!(found(4, DOCS).len(), 5);
        let weaker = DENY.replace("clippy::panic, ", "");
        let found = found(4, &format!("{DOCS}{weaker}"));
        assert_eq!(found.len(), 1);
        assert!(found[0].advice.contains("clippy::panic"));
    }

    #[test]
    fn a_denial_under_another_condition_does_not_count() {
        let text = format!("{DOCS}{}", DENY.replace("not(test)", "test"));
        assert_eq!(found(0, &text).len(), 5);
    }

    #[test]
    fn a_second_binary_needs_its_denials() {
        let one = floors::Crate {
            name: "canon".to_owned(),
            manifest: "crates/canon/Cargo.toml".to_owned(),
            floor: Some(4),
            ..floors::Crate::default()
        };
        let library = file("crates/canon/src/lib.rs", &format!("{DOCS}{DENY}"));
        for (path, expected) in [("two.rs", 5), ("two/main.rs", 5), ("two/args.rs", 0)] {
            let binary = file(&format!("crates/canon/src/bin/{path}"), "//! Two.\n");
            let files = vec![library.clone(), binary];
            let found = check(&Tree { files, crates: vec![one.clone()] });
            assert_eq!(found.len(), expected, "{path}");
        }
    }

    #[test]
    fn a_crate_without_a_first_file_is_refused() {
        let one = floors::Crate { name: "canon".to_owned(), ..floors::Crate::default() };
        assert_eq!(check(&Tree { files: Vec::new(), crates: vec![one] }).len(), 1);
    }
}
