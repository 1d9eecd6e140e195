//! Days in which snapshots are missing, or do not tell of everything.

use super::super::{Analysis, Report, Series, Settings, Test, TestLine, Verdict, picture, render};
use super::day::{USUAL, add, honest, shift};

fn analysed(series: Series) -> Analysis {
    Analysis::of(series, Settings::default()).unwrap()
}

fn report(series: Series) -> Report {
    analysed(series).into_report()
}

fn line(report: &Report, test: Test) -> &TestLine {
    report.tests.iter().find(|line| line.test == test).unwrap()
}

/// From 12:00 until 13:00 there is no snapshot.
fn hour_away(series: &mut Series) {
    series.snapshots.drain(61..72);
}

#[test]
fn an_hour_without_snapshots_is_left_out_and_the_rest_is_judged() {
    let mut series = honest(6, USUAL);
    let votes = series.snapshots[72].votes - series.snapshots[60].votes;
    hour_away(&mut series);
    let report = report(series);
    assert_eq!(report.verdict, Verdict::NothingFound, "{:?}", report.findings);
    assert_eq!((report.windows, report.cadence_s, report.longest_step_s), (48, 300, 3600));
    assert_eq!((report.tests_made, report.tests_counting), (8, 8));
    let [gap] = report.gaps.as_slice() else { panic!("{:?}", report.gaps) };
    assert_eq!(gap.from.to_string(), "2026-11-03T12:00:00Z");
    assert_eq!(gap.to.to_string(), "2026-11-03T13:00:00Z");
    assert_eq!(gap.votes, votes);
    let left_out = report.left_out.clone().unwrap();
    assert_eq!((left_out.windows, left_out.votes), (4, votes));
    let text = render(&report);
    assert!(text.contains(&format!("12:00 to 13:00 (60 min): {votes} votes")), "{text}");
    assert!(text.contains("and were not judged."), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn what_is_done_beside_a_gap_is_found() {
    for at in [100, 40] {
        let mut series = honest(6, USUAL);
        add(&mut series, at, 1, 400);
        let time = series.snapshots[at].time;
        hour_away(&mut series);
        let report = report(series);
        let near = |one: &&super::super::Finding| one.from <= time && time <= one.to;
        let checks: Vec<&str> = report.findings.iter().filter(near).map(|one| one.check).collect();
        let all = ["growth", "stamps", "check-ins"].iter().all(|check| checks.contains(check));
        assert!(all, "{:?}", report.findings);
        assert!(!report.findings.iter().any(|one| one.text.starts_with("stall")));
    }
}

#[test]
fn what_is_hidden_in_a_gap_is_counted_and_a_shift_of_the_mixture_found() {
    let mut series = honest(6, USUAL);
    add(&mut series, 66, 1, 300);
    let votes = series.snapshots[72].votes - series.snapshots[60].votes;
    hour_away(&mut series);
    let analysis = analysed(series);
    let report = analysis.report();
    assert!(report.findings.iter().all(|one| one.check != "growth"), "{:?}", report.findings);
    let gap = &report.gaps[0];
    // Where honest days have within a tenth or two of the pace around.
    assert!(gap.votes == votes && gap.votes > gap.usual.unwrap() + 200, "{gap:?}");
    let expected = format!("{votes} votes, about {} at the pace", gap.usual.unwrap());
    let text = render(report).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&expected) && picture(&analysis).contains(&expected), "{text}");
    assert!(serde_json::to_string(report).unwrap().contains(&format!("\"votes\":{votes},")));

    let mut series = honest(6, USUAL);
    shift(&mut series, 66, [0, 1], 200);
    hour_away(&mut series);
    let report = self::report(series);
    assert!(report.findings.iter().any(|one| one.check == "mixture"), "{:?}", report.findings);
}

#[test]
fn a_publisher_that_comes_back_at_other_minutes_is_judged() {
    let mut series = honest(9, USUAL);
    for one in &mut series.snapshots[73..] {
        one.time = one.time.plus_seconds(77).unwrap();
    }
    hour_away(&mut series);
    let report = report(series);
    assert_eq!(report.verdict, Verdict::NothingFound, "{:?}", report.findings);
    assert_eq!(report.gaps.len(), 1);
}

