//! Every write of a publisher fails in every way, and it goes on.

use std::sync::Arc;

use booth::request::VoteRequest;
use booth_server::publish::{Outcome, PublishConfig, PublishError, Publisher, Record};
use canon::Digest;
use service::clock::ManualClock;
use testkit::faults::{Crash, Fault, Faults, MemoryDisk, Point};
use tokio::runtime::Runtime;

use super::world::{MadeUp, after_the_end, config, of_shard};
use crate::fixture::noon;
use crate::instance::Platform;

struct World {
    runtime: Runtime,
    /// The batches of both shards: two of three, and a remainder of one.
    batches: [[Vec<VoteRequest>; 3]; 2],
    _platform: Platform,
    instances: [MadeUp; 2],
    config: PublishConfig,
}

impl World {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let platform = Platform::new("official", 3, 2);
        let instances = [0, 1].map(|shard| MadeUp::start(&runtime, shard));
        let addresses = [instances[0].address, instances[1].address];
        let config = config(&platform, &addresses, &[]);
        let batch = |shard, number: u32| {
            let count = if number == 2 { 1 } else { 3 };
            of_shard(&platform, shard, 1_000 * number, count)
        };
        let batches = [0, 1].map(|shard| [0, 1, 2].map(|number| batch(shard, number)));
        Self { runtime, batches, _platform: platform, instances, config }
    }

    /// What the instances have cut at a stage of the run: each time a batch, and then the rest.
    fn set_stage(&self, stage: usize) {
        for (batches, instance) in self.batches.iter().zip(&self.instances) {
            let mut says = instance.says();
            (says.said.cuts, says.said.total) = (Vec::new(), 0);
            (says.votes, says.voters) = (Vec::new(), Vec::new());
            batches.iter().take(stage + 1).for_each(|batch| says.cut(batch));
            says.said.is_closed = stage == 2;
        }
    }

    fn open(&self, disk: &MemoryDisk, stage: usize) -> Result<Publisher, PublishError> {
        self.set_stage(stage);
        let now = if stage == 2 { after_the_end() } else { noon() };
        let clock = Arc::new(ManualClock::new(now));
        Publisher::new(&self.config, clock, Arc::new(disk.clone()))
    }

    /// Two snapshots by one process, two by another, of which one is the last. What was shown.
    fn run(&self, disk: &MemoryDisk) -> Vec<Record> {
        let mut shown = Vec::new();
        for stage in 0..3 {
            let Ok(publisher) = self.open(disk, stage) else { continue };
            shown.extend(publisher.shown());
            // A failure is told, and the next barrier tries again.
            for _ in 0..2 {
                let _ = self.runtime.block_on(publisher.snapshot());
                shown.extend(publisher.shown());
            }
        }
        shown
    }
}

/// Whether the lists begin with the snapshot of a record.
fn stands(disk: &MemoryDisk, record: &Record) -> bool {
    let content = disk.content();
    ["solar-vote.log", "solar-auth.log"].iter().zip(&record.files).all(|(name, state)| {
        let bytes = content[*name].get(..usize::try_from(state.bytes).unwrap());
        bytes.is_some_and(|bytes| Digest::of(bytes) == state.digest)
    })
}

