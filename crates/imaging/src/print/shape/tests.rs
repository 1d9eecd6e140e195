use artifact::id::Language;
use paper::layout::{Typesetter as _, Weight};

use super::*;

fn letters(language: &Language) -> Letters<'_> {
    Letters { language, weight: Weight::Regular, size: Length::tenths_of_points(120) }
}

fn texts(shaped: &Shaped) -> Vec<&str> {
    let clusters = shaped.runs.iter().flat_map(|run| &run.clusters);
    clusters.map(|cluster| cluster.text.as_str()).collect()
}

#[test]
fn letters_come_in_their_order_with_the_advances_of_the_font() {
    let library = Library::built_in().unwrap();
    let english: Language = "en".parse().unwrap();
    let shaped = library.shape("Elm", letters(&english)).unwrap();
    assert_eq!(texts(&shaped), ["E", "l", "m"]);
    // Of the table hmtx of Noto Sans: 556, 258 and 935 of 1000 units.
    let advances = shaped.runs[0].clusters.iter().map(|cluster| cluster.glyphs[0].advance);
    assert_eq!(advances.collect::<Vec<_>>(), [556, 258, 935]);
    // 1.749 em of 4.233 mm, rounded up.
    assert_eq!(shaped.width(letters(&english).size), Length::micrometres(7_404));
}

#[test]
fn lines_break_between_words_and_at_line_feeds_and_fit() {
    let library = Library::built_in().unwrap();
    let english: Language = "en".parse().unwrap();
    let width = Length::hundredths(3000);
    let set = library.lines("Vote for up to three of these\nor none", letters(&english), width);
    let set = set.unwrap();
    let lines: Vec<&str> = set.iter().map(|line| line.text.as_str()).collect();
    // By the same table 27.4, 27.8 and 15.6 mm; with one word more the first has 39.2.
    assert_eq!(lines, ["Vote for up to", "three of these", "or none"]);
    assert!(set.iter().all(|line| line.width <= width));
}

#[test]
fn a_soft_hyphen_is_seen_at_the_end_of_a_line_only() {
    let library = Library::built_in().unwrap();
    let german: Language = "de".parse().unwrap();
    let word = "Rechts\u{ad}schutz\u{ad}versicherung";
    let lines = |width| library.lines(word, letters(&german), Length::hundredths(width));
    let texts =
        |width| lines(width).unwrap().into_iter().map(|line| line.text).collect::<Vec<String>>();
    assert_eq!(texts(9000), ["Rechtsschutzversicherung"]);
    assert_eq!(texts(3500), ["Rechtsschutz-", "versicherung"]);
    assert!(matches!(lines(1500), Err(TypesetError::Word { .. })));
}
