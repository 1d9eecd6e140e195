//! Anchors, zips, lists of heads and the policy of a charter, as other programs make them.

use std::collections::BTreeMap;
use std::path::Path;

use artifact::admit::found;
use artifact::anchor::{Anchor, LineError, PosterError};
use artifact::bundle::{
    BundlePath, Source, SourceError, ZipLimits, ZipSource, encode_sizes, parse_sizes,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tlog::policy::Policy;

#[derive(Deserialize)]
struct Cases<G, B> {
    good: Vec<G>,
    bad: Vec<B>,
}

fn vectors<T: DeserializeOwned>(path: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(path);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[derive(Deserialize)]
struct AnchorFile {
    name: String,
    file: String,
    election_id: String,
    charter: String,
    title: Option<String>,
    origin: Option<String>,
    witnesses: Vec<String>,
}

#[derive(Deserialize)]
struct NoAnchorFile {
    name: String,
    file: String,
    why: String,
}

#[test]
fn anchors_are_read_as_files() {
    let cases: Cases<AnchorFile, NoAnchorFile> = vectors("anchor/files.json");
    for case in &cases.good {
        let anchor =
            Anchor::parse(case.file.as_bytes()).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        assert_eq!(anchor.election_id.to_string(), case.election_id, "{}", case.name);
        assert_eq!(anchor.charter.to_string(), case.charter, "{}", case.name);
        let title = anchor.title.as_ref().map(ToString::to_string);
        assert_eq!(title, case.title, "{}", case.name);
        let origin = anchor.log.as_ref().map(|log| log.origin.to_string());
        assert_eq!(origin, case.origin, "{}", case.name);
        let list = anchor.witnesses.as_ref().map(|witnesses| witnesses.list.as_slice());
        let names: Vec<String> =
            list.unwrap_or_default().iter().map(|witness| witness.name.to_string()).collect();
        assert_eq!(names, case.witnesses, "{}", case.name);
    }
    for case in &cases.bad {
        assert!(Anchor::parse(case.file.as_bytes()).is_err(), "{}: {}", case.name, case.why);
    }
    assert!(cases.good.len() >= 7 && cases.bad.len() >= 17);
}

#[derive(Deserialize)]
struct Posted {
    name: String,
    poster: String,
    election_id: String,
    charter: String,
    title: Option<String>,
}

#[derive(Deserialize)]
struct NoPoster {
    name: String,
    poster: String,
    lines: Vec<usize>,
}

#[test]
fn anchors_are_read_as_posters() {
    let cases: Cases<Posted, NoPoster> = vectors("anchor/posters.json");
    for case in &cases.good {
        let anchor =
            Anchor::parse(case.poster.as_bytes()).unwrap_or_else(|e| panic!("{}: {e}", case.name));
        assert_eq!(anchor.election_id.to_string(), case.election_id, "{}", case.name);
        assert_eq!(anchor.charter.to_string(), case.charter, "{}", case.name);
        assert_eq!(anchor.title.map(|title| title.to_string()), case.title, "{}", case.name);
    }
    let written = &cases.good[0].poster;
    assert_eq!(Anchor::from_poster(written).unwrap().to_poster(), *written);
    for case in &cases.bad {
        let lines = match Anchor::from_poster(&case.poster) {
            Err(PosterError::Lines(errors)) => errors.iter().map(line_of).collect(),
            Err(_) => Vec::new(),
            Ok(_) => panic!("{} was read", case.name),
        };
        assert_eq!(lines, case.lines, "{}", case.name);
    }
    assert!(cases.good.len() >= 6 && cases.bad.len() >= 11);
}

fn line_of(error: &LineError) -> usize {
    match error {
        LineError::Unreadable { line, .. }
        | LineError::Number { line, .. }
        | LineError::Length { line, .. } => *line,
    }
}

#[derive(Deserialize)]
struct Zips {
    good: Vec<Packed>,
    bad: Vec<NoZip>,
    twice: Twice,
}

#[derive(Deserialize)]
struct Packed {
    name: String,
    zip: String,
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct NoZip {
    name: String,
    zip: String,
    why: String,
}

#[derive(Deserialize)]
struct Twice {
    zip: String,
    path: String,
    times: usize,
}

fn opened(base64: &str) -> Result<ZipSource, SourceError> {
    let bytes = canon::base64::decode(base64.as_bytes()).unwrap();
    ZipSource::from_bytes("vector.zip", bytes, ZipLimits::default())
}

/// Every file of a zip, or the first error.
fn contents(zip: &ZipSource) -> Result<BTreeMap<String, String>, SourceError> {
    let mut files = BTreeMap::new();
    for path in listed(zip) {
        let bytes = zip.read(&path, 1 << 20)?.expect("a file that is listed");
        files.insert(path, String::from_utf8(bytes).unwrap());
    }
    Ok(files)
}

fn listed(zip: &ZipSource) -> Vec<String> {
    let mut paths = Vec::new();
    assert!(zip.each_path(&mut |path| paths.push(path.to_owned())).unwrap());
    paths
}

#[test]
fn zips_of_one_reading_are_read_and_others_refused() {
    let cases: Zips = vectors("bundle/zips.json");
    for case in &cases.good {
        let zip = opened(&case.zip).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let files = contents(&zip).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        assert_eq!(files, case.files, "{}", case.name);
    }
    for case in &cases.bad {
        let read = opened(&case.zip).and_then(|zip| contents(&zip));
        assert!(read.is_err(), "{}: {}: {read:?}", case.name, case.why);
    }
    let twice = opened(&cases.twice.zip).unwrap();
    let paths = listed(&twice);
    let times = paths.iter().filter(|path| **path == cases.twice.path).count();
    assert_eq!(times, cases.twice.times);
    assert!(twice.read(&cases.twice.path, 100).is_err());
    assert_eq!(twice.read("checkpoints/1", 100).unwrap(), Some(b"x".to_vec()));
    assert!(cases.good.len() >= 7 && cases.bad.len() >= 23);
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    list: String,
    sizes: Vec<u64>,
}

#[derive(Deserialize)]
struct NoSizes {
    name: String,
    list: String,
    line: usize,
}

#[test]
fn lists_of_heads_are_read() {
    let cases: Cases<Listed, NoSizes> = vectors("bundle/sizes.json");
    for case in &cases.good {
        assert_eq!(parse_sizes(case.list.as_bytes()).as_ref(), Ok(&case.sizes), "{}", case.name);
        assert_eq!(encode_sizes(case.sizes.iter().copied()), case.list.as_bytes());
    }
    for case in &cases.bad {
        let refused = parse_sizes(case.list.as_bytes()).map_err(|error| error.line);
        assert_eq!(refused, Err(case.line), "{}", case.name);
    }
    assert!(cases.good.len() >= 4 && cases.bad.len() >= 13);
    assert!("checkpoints/sizes".parse() == Ok(BundlePath::CheckpointSizes));
}

#[derive(Deserialize)]
struct Founding {
    name: String,
    charter: String,
    policy: String,
    enough: Vec<Vec<String>>,
    short: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct NoCharter {
    name: String,
    charter: String,
}

#[test]
fn a_charter_is_a_policy() {
    let cases: Cases<Founding, NoCharter> = vectors("policy/policies.json");
    for case in &cases.good {
        let founded = found(case.charter.as_bytes())
            .unwrap_or_else(|error| panic!("{}: {error:?}", case.name));
        let policy = founded.register.witness_policy_at(1).unwrap();
        let file = Policy::parse(case.policy.as_bytes()).unwrap();
        assert_eq!(policy.policy, file, "{}", case.name);
        let is_met = |names: &Vec<String>| {
            let chosen = policy
                .witnesses
                .iter()
                .filter(|witness| names.iter().any(|name| witness.name == **name));
            let keys: Vec<_> = chosen.map(|witness| &witness.key).collect();
            assert_eq!(keys.len(), names.len(), "{}", case.name);
            policy.policy.is_met_by(&keys)
        };
        for names in &case.enough {
            assert!(is_met(names), "{}: {names:?}", case.name);
        }
        for names in &case.short {
            assert!(!is_met(names), "{}: {names:?}", case.name);
        }
        assert_eq!(case.enough.len() + case.short.len(), 1 << policy.witnesses.len());
    }
    for case in &cases.bad {
        assert!(found(case.charter.as_bytes()).is_err(), "{}", case.name);
    }
    assert!(cases.good.len() >= 6 && cases.bad.len() >= 6);
}
