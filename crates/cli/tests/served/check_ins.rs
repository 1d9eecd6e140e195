//! The authority commits to check-ins, on a log that runs.

use serde_json::Value;
use testkit::platform::Platform;

use crate::process::{refuse, run};
use crate::world::World;

#[test]
fn an_authoritys_check_ins_come_onto_the_log_and_a_platforms_do_not() {
    let mut world = World::serving();
    let charter = &world.election.charter;
    let (id, purpose, at) = (&charter.election_id, charter.purpose, charter.created.to_string());
    let platform = Platform::new("solar").of(id, purpose);
    let placed = world.election.submit(&platform.campaign, &["platform"]);
    let submission = world.submission(placed);
    world.add(&submission);
    for holder in ["clerk", "platform"] {
        let key = world.election.keys.key(holder);
        let pem = key.to_encrypted_pem(b"open", &mut getrandom::SysRng).unwrap();
        let path = world.path(&format!("{holder}.pem"));
        service::disk::write_private(&path, pem.as_bytes()).unwrap();
    }
    std::fs::write(world.path("words"), "open").unwrap();
    let url = world.url().to_owned();
    let commit = |key: &str, out: &str| {
        let words = format!(
            "publish check-ins solar --charter log/charter.json --passphrase-file words \
             --count 812 --at {at} --key {key} --out {out} --log {url}"
        );
        words.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let words = commit("clerk.pem", "check-ins.json");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let told = run(world.home(), &words, 0);
    assert!(told.contains("entry     2\n"), "{told}");
    assert!(world.path("check-ins.json.promise").exists());
    // The same again is the same entry.
    assert!(run(world.home(), &words, 0).contains("It stood in the log already."));
    let words = commit("platform.pem", "other.json");
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let told = refuse(world.home(), &words);
    assert!(told.contains("may not submit check_ins"), "{told}");
    assert!(!world.path("other.json.promise").exists());
    world.published(3);
    // The election is open, so it is not complete yet.
    let report = run(world.home(), &["verify", &url, "--anchor", "anchor.toml", "--json"], 2);
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["verdict"], "incomplete", "{report}");
    assert_eq!(report["campaigns"][0]["check_ins"]["voters"], 812);
}
