use std::collections::HashSet;
use std::path::Path;

use num_bigint::BigUint;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn vectors<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct Selection {
    seed: String,
    first: u64,
    last: u64,
    without_replacement: Vec<u64>,
}

#[test]
fn the_selection_of_colorados_own_test_comes_out() {
    let case: Selection = vectors("sampling/colorado.json");
    let mut seen = HashSet::new();
    let numbers: Vec<u64> = ColoradoGenerator::new(&case.seed, case.first, case.last)
        .unwrap()
        .filter(|number| seen.insert(*number))
        .take(case.without_replacement.len())
        .collect();
    assert_eq!(numbers, case.without_replacement);
}

#[derive(Deserialize)]
struct County {
    #[serde(rename = "county")]
    name: String,
    seed: String,
    #[serde(rename = "N")]
    cards: u64,
    n: usize,
    draws: Vec<u64>,
}

#[test]
fn the_draws_of_2024_come_out_repeats_kept() {
    for case in vectors::<Vec<County>>("colorado-2024/draws.json") {
        let numbers: Vec<u64> =
            ColoradoGenerator::new(&case.seed, 1, case.cards).unwrap().take(case.n).collect();
        assert_eq!(numbers, case.draws, "{}", case.name);
        let different: HashSet<_> = numbers.iter().collect();
        let expected = if case.name == "Hinsdale" { 43 } else { 105 };
        assert_eq!(different.len(), expected, "{}", case.name);
    }
}

#[test]
fn seeds_that_are_not_digits_are_refused() {
    for bad in ["", " 1", "1 ", "-1", "+1", "1.0", "abc", "１２", "12\n"] {
        let generator = ColoradoGenerator::new(bad, 1, 10);
        assert_eq!(generator.err(), Some(SampleError::Seed), "{bad:?}");
    }
}

#[test]
fn empty_ranges_are_refused() {
    let generator = ColoradoGenerator::new("1", 2, 1);
    assert_eq!(generator.err(), Some(SampleError::Range { first: 2, last: 1 }));
}

#[test]
fn a_range_of_one_and_the_widest_range_are_drawn_from() {
    let one: Vec<u64> = ColoradoGenerator::new("9", 7, 7).unwrap().take(3).collect();
    assert_eq!(one, [7, 7, 7]);
    let widest = ColoradoGenerator::new("9", 0, u64::MAX).unwrap().next();
    let digest = Digest::of(b"9,1");
    assert_eq!(widest, digest.as_bytes().last_chunk().map(|low| u64::from_be_bytes(*low)));
}

#[test]
fn leading_zeros_of_a_seed_count() {
    let draw = |seed| ColoradoGenerator::new(seed, 1, u64::MAX).unwrap().next();
    assert_ne!(draw("7"), draw("07"));
}

proptest! {
    /// Long division by hand against an arbitrary-precision library.
    #[test]
    fn the_remainder_is_that_of_big_integers(number: [u8; 32], range in 1_u128..=1 << 64) {
        let expected = BigUint::from_bytes_be(&number) % BigUint::from(range);
        let found = remainder(&number, NonZeroU128::new(range).unwrap());
        prop_assert_eq!(BigUint::from(found), expected);
    }

    #[test]
    fn numbers_stay_in_range(seed in "[0-9]{1,200}", first: u64, span: u64) {
        let last = first.saturating_add(span);
        for number in ColoradoGenerator::new(&seed, first, last).unwrap().take(20) {
            prop_assert!((first..=last).contains(&number));
        }
    }
}
