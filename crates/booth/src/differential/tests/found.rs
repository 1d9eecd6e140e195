//! Manipulations that are found, and those that are not.

use super::super::power::Manipulation;
use super::super::{Analysis, Finding, Report, Series, Settings, Test, Verdict, picture, render};
use super::day::{USUAL, add, honest, shift, take};

fn analysed(series: Series) -> Analysis {
    Analysis::of(series, Settings::default()).unwrap()
}

fn report(series: Series) -> Report {
    analysed(series).into_report()
}

/// The findings of a check that touch a snapshot's time.
fn near<'a>(report: &'a Report, check: &str, series: &Series, at: usize) -> Vec<&'a Finding> {
    let time = series.snapshots[at].time;
    let touches = |one: &&Finding| one.check == check && one.from <= time && time <= one.to;
    report.findings.iter().filter(touches).collect()
}

#[test]
fn an_honest_day_is_left_alone_and_equal_series_get_equal_answers() {
    let one = report(honest(1, USUAL));
    assert_eq!(one.verdict, Verdict::NothingFound, "{:?}", one.findings);
    assert!(one.tests.iter().all(|line| line.made.is_some()));
    assert_eq!(render(&one), render(&report(honest(1, USUAL))));
}

#[test]
fn votes_added_at_once_are_a_jump_in_total_and_of_their_option() {
    let mut series = honest(1, USUAL);
    add(&mut series, 80, 1, 400);
    let report = report(series.clone());
    assert_eq!(report.verdict, Verdict::Found);
    let found = near(&report, "growth", &series, 80);
    let of: Vec<Option<&str>> = found.iter().map(|one| one.of.as_deref()).collect();
    assert!(of.contains(&None) && of.contains(&Some("Shiny Saturn")), "{of:?}");
    assert!(found.iter().all(|one| one.text.starts_with("jump")), "{found:?}");
    // Its neighbours are not taken for stalls.
    assert!(!report.findings.iter().any(|one| one.text.starts_with("stall")), "{report:?}");
    assert!(!near(&report, "stamps", &series, 80).is_empty());
    assert!(!near(&report, "check-ins", &series, 80).is_empty());
}

#[test]
fn an_hour_without_votes_is_found() {
    let mut series = honest(2, USUAL);
    let held = series.snapshots[120].clone();
    let back = series.snapshots[132].clone();
    for (at, one) in series.snapshots.iter_mut().enumerate().skip(121) {
        // What would have come in that hour never comes.
        let then = if at < 132 { &one.clone() } else { &back };
        one.votes -= then.votes - held.votes;
        one.voters = one.votes;
        let counts = one.by_option.iter_mut().flatten();
        let before = held.by_option.iter().flatten();
        let after = then.by_option.iter().flatten();
        counts.zip(before.zip(after)).for_each(|(count, (before, after))| *count -= after - before);
    }
    let report = report(series.clone());
    let found = [120, 132].map(|at| near(&report, "growth", &series, at).len());
    assert!(found.iter().sum::<usize>() > 0, "{:?}", report.findings);
}

#[test]
fn a_quarter_of_an_hour_without_votes_is_a_stall() {
    let mut series = honest(2, USUAL);
    // From 18:00 until 18:15.
    let steps = 132..135;
    let gone: Vec<u64> = {
        let counts = |at: usize| series.snapshots[at].by_option.clone().unwrap();
        counts(steps.end).iter().zip(counts(steps.start)).map(|(to, from)| to - from).collect()
    };
    let held = series.snapshots[steps.start].clone();
    for one in &mut series.snapshots[steps.start..steps.end] {
        (one.votes, one.voters) = (held.votes, held.voters);
        one.by_option.clone_from(&held.by_option);
    }
    for (option, gone) in gone.into_iter().enumerate() {
        take(&mut series, steps.end, option, gone);
    }
    let report = report(series.clone());
    let found = near(&report, "growth", &series, 134);
    assert!(found.iter().any(|one| one.text.starts_with("stall")), "{:?}", report.findings);
}

#[test]
fn votes_changed_at_once_shift_the_mixture_and_no_total() {
    let mut series = honest(3, USUAL);
    shift(&mut series, 100, [0, 1], 130);
    let report = report(series.clone());
    assert!(!near(&report, "mixture", &series, 100).is_empty(), "{:?}", report.findings);
    assert!(report.findings.iter().all(|one| one.check != "growth" || one.of.is_some()));
}

#[test]
fn a_stations_stamps_that_jump_are_found_there() {
    let mut series = honest(4, USUAL);
    add(&mut series, 90, 1, 200);
    for one in &mut series.snapshots[90..] {
        one.stamps.as_mut().unwrap()[2] += 200;
    }
    let report = report(series.clone());
    let found = near(&report, "stations", &series, 90);
    assert!(found.iter().any(|one| one.of.as_deref() == Some("ST-3")), "{:?}", report.findings);
}

