//! Decks of small definitions, whose results are counted by hand.

use artifact::payload::definition::{Paper, Placed};
use serde_json::json;

use super::*;
use crate::layout::geometry::StyleSheets;

/// Two contests of one vote: three choices and a line; two choices. One style with both, the first
/// turned, and one with the second alone.
fn definition() -> BallotDefinition {
    let en = |text: &str| json!({ "en": text });
    let choice = |id: &str| json!({ "id": id, "name": en(id) });
    serde_json::from_value(json!({
        "election_id": "e", "title": en("E"), "jurisdiction": en("J"), "date": "2026-11-03",
        "languages": ["en"], "type": "general", "paper": "letter",
        "districts": [{ "id": "d", "name": en("D") }],
        "precincts": [{
            "id": "p", "name": en("P"), "splits": [{ "id": "s", "districts": ["d"] }],
        }],
        "contests": [
            { "id": "x", "title": en("X"), "district": "d", "subject": "office",
              "method": "plurality", "vote_for": 1, "write_ins": 1,
              "choices": [choice("a"), choice("b"), choice("c")] },
            { "id": "y", "title": en("Y"), "district": "d", "subject": "office",
              "method": "plurality", "vote_for": 1, "write_ins": 0,
              "choices": [choice("a"), choice("b")] },
        ],
        "styles": [
            { "id": "1", "splits": ["s"], "contests": [
                { "contest": "x", "choices": ["b", "c", "a"] }, { "contest": "y" }] },
            { "id": "2", "splits": ["s"], "contests": [{ "contest": "y" }] },
        ],
    }))
    .unwrap()
}

fn mark(contest: u32, rank: u32, target: Target) -> Mark {
    Mark { contest, rank, target }
}

#[test]
fn a_deck_has_every_pattern_once_and_its_results_are_those_counted_by_hand() {
    let deck = deck(&definition(), None).unwrap();
    let patterns = |style| -> Vec<Pattern> {
        let mine = deck.ballots.iter().filter(|ballot| ballot.style == style);
        mine.map(|ballot| ballot.pattern).collect()
    };
    // "Full" of one vote each is "each 1" again.
    let each = [Pattern::Each(1), Pattern::Each(2), Pattern::Each(3), Pattern::Each(4)];
    let mut first = vec![Pattern::Blank];
    first.extend(each);
    first.extend([Pattern::WriteIns, Pattern::Overvote(0), Pattern::Overvote(1)]);
    // The write-in alone is "each 4" again: contest y has no fourth option.
    first.retain(|pattern| *pattern != Pattern::WriteIns);
    assert_eq!(patterns(0), first);
    let second = [Pattern::Blank, Pattern::Each(1), Pattern::Each(2), Pattern::Overvote(1)];
    assert_eq!(patterns(1), second);

    // The first printed choice of x is b.
    assert!(deck.ballots[1].marks.contains(&mark(0, 1, Target::Choice(1))));
    let [x, y] = deck.expected.as_slice() else { panic!("two contests") };
    // x: blank, b, c, a, the line, b and c together, b (beside the overvote of y).
    assert_eq!((x.ballots, x.blank, x.overvotes, x.undervotes), (7, 1, 1, 1));
    assert_eq!(x.choices, [[1], [2], [1]]);
    assert_eq!(x.write_ins, [1]);
    // y on the first style: blank, a, b, none, none, a, both; on the second: blank, a, b, both.
    assert_eq!((y.ballots, y.blank, y.overvotes, y.undervotes), (11, 4, 2, 4));
    assert_eq!(y.choices, [[3], [2]]);
    assert_eq!(y.write_ins, [0]);
}

