//! What the log is told: in order, once each, whatever happens to log and publisher.

use std::sync::Arc;

use artifact::charter::Purpose;
use artifact::payload::Reveal;
use booth::Secret;
use booth::publish::{List, SnapshotSalt};
use booth_server::publish::{
    CommitError, Committer, Log, LogParts, LogStatus, Outcome, PublishConfig, PublishError,
    Publisher, Unplaced, gather,
};
use canon::{Digest, Timestamp, base64};
use service::clock::ManualClock;
use service::config::Override;
use testkit::faults::{Crash, Fault, Faults, MemoryDisk};
use tokio::runtime::Runtime;

use super::logbook::{Logbook, Mood, Telling};
use super::world::{MadeUp, Publishing, after_the_end, config, of_shard};
use crate::fixture::noon;
use crate::instance::Platform;

struct World {
    platform: Platform,
    telling: Telling,
    log: Arc<Logbook>,
    instances: [MadeUp; 2],
    config: PublishConfig,
    _runtime: Runtime,
}

impl World {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let platform = Platform::new("official", 3, 2);
        let telling = Telling::new(&platform, Purpose::Official);
        let instances = [0, 1].map(|shard| MadeUp::start(&runtime, shard));
        let addresses = [instances[0].address, instances[1].address];
        let config = config(&platform, &addresses, &telling.flags);
        Self { platform, telling, log: Logbook::new(), instances, config, _runtime: runtime }
    }

    fn start(&self, now: Timestamp) -> Publishing {
        let log: Arc<dyn Log> = self.log.clone();
        Publishing::with_log(&self.config, Some(log), now).unwrap_or_else(|e| panic!("{e}"))
    }

    /// Each shard cuts so many votes more.
    fn cut(&self, from: u32, count: usize) {
        for (shard, instance) in (0..).zip(&self.instances) {
            instance.says().cut(&of_shard(&self.platform, shard, from, count));
        }
    }

    fn close(&self) {
        self.instances.iter().for_each(|instance| instance.says().said.is_closed = true);
    }

    /// What somebody with all secrets puts where the publisher looks.
    fn reveal(&self) {
        let folder = self.platform.path("");
        let reveal = gather(&folder, after_the_end()).unwrap();
        let text = canon::json::to_canonical(&reveal).unwrap();
        std::fs::write(self.platform.path("publish/reveal.json"), text).unwrap();
    }

    /// Whether the log has the rules, then these snapshots, then what was committed to.
    fn judge(&self, shown: &[serde_json::Value]) {
        let kinds: Vec<_> = self.log.told().into_iter().map(|(kind, _)| kind).collect();
        let snapshots = vec!["snapshot/v1".to_owned(); shown.len()];
        let expected = [&["campaign/v1".to_owned()], &*snapshots, &["reveal/v1".to_owned()]];
        assert_eq!(kinds, expected.concat());
        assert_eq!(self.log.snapshots(), shown);
    }
}

fn shown(publishing: &Publishing) -> Vec<serde_json::Value> {
    publishing.json("snapshots")["snapshots"].as_array().unwrap().clone()
}

