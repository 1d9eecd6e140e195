//! The JSON Schemas and the typed payloads judge every instance alike.
//!
//! `vectors/artifacts/<kind>/index.json` says of each instance whether it is valid, and of each
//! invalid one who refuses it (the schema and the type with it, the type alone, or a rule beyond
//! both) and why, so that none is refused for a slip of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use artifact::charter::{Charter, Fault};
use artifact::kind::{self, KINDS};
use artifact::leaf::Leaf;
use artifact::payload::{Broken, Payload, PayloadError};
use canon::SignedBytes;
use proptest::prelude::*;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> Value {
    let bytes = std::fs::read(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn schema(name: &str) -> jsonschema::Validator {
    jsonschema::draft202012::new(&read(&format!("schemas/{name}.schema.json"))).unwrap()
}

/// Every schema: the payloads', and those of leaf and envelope.
fn names() -> Vec<&'static str> {
    KINDS.iter().map(|row| row.name).chain(["leaf", "envelope"]).collect()
}

/// How the types judge.
#[derive(Debug, PartialEq)]
enum Verdict {
    Valid,
    /// The form is wrong.
    Form(String),
    /// The form is right, these rules are broken.
    Rules(Vec<String>),
}

/// The rules that a payload breaks; of a charter, its faults.
fn words(name: &str, bytes: &[u8], broken: &[Broken]) -> Vec<String> {
    if name == "charter" {
        let charter: Charter = canon::json::from_strict(bytes).unwrap();
        return charter.check().iter().map(Fault::code).map(str::to_owned).collect();
    }
    broken.iter().map(|broken| format!("{}: {}", broken.member, broken.rule)).collect()
}

fn judge(name: &str, instance: &Value) -> Verdict {
    let bytes = serde_json::to_vec(instance).unwrap();
    let form = |error: String| Verdict::Form(error);
    match name {
        "leaf" => match canon::json::from_strict::<Leaf>(&bytes) {
            Ok(_) => Verdict::Valid,
            Err(error) => form(error.to_string()),
        },
        "envelope" => match canon::json::canonicalize(&bytes) {
            Err(error) => form(error.to_string()),
            Ok(canonical) => match SignedBytes::parse(&canonical) {
                Ok(_) => Verdict::Valid,
                Err(canon::EnvelopeError::TwoOfOneKey { .. }) => {
                    Verdict::Rules(vec!["one key twice".into()])
                }
                Err(error) => form(error.to_string()),
            },
        },
        payload => {
            let kind = kind::recognise(&format!("{payload}/v1")).unwrap();
            match Payload::decode_strict(kind, &bytes) {
                Ok(_) => Verdict::Valid,
                Err(error @ PayloadError::Form { .. }) => form(error.detail()),
                Err(PayloadError::Rules { broken, .. }) => {
                    Verdict::Rules(words(name, &bytes, &broken))
                }
            }
        }
    }
}

#[test]
fn every_schema_has_its_vectors_and_every_vector_its_schema() {
    let folder = |path: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(root().join(path)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let expected: BTreeSet<String> = names().iter().map(|name| (*name).to_string()).collect();
    let schemas = folder("schemas");
    let schemas = schemas.iter().filter_map(|name| name.strip_suffix(".schema.json"));
    let schemas: BTreeSet<_> = schemas.map(str::to_owned).collect();
    // Other crates keep schemas of what they write here too.
    assert!(expected.is_subset(&schemas), "{expected:?} {schemas:?}");
    for name in names() {
        let index = read(&format!("vectors/artifacts/{name}/index.json"));
        let mut listed: BTreeSet<String> = BTreeSet::from(["index.json".to_owned()]);
        let valid = index["valid"].as_array().unwrap();
        let invalid = index["invalid"].as_array().unwrap();
        assert!(!valid.is_empty() && invalid.len() >= 5, "{name}");
        listed.extend(valid.iter().map(|file| file.as_str().unwrap().to_owned()));
        listed.extend(invalid.iter().map(|row| row["file"].as_str().unwrap().to_owned()));
        assert_eq!(folder(&format!("vectors/artifacts/{name}")), listed);
    }
}

#[test]
fn schema_and_type_accept_every_valid_instance() {
    for name in names() {
        let schema = schema(name);
        for file in
            read(&format!("vectors/artifacts/{name}/index.json"))["valid"].as_array().unwrap()
        {
            let file = file.as_str().unwrap();
            let instance = read(&format!("vectors/artifacts/{name}/{file}"));
            let errors: Vec<_> = schema.iter_errors(&instance).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{name}/{file}: {errors:?}");
            assert_eq!(judge(name, &instance), Verdict::Valid, "{name}/{file}");
        }
    }
}

#[test]
fn schema_and_type_refuse_every_invalid_instance() {
    for name in names() {
        let schema = schema(name);
        for row in
            read(&format!("vectors/artifacts/{name}/index.json"))["invalid"].as_array().unwrap()
        {
            let file = row["file"].as_str().unwrap();
            let why: Vec<&str> =
                row["why"].as_array().unwrap().iter().map(|why| why.as_str().unwrap()).collect();
            assert!(!why.is_empty(), "{name}/{file}");
            assert!(row["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
            let instance = read(&format!("vectors/artifacts/{name}/{file}"));
            let by_schema: BTreeSet<String> = schema
                .iter_errors(&instance)
                .map(|error| {
                    format!(
                        "{} at /{}",
                        error.kind().keyword(),
                        &error.instance_path().to_string().trim_start_matches('/')
                    )
                })
                .collect();
            let verdict = judge(name, &instance);
            match row["refused_by"].as_str().unwrap() {
                "schema" => {
                    assert_eq!(by_schema.iter().collect::<Vec<_>>(), why, "{name}/{file}");
                    assert_ne!(verdict, Verdict::Valid, "{name}/{file}");
                }
                "type" => {
                    assert!(by_schema.is_empty(), "{name}/{file}: {by_schema:?}");
                    let Verdict::Form(fault) = verdict else {
                        panic!("{name}/{file}: {verdict:?}")
                    };
                    assert!(why.iter().all(|word| fault.contains(word)), "{name}/{file}: {fault}");
                }
                "rules" => {
                    assert!(by_schema.is_empty(), "{name}/{file}: {by_schema:?}");
                    let expected = Verdict::Rules(why.iter().map(ToString::to_string).collect());
                    assert_eq!(verdict, expected, "{name}/{file}");
                }
                other => panic!("{name}/{file}: refused by {other}"),
            }
        }
    }
}

/// What a schema cannot say about the form: whether 32 bytes are a usable key, and that numbers
/// within an envelope's payload, of which its schema knows nothing, are exact.
fn beyond_schemas(name: &str, fault: &str) -> bool {
    fault.contains("is not usable")
        || (name == "envelope" && fault.contains("where numbers stop being exact"))
}

/// Python's `$` matches before a final line feed, ECMAScript's does not; what follows it here makes
/// them agree.
#[test]
fn patterns_end_where_the_text_ends() {
    fn patterns(schema: &Value, out: &mut Vec<String>) {
        match schema {
            Value::Object(members) => {
                out.extend(members.get("pattern").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|inner| patterns(inner, out));
            }
            Value::Array(items) => items.iter().for_each(|inner| patterns(inner, out)),
            _ => {}
        }
    }
    let folder = std::fs::read_dir(root().join("schemas")).unwrap();
    let mut count = 0;
    for file in folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let mut found = Vec::new();
        patterns(&read(&format!("schemas/{file}")), &mut found);
        for pattern in &found {
            assert!(pattern.starts_with('^') && pattern.ends_with("$(?!\\n)"), "{file}: {pattern}");
        }
        count += found.len();
    }
    assert!(count > 50, "{count} patterns");
}

#[test]
fn days_that_no_month_has_are_the_types_to_refuse() {
    let mut instance = read("vectors/artifacts/promise/valid-one-hour.json");
    for day in ["2023-02-29T00:00:00Z", "2023-04-31T00:00:00Z"] {
        instance["deadline"] = json!(day);
        assert!(matches!(judge("promise", &instance), Verdict::Form(_)), "{day}");
    }
}

/// Texts that forms tend to mistake for others.
#[rustfmt::skip]
const ODD_TEXTS: &[&str] = &[
    "", " ", "x", "a b", " a", "a ", "a/b", "../x", "a/..", "..", "a\u{7f}", "a\nb", "a\tb", "a\n",
    "0.5\n", "7\n", "cvr/v1\n", "ed25519\n", "2024-11-05T19:00:00Z\n", "\n",
    "\u{85}", "é", "\u{1F5F3}", "A", "-a", "a.", "0", "1", "00", "0.0", "0.5", "1.0", "1.000001",
    "9.9", "12345678901234567890", "-1", "1e3", "audit", "scanning", "station", "log", "full",
    "found", "not_found", "applied", "transferred", "received", "stored", "charter", "promise",
    "cvr/v1", "hkdf/v1", "ed25519", "ecdsa-p256", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
    "9999-12-31T23:59:59Z", "2024-11-05T24:00:00Z", "2024-11-05T23:59:60Z",
    "2024-11-05t10:00:00z", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
    "name+0badcafe+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "na me+0badcafe+AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];

/// Values that forms tend to mistake for others.
fn odd_values() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => prop::sample::select(ODD_TEXTS).prop_map(|text| json!(text)),
        1 => "[0-9a-f]{63,65}".prop_map(|text| json!(text)),
        1 => "[ -~\u{80}-\u{a0}]{0,70}".prop_map(|text| json!(text)),
        1 => prop::sample::select(vec![63_usize, 64, 65, 128, 129, 200, 201, 255, 256, 4000, 4001])
            .prop_map(|length| json!("a".repeat(length))),
        1 => prop::sample::select(vec![63_usize, 64, 65, 200, 201, 4000, 4001])
            .prop_map(|length| json!("é".repeat(length))),
        2 => prop::sample::select(vec![
            json!(0), json!(1), json!(2), json!(-1), json!(9_007_199_254_740_991_u64),
            json!(9_007_199_254_740_992_u64), json!(86_401), json!(604_801), json!(2_592_001),
        ]),
        1 => prop::sample::select(vec![
            json!(null), json!(true), json!(false), json!([]), json!({}), json!([[]]),
        ]),
    ]
}

#[derive(Clone, Debug)]
enum Change {
    Set(Value),
    Remove,
    Add(Value),
    Double,
    Clear,
    AsArray,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => odd_values().prop_map(Change::Set),
        2 => Just(Change::Remove),
        1 => odd_values().prop_map(Change::Add),
        2 => Just(Change::Double),
        1 => Just(Change::Clear),
        1 => Just(Change::AsArray),
    ]
}

