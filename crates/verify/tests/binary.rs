//! The real binary: what it prints, and with which code it ends.

use std::path::Path;
use std::process::{Command, Output};

use artifact::anchor::Anchor;
use canon::Digest;
use serde_json::Value;
use testkit::election::{Election, Plan};

/// A folder with a bundle in `bundle` and `bundle.zip`, and its anchor in both forms.
fn scene() -> tempfile::TempDir {
    let election = Election::new(Plan::default()).complete();
    let folder = tempfile::tempdir().unwrap();
    let bundle = election.bundle();
    bundle.write_to(&folder.path().join("bundle"));
    std::fs::write(folder.path().join("bundle.zip"), bundle.to_zip()).unwrap();
    let artifact = &election.entries[0].artifact;
    let anchor = Anchor::from_charter(&election.charter, Digest::of(artifact));
    std::fs::write(folder.path().join("anchor.toml"), anchor.to_toml().unwrap()).unwrap();
    std::fs::write(folder.path().join("poster.txt"), anchor.to_poster()).unwrap();
    let head = election.head_bytes(&election.heads[0]);
    std::fs::write(folder.path().join("old"), head).unwrap();
    let promise = election.promise(2, election.leaf_hash(2), election.charter.created);
    std::fs::write(folder.path().join("promise"), promise).unwrap();
    folder
}

fn run(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_scrutineer-verify"))
        .current_dir(folder)
        .args(words)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_code_says_whether_it_holds() {
    let scene = scene();
    let folder = scene.path();
    for bundle in ["bundle", "bundle.zip"] {
        for anchor in ["anchor.toml", "poster.txt"] {
            let output = run(folder, &[bundle, "--anchor", anchor, "--threads", "2"]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
            assert!(text(&output.stdout).contains("The evidence holds."));
            assert!(!text(&output.stdout).contains('\u{1b}'), "no colour into a pipe");
            assert!(output.stderr.is_empty());
        }
    }
    let output = run(folder, &["bundle"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stdout).contains("consistent, not authenticated"));
    let tile = std::fs::read_dir(folder.join("bundle/leaf/000.p")).unwrap();
    let tile = tile.map(|entry| entry.unwrap().path()).max().unwrap();
    let mut bytes = std::fs::read(&tile).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&tile, bytes).unwrap();
    let output = run(folder, &["bundle", "--anchor", "anchor.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("The evidence fails"));
}

#[test]
fn older_heads_and_promises_are_held_against_the_log() {
    let scene = scene();
    let words = ["bundle", "--anchor=anchor.toml", "--since", "old", "--promise", "promise"];
    let output = run(scene.path(), &words);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("grown from the older head of 1"));
    assert!(text(&output.stdout).contains("1 promise "));
    let output = run(scene.path(), &["bundle", "--since", "anchor.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: the older head is not a signed checkpoint"));
}

#[test]
fn json_is_one_canonical_line() {
    let scene = scene();
    let output = run(scene.path(), &["bundle.zip", "--anchor", "anchor.toml", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let line = output.stdout.strip_suffix(b"\n").unwrap();
    canon::json::require_canonical(line).unwrap();
    let report: Value = serde_json::from_slice(line).unwrap();
    assert_eq!(report["verdict"], "holds");
    let again = run(scene.path(), &["bundle.zip", "--anchor", "anchor.toml", "--json"]);
    assert!(again.stdout == output.stdout);
}

#[test]
fn what_cannot_be_read_is_an_error_with_a_hint() {
    let scene = scene();
    let cases: [&[&str]; 6] = [
        &["nowhere"],
        &["anchor.toml"],
        &["bundle", "--anchor", "nowhere"],
        &["bundle", "--anchor", "old"],
        &["bundle", "--promise", "old"],
        &[],
    ];
    for words in cases {
        let output = run(scene.path(), words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("error: ") && said.contains("\n\nhint: "), "{words:?}: {said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_has_an_example() {
    let scene = scene();
    let output = run(scene.path(), &["--help"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("Example:"));
    assert!(text(&output.stdout).lines().all(|line| line.chars().count() <= 80));
}