/// Of what a crash has left a snapshot is opened, whoever was shown one finds it, and the run ends
/// with the same lists as one without faults.
fn judge(world: &World, left: &MemoryDisk, shown: &[Record], what: &str) {
    let publisher = world.open(left, 2).unwrap_or_else(|error| panic!("{what}: {error}"));
    let last = publisher.shown();
    if let Some(record) = &last {
        assert!(stands(left, record), "{what}");
        let length = usize::try_from(record.files[0].bytes).unwrap();
        assert_eq!(left.content()["solar-vote.log"].len(), length, "{what}: not cut off");
    }
    for record in shown {
        let number = last.as_ref().map(|last| last.number);
        assert!(number >= Some(record.number), "{what}: {record:?} is lost");
        assert!(stands(left, record), "{what}: {record:?} has changed");
    }
    match world.runtime.block_on(publisher.snapshot()) {
        Ok(Outcome::Taken { .. } | Outcome::Nothing) => {}
        other => panic!("{what}: {other:?}"),
    }
    let last = publisher.shown().unwrap();
    assert!(last.is_last && stands(left, &last), "{what}");
    assert_eq!((last.records, last.counts.iter().sum::<u64>()), (14, 14), "{what}");
    for list in ["solar-vote.log", "solar-auth.log"] {
        let mut lines = super::world::lines(&left.content()[list]);
        let mut expected: Vec<String> = world
            .instances
            .iter()
            .flat_map(|instance| {
                let says = instance.says();
                let of = if list == "solar-vote.log" { &says.votes } else { &says.voters };
                super::world::lines(of)
            })
            .collect();
        lines.sort();
        expected.sort();
        assert_eq!(lines, expected, "{what}");
    }
}

#[test]
fn no_write_that_fails_makes_a_snapshot_wrong_or_loses_one() {
    let world = World::new();
    let faults = Faults::none();
    let shown = world.run(&MemoryDisk::new(&faults));
    assert!(shown.last().unwrap().is_last);
    let points: Vec<Point> = faults.points();
    assert!(points.len() > 40, "{points:?}");
    for point in points {
        for fault in Fault::ALL {
            let faults = Faults::at(&point, fault);
            let disk = MemoryDisk::new(&faults);
            let shown = world.run(&disk);
            assert!(faults.hit(), "{point:?}");
            for crash in [Crash::Kill, Crash::PowerCut(1), Crash::PowerCut(2)] {
                let left = disk.after(crash, &Faults::none());
                judge(&world, &left, &shown, &format!("{point:?}, {fault:?}, {crash:?}"));
            }
        }
    }
}

/// A full disk: the same process goes on when there is room again.
#[test]
fn a_write_that_failed_is_made_up_for_at_the_next_barrier() {
    let world = World::new();
    let point = Point { what: "write solar-auth.log".to_owned(), nth: 0 };
    let disk = MemoryDisk::new(&Faults::at(&point, Fault::Lost));
    let publisher = world.open(&disk, 0).unwrap();
    let failed = world.runtime.block_on(publisher.snapshot());
    assert!(matches!(failed, Err(PublishError::Store(_))), "{failed:?}");
    assert_eq!(publisher.shown(), None);
    let taken = world.runtime.block_on(publisher.snapshot()).unwrap();
    assert_eq!(taken, Outcome::Taken { number: 0, away: Vec::new(), is_more: false });
    assert!(stands(&disk, &publisher.shown().unwrap()));
}

/// The attack: change what is published, or the record of it.
#[test]
fn damage_is_refused_at_the_start() {
    let world = World::new();
    let disk = MemoryDisk::new(&Faults::none());
    world.run(&disk);
    for name in disk.content().into_keys() {
        let length = disk.content()[&name].len();
        for at in [0, length / 2, length - 1] {
            let changed = rewritten(&disk, &name, |bytes| bytes[at] ^= 1);
            assert!(refusal(&world, &changed).is_some(), "{name} at {at}");
        }
        if name != "snapshots.log" {
            let shorter = rewritten(&disk, &name, |bytes| bytes.truncate(length - 1));
            assert!(refusal(&world, &shorter).unwrap().contains("shorter"), "{name}");
        }
    }
    assert_eq!(refusal(&world, &disk), None);
}

fn refusal(world: &World, disk: &MemoryDisk) -> Option<String> {
    world.open(disk, 2).err().map(|error| error.to_string())
}

/// A disk with one file changed.
fn rewritten(disk: &MemoryDisk, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> MemoryDisk {
    use service::disk::Disk as _;
    let made = MemoryDisk::new(&Faults::none());
    let mut content = disk.content();
    change(content.get_mut(name).unwrap());
    for (name, bytes) in content {
        made.create(&name).unwrap().append(&bytes).unwrap();
    }
    made
}
