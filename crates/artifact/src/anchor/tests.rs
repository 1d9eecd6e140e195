use canon::base32::Base32Error;
use proptest::prelude::*;

use super::*;
use crate::fixture::{charter, founded};
use crate::id::GrammarError;

fn anchor() -> Anchor {
    let founded = founded();
    Anchor::from_charter(&founded.charter, founded.admitted.digest)
}

#[test]
fn what_was_given_by_mistake_is_not_shown() {
    let secret = "correct-horse-battery";
    let texts = [
        format!("election_id = \"a\"\n  {secret} {secret}\n"),
        format!("{{\"{secret}\":1}}"),
        format!("charter = \"{secret}"),
        secret.to_owned(),
    ];
    for text in texts {
        let error = Anchor::parse(text.as_bytes()).unwrap_err().to_string();
        assert!(!error.contains(secret) && error.contains("line "), "{error}");
    }
    let error = Anchor::parse(b"election_id = \"a\"\n  b c\n").unwrap_err().to_string();
    assert!(error.contains("line 2, column 5"), "{error}");
}

#[test]
fn the_file_reads_back() {
    let anchor = anchor();
    let text = anchor.to_toml().unwrap();
    assert_eq!(Anchor::from_toml(&text).unwrap(), anchor);
    assert_eq!(Anchor::parse(text.as_bytes()).unwrap(), anchor);
    assert!(text.starts_with("election_id = \"hinsdale-2024-general\"\n"), "{text}");
    assert!(text.contains("\n[[witnesses.list]]\n"), "{text}");
}

#[test]
fn the_smallest_file_has_election_and_charter() {
    let text = format!("election_id = \"e\"\ncharter = \"{}\"\n", Digest::of(b"x"));
    let anchor = Anchor::parse(text.as_bytes()).unwrap();
    assert_eq!((anchor.log, anchor.witnesses, anchor.title), (None, None, None));
    for bad in [
        String::new(),
        "election_id = \"e\"\n".into(),
        text.replace("charter", "chart"),
        format!("{text}extra = 1\n"),
        text.replace("\"e\"", "\"E\""),
        text.replace(&Digest::of(b"x").to_string(), "0badcafe"),
        format!("{text}[log]\norigin = \"x\"\n"),
    ] {
        let error = Anchor::parse(bad.as_bytes()).unwrap_err();
        assert!(matches!(error, AnchorError::Toml { .. }), "{bad}: {error}");
    }
    assert_eq!(Anchor::parse(b"\xff"), Err(AnchorError::NotText));
    let huge = vec![b'#'; MAX_ANCHOR_BYTES + 1];
    assert!(matches!(Anchor::parse(&huge), Err(AnchorError::TooLarge { .. })));
}

#[test]
fn the_poster_reads_back() {
    let anchor = anchor();
    let poster = anchor.to_poster();
    let lines: Vec<_> = poster.lines().collect();
    assert_eq!(lines.len(), 6, "{poster}");
    assert_eq!(lines[0], charter().title.as_str());
    assert_eq!(lines[1], "election hinsdale-2024-general");
    for (number, line) in (1..).zip(&lines[2..]) {
        assert!(line.starts_with(&format!("{number:02} ")), "{line}");
        // Two digits, 13 symbols in four groups, a check symbol.
        assert_eq!(line.len(), 21, "{line}");
    }
    let read = Anchor::parse(poster.as_bytes()).unwrap();
    assert_eq!(read.charter, anchor.charter);
    assert_eq!(read.election_id, anchor.election_id);
    assert_eq!(read.title, anchor.title);
    assert_eq!((&read.log, &read.witnesses), (&None, &None));
    assert!(lines[2].contains(&anchor.short()), "{} {}", lines[2], anchor.short());
}

#[test]
fn a_poster_is_typed_as_people_type() {
    let anchor = anchor();
    let typed = anchor.to_poster().to_lowercase().replace('-', " ").replace('0', "o");
    // The election's id has hyphens of its own.
    let typed =
        typed.replace("election hinsdale 2o24 general", " ELECTION  hinsdale-2024-general ");
    let typed = typed.replace('\n', "\r\n\n");
    let read = Anchor::from_poster(&typed).unwrap();
    assert_eq!(read.charter, anchor.charter);
}

#[test]
fn a_title_may_begin_with_the_word_election() {
    let anchor = Anchor { title: Some("Election 2024".parse().unwrap()), ..anchor() };
    let read = Anchor::parse(anchor.to_poster().as_bytes()).unwrap();
    assert_eq!(read.title, anchor.title);
    assert_eq!(read.election_id, anchor.election_id);
}

