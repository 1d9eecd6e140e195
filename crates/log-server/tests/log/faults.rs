//! Every write of a run fails once, in every way; and the process dies at every write.
//!
//! After each: no acknowledged entry is lost or moved, no two roots were ever signed for one
//! size, no object under a signed head has changed, and what is published in the end holds.

use std::collections::BTreeMap;

use artifact::bundle::{MemorySource, reach};
use log_server::log::{Receipt, Submission};
use testkit::election::Plan;
use testkit::faults::{Crash, Fault, Faults, Point};
use tlog::merkle::Head;

use crate::world::World;

/// What a script submits: six artifacts, one of them an amendment, one with a raw file.
fn submissions(world: &mut World) -> Vec<Submission> {
    let mut all = Vec::new();
    for name in ["one", "two"] {
        all.push(world.software(name));
    }
    let (placed, digest) = world.election.ballot_manifest();
    let file = world.election.raw[&digest].clone().into();
    all.push(Submission { files: vec![file], ..world.submission(placed) });
    let amendment = world.election.add_key("second-maker", artifact::role::Role::Supply);
    all.push(world.submission(amendment));
    for name in ["three", "four"] {
        all.push(world.software(name));
    }
    all
}

/// Submits everything with heads in between; the receipts of what was acknowledged.
///
/// Errors end nothing: a client of a failing log goes on, too.
async fn script(world: &World, submissions: &[Submission]) -> Vec<Receipt> {
    let Ok(log) = world.try_open().await else {
        return Vec::new();
    };
    let mut receipts = Vec::new();
    for (number, submission) in submissions.iter().enumerate() {
        receipts.extend(log.submit(submission.clone()).await);
        if number % 2 == 1 {
            let _ = log.publish().await;
        }
    }
    world.wait(1);
    let _ = log.publish().await;
    let _ = log.close().await;
    receipts
}

/// What must never change once it was seen.
#[derive(Default)]
struct Memory {
    /// The root of every head that was ever signed and left the process.
    roots: BTreeMap<u64, Head>,
    /// Every object under a head that was stored.
    objects: BTreeMap<String, Vec<u8>>,
    /// Where every acknowledged artifact stands.
    receipts: BTreeMap<u64, Receipt>,
}

impl Memory {
    /// Looks at what a run left behind.
    fn look(&mut self, world: &World, receipts: Vec<Receipt>, what: &str) {
        for path in ["checkpoint", "checkpoint.pending"] {
            for bytes in world.store.tried(path) {
                let head = world.head_of(&bytes);
                let known = *self.roots.entry(head.size).or_insert(head);
                assert_eq!(known, head, "{what}: two roots of one size");
            }
        }
        for receipt in receipts {
            let receipt = Receipt { is_duplicate: false, ..receipt };
            let known = self.receipts.entry(receipt.index).or_insert_with(|| receipt.clone());
            assert_eq!(*known, receipt, "{what}: two entries at one place");
        }
        let objects = world.store.objects();
        for (path, bytes) in &self.objects {
            assert_eq!(objects.get(path), Some(bytes), "{what}: {path} has changed");
        }
        let Some(pending) = objects.get("checkpoint.pending") else {
            return;
        };
        // What the last signed head covers must be there, whole, for ever.
        let mut bundle = MemorySource::new();
        for (path, bytes) in &objects {
            bundle.insert(path.clone(), bytes.clone());
        }
        bundle.insert("checkpoint", pending.clone());
        for path in reach(&bundle).unwrap_or_else(|error| panic!("{what}: {error}")).paths {
            let path = path.to_string();
            if path != "checkpoint" {
                let bytes = objects.get(&path);
                let bytes = bytes.unwrap_or_else(|| panic!("{what}: {path} is missing"));
                self.objects.insert(path, bytes.clone());
            }
        }
    }
}

