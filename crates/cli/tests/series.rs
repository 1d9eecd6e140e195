//! From a bundle to the differential audit: a day of a campaign, as a log and its lists have it.

use std::path::Path;
use std::process::{Command, Output};

use artifact::anchor::Anchor;
use artifact::bundle::{FolderSink, MemorySource, export};
use artifact::charter::Purpose;
use artifact::role::Role;
use canon::Timestamp;
use serde_json::{Value, json};
use testkit::election::{Election, Plan};
use testkit::platform::{END, Platform, Told};

const HOLDER: &str = "platform-1";

/// Snapshots of a day before the last one, each ten minutes after the one before.
const SNAPSHOTS: u64 = 78;

/// A campaign in an election, and a folder for what the world gets of it.
struct Day {
    election: Election,
    platform: Platform,
    home: tempfile::TempDir,
}

/// How many votes come before a snapshot: 40 ± 5, by the heads of 96 coins that always fall alike.
fn votes(number: u64) -> usize {
    let drawn = canon::Digest::of(&number.to_be_bytes());
    let heads = drawn.0.iter().take(12).map(|byte| byte.count_ones()).sum::<u32>();
    usize::try_from(heads).unwrap() - 8
}

impl Day {
    /// A day; before one of its snapshots so many votes more come, all for one option.
    fn new(stuffed: Option<(u64, usize)>) -> Self {
        let mut plan = Plan { phases: Vec::new(), purpose: Purpose::Test, ..Plan::default() };
        plan.holders.push((HOLDER, "county", Role::Platform));
        let mut election = Election::new(plan);
        let mut platform = Platform::new("solar").of(&election.charter.election_id, Purpose::Test);
        platform.campaign.work_bits = 1;
        election.submit(&platform.campaign, &[HOLDER]);
        let opening = platform.campaign.start;
        for number in 0..SNAPSHOTS {
            let taken = opening.plus_seconds(600 * number).unwrap();
            if number > 0 {
                platform.crowd(votes(number));
            }
            if let Some((_, more)) = stuffed.filter(|(at, _)| *at == number) {
                let batch = (0..more).map(|_| (platform.vote("Humble Pluto"), platform.mandate()));
                let batch = batch.collect();
                platform.add(batch);
                sort_last(&mut platform, votes(number) + more);
            }
            election.head();
            election.now = taken.plus_seconds(2).unwrap();
            snapshot(&mut election, &mut platform, taken, false);
        }
        election.head();
        let end: Timestamp = END.parse().unwrap();
        election.now = end.plus_seconds(2).unwrap();
        snapshot(&mut election, &mut platform, end, true);
        election.submit(&platform.reveal(), &[HOLDER]);
        election.head();
        election.close();
        let home = tempfile::tempdir().unwrap();
        let day = Self { election, platform, home };
        day.write();
        day
    }

    fn write(&self) {
        let home = self.home.path();
        let mut source = MemorySource::new();
        for (path, bytes) in self.election.bundle().files {
            source.insert(path, bytes);
        }
        export(&source, &mut FolderSink::create(home.join("bundle")).unwrap()).unwrap();
        std::fs::create_dir(home.join("lists")).unwrap();
        for (name, list) in
            [("solar-vote.log", &self.platform.votes), ("solar-auth.log", &self.platform.voters)]
        {
            std::fs::write(home.join("lists").join(name), list).unwrap();
        }
        let digest = canon::Digest::of(&self.election.entries[0].artifact);
        let anchor = Anchor::from_charter(&self.election.charter, digest).to_toml().unwrap();
        std::fs::write(home.join("anchor.toml"), anchor).unwrap();
    }

    fn publish(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
        let command = command.env_clear().current_dir(self.home.path()).arg("publish");
        command.args(arguments).output().unwrap()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }
}

fn snapshot(election: &mut Election, platform: &mut Platform, taken: Timestamp, is_last: bool) {
    let mut snapshot = platform.snapshot(Told::Digests, is_last);
    snapshot.taken_at = taken;
    election.submit(&snapshot, &[HOLDER]);
}

