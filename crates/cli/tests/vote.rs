//! The verbs of the voter, with the real binary, against the stand-in of `booth-server`.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use booth::vote::Vote;
use canon::base64;
use serde_json::Value;

#[allow(dead_code, reason = "the stand-in can do more than these tests ask for")]
#[path = "../../booth-server/tests/voter/platform.rs"]
mod platform;

use platform::{Act, Platform, Rules, TOTP_SEED, key};

/// A platform, and a folder with what a voter has.
struct World {
    platform: Arc<Platform>,
    edge: String,
    home: tempfile::TempDir,
}

const PASSPHRASE: &str = "correct horse battery staple";

const WORK_BITS: u32 = 6;

impl World {
    async fn new(k: u32) -> Self {
        let platform =
            Platform::new(Rules { k, work_bits: WORK_BITS, shards: 1, is_remote: false });
        let edge = platform.serve().await;
        let home = tempfile::tempdir().unwrap();
        let world = Self { platform, edge, home };
        world.file("campaign.toml", world.platform.text.as_bytes());
        world.file("token.txt", world.platform.mandate(1).token().as_bytes());
        world
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.home.path().join(name)
    }

    /// A file for its owner only.
    fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        let _ = std::fs::remove_file(&path);
        service::disk::write_private(&path, bytes).unwrap();
    }

    fn lists(&self) -> (Vec<String>, Vec<String>) {
        let (votes, voters) = self.platform.lists();
        self.file("votes.log", votes.concat().as_bytes());
        self.file("voters.log", voters.concat().as_bytes());
        (votes, voters)
    }

    async fn run(&self, words: &str, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scrutineer"));
        command.current_dir(self.home.path()).args(words.split(' ')).args(more);
        command.env("SCRUTINEER_PASSPHRASE", PASSPHRASE).stdin(std::process::Stdio::null());
        tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
    }

    async fn cast(&self, more: &[&str]) -> Output {
        let code = self.platform.code().shown();
        let edge = ["--edge", &self.edge, "--code", &code, "--say", "Shiny Saturn"];
        let words = "vote cast --campaign campaign.toml --token token.txt";
        self.run(words, &[&edge[..], more].concat()).await
    }

    async fn find(&self) -> Output {
        let words = "vote find --receipt my.json --votes votes.log --voters voters.log";
        self.run(words, &[]).await
    }
}