#[test]
fn a_missing_snapshot_and_gaps_at_both_ends_are_gaps_too() {
    let mut series = honest(6, USUAL);
    series.snapshots.drain(145..156);
    series.snapshots.remove(80);
    series.snapshots.drain(1..8);
    let report = report(series);
    assert_eq!(report.verdict, Verdict::NothingFound, "{:?}", report.findings);
    assert_eq!(report.gaps.len(), 3);
    let [first, middle, last] = [0, 1, 2].map(|at| report.gaps[at].clone());
    assert_eq!(first.from, report.from);
    assert_eq!(last.to, report.to);
    assert_eq!(middle.to.unix_u64() - middle.from.unix_u64(), 600);
}

#[test]
fn a_day_with_too_much_in_gaps_is_not_judged_and_tells_of_them() {
    let mut series = honest(6, USUAL);
    // From 16:00 until 19:00: the evening's peak.
    let votes = series.snapshots[144].votes - series.snapshots[108].votes;
    series.snapshots.drain(109..144);
    let report = report(series);
    assert_eq!(report.verdict, Verdict::NotChecked);
    assert!(report.unjudged.clone().unwrap().contains("2026-11-03T16:00:00Z"), "{report:?}");
    assert_eq!((report.tests_made, report.gaps[0].votes), (0, votes));
    assert!(render(&report).contains(&format!("16:00 to 19:00 (180 min): {votes} votes")));
}

#[test]
fn a_day_cut_to_pieces_by_short_gaps_is_not_judged() {
    // From 14:00 on two snapshots are missing in every hour, and little comes in the gaps.
    let mut series = honest(6, USUAL);
    let mut at = 0;
    series.snapshots.retain(|_| {
        at += 1;
        at < 84 || !matches!(at % 12, 0 | 1)
    });
    let report = report(series);
    assert_eq!(report.verdict, Verdict::NotChecked, "{:?}", report.left_out);
    assert!(report.gaps.len() >= 6 && report.left_out.is_none());
}

#[test]
fn stamps_that_every_third_snapshot_tells_of_are_judged_on_those() {
    let told = |mut series: Series| {
        for (at, one) in series.snapshots.iter_mut().enumerate().filter(|(at, _)| at % 3 != 0) {
            one.stamps = None;
            // Check-ins are told by all but one.
            one.check_ins = one.check_ins.filter(|_| at != 31);
        }
        report(series)
    };
    let honest_day = told(honest(10, USUAL));
    assert_eq!(honest_day.verdict, Verdict::NothingFound, "{:?}", honest_day.findings);
    assert_eq!((honest_day.tests_made, honest_day.tests_counting), (8, 8));
    assert_eq!(line(&honest_day, Test::Stamps).snapshots, 53);
    assert_eq!(line(&honest_day, Test::CheckIns).snapshots, 156);
    let partly = line(&honest_day, Test::Rhythm).partly.clone().unwrap();
    assert_eq!(partly, "without stamps and check-ins");
    let text = render(&honest_day);
    assert!(text.contains("on the 53 snapshots that tell of it"), "{text}");

    // Two hours in which nothing is told of stamps.
    let mut series = honest(10, USUAL);
    let votes = series.snapshots[84].votes - series.snapshots[60].votes;
    for one in &mut series.snapshots[61..84] {
        one.stamps = None;
    }
    let silent = told(series);
    assert!(silent.gaps.is_empty());
    let left_out = line(&silent, Test::Stamps).left_out.clone().unwrap();
    assert!(left_out.votes >= votes, "{left_out:?}");
    let text = render(&silent);
    assert!(text.contains(&format!("{} votes (", left_out.votes)), "{text}");

    let mut series = honest(10, USUAL);
    for one in &mut series.snapshots[90..] {
        one.stamps.as_mut().unwrap()[2] += 300;
    }
    let found = told(series);
    for check in ["stamps", "stations"] {
        assert!(found.findings.iter().any(|one| one.check == check), "{:?}", found.findings);
    }
}

#[test]
fn a_test_that_could_not_be_made_is_said_in_the_headline() {
    let mut series = honest(11, USUAL);
    for (at, one) in series.snapshots.iter_mut().enumerate() {
        one.check_ins = None;
        one.stamps = one.stamps.clone().filter(|_| at % 26 == 0);
    }
    let report = report(series);
    assert_eq!(report.verdict, Verdict::NothingFound);
    assert_eq!((report.tests_made, report.tests_counting), (5, 8));
    let why = |test: Test| line(&report, test).missing.clone().unwrap();
    assert!(why(Test::Stamps).starts_with("7 of 157 snapshots tell of stamps: "));
    assert_eq!(why(Test::CheckIns), "snapshots do not tell of check-ins");
    let text = render(&report);
    assert!(text.contains("Nothing was found by the 5 of 8 tests that could be made."), "{text}");
}
