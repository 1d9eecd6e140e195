//! A campaign that is closed without a shard: one that is dead for good, one that lies.

use artifact::charter::Purpose;
use booth::campaign::Shard;
use booth_server::publish::{
    CloseError, Lie, Outcome, PublishConfig, PublishError, close, close_on,
};
use serde_json::json;
use testkit::faults::{Crash, Fault, Faults, MemoryDisk};
use tokio::runtime::Runtime;

use super::logbook::{Logbook, Telling};
use super::world::{MadeUp, Publishing, after_the_end, cast, config, lines, of_shard, started};
use crate::fixture::noon;
use crate::instance::Platform;

const FIRE: &str = "its disk was lost in a fire";

/// What is told of the shards that are left out, in results and snapshots.
fn without(publishing: &Publishing) -> serde_json::Value {
    let told = publishing.json("results")["without"].clone();
    let all = publishing.json("snapshots");
    let snapshots = all["snapshots"].as_array().unwrap();
    let (last, before) = snapshots.split_last().unwrap();
    assert_eq!(last["without"], told);
    assert!(before.iter().all(|one| one.get("without").is_none()), "{before:?}");
    told
}

/// Two real instances, of which one is killed with votes that it had accepted and not cut.
#[test]
fn a_shard_that_is_dead_for_good_does_not_hold_the_results_back() {
    let platform = Platform::new("test", 3, 2);
    let [one, dead] = [0, 1].map(|shard| started(&platform, shard));
    let config = config(&platform, &[one.address, dead.address], &[]);
    let mut publishing = Publishing::start(&config);
    cast(&one, &of_shard(&platform, 0, 0, 7), 1);
    cast(&dead, &of_shard(&platform, 1, 0, 7), 1);
    assert_eq!(publishing.taken(), 0);
    dead.stop();
    // Before the end nobody is left out, whatever lies in the folder.
    let early = close(&config, &[1], FIRE, noon());
    assert!(matches!(early, Err(CloseError::TooEarly { .. })), "{early:?}");
    close(&config, &[1], FIRE, after_the_end()).unwrap();
    let away = Outcome::Taken { number: 1, away: vec![Shard(1)], is_more: false };
    assert_eq!(publishing.snapshot().unwrap(), away);
    std::fs::remove_file(platform.path("publish/state/without.json")).unwrap();

    publishing.clock.set(after_the_end());
    one.clock.advance(86_400 * 2);
    let waits = Outcome::Waits { shards: vec![Shard(1)] };
    crate::instance::until(|| (publishing.snapshot().unwrap() == waits).then_some(()));
    assert_eq!(publishing.get("/solar-vote.log").status, 403);
    // A publisher that runs finds it at the next barrier, one that was stopped when it starts.
    let left_out = close(&config, &[1], FIRE, after_the_end()).unwrap();
    assert_eq!(serde_json::to_value(&left_out[0]).unwrap()["records"], 3);
    publishing.stop();
    publishing = Publishing::with_log(&config, None, after_the_end()).unwrap();
    publishing.taken();
    assert_eq!(without(&publishing), json!([{"reason": FIRE, "records": 3, "shard": 1}]));
    assert_eq!(publishing.get("/healthz").status, 200);
    // All of the one, with its remainder, and what was published of the other.
    let votes = publishing.lines("vote");
    let of = |shard: u16| {
        let path = platform.path(&format!("collect-{shard}/state/solar-vote.log"));
        lines(&std::fs::read(path).unwrap())
    };
    let mut expected = [of(0), of(1)].concat();
    expected.sort();
    let mut found = votes.clone();
    found.sort();
    assert_eq!((found, votes.len()), (expected, 10));
    assert_eq!(publishing.json("results")["is_last"], true);
    assert_eq!(publishing.snapshot().unwrap(), Outcome::Nothing);
    let late = close(&config, &[0], FIRE, after_the_end());
    assert!(matches!(late, Err(CloseError::Closed { .. })), "{late:?}");
    publishing.stop();
    one.stop();
}

