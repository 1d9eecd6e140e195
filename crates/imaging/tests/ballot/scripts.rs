//! Other scripts, with the fonts of Debian.

use super::*;

use artifact::payload::definition::{Choice, Words};
use imaging::print::PrintError;
use paper::layout::{LayoutError, TypesetError};

const FOLDER: &str = "/usr/share/fonts";

/// The built-in fonts and some of Debian's, where they are installed.
#[allow(clippy::print_stdout, reason = "says which font is missing")]
fn library(files: &[&str]) -> Option<Library> {
    let mut library = Library::built_in().unwrap();
    for file in files {
        let path = format!("{FOLDER}/{file}");
        let Ok(bytes) = std::fs::read(&path) else {
            assert!(std::env::var_os("CI").is_none(), "{path} is not on this machine");
            println!("{path} is not on this machine and nothing is judged with it");
            return None;
        };
        library.add(&path, bytes).unwrap();
    }
    Some(library)
}

const ARABIC: [&str; 2] =
    ["truetype/noto/NotoSansArabic-Regular.ttf", "truetype/noto/NotoSansArabic-Bold.ttf"];
const HINDI: [&str; 2] =
    ["truetype/noto/NotoSansDevanagari-Regular.ttf", "truetype/noto/NotoSansDevanagari-Bold.ttf"];
const CJK: [&str; 2] =
    ["opentype/noto/NotoSansCJK-Regular.ttc", "opentype/noto/NotoSansCJK-Bold.ttc"];

fn words(tag: &str, text: &str) -> Words {
    [(language("en"), text.parse().unwrap()), (language(tag), text.parse().unwrap())]
        .into_iter()
        .collect()
}

/// The city with its names in another language instead of Spanish.
fn city_in(tag: &str, names: &[&str]) -> BallotDefinition {
    let mut text = include_str!("city.json").replace("\"es\"", &format!("\"{tag}\""));
    text = text.replace("Elección general", names[0]);
    let mut city: BallotDefinition = serde_json::from_str(&text).unwrap();
    city.contests.truncate(1);
    let contest = &mut city.contests[0];
    contest.choices = (0..)
        .zip(names)
        .map(|(number, name)| Choice {
            detail: None,
            id: format!("n{number}").parse().unwrap(),
            name: words(tag, name),
            parties: Vec::new(),
        })
        .collect();
    city.styles.truncate(1);
    city.styles[0].contests.truncate(1);
    city
}

/// What is copied from the ballot of the city.
fn copied(tag: &str, names: &[&str], files: &[&str]) -> Option<String> {
    let library = library(files)?;
    let (_, pages) = printed(&city_in(tag, names), 0, Purpose::Official, &library);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ballot.pdf"), document(&pages)).unwrap();
    let text = ask("pdftotext", &["ballot.pdf", "-"], folder.path())?;
    // Marks of direction are the reader's own.
    let text = String::from_utf8(text).unwrap().replace(['\u{202a}', '\u{202b}', '\u{202c}'], "");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn all_are_copied(tag: &str, names: &[&str], files: &[&str]) {
    let Some(text) = copied(tag, names, files) else { return };
    for name in names {
        assert!(text.contains(name), "{name} in {text}");
    }
}

#[test]
fn arabic_is_copied_as_it_was_written() {
    // No lam-alef: poppler 22 turns the two letters of that ligature around.
    all_are_copied("ar", &["فاطمة الزهراء", "محمد علي", "محمود درويش"], &ARABIC);
}

#[test]
fn hindi_is_copied_as_it_was_written() {
    all_are_copied("hi", &["आम चुनाव", "श्रीमती किरण", "क्षत्रिय"], &HINDI);
}

#[test]
fn chinese_japanese_and_korean_are_copied_as_they_were_written() {
    all_are_copied("zh-Hant", &["市議會選舉", "陳大文"], &CJK);
    all_are_copied("ja", &["市議会議員選挙", "山田はなこ"], &CJK);
    all_are_copied("ko", &["시의회 의원 선거", "김하늘"], &CJK);
}

#[test]
fn a_letter_that_no_font_has_is_named_with_the_file_that_has_it() {
    let library = Library::built_in().unwrap();
    let city = city_in("ar", &["محمد علي"]);
    let refused = lay_out(&city, 0, &library, Printing::default()).unwrap_err();
    let LayoutError::Typeset { error: TypesetError::Character { character, file, .. }, .. } =
        refused
    else {
        panic!("{refused}");
    };
    assert!(('\u{600}'..='\u{6ff}').contains(&character));
    assert_eq!(file, "NotoSansArabic-Regular.ttf");
}

#[test]
fn what_is_no_font_is_refused() {
    let mut library = Library::built_in().unwrap();
    let refused = library.add("notes.txt", b"not a font".to_vec()).unwrap_err();
    assert!(matches!(refused, PrintError::Font { .. }), "{refused}");
}