/// Sorts the last lines of both lists together, as one snapshot adds them.
fn sort_last(platform: &mut Platform, lines: usize) {
    for list in [&mut platform.votes, &mut platform.voters] {
        let text = String::from_utf8(std::mem::take(list)).unwrap();
        let mut all: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let added = testkit::platform::sorted(all.split_off(all.len() - lines));
        *list = all.concat().into_bytes();
        list.extend(added);
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const EVIDENCE: [&str; 4] = ["--anchor", "anchor.toml", "--lists", "lists"];

#[test]
fn an_observer_makes_the_series_of_an_honest_day_and_finds_nothing() {
    let day = Day::new(None);
    let made = [&["series", "bundle"], &EVIDENCE[..], &["--out", "series.json"]].concat();
    let output = day.publish(&made);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = stdout(&output);
    for row in [
        "evidence                 holds: ",
        "snapshots on the log     79, 79 in the series",
        "times                    the log's, usually 2 s after the publisher's own",
        "options                  counted in the list of votes",
        "written                  series.json",
    ] {
        assert!(told.contains(row), "{row}\n{told}");
    }
    let series: Value =
        serde_json::from_slice(&std::fs::read(day.path("series.json")).unwrap()).unwrap();
    let cast: usize = (1..SNAPSHOTS).map(votes).sum();
    let last = &series["snapshots"][78];
    assert_eq!((&last["votes"], &last["time"]), (&json!(cast), &json!("2026-11-03T20:00:02Z")));
    // Without --out the same bytes go to stdout, and what is for people to stderr.
    let output = day.publish(&made[..6]);
    assert_eq!(output.stdout, std::fs::read(day.path("series.json")).unwrap());
    assert!(stderr(&output).contains("79 in the series"));

    // The series by itself, and in one go with the bundle.
    let alone = day.publish(&["analyse", "series.json"]);
    assert_eq!(alone.status.code(), Some(0), "{}", stdout(&alone));
    let bundle = [&["analyse", "--bundle", "bundle"], &EVIDENCE[..]].concat();
    let whole = day.publish(&bundle);
    assert_eq!(whole.status.code(), Some(0), "{}", stdout(&whole));
    assert!(stdout(&whole).ends_with(&stdout(&alone)));
    assert!(stdout(&whole).starts_with("evidence                 holds: "));
    let output = day.publish(&[&bundle[..], &["--json"]].concat());
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["verdict"], "nothing_found");
    assert_eq!(answer["source"]["in_series"], 79);

    // Without an anchor it is anybody's evidence.
    let output = day.publish(&["analyse", "--bundle", "bundle", "--lists", "lists"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stdout(&output).contains("not authenticated"));
    // Without the lists, sizes only.
    let output = day.publish(&["series", "bundle", "--anchor", "anchor.toml"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("not counted: no lists were given"));
    assert!(!stdout(&output).contains("by_option"));
}

#[test]
fn a_day_with_stuffed_votes_is_found_from_its_bundle_alone() {
    let day = Day::new(Some((40, 200)));
    let output = day.publish(&[&["analyse", "--bundle", "bundle"], &EVIDENCE[..]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("evidence                 holds: "), "{told}");
    assert!(told.contains("Humble Pluto: jump"), "{told}");
}

#[test]
fn evidence_that_does_not_fit_makes_no_series() {
    let day = Day::new(None);
    let list = day.path("lists/solar-vote.log");
    let whole = std::fs::read(&list).unwrap();
    let made = [&["series", "bundle"], &EVIDENCE[..], &["--out", "series.json"]].concat();
    let refused = |exit: i32, word: &str| {
        let output = day.publish(&made);
        assert_eq!(output.status.code(), Some(exit), "{}", stderr(&output));
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
        assert!(stderr(&output).contains("hint: "), "{}", stderr(&output));
        assert!(!day.path("series.json").exists());
    };
    // One vote changed for another option of as many letters.
    let text = String::from_utf8(whole.clone()).unwrap();
    let other = text.replacen("\"Bold Jupiter\"", "\"Humble Pluto\"", 1);
    assert_ne!(other, text);
    std::fs::write(&list, other).unwrap();
    refused(1, "error: the evidence fails: BTH-020, a list that is not the one");
    std::fs::write(&list, &whole[..whole.len() / 2]).unwrap();
    refused(1, "BTH-018");
    std::fs::remove_file(&list).unwrap();
    refused(2, "error: the evidence could not be judged: BTH-017");
    // Another campaign than there is.
    std::fs::write(&list, &whole).unwrap();
    let output = day.publish(&[&made[..], &["--campaign", "lunar"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("the log has no campaign lunar"), "{}", stderr(&output));
    let artifacts = std::fs::read_dir(day.path("bundle/artifact")).unwrap();
    change_a_snapshot(artifacts.map(|entry| entry.unwrap().path()));
    refused(1, "error: the evidence fails: ");
}

/// Changes a byte of the first snapshot that is found.
fn change_a_snapshot(mut artifacts: impl Iterator<Item = std::path::PathBuf>) {
    let is_snapshot = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        bytes.starts_with(b"{\"kind\":\"snapshot/v1\"")
    };
    let path = artifacts.find(is_snapshot).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    write(&path, &bytes);
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).unwrap();
    std::fs::write(path, bytes).unwrap();
}
