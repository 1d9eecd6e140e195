//! Derivation against the check, which works the same rules out another way.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::definition::{Wrong, check};

fn en(text: &str) -> Value {
    json!({ "en": text })
}

/// An election of one contest for each bit, district and rotation of a list.
fn description(
    contests: &[(usize, usize, Option<Rotation>, Option<usize>)],
    precincts: &[Vec<Vec<usize>>],
    parties: usize,
) -> Description {
    let districts = 4;
    let named = |kind: &str, count: usize| -> Vec<Value> {
        let one =
            |at: usize| json!({ "id": format!("{kind}{at}"), "name": en(&format!("{kind} {at}")) });
        (0..count).map(one).collect()
    };
    let splits = |at: usize, splits: &Vec<Vec<usize>>| -> Vec<Value> {
        let split = |(number, districts): (usize, &Vec<usize>)| {
            let districts: Vec<String> = districts.iter().map(|at| format!("d{at}")).collect();
            json!({ "id": format!("s{at}-{number}"), "districts": districts })
        };
        splits.iter().enumerate().map(split).collect()
    };
    let mut value = json!({
        "election_id": "e", "title": en("E"), "jurisdiction": en("J"), "date": "2026-11-03",
        "languages": ["en"], "type": "primary", "paper": "letter",
        "districts": named("d", districts), "parties": named("p", parties),
        "precincts": precincts.iter().enumerate().map(|(at, list)| json!({
            "id": format!("q{at}"), "name": en(&format!("Q {at}")), "splits": splits(at, list),
        })).collect::<Vec<_>>(),
        "contests": [],
    });
    let list = contests.iter().enumerate().map(|(at, (district, choices, rotation, party))| {
        let mut contest = json!({
            "id": format!("c{at}"), "title": en(&format!("C {at}")), "subject": "office",
            "method": "plurality", "vote_for": 1, "write_ins": 0,
            "district": format!("d{district}"), "choices": named("x", *choices),
        });
        if let Some(rotation) = rotation {
            contest["rotation"] = json!(rotation);
        }
        if let Some(party) = party.filter(|party| *party < parties) {
            contest["party"] = json!(format!("p{party}"));
        }
        contest
    });
    value["contests"] = list.collect();
    serde_json::from_value(value).unwrap()
}

fn descriptions() -> impl Strategy<Value = Description> {
    let rotation =
        prop_oneof![Just(None), Just(Some(Rotation::Precinct)), Just(Some(Rotation::Style))];
    let contest = (0..4_usize, 1..5_usize, rotation, prop::option::of(0..3_usize));
    let districts = prop::sample::subsequence(vec![0, 1, 2, 3], 1..=4);
    let precinct = prop::collection::vec(districts, 1..4);
    let lists =
        (prop::collection::vec(contest, 1..7), prop::collection::vec(precinct, 1..9), 0..4_usize);
    lists.prop_map(|(contests, precincts, parties)| description(&contests, &precincts, parties))
}

/// What is wrong with the election itself, whatever its styles.
fn is_of_styles(wrong: &Wrong) -> bool {
    !matches!(wrong, Wrong::NoVoters {} | Wrong::NoContests {})
}

/// Changes the styles so that some rule must break; false where there is nothing to change.
fn spoil(definition: &mut BallotDefinition, how: usize, at: usize) -> bool {
    let count = definition.styles.len();
    let style = &mut definition.styles[at % count];
    match how {
        0 => style.splits.pop().is_some(),
        1 => {
            let taken = style.contests.pop();
            taken.is_some()
        }
        2 => {
            style.contests.reverse();
            style.contests.len() > 1
        }
        3 => {
            let split = style.splits[0].clone();
            let party = style.party.clone();
            let contests = style.contests.clone();
            let twin = Style { contests, id: "twin".parse().unwrap(), party, splits: vec![split] };
            definition.styles.push(twin);
            true
        }
        4 => {
            let longer = style.contests.iter_mut().find(|placed| placed.choices.len() > 1);
            longer.map(|placed| placed.choices.swap(0, 1)).is_some()
        }
        _ => {
            let turned = style.contests.iter_mut().find(|placed| !placed.choices.is_empty());
            turned.map(|placed| placed.choices.clear()).is_some()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_derived_is_found_without_a_fault(description in descriptions()) {
        let definition = derive(description.clone());
        let faults = check(&definition);
        prop_assert!(faults.iter().all(|fault| !is_of_styles(&fault.wrong)), "{faults:?}");
        // Deterministic, and a definition gives back what it was made of.
        prop_assert_eq!(&derive(description.clone()), &definition);
        prop_assert_eq!(Description::from(definition), description);
    }

    #[test]
    fn a_change_of_what_is_derived_is_found(
        description in descriptions(),
        how in 0..6_usize,
        at in 0..50_usize,
    ) {
        let mut definition = derive(description);
        prop_assume!(!definition.styles.is_empty());
        prop_assume!(spoil(&mut definition, how, at));
        let faults = check(&definition);
        prop_assert!(faults.iter().any(|fault| is_of_styles(&fault.wrong)), "{definition:?}");
    }
}

#[test]
fn splits_that_vote_alike_share_a_style_and_rotation_parts_precincts() {
    let precincts = [vec![vec![0], vec![0, 1]], vec![vec![0]], vec![vec![0]]];
    let shared = derive(description(&[(0, 2, None, None), (1, 2, None, None)], &precincts, 0));
    let splits = |definition: &BallotDefinition| -> Vec<Vec<String>> {
        let of = |style: &Style| style.splits.iter().map(ToString::to_string).collect();
        definition.styles.iter().map(of).collect()
    };
    assert_eq!(splits(&shared), [vec!["s0-0", "s1-0", "s2-0"], vec!["s0-1"]]);
    let turned =
        description(&[(0, 2, Some(Rotation::Precinct), None), (1, 2, None, None)], &precincts, 0);
    let turned = derive(turned);
    // Two choices turn back to the first order in the third precinct.
    assert_eq!(splits(&turned), [vec!["s0-0", "s2-0"], vec!["s0-1"], vec!["s1-0"]]);
    let orders: Vec<Vec<&str>> = turned
        .styles
        .iter()
        .map(|style| style.contests[0].choices.iter().map(Name::as_str).collect())
        .collect();
    assert_eq!(orders, [vec![], vec![], vec!["x1", "x0"]]);
}

#[test]
fn in_a_primary_each_party_has_its_ballot() {
    let contests = [(0, 2, None, Some(0)), (0, 2, None, Some(1)), (1, 2, None, None)];
    let primary = derive(description(&contests, &[vec![vec![0, 1], vec![0]]], 3));
    let faces: Vec<(&str, Vec<&str>, Vec<&str>)> = primary
        .styles
        .iter()
        .map(|style| {
            let contests = style.contests.iter().map(|placed| placed.contest.as_str()).collect();
            let splits = style.splits.iter().map(Name::as_str).collect();
            (style.party.as_ref().unwrap().as_str(), contests, splits)
        })
        .collect();
    // The third party has no contest of its own, and none at all in the second split.
    let expected = [
        ("p0", vec!["c0", "c2"], vec!["s0-0"]),
        ("p1", vec!["c1", "c2"], vec!["s0-0"]),
        ("p2", vec!["c2"], vec!["s0-0"]),
        ("p0", vec!["c0"], vec!["s0-1"]),
        ("p1", vec!["c1"], vec!["s0-1"]),
    ];
    assert_eq!(faces, expected);
    assert_eq!(check(&primary), []);
}
