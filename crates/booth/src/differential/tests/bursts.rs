//! Bursts in many windows, none of which stands out by itself.

use std::collections::BTreeSet;

use super::super::power::{Burst, Manipulation, When};
use super::super::{Analysis, Report, Series, Settings, Test, Verdict, picture, render};
use super::day::{Kind, add, honest, shift};

/// Some twenty thousand votes in 78 windows of ten minutes.
const LARGE: Kind = Kind { votes: 19_900.0, k: 20, shards: 2 };

fn report(series: Series) -> Report {
    Analysis::of(series, Settings::default()).unwrap().into_report()
}

/// Moves so many votes from the leading option to the next in the last step of each window.
fn moved(series: &mut Series, windows: &[usize], votes: u64) {
    let each = votes / u64::try_from(windows.len()).unwrap();
    for window in windows {
        shift(series, 2 * window + 2, [0, 1], each);
    }
}

fn leads(series: &Series) -> bool {
    let last = series.snapshots.last().unwrap().by_option.clone().unwrap();
    last[0] > last[1]
}

fn checks(report: &Report) -> BTreeSet<&'static str> {
    report.findings.iter().filter(|one| one.counts).map(|one| one.check).collect()
}

/// Moves a part of the leading option's votes in some windows as they come, so that no count falls;
/// says how many that were.
fn moved_as_they_come(series: &mut Series, windows: &[usize], percent: u64) -> u64 {
    let (mut moved, mut before) = (0, 0);
    for (at, one) in series.snapshots.iter_mut().enumerate().skip(1) {
        let counts = one.by_option.as_mut().unwrap();
        if windows.contains(&((at - 1) / 2)) {
            moved += (counts[0] - before) * percent / 100;
        }
        before = counts[0];
        counts[0] -= moved;
        counts[1] += moved;
    }
    moved
}

#[test]
fn bursts_in_every_fourth_or_fifth_window_that_flip_the_winner_are_found() {
    let every = |period: usize| (3..76).step_by(period).collect::<Vec<_>>();
    let turns: Vec<usize> = (3..76).filter(|at| matches!(at % 9, 3 | 7)).collect();
    let attacks = [(every(4), 52), (every(5), 65), (turns, 58)];
    for (number, (windows, percent)) in (40..).zip(attacks) {
        let mut series = honest(number, LARGE);
        assert!(leads(&series));
        assert_eq!(report(series.clone()).verdict, Verdict::NothingFound);
        let votes = moved_as_they_come(&mut series, &windows, percent);
        assert!(!leads(&series) && votes < 1500, "{votes}");
        let report = report(series);
        assert_eq!(report.windows, 78);
        assert_eq!(report.verdict, Verdict::Found, "{windows:?}");
        // The day's own spread hides them from the tests of single windows.
        let many = BTreeSet::from(["lean", "rhythm", "spread"]);
        assert!(checks(&report).is_subset(&many), "{:?}", report.findings);
        assert!(checks(&report).contains("spread"), "{:?}", report.findings);
    }
}

#[test]
fn small_bursts_in_every_fourth_window_are_a_rhythm() {
    let mut series = honest(43, LARGE);
    let windows: Vec<usize> = (2..78).step_by(4).collect();
    moved(&mut series, &windows, 380);
    let opening = series.snapshots[0].time;
    let analysis = Analysis::of(series, Settings::default()).unwrap();
    let drawn = picture(&analysis);
    let report = analysis.into_report();
    let rhythm = report.findings.iter().find(|one| one.check == "rhythm").unwrap();
    let begins = windows.iter().map(|at| opening.plus_seconds(600 * *at as u64).unwrap());
    assert_eq!(rhythm.windows, begins.collect::<Vec<_>>());
    // Of each curve that has the rhythm its bars, and a stroke below each of them.
    let curves = report.findings.iter().filter(|one| one.check == "rhythm").count();
    assert_eq!(drawn.matches("class=\"odd\"").count(), curves * windows.len());
    assert_eq!(drawn.matches("width=\"4\" height=\"4\"").count(), curves * windows.len());
    assert!(rhythm.text.starts_with("every 4th window of 10 min, from 07:20 on"), "{rhythm:?}");
    assert!(!checks(&report).contains("spread") && !checks(&report).contains("mixture"));
}

#[test]
fn added_bursts_of_every_option_are_a_rhythm_of_all_votes() {
    let mut series = honest(44, LARGE);
    for window in (2..78).step_by(3) {
        for (option, votes) in [(0, 52), (1, 40), (2, 10)] {
            add(&mut series, 2 * window + 1, option, votes);
        }
    }
    let report = report(series);
    let of_all = |one: &&super::super::Finding| one.check == "rhythm" && one.of.is_none();
    let texts: Vec<&str> =
        report.findings.iter().filter(of_all).map(|one| one.text.as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("has more votes")), "{:?}", report.findings);
    assert!(texts.iter().any(|text| text.contains("stamps without votes")), "{texts:?}");
}

#[test]
fn bursts_in_a_few_windows_without_a_rhythm_lean() {
    let mut series = honest(45, LARGE);
    let windows = [3, 5, 16, 22, 31, 35, 44, 45, 52, 60, 69, 75];
    moved(&mut series, &windows, 660);
    let opening = series.snapshots[0].time;
    let report = report(series);
    let lean: Vec<_> = report.findings.iter().filter(|one| one.check == "lean").collect();
    let of: Vec<Option<&str>> = lean.iter().map(|one| one.of.as_deref()).collect();
    assert!(of.contains(&Some("Shiny Saturn")), "{:?}", report.findings);
    let far = &lean.iter().find(|one| one.of.as_deref() == Some("Shiny Saturn")).unwrap().windows;
    let begins: Vec<_> =
        windows.iter().map(|at| opening.plus_seconds(600 * *at as u64).unwrap()).collect();
    assert!(!far.is_empty() && far.iter().all(|one| begins.contains(one)), "{far:?}");
}

#[test]
fn the_power_says_how_many_votes_in_bursts_are_found() {
    let mut analysis = Analysis::of(honest(46, LARGE), Settings::default()).unwrap();
    analysis.power(20, &mut |_, _| ());
    let power = analysis.report().power.clone().unwrap();
    let votes = |manipulation: Manipulation, when: When| {
        let one = |one: &&Burst| one.manipulation == manipulation && one.when == when;
        power.bursts.iter().find(one).unwrap().votes.unwrap()
    };
    for period in 2..=8 {
        // A fifth of what flipped the winner would be 258.
        let found = votes(Manipulation::MovedInBursts, When::Every(period));
        assert!((60..1288).contains(&found), "{period}: {found}");
        assert!(votes(Manipulation::AddedInBursts, When::Every(period)) < 2576);
    }
    assert!(votes(Manipulation::MovedInBursts, When::Percent(20)) < 1288);
    assert!(render(analysis.report()).contains("votes moved         every 2nd window"));
    let honest = power.honest.iter().map(|(test, _)| *test).collect::<Vec<_>>();
    assert!([Test::Spread, Test::Rhythm, Test::Lean].iter().all(|test| honest.contains(test)));
}