/// Every place in a document, as a JSON pointer.
fn places(value: &Value, here: &str, out: &mut Vec<String>) {
    out.push(here.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| places(inner, &format!("{here}/{name}"), out));
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, inner)| places(inner, &format!("{here}/{at}"), out)),
        _ => {}
    }
}

fn apply(document: &mut Value, place: &str, change: Change) {
    match change {
        Change::Remove => {
            let Some((parent, name)) = place.rsplit_once('/') else {
                return;
            };
            match document.pointer_mut(parent) {
                Some(Value::Object(members)) => {
                    members.remove(name);
                }
                Some(Value::Array(items)) => {
                    items.remove(name.parse().unwrap());
                }
                _ => {}
            }
        }
        change => {
            let target = document.pointer_mut(place).unwrap();
            match (change, target) {
                (Change::Set(value), target) => *target = value,
                (Change::Add(value), Value::Object(members)) => {
                    members.insert("extra".into(), value);
                }
                (Change::Add(value), Value::Array(items)) => items.push(value),
                (Change::Double, Value::Array(items)) => items.extend(items.clone()),
                (Change::Clear, Value::Array(items)) => items.clear(),
                (Change::AsArray, target @ Value::Object(_)) => {
                    let members = target.as_object().unwrap();
                    *target = members.values().cloned().collect();
                }
                _ => {}
            }
        }
    }
}