#[test]
fn every_faulty_line_is_named() {
    let poster = anchor().to_poster();
    let lines: Vec<_> = poster.lines().collect();
    let text = |order: [&str; 4]| format!("{}\n{}\n", lines[1], order.join("\n"));
    let swapped = Anchor::from_poster(&text([lines[2], lines[4], lines[3], lines[5]]));
    assert_eq!(
        swapped,
        Err(PosterError::Lines(vec![
            LineError::Number { line: 2, found: 3 },
            LineError::Number { line: 3, found: 2 },
        ]))
    );
    // A line written down under the number of another.
    let renumbered = lines[3].replacen("02", "03", 1);
    let swapped = Anchor::from_poster(&text([lines[2], lines[3], &renumbered, lines[5]]));
    let expected = LineError::Unreadable { line: 3, error: Base32Error::Check };
    assert_eq!(swapped, Err(PosterError::Lines(vec![expected])));
    let long = canon::base32::encode_line(4, &[7; 9]).unwrap();
    let found = Anchor::from_poster(&text([lines[2], lines[3], lines[4], &long]));
    let expected = LineError::Length { line: 4, found: 9 };
    assert_eq!(found, Err(PosterError::Lines(vec![expected])));
    let three = Anchor::from_poster(&text([lines[2], lines[3], lines[4], ""]));
    assert_eq!(three, Err(PosterError::Count { found: 3 }));
    let five = Anchor::from_poster(&format!("{poster}{}\n", lines[5]));
    assert_eq!(five, Err(PosterError::Count { found: 5 }));
    assert_eq!(Anchor::from_poster("hello\n"), Err(PosterError::NoElection));
    assert!(matches!(
        Anchor::from_poster("election A\n"),
        Err(PosterError::Election(GrammarError { .. }))
    ));
}

#[test]
fn a_charter_is_compared_with_the_anchor() {
    let founded = founded();
    let anchor = anchor();
    let digest = founded.admitted.digest;
    assert_eq!(anchor.compare(&founded.charter, digest), []);
    let poster = Anchor::from_poster(&anchor.to_poster()).unwrap();
    assert_eq!(poster.compare(&founded.charter, digest), []);
    let mut forged = charter();
    forged.election_id = "forged".parse().unwrap();
    forged.log.origin = "log.example/forged".parse().unwrap();
    forged.log.timestamp_key = forged.witnesses.list[0].key.clone();
    forged.log.checkpoint_key = forged.witnesses.list[1].key.clone();
    forged.witnesses.threshold = 1;
    forged.witnesses.list.pop();
    let members = |anchor: &Anchor| -> Vec<&'static str> {
        let found = anchor.compare(&forged, Digest::of(b"forged"));
        found.iter().map(|one| one.member).collect()
    };
    assert_eq!(members(&poster), ["election_id", "charter"]);
    assert_eq!(
        members(&anchor),
        [
            "election_id",
            "charter",
            "log.origin",
            "log.checkpoint_key",
            "log.timestamp_key",
            "witnesses.threshold",
            "witnesses.list",
        ]
    );
    // The order of witnesses says nothing.
    let mut reordered = founded.charter.clone();
    reordered.witnesses.list.reverse();
    assert_eq!(anchor.compare(&reordered, digest), []);
}

proptest! {
    #[test]
    fn a_wrong_symbol_is_found_in_its_line(
        bytes in any::<[u8; 32]>(),
        line in 0_usize..4,
        at in 0_usize..18,
        to in prop::sample::select("0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().collect::<Vec<_>>()),
    ) {
        let anchor = Anchor { charter: Digest(bytes), log: None, witnesses: None, ..anchor() };
        let poster = anchor.to_poster();
        let mut lines: Vec<String> = poster.lines().map(str::to_owned).collect();
        let symbols: Vec<usize> = lines[2 + line]
            .char_indices()
            .filter(|(_, symbol)| symbol.is_ascii_alphanumeric())
            .map(|(at, _)| at)
            .collect();
        let at = symbols[at % symbols.len()];
        prop_assume!(!lines[2 + line][at..].starts_with(to));
        lines[2 + line].replace_range(at..=at, &to.to_string());
        match Anchor::from_poster(&lines.join("\n")) {
            Err(PosterError::Lines(errors)) => prop_assert_eq!(errors.len(), 1),
            other => prop_assert!(false, "{:?}", other),
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(election [a-z0-9]{0,3}\n)?(.{0,30}\n){0,6}") {
        let _ = Anchor::parse(text.as_bytes());
    }
}
