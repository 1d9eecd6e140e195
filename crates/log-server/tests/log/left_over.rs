//! What a power cut leaves in the place of an object: where the size of a file is written before
//! its bytes, zeros. Under no signed head it is replaced; under one it stays as it is.

use artifact::anchor::Anchor;
use artifact::bundle::{MemorySink, MemorySource, export};
use canon::Digest;
use log_server::log::{LogError, Risks, Submission};
use service::store::StoreError;
use testkit::election::Plan;
use testkit::faults::{Crash, Faults, Kind, MemoryDisk};
use verify::finding::Effect;
use verify::{Options, Silent};

use crate::world::{World, add};

/// Other bytes in the place of these.
type Damage = fn(&[u8]) -> Vec<u8>;

const DAMAGES: [Damage; 5] = [
    |bytes| vec![0; bytes.len()],
    |bytes| vec![0; bytes.len() / 2],
    |bytes| vec![0; 2 * bytes.len()],
    |_| Vec::new(),
    |bytes| [bytes, b"x"].concat(),
];

/// A log that has published four entries and acknowledged two more; then its process was killed.
async fn begun(kind: Kind) -> (World, Vec<Digest>) {
    let faults = Faults::none();
    let mut world = World::kept(kind, Plan::default(), &faults);
    let log = world.open().await;
    let mut receipts = world.add_releases(&log, 0..3).await;
    log.publish().await.unwrap();
    receipts.extend(world.add_releases(&log, 3..5).await);
    // A log that is closed while it lives publishes first.
    faults.die();
    let _ = log.close().await;
    world.crash(Crash::Kill, &Faults::none());
    (world, receipts.into_iter().map(|receipt| receipt.artifact).collect())
}

fn judge(world: &World) {
    judge_copy(world, &world.bundle());
}

fn judge_copy(world: &World, copy: &MemorySource) {
    assert_eq!(failures(world, copy), Vec::<&str>::new());
}

/// The ids of what fails.
fn failures(world: &World, copy: &MemorySource) -> Vec<&'static str> {
    let anchor = Anchor::from_charter(&world.election.charter, Digest::of(&world.charter()));
    let options = Options { anchor: Some(anchor), ..Options::default() };
    let report = verify::replay(copy, &options, &Silent).unwrap();
    let bad = report.findings.iter().filter(|finding| finding.rule.effect == Effect::Fails);
    bad.map(|finding| finding.rule.id).collect()
}

#[tokio::test]
async fn what_a_power_cut_left_under_no_head_is_replaced() {
    for kind in [Kind::Memory, Kind::Folder] {
        let (begun, artifacts) = begun(kind).await;
        // What the next head needs, byte for byte.
        let twin = begun.again(Plan::default(), &Faults::none());
        let log = twin.open().await;
        assert_eq!(log.publish().await.unwrap().head.size, 6);
        log.close().await.unwrap();
        let whole = twin.store.objects();
        let mut paths =
            ["leaf/000.p/6", "tile/0/000.p/6", "tile/entries/000.p/6"].map(str::to_owned).to_vec();
        paths.extend(artifacts[3..].iter().map(|digest| format!("artifact/{digest}")));
        for damage in DAMAGES {
            let world = begun.again(Plan::default(), &Faults::none());
            for path in &paths {
                world.store.tamper(path, Some(&damage(&whole[path])));
            }
            let log = world.open().await;
            let publication = log.publish().await.unwrap();
            assert_eq!((publication.head.size, publication.is_witnessed), (6, true));
            log.close().await.unwrap();
            let objects = world.store.objects();
            for path in &paths {
                assert_eq!(objects[path], whole[path], "{path}");
            }
            judge(&world);
        }
    }
}

