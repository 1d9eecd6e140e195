//! How often honest days look odd.

use std::collections::BTreeMap;

use super::super::{Analysis, Settings};
use super::day::{Kind, USUAL, honest};

/// Days to simulate where nothing else is asked for.
const DAYS: u32 = 100;

/// More days: `SCRUTINEER_HONEST_DAYS=2000 cargo test -p booth honest_days -- --nocapture`.
fn days() -> u32 {
    std::env::var("SCRUTINEER_HONEST_DAYS").map_or(DAYS, |days| days.parse().unwrap())
}

/// Of `days` days at most so many have a finding, if one in `1/rate` does: mean and 3.5 deviations.
fn most(days: u32, rate: f64) -> f64 {
    let mean = f64::from(days) * rate;
    mean + 3.5 * mean.sqrt()
}

fn found(kind: Kind, first: u64) -> (u32, BTreeMap<&'static str, u32>) {
    // 5 % a campaign, so that few days tell much; the ratio is what is tested.
    let settings = Settings { draws: 199, false_alarms: 0.05 };
    let (mut any, mut by_test) = (0, BTreeMap::new());
    for number in 0..u64::from(days()) {
        let analysis = Analysis::of(honest(first + number, kind), settings).unwrap();
        let report = analysis.report();
        assert!(report.windows >= 20, "{:?}", report.unjudged);
        assert!(report.rules.iter().all(|line| line.broken == 0), "{:?}", report.findings);
        any += u32::from(report.findings.iter().any(|finding| finding.counts));
        for line in &report.tests {
            let odd = line.made.unwrap().is_found();
            *by_test.entry(line.test.id()).or_default() += u32::from(odd);
        }
    }
    println!("k {}, {} shards: {any} of {} days, {by_test:?}", kind.k, kind.shards, days());
    (any, by_test)
}

#[test]
fn honest_days_in_batches_rarely_look_odd() {
    let (any, _) = found(USUAL, 0);
    assert!(f64::from(any) <= most(days(), 0.05), "{any} of {}", days());
}

#[test]
fn honest_days_without_batches_rarely_look_odd() {
    let (any, _) = found(Kind { votes: 3000.0, k: 0, shards: 1 }, 1_000_000);
    assert!(f64::from(any) <= most(days(), 0.05), "{any} of {}", days());
}

#[test]
fn honest_days_of_large_lumps_rarely_look_odd() {
    let (any, _) = found(Kind { votes: 11_000.0, k: 100, shards: 1 }, 2_000_000);
    assert!(f64::from(any) <= most(days(), 0.05), "{any} of {}", days());
}
