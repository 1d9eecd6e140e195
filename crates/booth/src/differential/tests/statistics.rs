//! The statistics and the random numbers against those of `SciPy`, `NumPy` and R.

use canon::Digest;

use super::super::random::{Stream, ln_factorial};
use super::super::{bursts, mixture, residual};
use super::{Value, assert_close, real_of, reals, vector};

fn vectors() -> Value {
    serde_json::from_slice(&vector("statistics.json")).unwrap()
}

#[test]
fn g_is_that_of_scipy() {
    for case in vectors()["g"].as_array().unwrap() {
        let [one, other] = [reals(&case["table"][0]), reals(&case["table"][1])];
        assert_close(mixture::g(&one, &other), real_of(&case["g"]), "g");
    }
    assert_close(mixture::g(&[5.0, 5.0], &[0.0, 0.0]), 0.0, "of nothing");
}

#[test]
fn the_trend_is_that_of_r() {
    for case in vectors()["trend"].as_array().unwrap() {
        let found = mixture::trend(&reals(&case["part"]), &reals(&case["whole"]));
        assert_close(found, real_of(&case["trend"]), "trend");
    }
    assert_close(mixture::trend(&[0.0, 0.0], &[5.0, 5.0]), 0.0, "of nobody");
}

#[test]
fn deleted_residuals_are_those_of_polynomials_that_leave_a_window_out() {
    for case in vectors()["deleted"].as_array().unwrap() {
        let found = residual::deleted(&reals(&case["growth"]));
        let expected = reals(&case["deleted"]);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_close(*found, *expected, "deleted");
        }
        for (found, expected) in found[1..].iter().zip(reals(&case["filtered"])) {
            assert_close(*found, expected, "by the filter");
        }
    }
}

#[test]
fn their_variances_are_those_of_the_linear_map() {
    for case in vectors()["variances"].as_array().unwrap() {
        let found = residual::variances(&reals(&case["means"]), &reals(&case["waiting"]));
        let expected = reals(&case["variances"]);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_close(*found, expected, "variance");
        }
    }
}

#[test]
fn the_folded_day_has_the_t_of_scipy() {
    for case in vectors()["folds"].as_array().unwrap() {
        let places = case["places"].as_array().unwrap().iter();
        let places: Vec<usize> =
            places.map(|at| usize::try_from(at.as_u64().unwrap()).unwrap()).collect();
        let found = bursts::folds(&reals(&case["values"]), &places);
        let expected = case["folds"].as_array().unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(u64::try_from(found.period).unwrap(), expected["period"].as_u64().unwrap());
            assert_eq!(u64::try_from(found.phase).unwrap(), expected["phase"].as_u64().unwrap());
            assert_close(found.t, real_of(&expected["t"]), "t");
        }
    }
}

#[test]
fn leans_and_shares_are_those_of_numpy() {
    for case in vectors()["leans"].as_array().unwrap() {
        assert_close(bursts::lean(&reals(&case["values"])), real_of(&case["lean"]), "lean");
    }
    assert_close(bursts::lean(&[3.0; 5]), 0.0, "of nothing");
    for case in vectors()["shares"].as_array().unwrap() {
        let rows = |value: &Value| value.as_array().unwrap().iter().map(reals).collect::<Vec<_>>();
        let found = bursts::shares(&rows(&case["options"]));
        for (found, expected) in found.iter().zip(rows(&case["inner"])) {
            assert_eq!(found.len(), expected.len() + 8);
            for (found, expected) in found[4..].iter().zip(&expected) {
                assert_close(*found, *expected, "share");
            }
        }
    }
}

#[test]
fn factorials_and_uniform_numbers_are_those_of_python() {
    let vectors = vectors();
    for case in vectors["ln_factorial"].as_array().unwrap() {
        assert_close(ln_factorial(real_of(&case[0])), real_of(&case[1]), "ln n!");
    }
    let case = &vectors["uniform"];
    let seed = Digest::of(case["seed_of"].as_str().unwrap().as_bytes());
    let label = case["label"].as_str().unwrap();
    let mut stream = Stream::new(&seed, label, case["number"].as_u64().unwrap());
    for expected in reals(&case["uniform"]) {
        assert_close(stream.uniform(), expected, "uniform");
    }
}

/// Pearson's χ² of drawn counts against their chances stays below what one in 10^5 exceeds.
fn assert_drawn(what: &str, chances: &[f64], draw: impl Fn(&mut Stream) -> f64) {
    const DRAWS: u32 = 40_000;
    let mut stream = Stream::new(&Digest::of(what.as_bytes()), "draws", 0);
    let mut counts = vec![0.0; chances.len() + 1];
    for _ in 0..DRAWS {
        let drawn = draw(&mut stream);
        assert!(drawn >= 0.0 && drawn.fract() == 0.0);
        let at = super::super::number::floor(drawn).min(chances.len());
        counts[at] += 1.0;
    }
    let rest = 1.0 - chances.iter().sum::<f64>();
    let (mut sum, mut cells) = (0.0, 0.0);
    for (count, chance) in counts.iter().zip(chances.iter().chain(&[rest])) {
        let expected = chance * f64::from(DRAWS);
        if expected >= 5.0 {
            sum += (count - expected) * (count - expected) / expected;
            cells += 1.0;
        }
    }
    // Mean and deviation of χ²; 4.3 deviations up even of its long tail are rare enough.
    assert!(sum < cells + 4.3 * (2.0_f64 * cells).sqrt() + 6.0, "{what}: {sum} of {cells} cells");
}

#[test]
fn drawn_numbers_have_the_chances_of_scipy() {
    let vectors = vectors();
    for case in vectors["poisson"].as_array().unwrap() {
        let mean = real_of(&case["mean"]);
        let draw = |stream: &mut Stream| stream.poisson(mean);
        assert_drawn(&format!("poisson {mean}"), &reals(&case["chances"]), draw);
    }
    for case in vectors["binomial"].as_array().unwrap() {
        let (count, chance) = (real_of(&case["count"]), real_of(&case["chance"]));
        let draw = |stream: &mut Stream| stream.binomial(count, chance);
        assert_drawn(&format!("binomial {count} {chance}"), &reals(&case["chances"]), draw);
    }
}

#[test]
fn what_is_dealt_out_adds_up() {
    let mut stream = Stream::new(&Digest::of(b"dealt"), "draws", 0);
    for count in [0.0, 1.0, 17.0, 5000.0] {
        let dealt = stream.multinomial(count, &[0.5, 0.0, 0.3, 0.2]);
        assert_close(dealt.iter().sum(), count, "sum");
        assert!(dealt.iter().all(|part| *part >= 0.0) && dealt[1] == 0.0, "{dealt:?}");
    }
}

#[test]
fn one_odd_window_does_not_move_the_smooth_curve() {
    let honest: Vec<f64> = (0..20).map(|at| 100.0 + 5.0 * f64::from(at)).collect();
    let mut odd = honest.clone();
    odd[9] = 5000.0;
    for (one, other) in residual::smooth(&honest).iter().zip(residual::smooth(&odd)) {
        assert!((one - other).abs() <= 10.0, "{one} {other}");
    }
}
