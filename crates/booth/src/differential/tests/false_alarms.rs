//! How often honest days look odd.

use std::collections::BTreeMap;

use super::super::{Analysis, Report, Settings};
use super::day::{Kind, USUAL, honest};

/// Days to simulate where nothing else is asked for.
const DAYS: u32 = 100;

/// Days at the shipped settings, which take ten times as long.
const SHIPPED: u32 = 30;

/// More days: `SCRUTINEER_HONEST_DAYS=2000 cargo test -p booth honest_days -- --nocapture`.
fn days(usual: u32) -> u32 {
    std::env::var("SCRUTINEER_HONEST_DAYS").map_or(usual, |days| days.parse().unwrap())
}

/// Of `days` days at most so many have a finding, if one in `1/rate` does: mean and 3.5 deviations.
fn most(days: u32, rate: f64) -> f64 {
    let mean = f64::from(days) * rate;
    mean + 3.5 * mean.sqrt()
}

/// What an honest day must always be.
fn judged(number: u64, kind: Kind, settings: Settings) -> Report {
    let report = Analysis::of(honest(number, kind), settings).unwrap().into_report();
    assert!(report.windows >= 20, "{:?}", report.unjudged);
    assert!(report.rules.iter().all(|line| line.broken == 0), "{:?}", report.findings);
    assert_eq!(report.tests_made, report.tests_counting);
    report
}

/// Days with a finding that counts, and those of each test.
fn found(kind: Kind, days: u32, report: impl Fn(u64) -> Report) -> u32 {
    let (mut any, mut by_test) = (0, BTreeMap::<&'static str, u32>::new());
    for number in 0..u64::from(days) {
        let report = report(number);
        any += u32::from(report.findings.iter().any(|finding| finding.counts));
        for line in &report.tests {
            let odd = line.made.unwrap().is_found();
            *by_test.entry(line.test.id()).or_default() += u32::from(odd);
        }
    }
    println!("k {}, {} shards: {any} of {days} days, {by_test:?}", kind.k, kind.shards);
    any
}

/// 5 % a campaign and few simulated days, so that little time tells much; the ratio is tested.
fn coarse(kind: Kind, first: u64) {
    let settings = Settings { draws: 199, false_alarms: 0.05 };
    let days = days(DAYS);
    let any = found(kind, days, |number| judged(first + number, kind, settings));
    assert!(f64::from(any) <= most(days, 0.05), "{any} of {days}");
}

/// The settings that campaigns are judged by. A test with more than three values as great among
/// the first 199 simulated days has more than three among all 1999 as well, where a finding has at
/// most two: such days are not simulated to the end.
fn shipped(kind: Kind, first: u64) {
    let settings = Settings::default();
    let days = days(SHIPPED);
    let any = found(kind, days, |number| {
        let few = judged(first + number, kind, Settings { draws: 199, ..settings });
        let counting = few.tests.iter().filter(|line| line.counts);
        let mut values = counting.map(|line| line.made.unwrap().p);
        if values.all(|p| p > 4.5 / 200.0) {
            return few;
        }
        judged(first + number, kind, settings)
    });
    assert!(f64::from(any) <= most(days, settings.false_alarms), "{any} of {days}");
}

#[test]
fn honest_days_in_batches_rarely_look_odd() {
    coarse(USUAL, 0);
}

#[test]
fn honest_days_without_batches_rarely_look_odd() {
    coarse(Kind { votes: 3000.0, k: 0, shards: 1 }, 1_000_000);
}

#[test]
fn honest_days_of_large_lumps_rarely_look_odd() {
    coarse(Kind { votes: 11_000.0, k: 100, shards: 1 }, 2_000_000);
}

#[test]
fn honest_days_of_k_20_rarely_look_odd_as_shipped() {
    shipped(USUAL, 3_000_000);
}

#[test]
fn honest_days_of_k_50_rarely_look_odd_as_shipped() {
    shipped(Kind { votes: 12_000.0, k: 50, shards: 2 }, 4_000_000);
}

#[test]
fn honest_days_of_k_100_rarely_look_odd_as_shipped() {
    shipped(Kind { votes: 11_000.0, k: 100, shards: 1 }, 5_000_000);
}