#[track_caller]
fn text(output: &Output, exit: i32) -> String {
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{told}{errors}");
    told + &errors
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_is_cast_and_found() {
    let world = World::new(0).await;
    let told = text(&world.cast(&["--receipt", "my.json"]).await, 0);
    let (votes, _) = world.lists();
    let stamp = votes[0].split(' ').nth(2).unwrap();
    assert!(told.contains(&format!("    {stamp}  Shiny Saturn\n")), "{told}");
    assert!(told.contains("Your vote is published, and the receipt holds."));
    let told = text(&world.find().await, 0);
    assert!(told.contains(&format!("vote      {stamp}  as cast\n")), "{told}");
    assert!(told.contains("lists     1 votes, 1 voters\n"), "{told}");
    let took = 1_u64 << Vote::from_line(&votes[0]).unwrap().score();
    let work = format!("work      about {took} hashes, each vote {WORK_BITS} bits or more\n");
    assert!(told.contains(&work), "{told}");
    // Another nonce under the same stamp, as two voters of one choice would be shown.
    let nonce = votes[0].split(' ').nth(3).unwrap();
    world.file("votes.log", votes[0].replace(nonce, "00000000deadbeef").as_bytes());
    let told = text(&world.find().await, 1);
    assert!(told.contains("  changed\n"), "{told}");
    let evidence = json(&world.path("my.json.evidence"));
    assert_eq!(evidence["proof"], true);
    assert!(evidence["receipts"][0]["signed"].as_str().unwrap().contains(stamp));
    // The same file is no longer written over, and the same vote answers again.
    assert!(text(&world.cast(&["--receipt", "my.json"]).await, 2).contains("is there already"));
    let told = text(&world.run("vote resume --keep my.json --json", &[]).await, 0);
    assert!(told.contains("\"end\":\"received\""), "{told}");
    assert_eq!(world.platform.lists().0.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_is_kept_and_becomes_a_receipt_at_the_close() {
    let world = World::new(2).await;
    let told = text(&world.cast(&["--keep", "my.json", "--wait", "0"]).await, 0);
    assert!(told.contains("Your vote is accepted."), "{told}");
    world.lists();
    assert!(text(&world.find().await, 2).contains("They are not there yet"));
    let closed = "vote find --closed --receipt my.json --votes votes.log --voters voters.log";
    let told = text(&world.run(closed, &[]).await, 1);
    assert!(told.contains("The evidence is kept in my.json.evidence"), "{told}");
    left_out(&world).await;
    world.platform.close();
    world.lists();
    let told = text(&world.run("vote resume --keep my.json --receipt later.json", &[]).await, 0);
    assert!(told.contains("the receipt holds"), "{told}");
    assert!(text(&world.find().await, 0).contains("all listed"));
}

/// The same lists where the platform has said that it closed without the vote's shard, or another.
async fn left_out(world: &World) {
    let list = serde_json::json!({"bytes": 0, "digest": "00".repeat(32), "records": 0});
    let results = |shard: u64, campaign: &str| {
        let results = serde_json::json!({
            "campaign": campaign, "is_last": true, "number": 1, "purpose": "demonstration",
            "records": 0, "taken_at": "2026-11-03T20:02:00Z", "voters": list, "votes": list,
            "without": [{"reason": "its disk was lost in a fire", "records": 0, "shard": shard}],
        });
        world.file("results.json", results.to_string().as_bytes());
    };
    let words = "vote find --receipt my.json --votes votes.log --voters voters.log --results \
                 results.json";
    let name = json(&world.path("my.json"))["campaign"].as_str().unwrap().to_owned();
    let name = name.lines().find_map(|line| line.strip_prefix("name = \"")).unwrap().to_owned();
    let name = name.trim_end_matches('"');
    results(0, name);
    let told = text(&world.run(words, &[]).await, 2);
    assert!(told.contains("Shard 0, which your vote belongs to, was left out"), "{told}");
    assert!(told.contains("its disk was lost in a fire. Your vote is not counted."), "{told}");
    assert!(told.contains("The evidence is kept in my.json.evidence"), "{told}");
    let told = text(&world.run(words, &["--json"]).await, 2);
    assert!(told.contains("\"left_out\":\"its disk was lost in a fire\""), "{told}");
    // Another shard's end is no excuse, and these lists are the last ones.
    results(1, name);
    text(&world.run(words, &[]).await, 1);
    results(0, "lunar");
    assert!(text(&world.run(words, &[]).await, 2).contains("is of campaign lunar"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_receipt_ends_with_status_1_and_evidence() {
    let world = World::new(0).await;
    world.platform.play(|call, judge| {
        let mut answer = judge();
        if call.is_vote() {
            answer.headers.swap(0, 1);
            let (first, second) = (answer.headers[0].0.clone(), answer.headers[1].0.clone());
            (answer.headers[0].0, answer.headers[1].0) = (second, first);
        }
        Act::Answer(answer)
    });
    let told = text(&world.cast(&["--keep", "my.json"]).await, 1);
    assert!(told.contains("The platform's receipt is wrong"), "{told}");
    assert!(told.contains("my.json.evidence"), "{told}");
    assert!(world.path("my.json.evidence").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_votes_and_its_lists_agree() {
    let world = World::new(0).await;
    let random = &mut service::random::system();
    let pem = key(1).to_encrypted_pem(PASSPHRASE.as_bytes(), random).unwrap();
    world.file("authority.pem", pem.as_bytes());
    world.file("totp-seed", format!("{}\n", base64::encode(&TOTP_SEED)).as_bytes());
    let words =
        "vote crowd --campaign campaign.toml --authority authority.pem --totp-seed totp-seed";
    let edge = ["--edge", &world.edge];
    let prepare = [&edge[..], &["--crowd", "20", "--prepare", "prepared.txt"]].concat();
    text(&world.run(words, &prepare).await, 0);
    let send = "vote crowd --campaign campaign.toml --prepared prepared.txt --json";
    let sent: Value = serde_json::from_str(&text(&world.run(send, &edge).await, 0)).unwrap();
    assert_eq!((&sent["receipts"], &sent["others"]), (&20.into(), &0.into()));
    world.lists();
    // The prepared ones are not of this crowd: the lists do not agree with it.
    let lists = ["--votes", "votes.log", "--voters", "voters.log"];
    let crowd = [&edge[..], &["--crowd", "30", "--hostile", "0.2", "--seed", "9"], &lists].concat();
    let told = text(&world.run(words, &crowd).await, 1);
    assert!(told.contains("NOT as cast"), "{told}");
    let alone = [&edge[..], &["--crowd", "30", "--hostile", "0.2", "--seed", "10"]].concat();
    let told = text(&world.run(words, &alone).await, 0);
    assert!(told.contains("Acceptances and receipts agree"), "{told}");
}