/// More was acknowledged than was stored when the power was cut, so no head comes by at the sizes
/// of what is torn.
#[tokio::test]
async fn what_is_torn_at_a_size_that_no_head_will_have_is_written_anew() {
    for kind in [Kind::Memory, Kind::Folder] {
        let (begun, _) = begun(kind).await;
        let faults = Faults::none();
        let mut begun = begun.again(Plan::default(), &faults);
        let log = begun.open().await;
        begun.add_releases(&log, 5..264).await;
        faults.die();
        let _ = log.close().await;
        begun.crash(Crash::Kill, &Faults::none());
        for damage in DAMAGES {
            let world = begun.again(Plan::default(), &Faults::none());
            let paths = [
                "leaf/000.p/5",
                "tile/entries/000.p/6",
                "tile/0/000.p/250",
                "leaf/001.p/2",
                "tile/1/000.p/1",
            ];
            for path in paths {
                world.store.tamper(path, Some(&damage(b"torn")));
            }
            let log = world.open().await;
            assert_eq!(log.publish().await.unwrap().head.size, 265);
            log.close().await.unwrap();
            let objects = world.store.objects();
            let whole = objects["tile/0/000"].len();
            assert_eq!(objects["tile/0/000.p/250"], objects["tile/0/000"][..whole / 256 * 250]);
            assert!(paths.iter().all(|path| objects[*path] != damage(b"torn")));
            judge(&world);
        }
    }
}

#[tokio::test]
async fn what_a_signed_head_covers_is_never_replaced() {
    for kind in [Kind::Memory, Kind::Folder] {
        let (mut world, artifacts) = begun(kind).await;
        let artifact = format!("artifact/{}", artifacts[0]);
        let paths = [artifact.as_str(), "tile/0/000.p/4", "tile/entries/000.p/4"];
        for path in paths {
            world.store.tamper(path, Some(&[0; 9]));
        }
        let log = world.open().await;
        let submission = world.software("another");
        add(&log, &submission).await;
        assert_eq!(log.publish().await.unwrap().head.size, 7);
        log.close().await.unwrap();
        for path in paths {
            assert_eq!(world.store.objects()[path], [0; 9], "{path}");
        }
    }
}

/// The one exception: under the name of its digest only one object can ever be right.
#[tokio::test]
async fn a_raw_file_that_is_listed_again_is_replaced_by_its_own_bytes() {
    for kind in [Kind::Memory, Kind::Folder] {
        let faults = Faults::none();
        let mut world = World::kept(kind, Plan::default(), &faults);
        let log = world.open().await;
        let file = b"one and the same".as_slice();
        for (name, is_published) in [("first.csv", true), ("again.csv", false)] {
            let listed = (name, "ballot_manifest/csv", file);
            let placed = world.election.manifest("clerk", &[listed]);
            let files = vec![file.into()];
            add(&log, &Submission { files, ..world.submission(placed) }).await;
            if is_published {
                assert_eq!(log.publish().await.unwrap().head.size, 2);
            }
        }
        faults.die();
        let _ = log.close().await;
        world.crash(Crash::Kill, &Faults::none());
        let path = format!("artifact/{}", Digest::of(file));
        for damage in DAMAGES {
            let world = world.again(Plan::default(), &Faults::none());
            world.store.tamper(&path, Some(&damage(file)));
            let log = world.open().await;
            assert_eq!(log.publish().await.unwrap().head.size, 3);
            log.close().await.unwrap();
            assert_eq!(world.store.objects()[&path], file);
        }
    }
}

/// What stands there although no process before this one can have put it there.
#[tokio::test]
async fn what_no_crash_can_have_left_stops_the_log() {
    let (mut world, _) = begun(Kind::Folder).await;
    let log = world.open().await;
    let submission = world.software("another");
    let path = format!("artifact/{}", Digest::of(&submission.artifact));
    world.store.tamper(&path, Some(b"other bytes"));
    add(&log, &submission).await;
    let refused = log.publish().await.unwrap_err();
    let expected = LogError::Store(StoreError::Different { path: path.clone() });
    assert_eq!(refused.to_string(), expected.to_string());
    assert_eq!(world.store.objects()[&path], b"other bytes");
    assert!(log.close().await.is_err());
}

/// The copies of these tests are exports: they hold no head short of its witnesses.
const EXPORT: Risks<'_> = Risks { without: &[], pending_is_lost: true };

/// A log of four entries that was lost, and its copy.
async fn lost() -> (World, MemorySource) {
    let (mut world, _) = begun(Kind::Folder).await;
    let mut sink = MemorySink::new();
    export(&world.bundle(), &mut sink).unwrap();
    world.lose(&Faults::none());
    (world, sink.into_source())
}

