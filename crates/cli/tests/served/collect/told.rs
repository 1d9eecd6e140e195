//! A publisher, a log and an instance that are killed and come back: at the end the log has the
//! publisher's snapshots, in their order, each once.
//!
//! `SCRUTINEER_KILLS` says how often the publisher is killed at any moment; a short run has 12.

use std::collections::BTreeSet;

use artifact::bundle::{FolderSource, Source as _};
use artifact::leaf::Leaf;
use artifact::role::Role;
use canon::{Digest, SignedBytes};
use serde_json::Value;
use service::clock::{Clock as _, SystemClock};
use tlog::tile::{LeafPath, decode_leaves, places_for_growth};

use super::client::Client;
use super::published::{PUBLISH, snapshots};
use super::{Platform, SERVE};
use crate::process::{Process, refuse, run};
use crate::world::World;

const ROUNDS: usize = 8;

/// The most answers behind which a life ends that ends at any moment: those of half a second or so.
const ANSWERS: usize = 600;

/// Seconds that the publisher has to put the new end on the log.
const CLOSING_S: u64 = 8;

struct Day {
    world: World,
    platform: Platform,
    instance: Option<Process>,
    /// The snapshots that were shown.
    shown: Vec<Value>,
}

impl Day {
    fn new() -> Self {
        let world = World::serving();
        let platform = Platform::new(3);
        let key = world.election.keys.key("platform");
        let pem = key.to_encrypted_pem(b"open", &mut getrandom::SysRng).unwrap();
        for (name, text) in [("platform.pem", pem.as_str()), ("platform-passphrase", "open")] {
            let path = platform.path(&format!("solar/publish/{name}"));
            service::disk::write_private(&path, text.as_bytes()).unwrap();
        }
        platform.change("solar/publish/publish.toml", |text| {
            format!("snapshot_s = 1\nelection_id = \"example-2026\"\n{text}")
        });
        Self { world, platform, instance: None, shown: Vec::new() }
    }

    /// Tells the publisher where instance and log are; nobody is where none runs.
    fn aim(&self) {
        let nobody = "http://127.0.0.1:1".to_owned();
        let url = |process: &Option<Process>| {
            process.as_ref().map_or(nobody.clone(), |process| process.url().to_owned())
        };
        let (instance, log) = (url(&self.instance), url(&self.world.log));
        let charter = self.world.path("log/charter.json");
        self.platform.change("solar/publish/publish.toml", |text| {
            let own = text.split("\n[[shards]]").next().unwrap();
            format!(
                "{own}\n[[shards]]\ninstances = [\"{instance}\"]\n\n[log]\nurl = \"{log}\"\n\
                 charter = \"{}\"\nkey = \"platform.pem\"\n\
                 passphrase = {{ file = \"platform-passphrase\" }}\n",
                charter.display()
            )
        });
    }

    fn vote(&self, numbers: std::ops::Range<usize>) {
        let Some(instance) = &self.instance else { return };
        let mut client = Client::new(instance.url(), &self.platform.pass());
        for number in numbers {
            assert_eq!(client.vote(&self.platform.stamped(number)).unwrap().status, 202);
        }
    }

    /// One life of the publisher: it lasts until so many more snapshots are shown, and until the
    /// log has so many artifacts.
    fn live(&mut self, more: usize, placed: usize) {
        self.aim();
        let mut publisher = Process::serve(self.platform.home(), &PUBLISH);
        let mut client = Client::new(publisher.url(), "");
        let goal = self.shown.len() + more;
        loop {
            self.see(&mut client);
            let status = client.ask("/status.json", "").unwrap().body;
            let status: Value = serde_json::from_str(&status).unwrap();
            let told = status["log"]["placed"].as_u64().unwrap();
            if self.shown.len() >= goal && told >= placed as u64 {
                return publisher.kill();
            }
        }
    }

    /// One life of the publisher that ends behind so many answers, whatever it does then.
    fn live_for(&mut self, answers: usize) {
        self.aim();
        let mut publisher = Process::serve(self.platform.home(), &PUBLISH);
        let mut client = Client::new(publisher.url(), "");
        for _ in 0..answers {
            self.see(&mut client);
        }
        publisher.kill();
    }

    /// Looks at the snapshots: none that was shown has changed or is gone.
    fn see(&mut self, client: &mut Client) {
        let now = snapshots(client);
        assert_eq!(now[..self.shown.len()], self.shown[..]);
        self.shown = now;
    }

