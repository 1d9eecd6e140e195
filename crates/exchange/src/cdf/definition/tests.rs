//! Exports against the form of the standard, imports against expectations written by hand, and both
//! against each other.

use std::path::Path;

use artifact::id::{ElectionId, Name};
use artifact::payload::BallotDefinition;
use artifact::payload::definition::{ElectionType, Method, Paper, Rotation, Style, Subject, Words};
use canon::Timestamp;
use paper::definition::{check, example};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn vector(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/nist-ballot-definition");
    std::fs::read(Path::new(folder).join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn value(name: &str) -> Value {
    serde_json::from_slice(&vector(name)).unwrap()
}

fn time() -> Timestamp {
    "2026-07-12T00:00:00Z".parse().unwrap()
}

fn exported(definition: &BallotDefinition) -> (Vec<u8>, Vec<Note>) {
    let (value, notes) = export(definition, time());
    (serde_json::to_vec(&value).unwrap(), notes)
}

fn en(words: &Words) -> &str {
    words.of(&"en".parse().unwrap()).unwrap().as_str()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn notes(imported: &Imported) -> Vec<String> {
    imported.notes.iter().map(ToString::to_string).collect()
}

/// One form for all tests: it is slow to make.
fn form() -> jsonschema::Validator {
    jsonschema::draft7::new(&value("form.json")).unwrap()
}

#[test]
fn an_export_has_the_form_of_the_standard_and_comes_back_the_same() {
    let form = form();
    for definition in [example::city(), example::county(3)] {
        let (value, said) = export(&definition, time());
        let errors: Vec<String> = form.iter_errors(&value).map(|e| e.to_string()).collect();
        assert_eq!(errors, [""; 0]);
        assert_eq!(said, []);
        let bytes = serde_json::to_vec(&value).unwrap();
        let imported = import(&bytes, None).unwrap();
        assert_eq!(notes(&imported), [""; 0]);
        assert!(imported.definition == definition, "{}", definition.election_id);
    }
}

#[test]
fn the_form_refuses_what_the_standard_does_not_have() {
    let form = form();
    let (good, _) = export(&example::city(), time());
    for (place, wrong) in [
        ("/Version", json!("2.0")),
        ("/Election/0/Contest/0/VoteVariation", json!("ranked")),
        ("/Election/0/Contest/0/VotesAllowed", json!("1")),
        ("/GpUnit/0", json!({ "@type": "BallotDefinition.ReportingUnit" })),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(place).unwrap() = wrong;
        assert!(!form.is_valid(&bad), "{place}");
    }
}

#[test]
fn a_ballot_with_its_layout_is_imported_as_it_says() {
    let imported = import(&vector("layout.json"), None).unwrap();
    let definition = &imported.definition;
    assert_eq!(definition.election_id, "2026-general-election-2026-11-03");
    assert_eq!(definition.election_type, ElectionType::General);
    assert_eq!(definition.date.as_str(), "2026-11-03");
    assert_eq!(definition.paper, Paper::Legal);
    assert_eq!(en(&definition.jurisdiction), "State of Alder");
    let [district] = definition.districts.as_slice() else { panic!("one district") };
    assert_eq!((district.id.as_str(), en(&district.name)), ("ru-state", "State of Alder"));
    let [precinct] = definition.precincts.as_slice() else { panic!("one precinct") };
    assert_eq!((precinct.id.as_str(), en(&precinct.name)), ("ru-7-north", "7 North"));
    assert_eq!(precinct.splits[0].districts, [name("ru-state")]);
    let [contest] = definition.contests.as_slice() else { panic!("one contest") };
    assert_eq!((contest.subject, contest.method), (Subject::Office, Method::Plurality));
    assert_eq!((contest.vote_for, contest.write_ins), (1, 1));
    assert_eq!(en(&contest.title), "GOVERNOR");
    let choices: Vec<(&str, &str, &str)> = contest
        .choices
        .iter()
        .map(|one| (one.id.as_str(), en(&one.name), en(one.detail.as_ref().unwrap())))
        .collect();
    let expected = [
        ("cs-vane-quill", "Marisol Vane", "Jonah Quill"),
        ("cs-brack-lind", "Edda Brack", "Tobias Lind"),
    ];
    assert_eq!(choices, expected);
    let [style] = definition.styles.as_slice() else { panic!("one style") };
    assert_eq!(style.id.as_str(), "7-N");
    assert_eq!(check(definition), []);
    let expected = [
        "Election[0].BallotStyle[0].OrderedContent[0].Physical[0]: `Physical` of OrderedContest is \
         not taken over",
        "Election[0].Contest[0].ContestOption[0].CandidateIds: the choice \"cs-vane-quill\" has \
         several people: those behind the first are its detail",
        "Election[0].Contest[0].ContestOption[1].CandidateIds: the choice \"cs-brack-lind\" has \
         several people: those behind the first are its detail",
        "Election[0].Contest[0]: the write-in lines of \"cc-governor\" stand in the layout only: 1 \
         were taken",
        "Election[0].BallotStyle[0]: which districts a split lies in was taken from its ballot \
         styles",
        "Election[0]: the election has no id of ours: it was called \
         \"2026-general-election-2026-11-03\"",
        "Shape: `Shape` of BallotDefinition is not taken over",
    ];
    assert_eq!(notes(&imported), expected);
}

#[test]
fn contests_that_govern_others_are_named() {
    let imported = import(&vector("controlling.json"), Some("recall".parse().unwrap())).unwrap();
    let definition = &imported.definition;
    assert_eq!(definition.election_id, "recall".parse::<ElectionId>().unwrap());
    assert_eq!(definition.election_type, ElectionType::Special);
    let [recall, successor] = definition.contests.as_slice() else { panic!("two contests") };
    assert_eq!((recall.id.as_str(), recall.subject), ("cc-recall", Subject::Measure));
    let text = recall.text.as_ref().unwrap().of(&"en".parse().unwrap()).unwrap();
    assert_eq!(text.as_str(), "Shall the mayor be recalled?");
    assert_eq!(recall.choices.iter().map(|one| en(&one.name)).collect::<Vec<_>>(), ["YES", "NO"]);
    assert_eq!((successor.vote_for, successor.write_ins), (1, 1));
    assert_eq!(successor.choices[1].parties, [name("par-2")]);
    let [style] = definition.styles.as_slice() else { panic!("one style") };
    assert_eq!(style.splits, [name("ru-city")]);
    assert_eq!(check(definition), []);
    let told = notes(&imported);
    for note in [
        "Election[0].Contest[0]: the contest \"cc-party\" (StraightPartyContest) is left out: \
         votes in it govern other contests",
        "Election[0].Contest[1]: the contest \"cc-recall\" is taken as a question: that it puts \
         others into force is not",
        "GpUnit[0]: the file has no precincts: \"ru-city\" was taken for one",
        "Election[0]: the file has no ballot styles: they were derived",
        "BallotFormat: no paper of a size that is printed on is named: letter was taken",
        "Party[0].IsRecognizedParty: `IsRecognizedParty` of Party is not taken over",
    ] {
        assert!(told.iter().any(|one| one == note), "{note}: {told:#?}");
    }
}

#[test]
fn what_cannot_be_said_is_named() {
    let mut city = example::city();
    city.files = vec![canon::Digest::of(b"font")];
    city.precincts[0].splits[0].districts.reverse();
    city.contests[6].choices[0].detail = Some(city.title.clone());
    let (bytes, said) = exported(&city);
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    let expected = [
        "files: the digests of 1 files are not part of the format",
        "split \"1\": the order in which splits name their districts is not part of the format",
        "contest \"judge\": `detail` of the question \"judge\" is not part of the format",
    ];
    assert_eq!(said, expected);
    // And nothing else is lost.
    city.files.clear();
    city.precincts[0].splits[0].districts.reverse();
    city.contests[6].choices[0].detail = None;
    assert_eq!(import(&bytes, None).unwrap().definition, city);
}

#[test]
fn the_rule_of_rotation_is_found_where_the_file_does_not_tell() {
    let city = example::city();
    let (mut value, _) = export(&city, time());
    for contest in value["Election"][0]["Contest"].as_array_mut().unwrap() {
        contest["ExternalIdentifier"].as_array_mut().unwrap().truncate(1);
    }
    let imported = import(&serde_json::to_vec(&value).unwrap(), None).unwrap();
    assert_eq!(imported.definition, city);
    let found = |contest: &str, rule| What::RuleFound { contest: contest.into(), rule };
    let whats: Vec<What> = imported.notes.into_iter().map(|note| note.what).collect();
    assert_eq!(whats, [found("mayor", "precinct"), found("council", "style")]);
    // An order that no rule gives.
    let order = &mut value["Election"][0]["BallotStyle"][1]["OrderedContent"][0];
    let list = order["OrderedContestOptionIds"].as_array_mut().unwrap();
    list.swap(0, 1);
    let imported = import(&serde_json::to_vec(&value).unwrap(), None).unwrap();
    assert!(imported.notes.iter().any(|note| matches!(note.what, What::NoRule { .. })));
    assert_eq!(imported.definition.contests[0].rotation, None);
}

#[test]
fn a_judge_whom_the_title_does_not_name_is_a_note() {
    let (mut value, _) = export(&example::city(), time());
    let people = value["Election"][0]["Candidate"].as_array_mut().unwrap();
    let judge = people.iter_mut().find(|one| one["@id"] == "candidate-6").unwrap();
    judge["BallotName"]["Text"][0]["Content"] = json!("Corwin Hale");
    judge["BallotName"]["Text"][1]["Content"] = json!("Corwin Hale");
    let imported = import(&serde_json::to_vec(&value).unwrap(), None).unwrap();
    assert_eq!(notes(&imported), [""; 0], "the title says who it is");
    let people = value["Election"][0]["Candidate"].as_array_mut().unwrap();
    let judge = people.iter_mut().find(|one| one["@id"] == "candidate-6").unwrap();
    judge["BallotName"]["Text"][0]["Content"] = json!("Nell Birch");
    let imported = import(&serde_json::to_vec(&value).unwrap(), None).unwrap();
    let note = "Election[0].Contest[6].CandidateId: `CandidateId` of RetentionContest is not taken \
                over";
    assert_eq!(notes(&imported), [note]);
}

/// What an import says to the city's export after a change.
fn refused(change: impl FnOnce(&mut Value)) -> ImportError {
    let (mut value, _) = export(&example::city(), time());
    change(&mut value);
    import(&serde_json::to_vec(&value).unwrap(), None).unwrap_err()
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let told = |change: fn(&mut Value)| refused(change).to_string();
    let votes = told(|file| file["Election"][0]["Contest"][1]["VotesAllowed"] = json!(1.5));
    assert_eq!(votes, "Election[0].Contest[1].VotesAllowed: expected a whole number, found 1.5");
    let district = told(|file| {
        file["Election"][0]["Contest"][1]["ElectionDistrictId"] = json!("nowhere");
    });
    assert_eq!(
        district,
        "Election[0].Contest[1].ElectionDistrictId: refers to \"nowhere\", which is not in the file"
    );
    let missing = told(|file| {
        file["Election"][0].as_object_mut().unwrap().remove("EndDate");
    });
    assert_eq!(missing, "Election[0]: `EndDate` is missing");
    let date = told(|file| file["Election"][0]["EndDate"] = json!("2026-11-31"));
    assert!(date.starts_with("Election[0].EndDate: a date must be"), "{date}");
    let twice = told(|file| file["GpUnit"][1]["@id"] = json!("jurisdiction"));
    assert_eq!(twice, "GpUnit[1].@id: \"jurisdiction\" stands twice in the file");
    let version = told(|file| file["Version"] = json!("2.0.0"));
    assert!(version.ends_with("found version 2.0.0"), "{version}");
    let elections = told(|file| file["Election"] = json!([]));
    assert_eq!(elections, "the file has 0 elections; one is taken");
    let contests = told(|file| {
        let contest = file["Election"][0]["Contest"][0].clone();
        file["Election"][0]["Contest"] = vec![contest; 1001].into();
    });
    assert_eq!(contests, "1001 contests, at most 1000 are taken");
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let text = String::from_utf8(vector("layout.json")).unwrap();
    let twice =
        text.replacen("\"VotesAllowed\": 1,", "\"VotesAllowed\": 2, \"VotesAllowed\": 1,", 1);
    assert_ne!(twice, text);
    let error = import(twice.as_bytes(), None).unwrap_err().to_string();
    assert!(error.contains("the member \"VotesAllowed\" stands twice"), "{error}");
    let deep = [b"[".repeat(10_000), b"]".repeat(10_000)].concat();
    assert!(matches!(import(&deep, None), Err(ImportError::Json(_))));
    let long = vec![b' '; (64 << 20) + 1];
    assert!(matches!(import(&long, None), Err(ImportError::TooLarge { .. })));
}

/// Elections out of the city's: parts left out, numbers and texts changed, styles derived anew.
fn definitions() -> impl Strategy<Value = BallotDefinition> {
    let rotation =
        prop::sample::select(vec![None, Some(Rotation::Precinct), Some(Rotation::Style)]);
    let paper = prop::sample::select(Paper::ALL.to_vec());
    let kind = prop::sample::select(ElectionType::ALL.to_vec());
    let contests = prop::sample::subsequence((0..9_usize).collect::<Vec<_>>(), 1..=9);
    let party = prop::option::of(0..2_usize);
    let text = "[A-Za-z\u{e0}-\u{ff}\u{5d0}-\u{5ea}\"\\\\]{1,20}";
    (rotation, paper, kind, contests, party, 0..4_u64, text).prop_map(
        |(rotation, paper, kind, contests, party, lines, text)| {
            let mut city = example::city();
            city.paper = paper;
            city.election_type = kind;
            city.contests = contests.iter().map(|at| city.contests[*at].clone()).collect();
            let parties = city.parties.clone();
            for contest in city.contests.iter_mut().filter(|one| one.subject == Subject::Office) {
                contest.rotation = rotation;
                contest.write_ins = lines.min(contest.ranks.unwrap_or(contest.vote_for));
                if kind == ElectionType::Primary {
                    contest.party = party.map(|at| parties[at].id.clone());
                }
                let words: Words =
                    city.languages.iter().map(|one| (one.clone(), name(&text))).collect();
                contest.choices[0].detail = Some(words);
            }
            paper::definition::derive(city.into())
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn what_is_exported_is_imported_as_it_was(definition in definitions()) {
        // Splits without a contest are left out with a note, as is tried elsewhere.
        let has_all = |style: &Style| style.splits.len();
        prop_assume!(definition.styles.iter().map(has_all).sum::<usize>() >= 3);
        let (bytes, said) = exported(&definition);
        prop_assert_eq!(said, vec![]);
        let imported = import(&bytes, None).unwrap();
        prop_assert_eq!(&imported.definition, &definition);
        prop_assert_eq!(imported.notes, vec![]);
    }
}