/// Runs the script with one fault, lets what is left go through a crash, and runs it again
/// without a fault; perhaps with a second fault in between.
async fn survive(first: (&Point, Fault), crash: Crash, second: Option<(&Point, Fault)>) -> bool {
    let what = format!("{first:?} {crash:?} {second:?}");
    let mut memory = Memory::default();
    let faults = Faults::at(first.0, first.1);
    let mut world = World::planned(Plan::default(), &faults);
    let submissions = submissions(&mut world);
    let receipts = script(&world, &submissions).await;
    let hit = faults.hit();
    world.crash(crash, &Faults::none());
    memory.look(&world, receipts, &what);
    if let Some((point, fault)) = second {
        let faults = Faults::at(point, fault);
        world.crash(Crash::Kill, &faults);
        let receipts = script(&world, &submissions).await;
        world.crash(crash, &Faults::none());
        memory.look(&world, receipts, &what);
    }
    let log = world.try_open().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut receipts = Vec::new();
    for submission in &submissions {
        let receipt = log.submit(submission.clone()).await;
        receipts.push(receipt.unwrap_or_else(|error| panic!("{what}: {error}")));
    }
    let publication = log.publish().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((publication.head.size, publication.is_witnessed), (7, true), "{what}");
    log.close().await.unwrap();
    memory.look(&world, receipts, &what);
    assert_eq!(memory.receipts.len(), 6, "{what}: an acknowledged entry is lost");
    holds(&world, &what);
    hit
}

/// The published bundle leads from its leaves to its head.
fn holds(world: &World, what: &str) {
    let objects = world.store.objects();
    let head = world.head_of(&objects["checkpoint"]);
    let leaves = &objects[&format!("leaf/000.p/{}", head.size)];
    tlog::tile::decode_leaves(leaves, u16::try_from(head.size).unwrap()).expect(what);
    let paths = objects.keys().filter_map(|path| path.strip_prefix("checkpoints/"));
    let mut heads: Vec<u64> = paths.filter_map(|size| size.parse().ok()).collect();
    heads.sort_unstable();
    let told = artifact::bundle::parse_sizes(&objects["checkpoints/sizes"]);
    assert_eq!(told.as_ref(), Ok(&heads), "{what}: the list of the heads' sizes");
    let tile = |path: &tlog::tile::TilePath| {
        Ok::<_, std::convert::Infallible>(objects.get(&path.to_string()).cloned())
    };
    tlog::tile::Edge::read(&head, &tile).unwrap_or_else(|error| panic!("{what}: {error}"));
}

/// Every write of the script.
async fn points() -> Vec<Point> {
    let faults = Faults::none();
    let mut world = World::planned(Plan::default(), &faults);
    let submissions = submissions(&mut world);
    let receipts = script(&world, &submissions).await;
    assert_eq!(receipts.len(), 6);
    let points = faults.points();
    assert!(points.len() > 60, "{}", points.len());
    points
}

#[tokio::test]
async fn one_fault_at_every_write_and_a_kill() {
    let mut hits = 0;
    let points = points().await;
    for point in &points {
        for fault in Fault::ALL {
            hits += u32::from(survive((point, fault), Crash::Kill, None).await);
        }
    }
    // The order of concurrent writes may differ by a run; nearly all points are met.
    assert!(hits as usize > points.len() * Fault::ALL.len() * 9 / 10, "{hits}");
}

#[tokio::test]
async fn one_fault_at_every_write_and_a_power_cut() {
    for (number, point) in points().await.iter().enumerate() {
        for fault in Fault::ALL {
            survive((point, fault), Crash::PowerCut(number as u64), None).await;
        }
    }
}

#[tokio::test]
async fn a_second_fault_while_recovering_from_the_first() {
    let points = points().await;
    for (number, first) in points.iter().enumerate().step_by(3) {
        for (offset, second) in points.iter().enumerate().skip(number % 7).step_by(7) {
            let (one, two) = (Fault::ALL[number % 5], Fault::ALL[offset % 5]);
            let crash = match (number + offset) % 2 {
                0 => Crash::Kill,
                _ => Crash::PowerCut((number * 100 + offset) as u64),
            };
            survive((first, one), crash, Some((second, two))).await;
        }
    }
}