#[test]
fn every_rule_is_broken_by_one_snapshot() {
    type Case = (&'static str, fn(&mut Series));
    let cases: [Case; 6] = [
        ("sizes", |series| series.snapshots[9].voters += 1),
        ("sums", |series| series.snapshots[9].by_option.as_mut().unwrap()[0] += 1),
        ("shrinkage", |series| {
            let one = &mut series.snapshots[50];
            (one.votes, one.voters) = (1, 1);
            one.by_option = Some(vec![1, 0, 0]);
        }),
        ("shrinkage", |series| series.snapshots[50].check_ins = Some(0)),
        ("votes-above-stamps", |series| series.snapshots[156].stamps = Some(vec![1; 4])),
        ("votes-above-check-ins", |series| series.snapshots[156].check_ins = Some(1)),
    ];
    for (rule, break_it) in cases {
        let mut series = honest(5, USUAL);
        break_it(&mut series);
        let report = report(series);
        assert_eq!(report.verdict, Verdict::Found);
        assert!(report.findings.iter().any(|one| one.check == rule), "{rule}: {report:?}");
    }
}

#[test]
fn too_few_votes_and_several_stamp_periods_are_not_judged() {
    let mut few = honest(6, USUAL);
    few.k = 200;
    let report = report(few);
    assert_eq!(report.verdict, Verdict::NotChecked);
    assert!(report.unjudged.unwrap().starts_with("there are too few"));
    let mut periods = honest(6, USUAL);
    periods.stamp_period_s = 3600;
    assert!(analysed(periods).into_report().unjudged.unwrap().contains("stamp periods"));
}

#[test]
fn what_an_official_campaign_leaves_out_is_not_checked() {
    let mut series = honest(7, USUAL);
    for one in &mut series.snapshots {
        (one.by_option, one.stamps, one.check_ins) = (None, None, None);
    }
    let report = report(series);
    assert_eq!(report.verdict, Verdict::NothingFound);
    let made = |line: &&super::super::TestLine| line.made.is_some();
    let made: Vec<Test> = report.tests.iter().filter(made).map(|line| line.test).collect();
    assert_eq!(made, [Test::Growth, Test::Spread, Test::Rhythm]);
}

#[test]
fn the_power_says_what_is_found_and_that_slow_substitution_is_not() {
    let mut analysis = analysed(honest(8, USUAL));
    let mut last = (0, 0);
    analysis.power(60, &mut |done, all| last = (done, all));
    assert_eq!(last.0, last.1);
    let power = analysis.report().power.clone().unwrap();
    assert!(power.any.share() <= 0.1, "{:?}", power.any);
    let smallest = |manipulation: Manipulation, test: Test| {
        let one =
            |one: &&super::super::Smallest| one.manipulation == manipulation && one.test == test;
        power.smallest.iter().find(one).unwrap().clone()
    };
    // Two standard deviations of a window are less, its votes all together more.
    let jump = smallest(Manipulation::AddedAtOnce, Test::Growth);
    let votes = jump.votes.unwrap();
    assert!((60..=400).contains(&votes) && jump.rate.share() >= 0.8, "{jump:?}");
    let without_stamps = smallest(Manipulation::AddedAtOnce, Test::Stamps).votes.unwrap();
    assert!((60..=400).contains(&without_stamps), "{without_stamps}");
    for slow in power.slow.iter().filter(|one| one.manipulation == Manipulation::MovedSlowly) {
        assert!(slow.rate.share() <= 0.2, "{slow:?}");
    }
    // What it says holds for another day, put in vote by vote.
    let finds = |number: u64| {
        let mut series = honest(number, USUAL);
        add(&mut series, 70, 1, votes * 2);
        let report = report(series.clone());
        !near(&report, "growth", &series, 70).is_empty()
    };
    assert!((20..26).filter(|number| finds(*number)).count() >= 5);
    let text = render(analysis.report());
    assert!(text.contains("votes moved evenly all day") && text.contains("not found"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn the_picture_marks_what_was_found_and_escapes_names() {
    let mut series = honest(1, USUAL);
    add(&mut series, 80, 1, 600);
    series.options[1] = "Shiny <Saturn> & Co".to_owned();
    let svg = picture(&analysed(series));
    assert!(svg.contains("class=\"band\"") && svg.contains("Shiny &lt;Saturn&gt; &amp; Co"));
    assert!(!svg.contains("<Saturn>") && !svg.contains("NaN") && !svg.contains("inf"));
    let honest = picture(&analysed(honest(1, USUAL)));
    assert!(
        !honest.contains("class=\"band\"") && honest.contains("Nothing was found by all 8 tests.")
    );
}
