//! What `station check` makes of a whole log: which of a campaign's maps one is, and when it
//! counted.

use std::path::Path;
use std::process::Command;

use artifact::anchor::Anchor;
use artifact::bundle::{FolderSink, MemorySource, export};
use artifact::charter::Purpose;
use artifact::id::Salt;
use artifact::role::Role;
use canon::Digest;
use serde_json::{Value, json};
use testkit::election::{Election, Plan};
use testkit::platform::Platform;

/// The seed of RFC 6238, appendix B, for SHA-256.
const SEED: &[u8; 32] = b"12345678901234567890123456789012";

/// Codes of that seed in the morning and after eight in the evening less a minute, by another
/// program: the six digits by the `hmac` of Python.
const MORNING: [&str; 2] = ["4171483", "2026-11-03T10:00:00Z"];
const EVENING: [&str; 2] = ["1829200", "2026-11-03T19:59:30Z"];

/// Maps that were committed to, and when, by the log's clock.
type Maps<'a> = &'a [(&'a str, Option<&'a [u8]>)];

/// A log in a folder, of a campaign that has named these maps, with its anchor and a map.
fn day(maps: Maps) -> tempfile::TempDir {
    let mut plan = Plan { phases: Vec::new(), purpose: Purpose::Test, ..Plan::default() };
    plan.holders.push(("platform-1", "county", Role::Platform));
    let mut election = Election::new(plan);
    let mut platform = Platform::new("solar").of(&election.charter.election_id, Purpose::Test);
    platform.campaign.commitments.totp_seed = Digest::of(SEED);
    for (time, map) in maps {
        election.now = time.parse().unwrap();
        platform.campaign.deployment_map = map.map(Digest::of);
        election.submit(&platform.campaign, &["platform-1"]);
        election.head();
    }
    election.now = "2026-11-03T20:00:00Z".parse().unwrap();
    let mut reveal = platform.reveal();
    reveal.totp_seed = Salt::new(*SEED);
    election.submit(&reveal, &["platform-1"]);
    election.head();
    let home = tempfile::tempdir().unwrap();
    let mut source = MemorySource::new();
    for (path, bytes) in election.bundle().files {
        source.insert(path, bytes);
    }
    export(&source, &mut FolderSink::create(home.path().join("bundle")).unwrap()).unwrap();
    let digest = Digest::of(&election.entries[0].artifact);
    let anchor = Anchor::from_charter(&election.charter, digest).to_toml().unwrap();
    std::fs::write(home.path().join("anchor.toml"), anchor).unwrap();
    std::fs::write(home.path().join("field.yml"), map()).unwrap();
    home
}

fn map() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/booth/field.yml");
    std::fs::read(path).unwrap()
}

/// The status, and all of the answer or message.
fn check(home: &tempfile::TempDir, [code, at]: [&str; 2], more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
    command.current_dir(home.path()).args(["station", "check", "--map", "field.yml"]);
    command.args(["--station", "8704-2A05-B259-1090", "--code", code, "--at", at]);
    let output = command.args(["--bundle", "bundle"]).args(more).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

const ANCHOR: [&str; 2] = ["--anchor", "anchor.toml"];

#[test]
fn a_map_that_was_never_changed_counted_all_day() {
    let home = day(&[("2026-11-02T12:00:00Z", Some(&map()))]);
    for seen in [MORNING, EVENING] {
        let (status, text) = check(&home, seen, &ANCHOR);
        assert_eq!(status, Some(0), "{text}");
        for line in [
            "campaign  solar, entry 1, by platform-1\n",
            "map       is the one that counted then, of entry 1 at 2026-11-02T12:00:00Z\n",
            "evidence  holds: folder bundle\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(!text.contains("changed"), "{text}");
    }
    // A log without an anchor may be one that was made to fit.
    let (status, text) = check(&home, MORNING, &["--uncommitted"]);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("not authenticated"), "{text}");
}

/// The attack: a station that stood somewhere all day is put on the map a minute before the end,
/// and whoever compares its code of the morning with the newest map finds it right.
#[test]
fn a_station_that_is_put_on_the_map_late_was_on_none_before() {
    let maps: Maps =
        &[("2026-11-02T12:00:00Z", Some(b"without it")), ("2026-11-03T19:59:00Z", Some(&map()))];
    let home = day(maps);
    let changed = "changed   entry 2 at 2026-11-03T19:59:00Z names another map\n          \
                   while votes were taken";
    let (status, text) = check(&home, MORNING, &ANCHOR);
    assert_eq!(status, Some(1), "{text}");
    assert!(
        text.contains("map       is not the one that counted then: it is of entry 2"),
        "{text}"
    );
    assert!(text.contains(changed), "{text}");
    let (status, text) = check(&home, EVENING, &ANCHOR);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("is the one that counted then, of entry 2"), "{text}");
    assert!(text.contains(changed), "{text}");

    let (_, text) = check(&home, MORNING, &[&ANCHOR[..], &["--json"]].concat());
    let answer: Value = serde_json::from_str(&text).unwrap();
    for (member, value) in [
        ("holds", json!(false)),
        ("map_is_committed", json!(false)),
        ("campaign_entry", json!(1)),
        ("map_entry", json!(2)),
        ("reveal_entry", json!(3)),
    ] {
        assert_eq!(answer[member], value, "{member}");
    }
    assert_eq!(answer["maps"][0]["sha256"], json!(Digest::of(b"without it")));
    assert_eq!(answer["maps"][1]["logged_at"], json!("2026-11-03T19:59:00Z"));
    assert_eq!(answer["maps"][1]["has_begun"], json!(true));
}

#[test]
fn a_map_of_no_entry_is_none_of_the_campaigns() {
    let home = day(&[("2026-11-02T12:00:00Z", Some(b"another"))]);
    let (status, text) = check(&home, MORNING, &ANCHOR);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("map       is none that the campaign committed to"), "{text}");
    let home = day(&[("2026-11-02T12:00:00Z", None)]);
    let (status, text) = check(&home, MORNING, &ANCHOR);
    assert_eq!(status, Some(2), "{text}");
    assert!(text.contains("held against nothing: the campaign committed to none"), "{text}");
    // A map that is named late counts from then on.
    let home = day(&[("2026-11-02T12:00:00Z", None), ("2026-11-03T19:59:00Z", Some(&map()))]);
    assert_eq!(check(&home, MORNING, &ANCHOR).0, Some(1));
    assert_eq!(check(&home, EVENING, &ANCHOR).0, Some(0));
}

/// The attack: the platform logs another seed than it committed to, under which its code is right.
#[test]
fn evidence_that_fails_says_nothing_of_a_code() {
    let home = day(&[("2026-11-02T12:00:00Z", Some(&map()))]);
    let artifact = std::fs::read_dir(home.path().join("bundle/artifact")).unwrap();
    for one in artifact {
        let path = one.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(9).any(|nine| nine == b"reveal/v1") {
            std::fs::write(&path, bytes.to_ascii_uppercase()).unwrap();
        }
    }
    let (status, text) = check(&home, MORNING, &ANCHOR);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("error: the evidence fails: "), "{text}");
}