/// Only the disk of the write-ahead log is lost. The store holds whole and half what the process
/// had stored and put under no head; the resumed log comes by there, at its first start or later.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_process_left_under_no_head_stops_no_resumed_log() {
    for damage in DAMAGES {
        let (mut world, _) = begun(Kind::Folder).await;
        let mirror = world.mirror();
        world.disk = MemoryDisk::new(&Faults::none());
        let submissions = ["one", "two", "three"].map(|name| world.software(name));
        for path in ["leaf/000.p/5", "tile/0/000.p/6", "tile/entries/000.p/7"] {
            world.store.tamper(path, Some(&damage(b"of another entry")));
        }
        for submission in &submissions {
            let path = format!("artifact/{}", Digest::of(&submission.artifact));
            world.store.tamper(&path, Some(&damage(&submission.artifact)));
        }
        let risks = Risks { without: &[], pending_is_lost: false };
        assert_eq!(world.resume(&mirror, risks).unwrap().head.size, 4);
        for (submission, size) in submissions.iter().zip(5..) {
            // At the last one the log has been started again.
            let log = world.open().await;
            add(&log, submission).await;
            assert_eq!(log.publish().await.unwrap().head.size, size);
            log.close().await.unwrap();
        }
        // What the log does not reach yet stays there, and is in no export.
        let mut sink = MemorySink::new();
        export(&world.bundle(), &mut sink).unwrap();
        judge_copy(&world, &sink.into_source());
    }
}

/// The same where the resumed log grows beyond all of it at once.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_process_left_is_written_anew_when_the_log_has_grown_by() {
    for damage in DAMAGES {
        let (mut world, _) = begun(Kind::Folder).await;
        let mirror = world.mirror();
        world.disk = MemoryDisk::new(&Faults::none());
        for path in ["leaf/000.p/5", "tile/0/000.p/6", "tile/entries/000.p/7"] {
            world.store.tamper(path, Some(&damage(b"of another entry")));
        }
        let risks = Risks { without: &[], pending_is_lost: false };
        assert_eq!(world.resume(&mirror, risks).unwrap().head.size, 4);
        let log = world.open().await;
        world.add_releases(&log, 40..45).await;
        assert_eq!(log.publish().await.unwrap().head.size, 9);
        log.close().await.unwrap();
        // Artifacts of the lost entries may be in the store, and are in no export.
        let found = failures(&world, &world.bundle());
        assert!(found.iter().all(|id| *id == "BUN-002"), "{found:?}");
    }
}

const COVERED: [&str; 4] =
    ["leaf/000.p/4", "tile/0/000.p/4", "tile/entries/000.p/4", "checkpoints/4"];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_resumption_left_when_the_power_was_cut_is_replaced() {
    let (mut world, copy) = lost().await;
    for damage in DAMAGES {
        world.lose(&Faults::none());
        for (path, bytes) in copy.iter() {
            if COVERED.contains(&path) || path.starts_with("artifact/") {
                world.store.tamper(path, Some(&damage(bytes)));
            }
        }
        assert_eq!(world.resume(&copy, EXPORT).unwrap().head.size, 4);
        let objects = world.store.objects();
        for path in COVERED {
            assert_eq!(objects[path], copy.bytes(path).unwrap(), "{path}");
        }
        judge(&world);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumption_replaces_nothing_under_a_head_that_stands_there() {
    let (mut world, copy) = lost().await;
    for path in COVERED {
        let head = copy.bytes("checkpoint").unwrap();
        for standing in ["checkpoint", "checkpoint.pending", "checkpoints/4"] {
            if standing == path {
                continue;
            }
            world.lose(&Faults::none());
            world.store.tamper(standing, Some(head));
            world.store.tamper(path, Some(b"other bytes"));
            let refused = world.resume(&copy, EXPORT).unwrap_err();
            let expected = LogError::Store(StoreError::Different { path: path.to_owned() });
            assert_eq!(refused.to_string(), expected.to_string());
            assert_eq!(world.store.objects()[path], b"other bytes");
        }
    }
}