struct World {
    runtime: Runtime,
    platform: Platform,
    instances: [MadeUp; 2],
    config: PublishConfig,
}

impl World {
    /// Two shards with a batch and a remainder each, after the end.
    fn new(purpose: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let platform = Platform::new(purpose, 3, 2);
        let instances = [0, 1].map(|shard| MadeUp::start(&runtime, shard));
        for (shard, instance) in (0..).zip(&instances) {
            instance.says().cut(&of_shard(&platform, shard, 0, 3));
        }
        let config = config(&platform, &[instances[0].address, instances[1].address], &[]);
        Self { runtime, platform, instances, config }
    }

    /// The remainders.
    fn end(&self, publishing: &Publishing) {
        for (shard, instance) in (0..).zip(&self.instances) {
            let mut says = instance.says();
            says.cut(&of_shard(&self.platform, shard, 1_000, 2));
            says.said.is_closed = true;
        }
        publishing.clock.set(after_the_end());
    }
}

/// The attack: an instance that lies holds the last snapshot back. It is left out, and
/// asked no more, so that what it says then is of no use.
#[test]
fn a_shard_that_lies_is_left_out() {
    let world = World::new("official");
    for is_restarted in [false, true] {
        let state = world.platform.path(&format!("state-{is_restarted}"));
        let state = service::config::Override::new("state", state.to_str().unwrap());
        let addresses = [world.instances[0].address, world.instances[1].address];
        let config = config(&world.platform, &addresses, &[state]);
        let mut publishing = Publishing::start(&config);
        publishing.taken();
        world.end(&publishing);
        world.instances[1].says().said.cuts[0].votes.0[0] ^= 1;
        let waits = Outcome::Waits { shards: vec![Shard(1)] };
        for _ in 0..2 {
            assert_eq!(publishing.snapshot().unwrap(), waits);
            assert_eq!(publishing.publisher.lies(), [Lie::Changed { shard: Shard(1) }]);
        }
        // Another shard than the one that lied is no help.
        close(&config, &[0], "a slip of the hand", after_the_end()).unwrap();
        assert_eq!(publishing.snapshot().unwrap(), waits);
        std::fs::remove_file(config_state(&world, is_restarted)).unwrap();
        close(&config, &[1], "it told of other cuts", after_the_end()).unwrap();
        if is_restarted {
            publishing.stop();
            publishing = Publishing::with_log(&config, None, after_the_end()).unwrap();
        }
        assert_eq!(publishing.taken(), 1);
        let told = json!([{"reason": "it told of other cuts", "records": 3, "shard": 1}]);
        assert_eq!(without(&publishing), told);
        assert_eq!(publishing.lines("vote").len(), 8);
        assert_eq!(publishing.get("/healthz").status, 200);
        publishing.stop();
        // What it told first, for the next round.
        for instance in &world.instances {
            let mut says = instance.says();
            says.said.cuts.truncate(1);
            says.said.total = 1;
            says.said.is_closed = false;
            let (votes, voters) = (says.said.cuts[0].vote_bytes, says.said.cuts[0].records * 167);
            says.votes.truncate(usize::try_from(votes).unwrap());
            says.voters.truncate(usize::try_from(voters).unwrap());
        }
        world.instances[1].says().said.cuts[0].votes.0[0] ^= 1;
    }
}

fn config_state(world: &World, is_restarted: bool) -> std::path::PathBuf {
    world.platform.path(&format!("state-{is_restarted}/without.json"))
}

