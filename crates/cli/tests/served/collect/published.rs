//! A publisher that is killed at many moments while votes are cut.

use std::collections::BTreeSet;

use super::client::Client;
use super::{Platform, SERVE};
use crate::process::{Process, command, run};

const ROUNDS: usize = 10;
pub(super) const PUBLISH: [&str; 5] =
    ["publish", "serve", "solar/publish", "--listen", "127.0.0.1:0"];

/// All snapshots that a publisher tells.
pub(super) fn snapshots(client: &mut Client) -> Vec<serde_json::Value> {
    let body = client.ask("/solar/snapshots.json", "").unwrap().body;
    let page: serde_json::Value = serde_json::from_str(&body).unwrap();
    page["snapshots"].as_array().unwrap().clone()
}

/// One life: it lasts until so many more snapshots are told than before.
fn live(platform: &Platform, told: &mut Vec<serde_json::Value>, more: usize) {
    let mut publisher = Process::serve(platform.home(), &PUBLISH);
    let mut client = Client::new(publisher.url(), "");
    let goal = told.len() + more;
    loop {
        let now = snapshots(&mut client);
        assert_eq!(now[..told.len()], told[..], "a snapshot that was told is another one");
        *told = now;
        if told.len() >= goal {
            return publisher.kill();
        }
    }
}

/// Asks a publisher whose instance is away how it stands, from its first barrier on.
fn away(platform: &Platform) {
    let mut publisher = Process::serve(platform.home(), &PUBLISH);
    let status = ["publish", "status", publisher.url(), "--json"];
    let told = loop {
        let output = command(platform.home(), &status).output().unwrap();
        match output.status.code() {
            Some(1) => break output.stdout,
            code => assert_eq!(code, Some(0), "before it has asked anybody"),
        }
    };
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(
        (&told["shards"]["away"], &told["is_well"]),
        (&[0].as_slice().into(), &false.into())
    );
    assert_eq!(told["troubles"], serde_json::json!(["not reached: shard 0"]));
    let text = run(platform.home(), &status[..3], 1);
    assert!(text.contains("\naway      0\n"), "{text}");
    assert!(text.contains("\ntrouble   not reached: shard 0\n"), "{text}");
    publisher.kill();
}

#[test]
fn a_publisher_that_is_killed_keeps_every_snapshot_and_loses_no_vote() {
    let platform = Platform::new(3);
    let mut instance = Process::serve(platform.home(), &SERVE);
    let aim = |url: &str| {
        platform.change("solar/publish/publish.toml", |text| {
            let own = text.split("\n[[shards]]").next().unwrap().replace("snapshot_s = 1\n", "");
            let own = own.replace("interim = \"full\"\n", "");
            let shards = format!("\n[[shards]]\ninstances = [\"{url}\"]\n");
            format!("snapshot_s = 1\ninterim = \"full\"\n{own}{shards}")
        });
    };
    aim(instance.url());
    let mut told = Vec::new();
    let mut client = Client::new(instance.url(), &platform.pass());
    for round in 0..ROUNDS {
        for number in 20 * round..20 * (round + 1) {
            assert_eq!(client.vote(&platform.request(number)).unwrap().status, 202);
        }
        // Now and then as soon as it listens, in the middle of its first snapshot.
        live(&platform, &mut told, usize::from(round % 3 != 1));
    }
    instance.kill();
    away(&platform);
    for role in ["collect-0", "publish"] {
        platform.change(&format!("solar/{role}/campaign.toml"), |text| {
            text.replace("end = \"2999-11-03T07:00:00Z\"", "end = \"2021-11-03T07:00:00Z\"")
        });
    }
    let serve = [SERVE.as_slice(), &["--clock-checked"]].concat();
    let instance = Process::serve(platform.home(), &serve);
    aim(instance.url());
    while told.last().is_none_or(|last| last["is_last"] != true) {
        live(&platform, &mut told, 1);
    }
    assert!(instance.terminate().0.success());
    for list in ["vote", "auth"] {
        let lines = |role: &str| -> BTreeSet<String> {
            let text = platform.read(&format!("solar/{role}/state/solar-{list}.log"));
            let lines = text.split_inclusive('\n').map(str::to_owned);
            let all: Vec<String> = lines.collect();
            assert_eq!(all.len(), 20 * ROUNDS, "{role}");
            all.into_iter().collect()
        };
        assert_eq!(lines("publish"), lines("collect-0"));
    }
}
