use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    source: String,
    risk_limit: Option<RiskLimit>,
    gamma: Gamma,
    margin: u64,
    ballots: u64,
    #[serde(default)]
    sample: u64,
    one_over: u64,
    two_over: u64,
    one_under: u64,
    two_under: u64,
    sample_size: Option<u64>,
    risk: Option<String>,
    tolerance: Option<String>,
}

impl Case {
    fn found(&self) -> Discrepancies {
        Discrepancies {
            one_over: self.one_over,
            two_over: self.two_over,
            one_under: self.one_under,
            two_under: self.two_under,
        }
    }

    fn margin(&self) -> DilutedMargin {
        DilutedMargin::new(self.margin, self.ballots).unwrap()
    }
}

fn vectors(name: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn found(one_over: u64, two_over: u64, one_under: u64, two_under: u64) -> Discrepancies {
    Discrepancies { one_over, two_over, one_under, two_under }
}

fn limit(text: &str) -> RiskLimit {
    text.parse().unwrap()
}

#[test]
fn published_sample_sizes_come_out() {
    for case in vectors("kaplan-markov/sample-size.json") {
        let size = sample_size(case.risk_limit.unwrap(), case.gamma, case.margin(), case.found());
        assert_eq!(size.ok(), case.sample_size, "{} {}", case.source, case.margin);
    }
}

#[test]
fn sizes_closest_to_a_whole_number_round_as_exact_arithmetic_does() {
    let cases = vectors("kaplan-markov/sample-size-exact.json");
    assert_eq!(cases.len(), 200);
    for case in cases {
        let size = sample_size(case.risk_limit.unwrap(), case.gamma, case.margin(), case.found());
        assert_eq!(size.ok(), case.sample_size, "{} of {}", case.margin, case.ballots);
    }
}

#[test]
fn published_risks_come_out() {
    for case in vectors("kaplan-markov/risk.json") {
        let found = risk(case.gamma, case.margin(), case.sample, case.found()).unwrap();
        let expected: f64 = case.risk.as_ref().unwrap().parse().unwrap();
        let tolerance: f64 = case.tolerance.as_ref().unwrap().parse().unwrap();
        assert!((found - expected).abs() <= tolerance, "{}: {found}, {expected}", case.source);
    }
}

#[test]
fn risks_agree_with_exact_arithmetic() {
    let cases = vectors("kaplan-markov/risk-exact.json");
    assert_eq!(cases.len(), 105);
    for case in cases {
        let found = risk(case.gamma, case.margin(), case.sample, case.found()).unwrap();
        let expected: f64 = case.risk.as_ref().unwrap().parse().unwrap();
        let error = (found - expected).abs() / expected;
        assert!(error < 1e-11, "{} of {}: {found}, {expected}", case.margin, case.ballots);
    }
}

#[derive(Deserialize)]
struct Row {
    source: String,
    contest: String,
    ballot_card_count: u64,
    min_margin: u64,
    risk_limit: RiskLimit,
    gamma: Gamma,
    o1: u64,
    o2: u64,
    u1: u64,
    u2: u64,
    optimistic: u64,
}

#[test]
fn every_contest_of_colorado_2024_comes_out() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/colorado-2024/sample-sizes.csv");
    let mut rows = 0;
    for row in csv::Reader::from_path(path).unwrap().into_deserialize::<Row>() {
        let row = row.unwrap();
        let margin = DilutedMargin::new(row.min_margin, row.ballot_card_count).unwrap();
        let seen = found(row.o1, row.o2, row.u1, row.u2);
        let size = sample_size(row.risk_limit, row.gamma, margin, seen);
        assert_eq!(size, Ok(row.optimistic), "{} {}", row.source, row.contest);
        rows += 1;
    }
    assert_eq!(rows, 1226);
}

#[test]
fn decimals_are_read_strictly() {
    for good in ["0.03", "0.03000000", "00.5", "0.9999999999"] {
        assert!(good.parse::<RiskLimit>().is_ok(), "{good}");
    }
    let bad = [
        "", ".", "0.", ".05", "+0.05", "-0.05", " 0.05", "0.05 ", "5e-2", "0,05", "0x1", "nan",
        "inf", "0.0.5", "٠.٥", "0.05\0", "1_0.0",
    ];
    for bad in bad {
        assert_eq!(bad.parse::<RiskLimit>(), Err(RiskError::Decimal), "{bad:?}");
        assert_eq!(bad.parse::<Gamma>(), Err(RiskError::Decimal), "{bad:?}");
    }
    let long = format!("0.{}", "3".repeat(39));
    assert_eq!(long.parse::<RiskLimit>(), Err(RiskError::Decimal));
}