/// The day of an official campaign: the log goes, an instance is gone for an hour, both come back.
#[test]
fn the_log_gets_rules_snapshots_and_keys_in_order() {
    let world = World::new();
    let publishing = world.start("2026-11-03T06:00:00Z".parse().unwrap());
    assert_eq!(publishing.commit().unwrap(), 1, "the rules, before the opening");
    publishing.clock.set(noon());
    world.cut(0, 4);
    publishing.taken();
    assert_eq!(publishing.commit().unwrap(), 1);
    world.log.fare(&[Mood::Away; 3]);
    world.instances[1].says().is_there = false;
    for round in 1..=3 {
        publishing.clock.advance(1_200);
        world.cut(100 * round, 3);
        let taken = publishing.snapshot().unwrap();
        assert!(matches!(taken, Outcome::Taken { number, away, .. } if number == u64::from(round)
            && away.len() == 1));
        assert!(matches!(publishing.commit(), Err(CommitError::Log(Unplaced::Away { .. }))));
        let health = publishing.get("/healthz");
        let said = String::from_utf8(health.body).unwrap();
        assert!(health.status == 503 && said.contains(&format!("{round} artifacts wait")));
        let figures = publishing.figures();
        assert!(figures.contains(&format!("\npublish_log_waiting {round}\n")), "{figures}");
    }
    assert_eq!(publishing.commit().unwrap(), 3, "the log is back");
    world.instances[1].says().is_there = true;
    assert_eq!(publishing.taken(), 4);
    world.close();
    world.reveal();
    assert_eq!(publishing.commit().unwrap(), 1, "nothing is revealed before the last snapshot");
    publishing.clock.set(after_the_end());
    publishing.taken();
    assert_eq!(publishing.commit().unwrap(), 2);
    assert_eq!(publishing.get("/healthz").status, 200);
    world.judge(&shown(&publishing));
    open(&world, &publishing);
    publishing.stop();
}

/// What was revealed is what was committed to, and opens what the snapshots kept back.
fn open(world: &World, publishing: &Publishing) {
    let told = world.log.told();
    let (rules, reveal) = (&told[0].1, &told.last().unwrap().1);
    let of = |member: &str| {
        let text = reveal[member].as_str().unwrap();
        let key = base64::decode(text.as_bytes()).filter(|key| key.len() == 32);
        key.unwrap_or_else(|| text.parse::<Digest>().unwrap().0.to_vec())
    };
    for member in ["stamp_key", "decoy_key", "totp_seed", "snapshot_salt"] {
        let committed = rules["commitments"][member].as_str().unwrap();
        assert_eq!(Digest::of(&of(member)).to_string(), committed, "{member}");
    }
    let secret = Secret::new(&of("snapshot_salt").try_into().unwrap());
    let salt = SnapshotSalt::new(secret);
    let snapshots = world.log.snapshots();
    let list = publishing.get("/solar-vote.log").body;
    let first = list.split_inclusive(|byte| *byte == b'\n').take(8).collect::<Vec<_>>().concat();
    let commitment = salt.commit(0, List::Votes, &Digest::of(&first)).to_string();
    assert_eq!(snapshots[0]["votes"]["commitment"], commitment);
    let last = &snapshots.last().unwrap()["votes"];
    assert_eq!(last["digest"], Digest::of(&list).to_string());
}