/// What was left out is said on the log, in the last snapshot alone; and what is refused is not.
#[test]
fn the_log_is_told_what_the_results_lack() {
    let world = World::new("official");
    let telling = Telling::new(&world.platform, Purpose::Official);
    let addresses = [world.instances[0].address, world.instances[1].address];
    let config = config(&world.platform, &addresses, &telling.flags);
    let log = Logbook::new();
    let publishing = Publishing::with_log(&config, Some(log.clone()), noon()).unwrap();
    publishing.taken();
    world.end(&publishing);
    world.instances[0].says().is_there = false;
    let at = after_the_end();
    assert!(matches!(close(&config, &[2], FIRE, at), Err(CloseError::NoShard { .. })));
    assert!(matches!(close(&config, &[0], "two\nlines", at), Err(CloseError::Reason(_))));
    assert!(matches!(close(&config, &[0], "", at), Err(CloseError::Reason(_))));
    assert!(matches!(publishing.snapshot().unwrap(), Outcome::Waits { .. }));
    // What is no instruction is told, and waits for one that is.
    let path = world.platform.path("publish/state/without.json");
    std::fs::write(&path, br#"{"campaign":"lunar","without":[]}"#).unwrap();
    assert!(matches!(publishing.snapshot(), Err(PublishError::Close(_))));
    assert_eq!(publishing.get("/healthz").status, 503);
    assert!(matches!(close(&config, &[0], FIRE, at), Err(CloseError::Form)));
    std::fs::remove_file(path).unwrap();
    close(&config, &[0], FIRE, at).unwrap();
    assert_eq!(publishing.taken(), 1);
    publishing.commit().unwrap();
    let told = log.snapshots();
    let expected = json!([{"reason": FIRE, "records": 3, "shard": 0}]);
    assert_eq!((told.len(), &told[1]["without"]), (2, &expected));
    assert!(told[0].get("without").is_none());
    publishing.stop();
}

/// A campaign whose every shard is gone ends with what was published, and a second reason takes the
/// place of the first.
#[test]
fn nothing_more_is_taken_of_shards_that_are_all_left_out() {
    let world = World::new("test");
    let publishing = Publishing::start(&world.config);
    publishing.taken();
    world.end(&publishing);
    close(&world.config, &[0], "it is away", after_the_end()).unwrap();
    let all = close(&world.config, &[1, 0, 1], FIRE, after_the_end()).unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(publishing.taken(), 1);
    let told = |shard| json!({"reason": FIRE, "records": 3, "shard": shard});
    assert_eq!(without(&publishing), json!([told(0), told(1)]));
    assert_eq!(publishing.lines("auth").len(), 6);
    publishing.stop();
    drop(world.runtime);
}

/// However writing it down is interrupted, it is there as a whole or not at all.
#[test]
fn an_instruction_is_whole_or_not_there() {
    let world = World::new("test");
    let campaign = world.platform.campaign();
    let shards_told = |disk: &MemoryDisk| {
        let content = disk.content();
        let bytes = content.get("without.json")?;
        let said: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        Some(said["without"].as_array().unwrap().len())
    };
    let run = |disk: &MemoryDisk| {
        let first = close_on(disk, &campaign, &[0], FIRE, after_the_end());
        first.is_ok().then(|| close_on(disk, &campaign, &[1], FIRE, after_the_end())).is_some()
    };
    let faults = Faults::none();
    assert!(run(&MemoryDisk::new(&faults)));
    let points = faults.points();
    assert!(points.len() >= 8, "{points:?}");
    for point in points {
        for fault in Fault::ALL {
            let faults = Faults::at(&point, fault);
            let disk = MemoryDisk::new(&faults);
            let is_told = run(&disk);
            assert!(faults.hit(), "{point:?}");
            for crash in [Crash::Kill, Crash::PowerCut(1), Crash::PowerCut(2)] {
                let left = disk.after(crash, &Faults::none());
                let shards = shards_told(&left);
                assert!(!is_told || shards.is_some(), "{point:?}, {fault:?}, {crash:?}: lost");
                let again = close_on(&left, &campaign, &[1], FIRE, after_the_end()).unwrap();
                assert_eq!(again.len(), shards.map_or(1, |_| 2), "{point:?}, {fault:?}");
            }
        }
    }
}
