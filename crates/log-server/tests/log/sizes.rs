//! The published heads, as those learn of them who cannot list files.

use artifact::anchor::Anchor;
use artifact::bundle::{MemorySink, Source, export};
use canon::Digest;
use log_server::log::{Log, Risks};
use testkit::election::Plan;
use testkit::faults::{Crash, Faults};
use testkit::source::Unlisted;
use verify::finding::Effect;
use verify::{Options, Report, Silent};

use crate::world::{World, add};

const SIZES: &str = "checkpoints/sizes";

fn told(world: &World) -> String {
    String::from_utf8(world.store.objects()[SIZES].clone()).unwrap()
}

#[tokio::test]
async fn every_published_size_is_told() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    assert_eq!(told(&world), "1\n");
    for number in 0..3 {
        world.add_releases(&log, number..number + 1).await;
        log.publish().await.unwrap();
        // A head that is signed anew is no new size.
        log.publish().await.unwrap();
    }
    assert_eq!(told(&world), "1\n2\n3\n4\n");
    assert_eq!(world.store.tried(SIZES).len(), 4);
    // A head that is short of its witnesses is not told of.
    world.witnesses[1].set_away(true);
    let submission = world.software("pending");
    add(&log, &submission).await;
    assert!(!log.publish().await.unwrap().is_witnessed);
    assert_eq!(told(&world), "1\n2\n3\n4\n");
    log.close().await.unwrap();
}

#[tokio::test]
async fn the_list_is_mended_when_the_log_starts() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let submission = world.software("release");
    add(&log, &submission).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    let damages: [Option<&[u8]>; 4] = [None, Some(b"1\n"), Some(b"2\n1\n"), Some(b"1\n2\n3\n")];
    for damage in damages {
        world.crash(Crash::Kill, &Faults::none());
        world.store.tamper(SIZES, damage);
        world.open().await.close().await.unwrap();
        assert_eq!(told(&world), "1\n2\n");
    }
}

/// A log that kept every promise, and has more than the promised time between its first head and
/// its last; its promises.
async fn long_lived() -> (World, Log, Vec<Vec<u8>>) {
    let mut world = World::planned(Plan::default(), &Faults::none());
    let log = world.open().await;
    log.publish().await.unwrap();
    let mut promises = Vec::new();
    for number in 0..4 {
        world.wait(4000);
        let submission = world.software(&format!("release {number}"));
        promises.push(add(&log, &submission).await.promise);
        world.wait(60);
        assert!(log.publish().await.unwrap().is_witnessed);
    }
    (world, log, promises)
}

fn judged(world: &World, source: &dyn Source, promises: &[Vec<u8>]) -> Report {
    let artifact = world.charter();
    let anchor = Anchor::from_charter(&world.election.charter, Digest::of(&artifact));
    let promises = promises.to_vec();
    let options = Options { anchor: Some(anchor), promises, ..Options::default() };
    verify::replay(source, &options, &Silent).unwrap()
}

fn holds(report: &Report) {
    let bad: Vec<_> =
        report.findings.iter().filter(|finding| finding.rule.effect == Effect::Fails).collect();
    assert!(bad.is_empty(), "{bad:?}");
    for id in ["LOG-012", "LOG-028", "LOG-029"] {
        assert!(!report.has(id), "{id}: {:?}", report.findings);
    }
}

#[tokio::test]
async fn an_export_from_an_address_shows_that_the_log_kept_its_word() {
    let (world, log, promises) = long_lived().await;
    let site = Unlisted(world.bundle());
    holds(&judged(&world, &site, &promises));
    let mut sink = MemorySink::new();
    let copied = export(&site, &mut sink).unwrap();
    assert_eq!(copied.missing, Vec::<String>::new());
    let exported = sink.into_source();
    assert_eq!(exported.bytes(SIZES).unwrap(), b"1\n2\n3\n4\n5\n");
    holds(&judged(&world, &exported, &promises));
    log.close().await.unwrap();
}

/// The copies of these tests are exports: they hold no head short of its witnesses.
const RISKS: Risks<'_> = Risks { without: &[], pending_is_lost: true };

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_goes_on_from_an_address_keeps_all_its_heads() {
    let (mut world, log, _) = long_lived().await;
    log.close().await.unwrap();
    let before = world.store.objects();
    let site = Unlisted(world.bundle());
    world.lose(&Faults::none());
    assert_eq!(world.resume(&site, RISKS).unwrap().head.size, 5);
    world.open().await.close().await.unwrap();
    let after = world.store.objects();
    for path in (1..=5).map(|size| format!("checkpoints/{size}")).chain([SIZES.to_owned()]) {
        assert_eq!(after.get(&path), before.get(&path), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_with_one_bad_earlier_head_is_refused() {
    let (mut world, log, _) = long_lived().await;
    log.close().await.unwrap();
    let good = world.bundle();
    let head = |path: &str| String::from_utf8(good.bytes(path).unwrap().to_vec()).unwrap();
    let (third, fourth) = (head("checkpoints/3"), head("checkpoints/4"));
    let lines: Vec<&str> = third.split_inclusive('\n').collect();
    // One that another log of the same keys and witnesses published: a fork.
    let (forked, log, _) = {
        let mut other = World::new();
        let log = other.open().await;
        let submission = other.software("of another history");
        add(&log, &submission).await;
        let submission = other.software("and one more");
        add(&log, &submission).await;
        assert_eq!(log.publish().await.unwrap().head.size, 3);
        (other.store.objects()["checkpoints/3"].clone(), log, other)
    };
    log.close().await.unwrap();
    let bad = [
        b"garbage".to_vec(),
        fourth.into_bytes(),
        lines[..lines.len() - 1].concat().into_bytes(),
        third.replacen("\n3\n", "\n2\n", 1).into_bytes(),
        forked,
    ];
    for (number, bytes) in bad.into_iter().enumerate() {
        let mut copy = good.clone();
        copy.insert("checkpoints/3", bytes);
        world.lose(&Faults::none());
        let refused = world.resume(&copy, RISKS).unwrap_err();
        assert!(refused.to_string().contains("checkpoints/3"), "{number}: {refused}");
        assert!(!world.store.objects().contains_key("checkpoints/3"), "{number}");
        assert!(service::disk::Disk::names(&world.disk).unwrap().is_empty(), "{number}");
    }
}