    /// The lists as they are served, by everything that the log has.
    fn verify(&mut self, placed: usize) {
        self.aim();
        let publisher = Process::serve(self.platform.home(), &PUBLISH);
        for list in ["vote", "auth"] {
            let lines = |role: &str| {
                let text = self.platform.read(&format!("solar/{role}/state/solar-{list}.log"));
                text.split_inclusive('\n').map(str::to_owned).collect::<BTreeSet<_>>()
            };
            assert_eq!(lines("publish"), lines("collect-0"));
        }
        // Every promise is kept, and the log has kept every one.
        let promises = (0..placed).map(|number| {
            let name = format!("solar/publish/state/promise-{number}.json");
            self.platform.path(&name).to_str().unwrap().to_owned()
        });
        let promises = promises.flat_map(|path| ["--promise".to_owned(), path]);
        let verify = ["verify", self.world.url(), "--anchor", "anchor.toml"];
        let verify = [&verify[..], &["--lists", publisher.url()]].concat();
        let verify: Vec<String> = verify.into_iter().map(str::to_owned).chain(promises).collect();
        let verify: Vec<&str> = verify.iter().map(String::as_str).collect();
        let said = run(self.world.home(), &verify, 0);
        assert!(said.contains("The evidence holds"), "{said}");
        let status = ["publish", "status", publisher.url(), "--json"];
        let status: Value = serde_json::from_str(&run(self.world.home(), &status, 0)).unwrap();
        let found = (&status["log"]["placed"], &status["snapshot"]["is_last"]);
        assert_eq!(found, (&placed.into(), &true.into()), "{status}");
    }

    /// The kinds and payloads of the platform, as they stand in an exported log of the charter and
    /// so many artifacts.
    fn told(&mut self, artifacts: usize) -> Vec<(String, Value)> {
        let size = artifacts as u64 + 1;
        self.world.close(size);
        let url = self.world.url().to_owned();
        run(self.world.home(), &["log", "export", &url, "bundle"], 0);
        let source = FolderSource::open(self.world.path("bundle")).unwrap();
        let mut told = Vec::new();
        for place in places_for_growth(0, size + 1) {
            let bytes = source.read(&LeafPath(place).to_string(), 1 << 20).unwrap().unwrap();
            for line in decode_leaves(&bytes, place.width()).unwrap() {
                let leaf = Leaf::parse(line).unwrap();
                if leaf.originator.role == Role::Platform {
                    let path = format!("artifact/{}", leaf.artifact_sha256);
                    let bytes = source.read(&path, 1 << 20).unwrap().unwrap();
                    let envelope = SignedBytes::parse(&bytes).unwrap();
                    told.push((envelope.kind.to_owned(), envelope.payload_as().unwrap()));
                }
            }
        }
        told
    }
}

#[test]
fn the_log_has_every_snapshot_once_and_in_order_whoever_is_killed() {
    let mut day = Day::new();
    day.instance = Some(Process::serve(day.platform.home(), &SERVE));
    for round in 0..ROUNDS {
        match round {
            2 => day.world.kill_log(),
            3 => drop(day.instance.take()),
            5 => day.world.start(),
            6 => day.instance = Some(Process::serve(day.platform.home(), &SERVE)),
            _ => {}
        }
        day.vote(20 * round..20 * (round + 1));
        // Killed as soon as it listens, or as soon as something more is shown or placed.
        let placed = if round == 6 { day.shown.len() } else { 0 };
        day.live(usize::from(round % 3 != 1), placed);
    }
    // And at any moment, while there is something to take and to tell.
    let kills = std::env::var("SCRUTINEER_KILLS").ok().and_then(|text| text.parse().ok());
    let kills: usize = kills.unwrap_or(12);
    for kill in 0..kills {
        let number = 20 * (ROUNDS + kill);
        day.vote(number..number + 20);
        let seed = Digest::of(format!("scrutineer publish kill {kill}").as_bytes()).0;
        day.live_for(usize::from(u16::from_be_bytes([seed[0], seed[1]])) % ANSWERS);
    }
    let reveal = ["publish", "reveal", "solar", "--out", "solar/publish/reveal.json"];
    assert!(refuse(day.platform.home(), &reveal).contains("the campaign ends at 2999-11-03"));
    drop(day.instance.take());
    // The end comes soon; the log has to have it before.
    let end = SystemClock.now().plus_seconds(CLOSING_S).unwrap();
    for role in ["collect-0", "publish"] {
        day.platform.change(&format!("solar/{role}/campaign.toml"), |text| {
            text.replace("end = \"2999-11-03T07:00:00Z\"", &format!("end = \"{end}\""))
        });
    }
    day.instance = Some(Process::serve(day.platform.home(), &SERVE));
    day.live(0, day.shown.len() + 2);
    while day.shown.last().is_none_or(|last| last["is_last"] != true) {
        day.live(1, 0);
    }
    run(day.platform.home(), &reveal, 0);
    // The rules as they were and as they are, the snapshots, and what was committed to.
    let all = day.shown.len() + 3;
    day.live(0, all);
    let told = day.told(all);
    assert_eq!(told.len(), all);
    let told_snapshots = told.iter().filter(|(kind, _)| kind == "snapshot/v1");
    let payloads: Vec<_> = told_snapshots.map(|(_, payload)| payload.clone()).collect();
    assert_eq!(payloads, day.shown);
    assert_eq!((&*told[0].0, &*told[all - 1].0), ("campaign/v1", "reveal/v1"));
    day.verify(all);
}
