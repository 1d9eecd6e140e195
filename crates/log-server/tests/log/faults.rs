//! Every write of a run fails once, in every way; and the process dies at every write.
//!
//! After each: no acknowledged entry is lost or moved, no two roots were ever signed for one
//! size, no object under a signed head has changed, and what is published in the end holds.

use std::collections::BTreeMap;

use artifact::bundle::{MemorySource, reach};
use log_server::log::{Receipt, Submission};
use testkit::election::Plan;
use testkit::faults::{Crash, Fault, Faults, Kind, Point};
use tlog::merkle::Head;

use crate::world::{World, add};

/// What is submitted, and what stands before.
pub(crate) struct Script {
    plan: Plan,
    /// The log that each run begins with.
    begun: World,
    /// How many entries it has; none for a log that is not begun yet.
    entries: u64,
    pub(crate) submissions: Vec<Submission>,
    /// The first head is made after this submission, and then one after every other.
    first_head: usize,
    /// Whether a witness records cosignatures whose first answer is lost.
    loses_answers: bool,
}

impl Script {
    /// Six artifacts for a new log, one of them an amendment, one with a raw file.
    pub(crate) fn new_log(kind: Kind, loses_answers: bool) -> Self {
        let plan = Plan::default();
        let mut begun = World::kept(kind, plan.clone(), &Faults::none());
        let mut submissions: Vec<_> = ["one", "two"].map(|name| begun.software(name)).into();
        let (placed, digest) = begun.election.ballot_manifest();
        let file = begun.election.raw[&digest].clone().into();
        submissions.push(Submission { files: vec![file], ..begun.submission(placed) });
        let amendment = begun.election.add_key("second-maker", artifact::role::Role::Supply);
        submissions.push(begun.submission(amendment));
        submissions.extend(["three", "four"].map(|name| begun.software(name)));
        Self { plan, begun, entries: 0, submissions, first_head: 1, loses_answers }
    }

    /// Eight artifacts for a log of 250 entries, among them a batch and an image that the charter
    /// withholds. The first bundle becomes full between two heads.
    pub(crate) async fn at_a_full_bundle(kind: Kind) -> Self {
        let plan = Plan { cvrs: artifact::charter::Publication::Withheld, ..Plan::default() };
        let mut begun = World::kept(kind, plan.clone(), &Faults::none());
        begun.settings.segment_bytes = 1 << 20;
        let log = begun.open().await;
        let definition = begun.election.definition();
        add(&log, &begun.submission(definition)).await;
        begun.add_releases(&log, 2..250).await;
        assert_eq!(log.publish().await.unwrap().head.size, 250);
        log.close().await.unwrap();
        let mut submissions = vec![begun.software("one")];
        let batch = begun.election.cvrs(&definition.digest, "1");
        submissions.push(begun.submission(batch));
        let image = ("front.png", "image/png", b"ink".as_slice());
        let manifest = begun.election.manifest("scanner-1", &[image]);
        let files = vec![bytes::Bytes::from_static(b"ink")];
        submissions.push(Submission { files, ..begun.submission(manifest) });
        for name in ["two", "three", "four", "five", "six"] {
            submissions.push(begun.software(name));
        }
        Self { plan, begun, entries: 250, submissions, first_head: 0, loses_answers: false }
    }

    /// The log that a run begins with.
    pub(crate) fn world(&self, faults: &Faults) -> World {
        self.begun.again(self.plan.clone(), faults)
    }

    /// Entries in the end: a new log begins with its charter.
    fn size(&self) -> u64 {
        self.entries.max(1) + self.submissions.len() as u64
    }

    /// Submits everything with heads in between; the receipts of what was acknowledged.
    ///
    /// Errors end nothing: a client of a failing log goes on, too.
    pub(crate) async fn run(&self, world: &World) -> Vec<Receipt> {
        world.witnesses[1].lose_answers(self.loses_answers);
        let Ok(log) = world.try_open().await else {
            return Vec::new();
        };
        let mut receipts = Vec::new();
        for (number, submission) in self.submissions.iter().enumerate() {
            receipts.extend(log.submit(submission.clone()).await);
            if number % 2 == self.first_head {
                let _ = log.publish().await;
            }
        }
        world.wait(1);
        let _ = log.publish().await;
        let _ = log.close().await;
        receipts
    }

    /// Every write of a run without a fault.
    pub(crate) async fn points(&self) -> Vec<Point> {
        let faults = Faults::none();
        let receipts = self.run(&self.world(&faults)).await;
        assert_eq!(receipts.len(), self.submissions.len());
        let points = faults.points();
        assert!(points.len() > 60, "{}", points.len());
        points
    }
}

/// What must never change once it was seen.
#[derive(Default)]
pub(crate) struct Memory {
    /// The root of every head that was ever signed and left the process.
    roots: BTreeMap<u64, Head>,
    /// Every object under a head that was stored.
    objects: BTreeMap<String, Vec<u8>>,
    /// Where every acknowledged artifact stands.
    receipts: BTreeMap<u64, Receipt>,
}

