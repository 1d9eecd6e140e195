//! Files that a person can read: short, narrow, text, ended by a newline.

use std::collections::BTreeSet;

use syn::spanned::Spanned as _;

use super::{Tree, Violation, code, is_rust, is_test_file};
use crate::workspace::File;

/// A Rust file has at most this many lines, whatever they are.
const FILE_LINES: usize = 600;

/// At most this many lines of code that is not a test: no blank lines, no comments.
const PRODUCTION_LINES: usize = 350;

/// A line of code has at most this many characters.
const COLUMNS: usize = 100;

/// A tracked file has at most this many bytes.
const FILE_BYTES: usize = 512 * 1024;

/// A picture in docs/pictures has at most this many bytes.
const PICTURE_BYTES: usize = 150 * 1024;

/// Endings of files that are code, for [`COLUMNS`].
const CODE: [&str; 7] = ["rs", "ts", "js", "svelte", "css", "sh", "py"];

/// The rules `file-size`, `binary`, `final-newline`, `file-length` and `columns`.
pub(crate) fn check(tree: &Tree) -> Vec<Violation> {
    let files = tree.files.iter().filter(|file| !is_licensed_face(file, &tree.files));
    let files = files.filter(|file| !is_picture(file));
    files.flat_map(file_violations).collect()
}

/// A face that is printed with stands beside its licence. It cannot be text.
fn is_licensed_face(file: &File, files: &[File]) -> bool {
    let small = file.bytes.len() <= FILE_BYTES;
    let folder = file.path.strip_suffix(".ttf").and_then(|path| path.rsplit_once('/'));
    let licence = folder.map(|(folder, _)| format!("{folder}/OFL.txt"));
    small && licence.is_some_and(|licence| files.iter().any(|file| file.path == licence))
}

/// A small picture of what is printed, which words cannot show.
fn is_picture(file: &File) -> bool {
    file.path.starts_with("docs/pictures/")
        && file.extension() == "png"
        && file.bytes.starts_with(b"\x89PNG")
        && file.bytes.len() <= PICTURE_BYTES
}

fn file_violations(file: &File) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut report = |line: usize, rule: &'static str, advice: String| {
        found.push(Violation { path: file.path.clone(), line, rule, advice });
    };
    if file.bytes.len() > FILE_BYTES {
        let advice = format!(
            "has {} bytes, and at most {FILE_BYTES} are allowed; make it by program, or carry a \
             smaller sample",
            file.bytes.len()
        );
        report(0, "file-size", advice);
    }
    let in_vectors = file.path.starts_with("vectors/");
    let Some(text) = file.text() else {
        if !in_vectors {
            let advice = "is binary; such files stand only in vectors/, with their source";
            report(0, "binary", advice.to_owned());
        }
        return found;
    };
    // Vectors carry other people's bytes as they are.
    if !in_vectors && !text.is_empty() && !text.ends_with('\n') {
        report(text.lines().count(), "final-newline", "end the file with a newline".to_owned());
    }
    if CODE.contains(&file.extension()) && !in_vectors {
        for (line, number) in text.lines().zip(1..) {
            let columns = line.chars().count();
            if columns > COLUMNS && line.trim().contains(' ') {
                let advice = format!("has {columns} columns, and {COLUMNS} are allowed; break it");
                report(number, "columns", advice);
            }
        }
    }
    if is_rust(file) {
        lengths(file, text, &mut report);
    }
    found
}

