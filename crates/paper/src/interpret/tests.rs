use super::*;
use crate::layout::{Area, Point};

/// Mayor: vote for one, one write-in line. Council: vote for two. Judge: ranked. Taxes: approval.
const DEFINITION: &str = r#"{
    "election_id":"e","title":{"en":"E"},"jurisdiction":{"en":"J"},"date":"2026-11-03",
    "type":"general","languages":["en"],"paper":"letter",
    "districts":[{"id":"all","name":{"en":"All"}}],
    "precincts":[{"id":"p","name":{"en":"P"},"splits":[{"id":"p","districts":["all"]}]}],
    "contests":[
        {"id":"mayor","title":{"en":"Mayor"},"district":"all","subject":"office",
         "method":"plurality","vote_for":1,"write_ins":1,
         "choices":[{"id":"a","name":{"en":"A"}},{"id":"b","name":{"en":"B"}}]},
        {"id":"council","title":{"en":"Council"},"district":"all","subject":"office",
         "method":"plurality","vote_for":2,"write_ins":0,"choices":[{"id":"a","name":{"en":"A"}},
         {"id":"b","name":{"en":"B"}},{"id":"c","name":{"en":"C"}}]},
        {"id":"judge","title":{"en":"Judge"},"district":"all","subject":"office",
         "method":"ranked","vote_for":1,"ranks":2,"write_ins":0,
         "choices":[{"id":"a","name":{"en":"A"}},{"id":"b","name":{"en":"B"}}]},
        {"id":"parks","title":{"en":"Parks"},"district":"all","subject":"measure",
         "method":"approval","vote_for":2,"write_ins":0,
         "choices":[{"id":"a","name":{"en":"A"}},{"id":"b","name":{"en":"B"}}]}],
    "styles":[{"id":"s","splits":["p"],"contests":[{"contest":"mayor"},{"contest":"council"},
               {"contest":"judge"},{"contest":"parks"}]}]
}"#;

const EMPTY: u16 = 0;
const FULL: u16 = 900;
const FAINT: u16 = 100;

fn definition() -> BallotDefinition {
    canon::json::from_strict(DEFINITION.as_bytes()).unwrap()
}

fn inked(contest: u32, rank: u32, target: Target, ink: u16) -> Inked {
    Inked { oval: Oval { centre: Point::default(), contest, rank, target }, ink }
}

fn choice(contest: u32, number: u32, ink: u16) -> Inked {
    inked(contest, 1, Target::Choice(number), ink)
}

fn line(ink: u16) -> Written {
    Written { line: WriteIn { area: Area::default(), contest: 0, line: 0 }, ink }
}

fn one(ovals: &[Inked], written: &[Written]) -> Reading {
    let mut readings = read(&definition(), ovals, written, Thresholds::default());
    assert_eq!(readings.len(), 1);
    readings.remove(0)
}

fn targets<const N: usize>(numbers: [u32; N]) -> BTreeSet<Target> {
    numbers.into_iter().map(Target::Choice).collect()
}

#[test]
fn a_mark_is_a_vote_and_none_is_an_undervote() {
    let mayor = &definition().contests[0];
    let voted = one(&[choice(0, 0, EMPTY), choice(0, 1, FULL)], &[]);
    assert_eq!(voted.votes, Votes::For(targets([1])));
    assert_eq!(voted.undervotes(mayor), 0);
    let blank = one(&[choice(0, 0, EMPTY), choice(0, 1, EMPTY)], &[]);
    assert_eq!(blank.votes, Votes::For(BTreeSet::new()));
    assert_eq!(blank.undervotes(mayor), 1);
    assert!(blank.is_clear());
}

#[test]
fn too_many_marks_are_an_overvote_and_count_for_nobody() {
    let three = [choice(1, 0, FULL), choice(1, 1, FULL), choice(1, 2, FULL)];
    let reading = one(&three, &[]);
    assert_eq!(reading.votes, Votes::Overvote(targets([0, 1, 2])));
    assert_eq!(reading.undervotes(&definition().contests[1]), 0);
    let two = one(&three[..2], &[]);
    assert_eq!(two.votes, Votes::For(targets([0, 1])));
    assert_eq!(one(&three[..1], &[]).undervotes(&definition().contests[1]), 1);
}

#[test]
fn an_approval_contest_knows_no_overvote() {
    let reading = one(&[choice(3, 0, FULL), choice(3, 1, FULL)], &[]);
    assert_eq!(reading.votes, Votes::For(targets([0, 1])));
}

#[test]
fn ink_in_the_band_waits_for_a_person() {
    let reading = one(&[choice(0, 0, FAINT), choice(0, 1, FULL)], &[]);
    let unclear = Selection { rank: 1, target: Target::Choice(0) };
    assert_eq!(reading.doubts, BTreeSet::from([Doubt::Unclear(unclear)]));
    assert_eq!(reading.votes, Votes::For(targets([1])));
    assert!(!reading.is_clear());
}

#[test]
fn the_thresholds_are_where_they_are_said_to_be() {
    let thresholds = Thresholds { none: 55, mark: 140, writing: 25 };
    let judged = [55, 56, 139, 140].map(|ink| thresholds.judge(ink));
    let unclear = Judgement::Unclear;
    assert_eq!(judged, [Judgement::Empty, unclear, unclear, Judgement::Marked]);
    assert!(thresholds.check().is_ok());
    for (none, mark) in [(140, 140), (200, 100), (10, 1001)] {
        let wrong = Thresholds { none, mark, writing: 25 };
        assert_eq!(wrong.check(), Err(NoBand { none, mark }));
    }
}

#[test]
fn names_are_for_people() {
    let marked = [choice(0, 0, EMPTY), inked(0, 1, Target::WriteIn(0), FULL)];
    let named = one(&marked, &[line(300)]);
    assert_eq!(named.doubts, BTreeSet::from([Doubt::Name { line: 0 }]));
    assert_eq!(named.votes, Votes::For(BTreeSet::from([Target::WriteIn(0)])));
    let unmarked = [choice(0, 0, EMPTY), inked(0, 1, Target::WriteIn(0), EMPTY)];
    let written = one(&unmarked, &[line(300)]);
    assert_eq!(written.doubts, BTreeSet::from([Doubt::Unmarked { line: 0 }]));
    assert!(one(&unmarked, &[line(3)]).is_clear());
}

#[test]
fn preferences_keep_their_ranks() {
    let ovals = [
        inked(2, 1, Target::Choice(0), FULL),
        inked(2, 1, Target::Choice(1), FULL),
        inked(2, 2, Target::Choice(0), EMPTY),
        inked(2, 2, Target::Choice(1), FULL),
    ];
    let expected = BTreeMap::from([(1, targets([0, 1])), (2, targets([1]))]);
    assert_eq!(one(&ovals, &[]).votes, Votes::Ranked(expected));
}

#[test]
fn a_contest_that_stands_on_both_sides_is_one_contest() {
    let both = [choice(1, 0, FULL), choice(0, 0, FULL), choice(1, 2, FULL)];
    let readings = read(&definition(), &both, &[], Thresholds::default());
    let contests: Vec<u32> = readings.iter().map(|reading| reading.contest).collect();
    assert_eq!(contests, [0, 1]);
    assert_eq!(readings[1].votes, Votes::For(targets([0, 2])));
}

#[test]
fn a_contest_that_is_not_defined_is_left_out() {
    assert!(read(&definition(), &[choice(9, 0, FULL)], &[], Thresholds::default()).is_empty());
}
