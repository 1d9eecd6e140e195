//! Each fault, made in a definition that has none.

use artifact::payload::definition::{ElectionType, Method, Placed, Rotation};

use super::*;
use crate::definition::example;

fn city() -> BallotDefinition {
    example::city()
}

/// Place and code of every fault.
fn faults(definition: &BallotDefinition) -> Vec<String> {
    let one = |fault: &Fault| format!("{}: {}", fault.place, fault.wrong.code());
    check(definition).iter().map(one).collect()
}

/// The faults of the city after a change.
fn after(change: impl FnOnce(&mut BallotDefinition)) -> Vec<String> {
    let mut city = city();
    change(&mut city);
    faults(&city)
}

fn json(definition: &BallotDefinition) -> serde_json::Value {
    serde_json::to_value(definition).unwrap()
}

/// The faults after a change of the JSON.
fn after_json(pointer: &str, value: serde_json::Value) -> Vec<String> {
    let mut city = json(&city());
    *city.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    faults(&serde_json::from_value(city).unwrap())
}

#[test]
fn all_faults_are_told_at_once() {
    let mut city = city();
    city.contests[3].district = "ward-9".parse().unwrap();
    city.contests[5].vote_for = 2;
    city.parties.clear();
    let faults = faults(&city);
    let has = |fault: &str| assert!(faults.iter().any(|one| one == fault), "{fault}: {faults:#?}");
    has("contests[3] \"ward-2\": unknown_district");
    has("contests[5] \"parks\": approval_votes");
    has("contests[0] \"mayor\" choices[0] \"vane\": unknown_party");
    has("contests[3] \"ward-2\" choices[0] \"thorne\": unknown_party");
    has("styles[1] \"2\": contest_extra");
}

#[test]
fn texts_stand_in_every_language_and_in_no_other() {
    let en = serde_json::json!({ "en": "Mayor" });
    let place = "contests[0] \"mayor\" title";
    assert_eq!(after_json("/contests/0/title", en), [format!("{place}: text_missing")]);
    let fr = serde_json::json!({ "en": "Mayor", "es": "Alcaldía", "fr": "Maire" });
    assert_eq!(after_json("/contests/0/title", fr), [format!("{place}: text_foreign")]);
    let unseen = serde_json::json!({ "en": "\u{200b}\u{2060}", "es": "Alcaldía" });
    assert_eq!(after_json("/contests/0/title", unseen), [format!("{place}: invisible")]);
    let en = serde_json::json!({ "en": "Nurse" });
    let detail = "contests[1] \"council\" choices[0] \"hartwell\" detail: text_missing";
    assert_eq!(after_json("/contests/1/choices/0/detail", en), [detail]);
    let every = after(|city| city.languages.push("fr".parse().unwrap()));
    assert_eq!(every.iter().filter(|fault| fault.ends_with("text_missing")).count(), every.len());
    // Title, jurisdiction, 2 parties, 4 districts, 2 precincts, 9 contests, 3 texts, 25 choices
    // and 5 details.
    assert_eq!(every.len(), 1 + 1 + 2 + 4 + 2 + 9 + 3 + 25 + 5);
}

#[test]
fn candidates_who_look_alike_are_found_however_they_are_spelt() {
    let spell = |text: &str| {
        let name = serde_json::json!({ "en": text, "es": text });
        after_json("/contests/5/choices/0/name", name)
    };
    // Once in each language.
    let found = ["contests[5] \"parks\" choices[1] \"castellan\": same_name"; 2];
    for text in [
        "Hugo Castellan",
        "Hugo\u{200b} Castellan",
        "Hugo  Castellan",
        "Hugo\u{a0}Castellan",
        "\u{ff28}ugo Castellan",
    ] {
        assert_eq!(spell(text), found, "{text:?}");
    }
    assert_eq!(spell("Hugo Castellano"), [""; 0]);
    // é as one character, and as e with an accent behind it.
    let mut city = json(&city());
    for (at, text) in [(0, "Ren\u{e9} Dray"), (1, "Rene\u{301} Dray")] {
        city["contests"][5]["choices"][at]["name"] = serde_json::json!({ "en": text, "es": text });
    }
    assert_eq!(faults(&serde_json::from_value(city).unwrap()), found);
    // A detail in one language alone tells them apart in that language alone.
    let mut city = self::city();
    let name = city.contests[1].choices[0].name.clone();
    city.contests[1].choices[1].name = name;
    assert_eq!(faults(&city), [""; 0], "a nurse and a carpenter of one name");
    let detail = city.contests[1].choices[0].detail.clone();
    city.contests[1].choices[1].detail = detail;
    assert_eq!(faults(&city).len(), 2);
}

#[test]
fn ids_that_differ_in_capitals_only_are_found() {
    let found = after(|city| city.parties[0].id = "COMMONS".parse().unwrap());
    assert!(found.contains(&"parties[1] \"commons\": case_only".to_owned()), "{found:?}");
    let found = after(|city| city.styles[1].id = "S".parse().unwrap());
    assert_eq!(found, [""; 0]);
    let found = after(|city| {
        city.styles[1].id = "S".parse().unwrap();
        city.styles[2].id = "s".parse().unwrap();
    });
    assert_eq!(found, ["styles[2] \"s\": case_only"]);
}