#[test]
fn ranked_ballots_skip_and_repeat_ranks() {
    let mut definition = definition();
    definition.contests[0].method = Method::Ranked;
    definition.contests[0].ranks = Some(3);
    definition.contests.truncate(1);
    definition.styles.truncate(1);
    definition.styles[0].contests.truncate(1);
    let deck = deck(&definition, None).unwrap();
    let marks = |pattern| -> Vec<(u32, Target)> {
        let ballot = deck.ballots.iter().find(|ballot| ballot.pattern == pattern).unwrap();
        ballot.marks.iter().map(|mark| (mark.rank, mark.target)).collect()
    };
    let (a, b, c) = (Target::Choice(0), Target::Choice(1), Target::Choice(2));
    assert_eq!(marks(Pattern::Full), [(1, b), (2, c), (3, a)]);
    assert_eq!(marks(Pattern::SkippedRank), [(1, b), (3, a)]);
    assert_eq!(marks(Pattern::DuplicateRank), [(1, b), (2, b), (3, b)]);
    assert_eq!(marks(Pattern::Overvote(0)), [(1, b), (1, c)]);
    // "Ranking" is "full" again where nothing else is on the ballot.
    assert!(deck.ballots.iter().all(|ballot| ballot.pattern != Pattern::Ranking));
    let tally = &deck.expected[0];
    // blank; b, c, a, line at rank 1; full; overvote; skipped; duplicate.
    assert_eq!((tally.ballots, tally.blank, tally.overvotes, tally.undervotes), (9, 1, 1, 1));
    assert_eq!(tally.choices, [[1, 0, 2], [4, 1, 1], [1, 1, 0]]);
    assert_eq!(tally.write_ins, [1, 0, 0]);
}

#[test]
fn approval_has_no_overvote_and_plurality_counts_what_was_not_used() {
    let mut definition = definition();
    definition.styles[0].contests =
        vec![Placed { choices: Vec::new(), contest: "x".parse().unwrap() }];
    definition.styles.truncate(1);
    definition.contests.truncate(1);
    definition.contests[0].method = Method::Approval;
    definition.contests[0].vote_for = 4;
    let approval = deck(&definition, None).unwrap();
    assert!(approval.ballots.iter().all(|one| !matches!(one.pattern, Pattern::Overvote(_))));
    let tally = &approval.expected[0];
    // blank, a, b, c, the line, all four.
    assert_eq!((tally.ballots, tally.overvotes, tally.undervotes), (6, 0, 1));
    assert_eq!(tally.choices, [[2], [2], [2]]);
    definition.contests[0].method = Method::Plurality;
    definition.contests[0].vote_for = 3;
    let plurality = deck(&definition, None).unwrap();
    let tally = &plurality.expected[0];
    // blank (3), four of one mark (2 each), full (none), overvote.
    assert_eq!((tally.ballots, tally.overvotes, tally.undervotes), (7, 1, 11));
}

#[test]
fn with_the_geometry_ballots_say_how_many_sheets_they_have() {
    let definition = definition();
    let digest = deck(&definition, None).unwrap().definition;
    let sheets = |count| StyleSheets { sheets: vec![Vec::new(); count] };
    let mut geometry =
        Geometry { definition: digest, paper: Paper::Letter, styles: vec![sheets(2), sheets(1)] };
    let with = deck(&definition, Some(&geometry)).unwrap();
    assert!(with.ballots.iter().all(|one| one.sheets == Some(if one.style == 0 { 2 } else { 1 })));
    geometry.definition = Digest::of(b"another");
    let error = deck(&definition, Some(&geometry)).unwrap_err();
    assert!(matches!(error, DeckError::OtherGeometry { .. }), "{error}");
}

#[test]
fn a_deck_is_json_that_reads_back() {
    let deck = deck(&definition(), None).unwrap();
    let bytes = canon::json::to_canonical(&deck).unwrap();
    assert_eq!(canon::json::from_canonical::<Deck>(&bytes).unwrap(), deck);
    let text = String::from_utf8(bytes).unwrap();
    let each = concat!(
        r#"{"marks":[{"contest":0,"rank":1,"target":{"choice":1}},"#,
        r#"{"contest":1,"rank":1,"target":{"choice":0}}],"pattern":"each 1","style":0}"#,
    );
    assert!(text.contains(each), "{text}");
    for wrong in ["", "each", "each 01", "each +1", "blank 1", "overvote x", "eich 1"] {
        assert!(wrong.parse::<Pattern>().is_err(), "{wrong:?}");
    }
}