/// The attack: have the keys told while stamps are still given.
#[test]
fn nothing_is_revealed_before_the_end() {
    let world = World::new();
    let early = gather(&world.platform.path(""), noon());
    assert!(early.unwrap_err().to_string().contains("ends at 2026-11-04T20:00:00Z"));
    world.reveal();
    let publishing = world.start(noon());
    publishing.taken();
    assert_eq!(publishing.commit().unwrap(), 2);
    assert!(world.log.told().iter().all(|(kind, _)| kind != "reveal/v1"));
    // Nor is anything but what was committed to.
    world.close();
    publishing.clock.set(after_the_end());
    publishing.taken();
    let path = world.platform.path("publish/reveal.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut reveal: Reveal = serde_json::from_str(&text).unwrap();
    std::mem::swap(&mut reveal.stamp_key, &mut reveal.decoy_key);
    std::fs::write(&path, canon::json::to_canonical(&reveal).unwrap()).unwrap();
    let refused = publishing.commit().unwrap_err();
    assert!(refused.to_string().contains("stamp_key is not what"), "{refused}");
    std::fs::write(&path, text).unwrap();
    assert_eq!(publishing.commit().unwrap(), 1);
    world.judge(&shown(&publishing));
    publishing.stop();
}

/// What the log has got is not sent in other words, and what it may have got is sent as it was.
#[test]
fn an_artifact_is_sent_as_it_was_until_the_log_says_where_it_stands() {
    let world = World::new();
    let publishing = world.start(noon());
    publishing.taken();
    world.log.fare(&[Mood::Lost]);
    assert!(publishing.commit().is_err());
    publishing.stop();
    // The key has changed meanwhile; the log has the rules under the one before.
    world.telling.sign_as(&world.platform, "platform-later");
    let publishing = world.start(noon());
    assert_eq!(publishing.commit().unwrap(), 2);
    // A key that is revoked before anything came in: what it signed is signed anew.
    publishing.taken();
    world.log.fare(&[Mood::Away]);
    assert!(publishing.commit().is_err());
    publishing.stop();
    world.telling.sign_as(&world.platform, "platform");
    let publishing = world.start(noon());
    world.log.fare(&[Mood::Refuses("key_revoked")]);
    assert_eq!(publishing.commit().unwrap(), 2, "refused, and then taken");
    let [one, other] = ["platform", "platform-later"]
        .map(|holder| world.telling.election.keys.key(holder).public().id().to_string());
    assert_eq!(world.log.signers(), [one.clone(), other, one]);
    // A refusal of what we sign ourselves holds up everything behind it.
    publishing.taken();
    world.log.fare(&[Mood::Refuses("after_close"), Mood::Lies, Mood::Lies]);
    for _ in 0..3 {
        assert!(publishing.commit().is_err());
    }
    let kept = std::fs::read(world.platform.path("publish/state/evidence-3.json")).unwrap();
    assert_eq!(kept, b"a promise for another log");
    assert!(!world.platform.path("publish/state/evidence-3-1.json").exists());
    assert_eq!(publishing.commit().unwrap(), 1);
    assert_eq!(world.log.snapshots(), shown(&publishing));
    let promise = std::fs::read_to_string(world.platform.path("publish/state/promise-3.json"));
    assert!(promise.unwrap().starts_with("promise for "));
    publishing.stop();
}

/// A day that is extended: the log is told of the rules again.
#[test]
fn rules_that_change_are_told_again() {
    let world = World::new();
    let publishing = world.start(noon());
    publishing.taken();
    publishing.commit().unwrap();
    publishing.stop();
    let path = world.platform.path("publish/campaign.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("2026-11-04T20:00:00Z", "2026-11-04T21:00:00Z")).unwrap();
    let publishing = world.start(noon());
    publishing.taken();
    assert_eq!(publishing.commit().unwrap(), 2);
    let told = world.log.told();
    let ends: Vec<_> = told.iter().filter_map(|(_, payload)| payload["end"].as_str()).collect();
    assert_eq!(ends, ["2026-11-04T20:00:00Z", "2026-11-04T21:00:00Z"]);
    publishing.stop();
}

/// A trial that shows everything after having shown sizes: what was told stays as it was.
#[test]
fn a_commitment_stays_one_whatever_is_shown_later() {
    let platform = Platform::new("trial", 3, 1);
    let telling = Telling::new(&platform, Purpose::Trial);
    let runtime = Runtime::new().unwrap();
    let (instance, log) = (MadeUp::start(&runtime, 0), Logbook::new());
    instance.says().cut(&of_shard(&platform, 0, 0, 4));
    let start = |interim: &str| {
        let flags = [telling.flags.clone(), vec![Override::new("interim", interim)]].concat();
        let config = config(&platform, &[instance.address], &flags);
        let log: Arc<dyn Log> = log.clone();
        Publishing::with_log(&config, Some(log), noon()).unwrap()
    };
    let publishing = start("sizes");
    publishing.taken();
    let before = shown(&publishing);
    assert!(before[0]["votes"]["commitment"].is_string());
    publishing.stop();
    let publishing = start("full");
    assert_eq!(publishing.get("/solar-vote.log").status, 404, "told with the next snapshot");
    publishing.taken();
    publishing.commit().unwrap();
    assert_eq!(log.snapshots(), shown(&publishing));
    assert_eq!(log.snapshots()[0], before[0]);
    assert!(log.snapshots()[1]["votes"]["digest"].is_string());
    publishing.stop();
}

/// One run over a disk: snapshots are taken and told, and the process ends in between.
fn run(
    world: &World,
    parts: &LogParts,
    runtime: &Runtime,
    disk: &MemoryDisk,
) -> Option<Arc<Publisher>> {
    let mut last = None;
    for stage in [0, 2] {
        world.instances.iter().for_each(|one| one.says().said.is_closed = stage == 2);
        let now = if stage == 2 { after_the_end() } else { noon() };
        let clock = Arc::new(ManualClock::new(now));
        let opened = Publisher::new(&world.config, clock.clone(), Arc::new(disk.clone()));
        let Ok(publisher) = opened.map(Arc::new) else { continue };
        let log: Arc<dyn Log> = world.log.clone();
        let (own, disk) = (Arc::clone(&publisher), Arc::new(disk.clone()));
        let committer = Committer::new(&world.config, (parts.clone(), log), own, disk, clock);
        let Ok(committer) = committer else { continue };
        for _ in 0..3 {
            let _ = runtime.block_on(publisher.snapshot());
            // A failure is told, and the next attempt goes on.
            while matches!(committer.step(), Ok(true)) {}
        }
        last = Some(publisher);
    }
    last
}

/// Every write fails in every way, and now and then an answer of the log is lost.
#[test]
fn no_write_that_fails_lets_the_log_hear_wrong_or_twice() {
    let mut world = World::new();
    world.reveal();
    world.cut(0, 3);
    let parts = world.config.log_parts().unwrap().unwrap();
    let runtime = Runtime::new().unwrap();
    let faults = Faults::none();
    run(&world, &parts, &runtime, &MemoryDisk::new(&faults));
    let points = faults.points().into_iter();
    // What goes wrong with the lists has a test of its own.
    let own = points.filter(|point| !point.what.contains("solar-"));
    let own: Vec<_> = own.collect();
    assert!(own.iter().filter(|point| point.what.contains("committed.log")).count() > 8, "{own:?}");
    for (number, point) in own.into_iter().enumerate() {
        for (number, fault) in (number..).zip(Fault::ALL) {
            world.log = Logbook::new();
            if number % 2 == 1 {
                world.log.fare(&[Mood::Lost, Mood::Away, Mood::Lost]);
            }
            let faults = Faults::at(&point, fault);
            let disk = MemoryDisk::new(&faults);
            run(&world, &parts, &runtime, &disk);
            let crash = if number % 3 == 0 { Crash::Kill } else { Crash::PowerCut(number as u64) };
            let left = disk.after(crash, &Faults::none());
            let what = format!("{point:?}, {fault:?}, {crash:?}");
            let publisher = run(&world, &parts, &runtime, &left).expect(&what);
            let last = publisher.shown().unwrap();
            assert!(last.is_last, "{what}");
            let kinds: Vec<_> = world.log.told().into_iter().map(|(kind, _)| kind).collect();
            let snapshots = world.log.snapshots();
            let numbers = snapshots.iter().filter_map(|one| one["number"].as_u64());
            assert!(numbers.eq(0..=last.number), "{what}: {snapshots:?}");
            assert_eq!(kinds.len(), snapshots.len() + 2, "{what}: {kinds:?}");
            assert_eq!((&*kinds[0], &**kinds.last().unwrap()), ("campaign/v1", "reveal/v1"));
        }
    }
}

/// The attack: the publisher ends before it has noted a promise, and the log gives it another one.
/// Either may be the one that is broken.
#[test]
fn a_second_promise_does_not_take_the_place_of_the_first() {
    let mut world = World::new();
    world.reveal();
    world.cut(0, 3);
    let parts = world.config.log_parts().unwrap().unwrap();
    let runtime = Runtime::new().unwrap();
    let faults = Faults::none();
    run(&world, &parts, &runtime, &MemoryDisk::new(&faults));
    let points = faults.points().into_iter();
    let own: Vec<_> = points.filter(|point| point.what == "write committed.log").collect();
    let mut doubled = 0;
    for point in own {
        for fault in [Fault::Lost, Fault::DiesBefore, Fault::DiesWithin] {
            for crash in [Crash::Kill, Crash::PowerCut(1)] {
                world.log = Logbook::new();
                world.log.at("2026-11-03T08:00:00Z".parse().unwrap());
                let disk = MemoryDisk::new(&Faults::at(&point, fault));
                run(&world, &parts, &runtime, &disk);
                world.log.at("2026-11-03T09:00:00Z".parse().unwrap());
                let left = disk.after(crash, &Faults::none());
                run(&world, &parts, &runtime, &left);
                let content = left.content();
                let mut kept = content.iter().filter(|(name, _)| name.starts_with("promise-"));
                let what = format!("{point:?}, {fault:?}, {crash:?}");
                for promise in world.log.promises() {
                    assert!(kept.clone().any(|(_, bytes)| *bytes == promise), "{what}: lost");
                }
                doubled += usize::from(kept.any(|(name, _)| name.ends_with("-1.json")));
            }
        }
    }
    assert!(doubled > 4, "{doubled}");
}

#[test]
fn a_log_of_something_else_is_refused() {
    let world = World::new();
    let refused = |config: &PublishConfig| {
        let error = Publishing::try_start(config).err().unwrap();
        assert!(matches!(error, PublishError::Log(_)), "{error}");
        error.to_string()
    };
    assert!(refused(&world.config).contains("nothing to speak to it with"));
    let with = |key: &str, value: &str| {
        let flags = [world.telling.flags.clone(), vec![Override::new(key, value)]].concat();
        refused(&config(
            &world.platform,
            &[world.instances[0].address, world.instances[1].address],
            &flags,
        ))
    };
    assert!(with("election_id", "lunar").contains("for the election solar"));
    world.telling.sign_as(&world.platform, "totals");
    assert!(refused(&world.config).contains("role aggregation"));
    world.telling.sign_as(&world.platform, "platform");
    let path = world.platform.path("publish/campaign.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("totp_seed_sha256"));
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    assert!(refused(&world.config).contains("totp_seed_sha256 is missing"));
    // A salt that would never open what was hidden by it.
    std::fs::write(&path, &text).unwrap();
    let salt = world.platform.path("publish/snapshot-salt");
    std::fs::write(salt, base64::encode(&[7; 32])).unwrap();
    let error = Publishing::try_start(&world.config).err().unwrap();
    assert!(matches!(error, PublishError::OtherSalt), "{error}");
    let other =
        std::fs::write(world.platform.path("collect-0/totp-seed"), base64::encode(&[7; 32]));
    other.unwrap();
    let seed = world.platform.config(0, &[]).check().unwrap_err();
    assert!(seed.to_string().contains("totp_seed is not the one"), "{seed}");
}

/// What a platform would commit to by mistake: a picture, the map of another campaign, and seeds of
/// the kind that its stations do not have.
#[test]
fn a_map_that_is_none_or_of_another_campaign_is_not_committed_to() {
    let platform = Platform::new("official", 3, 2);
    let telling = Telling::new(&platform, Purpose::Official);
    let path = platform.path("publish/field.yml");
    let more = [Override::new("log.deployment_map", "field.yml")];
    let config = config(&platform, &[], &[&telling.flags[..], &more].concat());
    let check = |map: &[u8]| {
        std::fs::write(&path, map).unwrap();
        config.log_parts().map(|_| ()).map_err(|error| error.to_string())
    };
    let map = include_str!("../../../../../vectors/booth/field.yml");
    assert_eq!(check(map.as_bytes()), Ok(()));
    let picture = check(b"\x89PNG\r\n\x1a\n").unwrap_err();
    assert!(picture.contains("field.yml: line 1: "), "{picture}");
    let secret = map.lines().find_map(|line| line.split_once("1090: ")).unwrap().1;
    let daily = format!("Here:\n  a-1:\n    \"2026-11-03\": {secret}\n");
    let kind = check(daily.as_bytes()).unwrap_err();
    assert!(kind.contains("and the campaign names no stations"), "{kind}");
    let empty = check(b"411 5th Street North:\n").unwrap_err();
    assert!(empty.contains("the map has no station"), "{empty}");
}

/// The map whose digest is on the log, and the signed rules that have the digest.
#[test]
fn the_map_and_the_rules_that_commit_to_it_are_served() {
    let world = World::new();
    let map = include_bytes!("../../../../../vectors/booth/field.yml");
    std::fs::write(world.platform.path("publish/field.yml"), map).unwrap();
    let text = format!("{}\ndeployment_map = \"field.yml\"\n", world.telling.table());
    let log = Override::new("log", text.parse::<toml::Table>().unwrap());
    let addresses = [world.instances[0].address, world.instances[1].address];
    let config = config(&world.platform, &addresses, &[log]);
    let publishing = Publishing::with_log(&config, Some(world.log.clone()), noon()).unwrap();
    assert_eq!(publishing.get("/solar/campaign.json").status, 404, "the log has not got it");
    publishing.commit().unwrap();
    let told = publishing.get("/solar/campaign.json");
    let envelope = canon::SignedBytes::parse(&told.body).unwrap();
    assert_eq!(envelope.payload_as::<serde_json::Value>().unwrap(), world.log.told()[0].1);
    let answer = publishing.get("/solar/field.yml");
    assert_eq!((answer.status, &*answer.body), (200, map.as_slice()));
    assert_eq!(answer.headers["content-type"], "application/yaml");
    assert_eq!(answer.headers["cache-control"], "max-age=300");
    let digest = Digest::of(map).to_string();
    assert_eq!(world.log.told()[0].1["deployment_map"], digest);
    assert_eq!(answer.headers["etag"], format!("\"{digest}\""));
    let known = [("If-None-Match", answer.headers["etag"].as_str())];
    assert_eq!(publishing.ask("GET", "/solar/field.yml", &known).status, 304);
    publishing.stop();
    // Without one there is nothing.
    let publishing = world.start(noon());
    assert_eq!(publishing.get("/solar/field.yml").status, 404);
    publishing.stop();
}

/// Who extended the day, when, and whether that was in time: also told by a publisher that was
/// started again.
#[test]
fn whoever_asks_is_told_that_the_end_moved() {
    let world = World::new();
    let path = world.platform.path("publish/campaign.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let ends = ["2026-11-03T20:00:00Z", "2026-11-03T21:00:00Z", "2026-11-03T22:00:00Z"];
    let logged = ["2026-11-03T06:00:00Z", "2026-11-03T19:59:59Z", "2026-11-03T21:00:00Z"];
    let first = text.lines().find(|line| line.starts_with("end = ")).unwrap().to_owned();
    for (end, at) in ends.into_iter().zip(logged) {
        std::fs::write(&path, text.replace(&first, &format!("end = \"{end}\""))).unwrap();
        world.log.at(at.parse().unwrap());
        let publishing = world.start(at.parse().unwrap());
        publishing.commit().unwrap();
        publishing.stop();
    }
    let publishing = world.start(after_the_end());
    let rules = publishing.json("rules")["rules"].clone();
    let expected = serde_json::json!([
        {"end": ends[0], "entry": 0, "logged_at": logged[0]},
        {"end": ends[1], "entry": 1, "in_force": true, "logged_at": logged[1]},
        {"end": ends[2], "entry": 2, "in_force": false, "logged_at": logged[2]},
    ]);
    assert_eq!(rules, expected);
    publishing.stop();
}

/// A day that is to be extended while the log is away: whoever runs the publisher is told in time,
/// and when it was too late.
#[test]
fn an_end_that_the_log_may_hear_of_too_late_is_told() {
    let world = World::new();
    let publishing = world.start(noon());
    publishing.commit().unwrap();
    publishing.stop();
    let path = world.platform.path("publish/campaign.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("2026-11-04T20:00:00Z", "2026-11-04T21:00:00Z")).unwrap();
    world.log.fare(&[Mood::Away; 3]);
    let before = |at: &str| {
        let publishing = world.start(at.parse().unwrap());
        assert!(publishing.commit().is_err());
        let status = publishing.status();
        assert_eq!(status.log.unwrap().waiting, 1, "the rules wait");
        let said = String::from_utf8(publishing.get("/healthz").body).unwrap();
        assert_eq!(said.lines().collect::<Vec<_>>(), status.troubles);
        publishing.stop();
        status.troubles.into_iter().find(|trouble| trouble.contains("2026-11-04T21:00:00Z"))
    };
    assert_eq!(before("2026-11-04T19:29:59Z"), None);
    let near = before("2026-11-04T19:31:00Z").unwrap();
    assert!(near.ends_with("before 2026-11-04T20:00:00Z, in 1740 s"), "{near}");
    let late = before("2026-11-04T20:00:00Z").unwrap();
    assert!(late.contains("moves nothing"), "{late}");
    // The log is back, too late: that stays told.
    world.log.at("2026-11-04T20:00:10Z".parse().unwrap());
    let publishing = world.start("2026-11-04T20:00:10Z".parse().unwrap());
    assert_eq!(publishing.commit().unwrap(), 1);
    let status = publishing.status();
    assert_eq!((status.log.unwrap().waiting, status.troubles.len()), (0, 1));
    assert!(status.troubles[0].contains("moves nothing"), "{:?}", status.troubles);
    publishing.stop();
    // In time it is nobody's trouble.
    let world = World::new();
    world.log.at("2026-11-04T19:59:00Z".parse().unwrap());
    let publishing = world.start(noon());
    publishing.commit().unwrap();
    publishing.stop();
    let path = world.platform.path("publish/campaign.toml");
    std::fs::write(&path, text_with_a_later_end(&world)).unwrap();
    let publishing = world.start("2026-11-04T19:59:00Z".parse().unwrap());
    assert_eq!(publishing.status().log.unwrap().waiting, 1);
    assert_eq!(publishing.commit().unwrap(), 1);
    assert_eq!(publishing.status().troubles, [""; 0]);
    publishing.stop();
}

fn text_with_a_later_end(world: &World) -> String {
    let text = std::fs::read_to_string(world.platform.path("publish/campaign.toml")).unwrap();
    text.replace("2026-11-04T20:00:00Z", "2026-11-04T21:00:00Z")
}

/// What a program reads of a publisher, from before its first snapshot to behind its last one.
#[test]
fn a_publisher_tells_programs_how_it_stands() {
    let world = World::new();
    let publishing = world.start(noon());
    let status = publishing.status();
    assert_eq!((status.snapshot, status.shards.count), (None, 2));
    let waits = LogStatus { placed: 0, waiting: 1, is_failing: false };
    assert_eq!(status.log, Some(waits));
    world.cut(0, 4);
    publishing.taken();
    publishing.clock.advance(90);
    let status = publishing.status();
    let (at, last) = (noon(), status.snapshot.clone().unwrap());
    assert_eq!((last.number, last.records, last.taken_at, last.age_s), (0, 8, at, 90));
    assert!(!last.is_last && status.is_well());
    // One that stands still without knowing it.
    publishing.clock.advance(400);
    assert_eq!(publishing.status().is_overdue(), Some(490));
    assert!(!publishing.status().is_well());
    world.instances[1].says().is_there = false;
    publishing.snapshot().unwrap();
    let status = publishing.status();
    assert_eq!((status.shards.away.clone(), status.is_overdue()), (vec![1], None));
    assert_eq!(status.troubles, ["not reached: shard 1"]);
    world.instances[1].says().is_there = true;
    world.close();
    publishing.clock.set(after_the_end());
    publishing.taken();
    publishing.clock.advance(86_400);
    let status = publishing.status();
    assert!(status.snapshot.as_ref().unwrap().is_last && status.is_well(), "{status:?}");
    publishing.stop();
}