#[test]
fn questions_have_two_answers_no_lines_and_one_order() {
    let found = after(|city| {
        city.contests[6].write_ins = 1;
        city.contests[7].choices.truncate(1);
        city.contests[8].rotation = Some(Rotation::Precinct);
    });
    let mut expected = vec![
        "contests[6] \"judge\": answer_write_ins",
        "contests[7] \"measure-a\": one_answer",
        "contests[8] \"measure-b\": answers_rotate",
    ];
    // And the second precinct has the old order of measure B.
    expected.push("styles[1] \"2\" contests[7] \"measure-b\": order_wrong");
    assert_eq!(found, expected);
}

#[test]
fn each_voter_has_one_ballot_with_their_contests() {
    let extra = after(|city| city.styles[0].splits.push("2-B".parse().unwrap()));
    for fault in [
        "styles[0] \"1\": contest_missing",
        "styles[0] \"1\": contest_extra",
        "precincts[1] \"2\" splits[1] \"2-B\": two_styles",
        "styles[0] \"1\" contests[0] \"mayor\": orders_differ",
    ] {
        assert!(extra.iter().any(|one| one == fault), "{fault}: {extra:#?}");
    }
    let lost = after(|city| {
        city.styles.remove(2);
    });
    assert_eq!(lost, ["precincts[1] \"2\" splits[1] \"2-B\": no_style"]);
    let unknown = after(|city| city.styles[2].splits.push("9".parse().unwrap()));
    assert_eq!(unknown, ["styles[2] \"3\": unknown_split"]);
    let swapped = after(|city| city.styles[0].contests.swap(0, 1));
    assert_eq!(swapped, ["styles[0] \"1\": contest_order"]);
    let party = after(|city| city.styles[0].party = Some("forward".parse().unwrap()));
    assert!(party.contains(&"styles[0] \"1\": party_needless".to_owned()), "{party:?}");
    assert!(party.contains(&"precincts[0] \"1\" splits[0] \"1\": no_style".to_owned()));
}

#[test]
fn a_party_has_contests_in_a_primary_only() {
    let change = |kind: ElectionType| {
        after(|city| {
            city.election_type = kind;
            city.contests[2].party = Some("forward".parse().unwrap());
        })
    };
    let general = change(ElectionType::General);
    assert!(general.contains(&"contests[2] \"ward-1\": party_contest".to_owned()), "{general:?}");
    let primary = change(ElectionType::Primary);
    assert!(!primary.iter().any(|fault| fault.ends_with("party_contest")));
    for style in ["styles[0] \"1\"", "styles[1] \"2\"", "styles[2] \"3\""] {
        assert!(primary.contains(&format!("{style}: party_missing")), "{primary:?}");
    }
}

#[test]
fn orders_are_those_of_the_rotation() {
    let order = |names: &[&str]| -> Vec<artifact::id::Name> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    };
    let place = "styles[1] \"2\" contests[0] \"mayor\"";
    let mayor = |names: &[&str]| after(|city| city.styles[1].contests[0].choices = order(names));
    let wrong = mayor(&["brack", "quill", "vane", "okafor-lind"]);
    assert_eq!(wrong, [format!("{place}: order_wrong")]);
    let twice = mayor(&["brack", "brack", "vane", "okafor-lind"]);
    assert_eq!(twice, [format!("{place}: not_an_order")]);
    let short = mayor(&["okafor-lind", "brack", "quill"]);
    assert_eq!(short, [format!("{place}: not_an_order")]);
    assert_eq!(mayor(&[]), [format!("{place}: order_wrong")]);
    let needless = after(|city| {
        let order = order(&["vane", "okafor-lind", "brack", "quill"]);
        city.styles[0].contests[0].choices = order;
    });
    assert_eq!(needless, ["styles[0] \"1\" contests[0] \"mayor\": order_needless"]);
}

#[test]
fn limits_are_told_alone() {
    let found = after(|city| {
        city.contests[0].ranks = Some(11);
        city.contests[1].vote_for = 51;
        let choice = city.contests[3].choices[0].clone();
        city.contests[3].choices = vec![choice; 101];
        city.languages = vec!["en".parse().unwrap(); 11];
    });
    let expected = [
        "languages: too_many",
        "contests[0] \"mayor\": too_many",
        "contests[1] \"council\": too_many",
        "contests[3] \"ward-2\": too_many",
    ];
    assert_eq!(found, expected);
    let many = after(|city| {
        let (style, precinct) = (city.styles[0].clone(), city.precincts[1].clone());
        let contest = city.contests[0].clone();
        city.styles = vec![style; 5001];
        city.precincts = vec![precinct; 2501];
        city.contests = vec![contest; 1001];
    });
    assert_eq!(many, ["precincts: too_many", "contests: too_many", "styles: too_many"]);
}

#[test]
fn the_rules_of_the_form_are_among_the_faults() {
    let found = after(|city| {
        city.contests[1].vote_for = 0;
        city.styles[0]
            .contests
            .push(Placed { choices: Vec::new(), contest: "sheriff".parse().unwrap() });
        city.contests[0].method = Method::Plurality;
    });
    assert_eq!(found.iter().filter(|fault| fault.ends_with(": rule")).count(), 4, "{found:?}");
}