impl Memory {
    /// Looks at what a run left behind.
    pub(crate) fn look(&mut self, world: &World, receipts: Vec<Receipt>, what: &str) {
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
        let mut objects = world.store.objects();
        objects.extend(world.withheld.objects());
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
pub(crate) async fn survive(
    script: &Script,
    first: (&Point, Fault),
    crash: Crash,
    second: Option<(&Point, Fault)>,
) -> bool {
    let what = format!("{first:?} {crash:?} {second:?}");
    let mut memory = Memory::default();
    let faults = Faults::at(first.0, first.1);
    let mut world = script.world(&faults);
    let receipts = script.run(&world).await;
    let hit = faults.hit();
    world.crash(crash, &Faults::none());
    memory.look(&world, receipts, &what);
    if let Some((point, fault)) = second {
        let faults = Faults::at(point, fault);
        world.crash(Crash::Kill, &faults);
        let receipts = script.run(&world).await;
        world.crash(crash, &Faults::none());
        memory.look(&world, receipts, &what);
    }
    finish(script, &world, memory, &what).await;
    hit
}

/// Goes on with what is left until everything stands under a head, and looks at it once more.
pub(crate) async fn finish(script: &Script, world: &World, mut memory: Memory, what: &str) {
    world.witnesses[1].lose_answers(false);
    let log = world.try_open().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut receipts = Vec::new();
    for submission in &script.submissions {
        let receipt = log.submit(submission.clone()).await;
        receipts.push(receipt.unwrap_or_else(|error| panic!("{what}: {error}")));
    }
    let publication = log.publish().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let expected = (script.size(), true);
    assert_eq!((publication.head.size, publication.is_witnessed), expected, "{what}");
    log.close().await.unwrap();
    memory.look(world, receipts, what);
    let acknowledged = memory.receipts.len();
    assert_eq!(acknowledged, script.submissions.len(), "{what}: an acknowledged entry is lost");
    holds(world, what);
}

/// The published bundle leads from its leaves to its head, and no withheld object is in it.
fn holds(world: &World, what: &str) {
    let objects = world.store.objects();
    let head = world.head_of(&objects["checkpoint"]);
    for place in tlog::tile::places_for_growth(0, head.size) {
        let leaves = &objects[&tlog::tile::LeafPath(place).to_string()];
        tlog::tile::decode_leaves(leaves, place.width()).expect(what);
    }
    let withheld = world.withheld.objects();
    let published = withheld.keys().find(|path| objects.contains_key(*path));
    assert_eq!(published, None, "{what}: what is withheld was published");
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

/// One fault of each kind at every write, then a kill.
async fn survive_every_fault(script: &Script) {
    let mut hits = 0;
    let points = script.points().await;
    for point in &points {
        for fault in Fault::ALL {
            hits += u32::from(survive(script, (point, fault), Crash::Kill, None).await);
        }
    }
    // The order of concurrent writes may differ by a run; nearly all points are met.
    assert!(hits as usize > points.len() * Fault::ALL.len() * 9 / 10, "{hits}");
}

#[tokio::test]
async fn one_fault_at_every_write_and_a_kill() {
    survive_every_fault(&Script::new_log(Kind::Memory, false)).await;
}

/// A witness that recorded a head, and whose answer the log never got, is asked again by a log that
/// has died meanwhile.
#[tokio::test]
async fn one_fault_at_every_write_while_a_witness_s_answers_are_lost() {
    survive_every_fault(&Script::new_log(Kind::Memory, true)).await;
}

#[tokio::test]
async fn one_fault_at_every_write_around_a_full_bundle_with_withheld_objects() {
    let script = Script::at_a_full_bundle(Kind::Memory).await;
    let points = script.points().await;
    for what in ["put withheld artifact/", "put tile/0/000", "put tile/1/000.p/1", "put leaf/001"] {
        assert!(points.iter().any(|point| point.what.starts_with(what)), "{what}");
    }
    for (number, point) in points.iter().enumerate() {
        // What the script of a new log writes too gets one kind of fault, the rest every kind.
        let names = ["withheld ", "tile/0/000", "tile/1/", "entries/000", "leaf/000", "001"];
        let is_new = names.iter().any(|name| point.what.contains(name));
        let faults = if is_new { &Fault::ALL[..] } else { &Fault::ALL[number % 5..][..1] };
        for (other, fault) in faults.iter().enumerate() {
            let crash = match (number + other) % 2 {
                0 => Crash::Kill,
                _ => Crash::PowerCut(number as u64),
            };
            survive(&script, (point, *fault), crash, None).await;
        }
    }
}

#[tokio::test]
async fn one_fault_at_every_write_and_a_power_cut() {
    let script = Script::new_log(Kind::Memory, false);
    for (number, point) in script.points().await.iter().enumerate() {
        for fault in Fault::ALL {
            survive(&script, (point, fault), Crash::PowerCut(number as u64), None).await;
        }
    }
}

#[tokio::test]
async fn a_second_fault_while_recovering_from_the_first() {
    let script = Script::new_log(Kind::Memory, false);
    let points = script.points().await;
    for (number, first) in points.iter().enumerate().step_by(3) {
        for (offset, second) in points.iter().enumerate().skip(number % 7).step_by(7) {
            let (one, two) = (Fault::ALL[number % 5], Fault::ALL[offset % 5]);
            let crash = match (number + offset) % 2 {
                0 => Crash::Kill,
                _ => Crash::PowerCut((number * 100 + offset) as u64),
            };
            survive(&script, (first, one), crash, Some((second, two))).await;
        }
    }
}