/// Changed instances to judge: 2,500, or as many as `PROPTEST_CASES` says.
fn cases() -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(2500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn schema_and_type_agree_on_changed_instances(
        which in 0_usize..10_000,
        file in 0_usize..10_000,
        changes in prop::collection::vec((0_usize..10_000, change()), 1..3),
    ) {
        thread_local! {
            static SCHEMAS: Vec<(&'static str, jsonschema::Validator, Vec<Value>)> =
                names().into_iter().map(|name| {
                    let index = read(&format!("vectors/artifacts/{name}/index.json"));
                    let files = index["valid"].as_array().unwrap().iter();
                    let read = |file: &Value| {
                        read(&format!("vectors/artifacts/{name}/{}", file.as_str().unwrap()))
                    };
                    (name, schema(name), files.map(read).collect())
                }).collect();
        }
        SCHEMAS.with(|schemas| {
            let (name, schema, files) = &schemas[which % schemas.len()];
            let mut document = files[file % files.len()].clone();
            for (at, change) in changes {
                let mut all = Vec::new();
                places(&document, "", &mut all);
                apply(&mut document, &all[at % all.len()].clone(), change);
            }
            match (schema.is_valid(&document), judge(name, &document)) {
                (true, Verdict::Form(fault)) => prop_assert!(
                    beyond_schemas(name, &fault),
                    "{name}: the schema accepts, the type says {fault}: {document}"
                ),
                (true, _) => {}
                (false, verdict) => prop_assert!(
                    verdict != Verdict::Valid,
                    "{name}: the schema refuses, the type accepts: {document}"
                ),
            }
            Ok(())
        })?;
    }
}
