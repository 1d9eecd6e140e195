use std::path::Path;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    source: String,
    risk_limit: RiskLimit,
    gamma: Gamma,
    margin: u64,
    ballots: u64,
    rates: [String; 4],
    rounding: String,
    size: Answer,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Cards(u64),
    FullCount(String),
}

fn vectors<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/kaplan-markov").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// `0.001` or `1/27`.
fn rate(text: &str) -> f64 {
    match text.split_once('/') {
        Some((over, under)) => over.parse::<f64>().unwrap() / under.parse::<f64>().unwrap(),
        None => text.parse().unwrap(),
    }
}

fn rates(one_over: f64, two_over: f64) -> Rates {
    Rates { one_over, two_over, ..Rates::default() }
}

#[test]
fn published_plans_come_out() {
    let cases = vectors::<Case>("planned-size.json");
    assert_eq!(cases.len(), 28);
    for case in cases {
        let margin = DilutedMargin::new(case.margin, case.ballots).unwrap();
        let [one_over, two_over, one_under, two_under] = case.rates.each_ref().map(|r| rate(r));
        let rates = Rates { one_over, two_over, one_under, two_under };
        let rounded = |ones| rounded_size(case.risk_limit, case.gamma, margin, rates, ones);
        let size = match case.rounding.as_str() {
            "none" => expected_size(case.risk_limit, case.gamma, margin, rates),
            "nearest" => rounded(Rounding::Nearest),
            "up" => rounded(Rounding::Up),
            "up, within ballots" => {
                rounded(Rounding::Up).map(|size| Size::Cards(size.within(case.ballots)))
            }
            other => panic!("unknown rounding {other}"),
        };
        let expected = match &case.size {
            Answer::Cards(cards) => Size::Cards(*cards),
            Answer::FullCount(text) => {
                assert_eq!(text, "full count");
                Size::FullCount
            }
        };
        assert_eq!(size, Ok(expected), "{} {:?}", case.source, case.rates);
    }
}

#[derive(Deserialize)]
struct RhoCase {
    risk_limit: RiskLimit,
    gamma: Gamma,
    tolerance: String,
    rho: String,
}

#[test]
fn published_rhos_come_out() {
    for case in vectors::<RhoCase>("rho.json") {
        let found = rho(case.risk_limit, case.gamma, rate(&case.tolerance)).unwrap().unwrap();
        assert!((found - rate(&case.rho)).abs() < 1e-12, "{found} {}", case.rho);
    }
}

#[test]
fn a_tolerance_that_eats_the_evidence_has_no_rho() {
    assert_eq!(rho(RiskLimit::new(0.1).unwrap(), Gamma::USUAL, 0.9), Ok(None));
}

#[test]
fn rates_out_of_range_are_refused() {
    let margin = DilutedMargin::new(1, 10).unwrap();
    let limit = RiskLimit::new(0.1).unwrap();
    for bad in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let size = expected_size(limit, Gamma::USUAL, margin, rates(bad, 0.0));
        assert_eq!(size, Err(RiskError::Rate), "{bad}");
        let size = rounded_size(limit, Gamma::USUAL, margin, rates(0.0, bad), Rounding::Up);
        assert_eq!(size, Err(RiskError::Rate), "{bad}");
        assert_eq!(rho(limit, Gamma::USUAL, bad), Err(RiskError::Rate), "{bad}");
    }
}

#[test]
fn without_errors_the_plan_is_at_most_the_sample_size() {
    let limit = RiskLimit::new(0.03).unwrap();
    for margin in [1, 7, 50, 99, 100] {
        let margin = DilutedMargin::new(margin, 100).unwrap();
        let size = sample_size(limit, Gamma::USUAL, margin, Discrepancies::NONE).unwrap();
        let Ok(Size::Cards(planned)) = expected_size(limit, Gamma::USUAL, margin, Rates::default())
        else {
            panic!("no errors, no full count")
        };
        assert!(planned <= size, "{planned} {size}");
    }
}
