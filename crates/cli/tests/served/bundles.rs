//! The evidence of a served log in its three forms, whole and with one byte changed.

use std::fs;
use std::path::Path;

use canon::Digest;
use serde_json::Value;

use crate::process::run;
use crate::world::World;

/// A closed election with a raw file, its log still serving; the digest of an artifact of it.
fn closed() -> (World, Digest) {
    let mut world = World::serving();
    let artifact = world.add_software("scanner firmware").artifact;
    let (placed, digest) = world.election.ballot_manifest();
    let mut submission = world.submission(placed);
    submission.files = vec![world.election.raw[&digest].clone().into()];
    world.add(&submission);
    world.published(3);
    world.close(3);
    (world, artifact)
}

/// The report on a bundle, which must end with this exit status.
fn report(world: &World, bundle: &str, exit: i32) -> Value {
    let verify = ["verify", bundle, "--anchor", "anchor.toml", "--json"];
    serde_json::from_str(&run(world.home(), &verify, exit)).unwrap()
}

/// The stable names of what was found, which all name this artifact.
fn found(report: &Value, artifact: &Digest) -> Vec<String> {
    let named = format!("artifact/{artifact}");
    let findings = report["findings"].as_array().unwrap().iter().map(|finding| {
        assert!(finding.to_string().contains(&artifact.to_string()), "{named}: {finding}");
        finding["id"].as_str().unwrap().to_owned()
    });
    findings.collect()
}

/// What a report says, but for the times of a head that the log signs again every second.
fn timeless(report: &Value) -> Vec<Value> {
    let names = ["verdict", "election", "anchored", "finding_counts", "findings"];
    let head = ["log_id", "origin", "tree_size", "root_hash", "organisations", "threshold"];
    let said = names.iter().map(|name| &report[name]);
    said.chain(head.iter().map(|name| &report["head"][name])).cloned().collect()
}

/// Flips one bit in the middle of a file.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn address_folder_and_zip_are_the_same_evidence() {
    let (world, _) = closed();
    let url = world.url();
    for copy in ["bundle", "bundle.zip"] {
        run(world.home(), &["log", "export", url, copy], 0);
    }
    // A copy of a copy is the same evidence.
    run(world.home(), &["log", "export", "bundle.zip", "unpacked"], 0);
    let served = report(&world, url, 0);
    assert_eq!(served["verdict"], "holds");
    let expected = report(&world, "bundle", 0);
    let zip = report(&world, "bundle.zip", 0);
    assert_eq!(timeless(&served), timeless(&expected));
    assert_eq!(timeless(&zip), timeless(&expected));
    let mut unpacked = report(&world, "unpacked", 0);
    unpacked["bundle"] = zip["bundle"].clone();
    assert_eq!(unpacked, zip);
    // Without the anchor nobody vouches for any of them.
    for copy in [url, "bundle", "bundle.zip"] {
        run(world.home(), &["verify", copy], 2);
    }
}

#[test]
fn one_changed_byte_is_found_in_every_form() {
    let (world, artifact) = closed();
    let url = world.url();
    // In what the log itself serves.
    flip(&world.path(&format!("log/published/artifact/{artifact}")));
    let served = report(&world, url, 1);
    let expected = found(&served, &artifact);
    assert!(!expected.is_empty());
    for copy in ["bundle", "bundle.zip"] {
        run(world.home(), &["log", "export", url, copy], 0);
        let report = report(&world, copy, 1);
        assert_eq!(found(&report, &artifact), expected, "{copy}");
    }
    // Mended, the copy holds again: it was that byte.
    flip(&world.path(&format!("bundle/artifact/{artifact}")));
    report(&world, "bundle", 0);
}

#[test]
fn a_zip_with_one_changed_byte_never_holds() {
    let (world, _) = closed();
    let url = world.url();
    run(world.home(), &["log", "export", url, "bundle.zip"], 0);
    let whole = fs::read(world.path("bundle.zip")).unwrap();
    for part in 1..8 {
        let mut bytes = whole.clone();
        bytes[whole.len() * part / 8] ^= 1;
        fs::write(world.path("changed.zip"), bytes).unwrap();
        let verify = ["verify", "changed.zip", "--anchor", "anchor.toml"];
        let output = crate::process::command(world.home(), &verify).output().unwrap();
        let exit = output.status.code();
        assert!(matches!(exit, Some(1 | 2)), "byte {part}/8: {output:?}");
    }
}

#[test]
fn an_export_that_is_not_whole_is_no_success() {
    let (world, artifact) = closed();
    let url = world.url();
    fs::remove_file(world.path(&format!("log/published/artifact/{artifact}"))).unwrap();
    let said = run(world.home(), &["log", "export", url, "bundle"], 1);
    assert!(said.contains(&format!("not there: artifact/{artifact}")), "{said}");
    let said = run(world.home(), &["log", "export", "bundle", "bundle.zip", "--json"], 1);
    let said: Value = serde_json::from_str(&said).unwrap();
    let expected = serde_json::json!([format!("artifact/{artifact}")]);
    assert_eq!((&said["missing"], &said["owed"]), (&expected, &expected));
}
