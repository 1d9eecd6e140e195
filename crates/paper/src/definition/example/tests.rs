//! The examples hold, and are what they are said to be.

use std::collections::BTreeSet;

use artifact::payload::PayloadType as _;

use super::*;
use crate::definition::check;

#[test]
fn the_city_has_a_contest_of_every_kind_and_no_fault() {
    let city = city();
    assert_eq!(check(&city), []);
    assert_eq!(city.rules(), []);
    assert_eq!(city.precincts.len(), 2);
    assert_eq!(city.precincts.iter().map(|one| one.splits.len()).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(city.contests.len(), 9);
    let methods: BTreeSet<Method> = city.contests.iter().map(|one| one.method).collect();
    assert_eq!(methods, Method::ALL.iter().copied().collect());
    let subjects: BTreeSet<Subject> = city.contests.iter().map(|one| one.subject).collect();
    assert_eq!(subjects, Subject::ALL.iter().copied().collect());
    assert!(city.contests.iter().any(|one| one.write_ins > 0));
    // Precinct 1 and both splits of precinct 2 vote on different contests.
    assert_eq!(city.styles.len(), 3);
    // The mayor's order turns in the second precinct, the council's with every style.
    let order = |style: usize, contest: usize| -> Vec<&str> {
        city.styles[style].contests[contest].choices.iter().map(Name::as_str).collect()
    };
    assert_eq!(order(0, 0), [""; 0]);
    assert_eq!(order(1, 0), ["okafor-lind", "brack", "quill", "vane"]);
    assert_eq!(order(2, 0), ["okafor-lind", "brack", "quill", "vane"]);
    assert_eq!(order(1, 1), ["moss", "ibarra", "stone", "adeyemi", "hartwell"]);
    assert_eq!(order(2, 1), ["ibarra", "stone", "adeyemi", "hartwell", "moss"]);
}

#[test]
fn the_county_has_a_thousand_styles_and_no_fault_whatever_the_seed() {
    for seed in [0, 1, u64::MAX] {
        let county = county(seed);
        assert_eq!(county.styles.len(), 1000, "seed {seed}");
        assert_eq!(check(&county), [], "seed {seed}");
        assert_eq!(county.rules(), [], "seed {seed}");
    }
    let bytes = |seed| canon::json::to_canonical(&county(seed)).unwrap();
    assert_eq!(bytes(7), bytes(7));
    assert_ne!(bytes(7), bytes(8));
    // An artifact has room for it: 16 MiB.
    assert!(bytes(7).len() < 8 << 20, "{}", bytes(7).len());
}
