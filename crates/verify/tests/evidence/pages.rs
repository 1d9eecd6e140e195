//! The pages beside the lists, by their schemas and by the types that read them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use booth::publish::{Results, Snapshots};
use serde_json::Value;

use crate::world::World;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> Value {
    let bytes = std::fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A page: its name, and whether its type takes a text.
type Kind = (&'static str, fn(&[u8]) -> bool);

const KINDS: [Kind; 2] = [
    ("results", |bytes| canon::json::from_strict::<Results>(bytes).is_ok()),
    ("snapshots", |bytes| canon::json::from_strict::<Snapshots>(bytes).is_ok()),
];

/// What a schema says of an instance: each keyword that fails, and where.
fn faults(name: &str, instance: &Value) -> BTreeSet<String> {
    let schema = read(&format!("schemas/{name}.schema.json"));
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let errors = schema.iter_errors(instance).map(|error| {
        let at = error.instance_path().to_string();
        format!("{} at /{}", error.kind().keyword(), at.trim_start_matches('/'))
    });
    errors.collect()
}

#[test]
fn schemas_and_types_judge_the_vectors() {
    for (name, is_taken) in KINDS {
        let folder = format!("vectors/published/{name}");
        let index = read(&format!("{folder}/index.json"));
        let mut listed = BTreeSet::from(["index.json".to_owned()]);
        for file in index["valid"].as_array().unwrap() {
            let file = file.as_str().unwrap();
            let instance = read(&format!("{folder}/{file}"));
            assert_eq!(faults(name, &instance), BTreeSet::new(), "{name}/{file}");
            assert!(is_taken(instance.to_string().as_bytes()), "{name}/{file}");
            listed.insert(file.to_owned());
        }
        let invalid = index["invalid"].as_array().unwrap();
        assert!(invalid.len() >= 6, "{name}");
        for row in invalid {
            let file = row["file"].as_str().unwrap();
            let instance = read(&format!("{folder}/{file}"));
            let why = row["why"].as_array().unwrap().iter().map(|why| why.as_str().unwrap());
            let why: BTreeSet<String> = why.map(str::to_owned).collect();
            assert_eq!(faults(name, &instance), why, "{name}/{file}");
            let by_type = !is_taken(instance.to_string().as_bytes());
            let refused_by = if by_type { "schema" } else { "schema alone" };
            assert_eq!(row["refused_by"], refused_by, "{name}/{file}");
            listed.insert(file.to_owned());
        }
        let there = std::fs::read_dir(root().join(&folder)).unwrap();
        let there = there.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(there.collect::<BTreeSet<_>>(), listed, "{name}");
    }
}

/// What the mutations change is what an honest publisher shows.
#[test]
fn the_pages_of_these_tests_follow_the_schemas() {
    for world in [World::new().day(), World::of(artifact::charter::Purpose::Official).day()] {
        for ((name, _), page) in KINDS.iter().zip(world.pages()) {
            assert_eq!(faults(name, &page), BTreeSet::new(), "{page}");
        }
    }
}