fn lengths(file: &File, text: &str, report: &mut impl FnMut(usize, &'static str, String)) {
    let lines = text.lines().count();
    if lines > FILE_LINES {
        let advice =
            format!("has {lines} lines, and {FILE_LINES} are allowed; split it by subject");
        report(0, "file-length", advice);
    }
    if is_test_file(&file.path) {
        return;
    }
    let production = production_lines(text);
    if production > PRODUCTION_LINES {
        let advice = format!(
            "has {production} lines of code outside its tests, and {PRODUCTION_LINES} are allowed; \
             move a part that has a name into a file of its own"
        );
        report(0, "file-length", advice);
    }
}

/// Lines that hold code and are not in an item under `#[cfg(test)]`.
fn production_lines(text: &str) -> usize {
    let mut tests = BTreeSet::new();
    if let Ok(syntax) = syn::parse_file(text) {
        for item in &syntax.items {
            if code::is_test_only(attributes(item)) {
                tests.extend(item.span().start().line..=item.span().end().line);
            }
        }
    }
    let lines = text.lines().zip(1_usize..);
    lines
        .filter(|(line, number)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("//") && !tests.contains(number)
        })
        .count()
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::made_up::{file, places};
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        file_violations(&file(path, text)).iter().map(|one| (one.line, one.rule)).collect()
    }

    #[test]
    fn a_file_of_six_hundred_lines_passes_and_one_more_does_not() {
        assert_eq!(rules("tests/a.rs", &"f();\n".repeat(600)), []);
        assert_eq!(rules("tests/a.rs", &"f();\n".repeat(601)), [(0, "file-length")]);
    }

    #[test]
    fn production_code_is_counted_without_tests_blanks_and_comments() {
        let code = "const A: u8 = 1;\n".repeat(350);
        let rest = "\n// why\n/// what\nconst B: u8 = 1;\n";
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "const C: u8 = 1;\n".repeat(90));
        assert_eq!(rules("a.rs", &format!("{code}{tests}")), []);
        assert_eq!(rules("a.rs", &format!("{code}{rest}")), [(0, "file-length")]);
        assert_eq!(rules("src/a/tests.rs", &format!("{code}{rest}")), []);
    }

    #[test]
    fn wide_lines_of_code_are_refused_unless_they_are_one_word() {
        let wide = format!("let a = {};\n", "b".repeat(93));
        assert_eq!(rules("a.rs", &wide), [(1, "columns")]);
        assert_eq!(rules("a.md", &wide), []);
        assert_eq!(rules("a.rs", &format!("// x\n    \"{}\"\n", "k".repeat(120))), []);
        assert_eq!(rules("a.rs", &format!("// {}\n", "é".repeat(97))), []);
    }

    #[test]
    fn the_last_line_ends() {
        assert_eq!(rules("a.md", "one\ntwo"), [(2, "final-newline")]);
        assert_eq!(rules("a.md", ""), []);
        assert_eq!(rules("vectors/a.csv", "1,2"), []);
    }

    #[test]
    fn big_and_binary_files_are_refused() {
        let big = "a\n".repeat(256 * 1024 + 1);
        assert_eq!(rules("vectors/a.csv", &big), [(0, "file-size")]);
        assert_eq!(rules("docs/a.png", "\u{0}png"), [(0, "binary")]);
        assert_eq!(rules("vectors/a.bin", "\u{0}"), []);
        let latin = File { path: "a.txt".to_owned(), bytes: vec![0xe9, b'\n'] };
        let tree = Tree { files: vec![latin], crates: Vec::new() };
        assert_eq!(places(&check(&tree)), [("a.txt", 0, "binary")]);
    }

    #[test]
    fn a_picture_is_small_and_stands_with_the_pictures() {
        let picture = |path: &str, bytes: usize| {
            let start = b"\x89PNG\xff".iter().copied();
            let bytes = start.chain(std::iter::repeat(0)).take(bytes).collect();
            File { path: path.to_owned(), bytes }
        };
        let small = PICTURE_BYTES;
        let files = vec![
            picture("docs/pictures/a.png", small),
            picture("docs/pictures/b.png", small + 1),
            picture("docs/c.png", small),
            picture("docs/pictures/d.pdf", small),
            File { path: "docs/pictures/e.png".to_owned(), bytes: vec![0xff, 1] },
        ];
        let tree = Tree { files, crates: Vec::new() };
        let found = check(&tree);
        let found: Vec<&str> = found.iter().map(|violation| violation.path.as_str()).collect();
        let refused = ["b.png", "d.pdf", "e.png"].map(|name| format!("docs/pictures/{name}"));
        assert_eq!(found, [&refused[0], "docs/c.png", &refused[1], &refused[2]]);
    }

    #[test]
    fn a_face_stands_beside_its_licence() {
        let face = |path: &str| File { path: path.to_owned(), bytes: vec![0, 1, 0, 0] };
        let files = vec![face("a/A.ttf"), file("a/OFL.txt", "Free.\n"), face("b/B.ttf")];
        let tree = Tree { files, crates: Vec::new() };
        assert_eq!(places(&check(&tree)), [("b/B.ttf", 0, "binary")]);
    }
}
