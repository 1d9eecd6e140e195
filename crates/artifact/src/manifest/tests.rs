use super::*;
use crate::fixture::payload;

fn of(files: &[(&str, &[u8])]) -> Manifest {
    let file = |(name, bytes): &(&str, &[u8])| {
        File::of(name.parse().unwrap(), "text".parse().unwrap(), bytes)
    };
    Manifest { files: files.iter().map(file).collect(), ..payload("records") }
}

#[test]
fn files_match_in_their_order() {
    let manifest = of(&[("a", b"one"), ("b", b"three")]);
    assert_eq!(manifest.compare::<&[u8]>(&[b"one", b"three"]), []);
    assert!(manifest.files[0].matches(b"one"));
    assert!(!manifest.files[0].matches(b"two"));
    assert!(!manifest.files[0].matches(b"ones"));
}

#[test]
fn every_mismatch_is_told() {
    let manifest = of(&[("a", b"one"), ("b", b"three")]);
    let found = manifest.compare::<&[u8]>(&[b"two", b"3"]);
    assert_eq!(
        found,
        [
            Mismatch::Digest {
                name: "a".parse().unwrap(),
                listed: Digest::of(b"one"),
                found: Digest::of(b"two"),
            },
            Mismatch::Size { name: "b".parse().unwrap(), listed: 5, found: 1 },
        ]
    );
    let short = manifest.compare::<&[u8]>(&[b"one"]);
    assert_eq!(short, [Mismatch::Count { listed: 2, found: 1 }]);
    let swapped = manifest.compare::<&[u8]>(&[b"three", b"one"]);
    assert_eq!(swapped.len(), 2);
    assert_eq!(swapped[0].to_string(), "a must have 3 bytes, found 5");
}

#[test]
fn files_are_found_by_their_type() {
    let manifest: Manifest = payload("records");
    let names: Vec<_> =
        manifest.of_type("ballot_manifest/csv").map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["HinsdaleBallotManifest.csv"]);
    assert_eq!(manifest.of_type("ballot_manifest").count(), 0);
}

#[test]
fn rules_name_every_break() {
    let mut manifest = of(&[("a", b"one"), ("a", b"two"), ("b", b"one")]);
    manifest.files[2].size = 0;
    let rules: Vec<_> = manifest.rules().iter().map(|broken| broken.rule).collect();
    assert_eq!(rules, ["no name twice", "size at least 1", "one size for one digest"]);
}