#[test]
fn figures_out_of_range_are_refused() {
    for bad in ["0", "0.0", "1", "1.0", "3", "0.99999999999999999999999"] {
        assert_eq!(bad.parse::<RiskLimit>(), Err(RiskError::RiskLimit), "{bad}");
    }
    for bad in ["0", "1", "1.000", "0.99", "1.0000000000000000000001"] {
        assert_eq!(bad.parse::<Gamma>(), Err(RiskError::Gamma), "{bad}");
    }
    assert_eq!(RiskLimit::new(f64::NAN), Err(RiskError::RiskLimit));
    assert_eq!(Gamma::new(f64::NAN), Err(RiskError::Gamma));
    assert_eq!(Gamma::new(f64::INFINITY), Err(RiskError::Gamma));
    assert_eq!(DilutedMargin::new(0, 100), Err(RiskError::Tie));
    assert_eq!(DilutedMargin::new(0, 0), Err(RiskError::NoBallots));
    assert_eq!(
        DilutedMargin::new(101, 100),
        Err(RiskError::MarginTooLarge { margin: 101, ballots: 100 })
    );
    assert_eq!(DilutedMargin::new(5, u64::MAX), Err(RiskError::TooLarge));
}

#[test]
fn errors_say_what_to_do() {
    assert!(RiskError::Tie.hint().contains("count every ballot by hand"));
    assert!(RiskError::Gamma.hint().contains("1.03905"));
    assert!(RiskError::RiskLimit.hint().contains("0.03"));
}

#[test]
fn counts_beyond_reason_are_refused() {
    let margin = DilutedMargin::new(1, 1 << 53).unwrap();
    let size = |found| sample_size(limit("0.03"), Gamma::USUAL, margin, found);
    assert_eq!(size(Discrepancies::NONE), Err(RiskError::TooLarge));
    assert_eq!(size(found(u64::MAX, u64::MAX, 0, 0)), Err(RiskError::TooLarge));
    assert_eq!(risk(Gamma::USUAL, margin, u64::MAX, found(0, 0, 0, 0)), Err(RiskError::TooLarge));
    assert_eq!(
        risk(Gamma::USUAL, margin, 3, found(1, 1, 1, 1)),
        Err(RiskError::TooManyDiscrepancies { discrepancies: 4, sample: 3 })
    );
}

#[test]
fn understatements_never_make_the_sample_smaller_than_themselves() {
    let margin = DilutedMargin::new(50, 100).unwrap();
    let size = sample_size(limit("0.5"), Gamma::USUAL, margin, found(0, 0, 40, 60));
    assert_eq!(size, Ok(100));
}

#[test]
fn json_takes_strings_and_no_numbers() {
    assert_eq!(serde_json::from_str::<RiskLimit>("\"0.03\"").unwrap(), limit("0.03"));
    assert!(serde_json::from_str::<RiskLimit>("0.03").is_err());
    assert!(serde_json::from_str::<Gamma>("\"1\"").is_err());
    assert_eq!(serde_json::to_string(&Gamma::USUAL).unwrap(), "\"1.03905\"");
}

prop_compose! {
    fn margins()(ballots in 1_u64..10_000_000)(margin in 1..=ballots, ballots in Just(ballots))
        -> DilutedMargin {
        DilutedMargin::new(margin, ballots).unwrap()
    }
}

proptest! {
    /// The size is sufficient: with it, the measured risk is within the limit.
    #[test]
    fn the_size_meets_the_limit(
        margin in margins(),
        alpha in 0.000_1_f64..0.999,
        gamma in 1.000_1_f64..3.0,
        counts in prop::array::uniform4(0_u64..50),
    ) {
        let (limit, gamma) = (RiskLimit::new(alpha).unwrap(), Gamma::new(gamma).unwrap());
        let [o1, o2, u1, u2] = counts;
        let seen = found(o1, o2, u1, u2);
        let size = sample_size(limit, gamma, margin, seen).unwrap();
        prop_assert!(size >= seen.total());
        prop_assert!(risk(gamma, margin, size, seen).unwrap() <= alpha * (1.0 + 1e-9));
    }

    /// More cards never raise the risk; an overstatement never lowers it, nor the size.
    #[test]
    fn risk_and_size_are_monotone(
        margin in margins(),
        n in 10_u64..100_000,
        o1 in 0_u64..4,
        o2 in 0_u64..4,
    ) {
        let base = risk(Gamma::USUAL, margin, n, found(o1, o2, 0, 0)).unwrap();
        prop_assert!(risk(Gamma::USUAL, margin, n + 1, found(o1, o2, 0, 0)).unwrap() <= base);
        prop_assert!(risk(Gamma::USUAL, margin, n, found(o1 + 1, o2, 0, 0)).unwrap() >= base);
        prop_assert!(risk(Gamma::USUAL, margin, n, found(o1, o2 + 1, 0, 0)).unwrap() >= base);
        let size = |o1, o2| {
            sample_size(limit("0.05"), Gamma::USUAL, margin, found(o1, o2, 0, 0)).unwrap()
        };
        prop_assert!(size(o1, o2) <= size(o1 + 1, o2));
        prop_assert!(size(o1 + 1, o2) <= size(o1, o2 + 1));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,50}") {
        if let Ok(limit) = text.parse::<RiskLimit>() {
            prop_assert!(limit.value() > 0.0 && limit.value() < 1.0);
        }
        if let Ok(gamma) = text.parse::<Gamma>() {
            prop_assert!(gamma.value() > 1.0);
        }
    }
}
