//! Continuing a lost log from a copy.

use std::sync::Arc;

use artifact::bundle::{MemorySink, MemorySource, export, head_sizes, reach};
use artifact::payload::CitedHead;
use log_server::log::{LogError, Risks};
use testkit::faults::{Crash, Faults, MemoryDisk};
use testkit::source::Unlisted;
use tlog::note::KeyType;

use crate::world::{World, add};

/// A world whose log has published six entries; the bundle of its last head.
async fn published() -> (World, MemorySource) {
    let mut world = World::new();
    let log = world.open().await;
    for number in 0..4 {
        world.add_releases(&log, number..number + 1).await;
        log.publish().await.unwrap();
    }
    let (placed, digest) = world.election.ballot_manifest();
    let mut submission = world.submission(placed);
    submission.files = vec![world.election.raw[&digest].clone().into()];
    add(&log, &submission).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    let bundle = world.bundle();
    (world, bundle)
}

/// The copies of most of these tests are exports: they hold no head short of its witnesses.
const EXPORT: Risks<'_> = Risks { without: &[], pending_is_lost: true };

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_log_goes_on_from_a_copy() {
    let (mut world, bundle) = published().await;
    world.lose(&Faults::none());
    let resumed = world.resume(&bundle, EXPORT).unwrap();
    assert_eq!((resumed.head.size, resumed.withheld), (6, 0));
    // Every object stands there again, byte for byte: those of earlier heads too.
    let objects = world.store.objects();
    for (path, bytes) in bundle.iter().filter(|(path, _)| *path != "checkpoints/sizes") {
        assert_eq!(objects.get(path).map(Vec::as_slice), Some(bytes), "{path}");
    }
    let log = world.open().await;
    assert_eq!((log.size(), log.published().unwrap().head.size), (6, 6));
    let submission = world.software("after");
    assert_eq!(add(&log, &submission).await.index, 6);
    let publication = log.publish().await.unwrap();
    assert_eq!((publication.head.size, publication.is_witnessed), (7, true));
    log.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumption_that_broke_off_is_started_again() {
    let (mut world, bundle) = published().await;
    world.lose(&Faults::none());
    let full = world.store.clone();
    world.resume(&bundle, EXPORT).unwrap();
    // As if it had died before the write-ahead log was begun.
    world.disk = MemoryDisk::new(&Faults::none());
    world.store = full.after(Crash::Kill, &Faults::none());
    let objects: Vec<_> = world.store.objects().into_keys().step_by(2).collect();
    for path in objects {
        world.store.tamper(&path, None);
    }
    world.resume(&bundle, EXPORT).unwrap();
    let log = world.open().await;
    assert_eq!(log.size(), 6);
    log.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_covers_less_than_a_witness_saw_is_refused() {
    let (mut world, _) = published().await;
    let bundle = world.bundle();
    let log = world.open().await;
    let submission = world.software("unseen by the copy");
    add(&log, &submission).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    world.lose(&Faults::none());
    let refused = world.resume(&bundle, EXPORT).unwrap_err();
    assert!(matches!(refused, LogError::Behind { size: 7, here: 6, .. }), "{refused}");
    assert!(refused.to_string().contains("the entries from 6 on are missing"), "{refused}");
    assert!(world.store.objects().is_empty(), "nothing was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_cannot_be_asked_must_be_named() {
    let (mut world, bundle) = published().await;
    world.lose(&Faults::none());
    world.witnesses[1].set_away(true);
    let refused = world.resume(&bundle, EXPORT).unwrap_err();
    let name = "witness.example/university";
    assert!(matches!(&refused, LogError::Unasked { name: found, .. } if found == name));
    let without = [name.to_owned()];
    let risks = Risks { without: &without, ..EXPORT };
    assert_eq!(world.resume(&bundle, risks).unwrap().left_out, [name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_stands_is_not_overwritten() {
    let (world, bundle) = published().await;
    let refused = world.resume(&bundle, EXPORT).unwrap_err();
    assert!(matches!(refused, LogError::WalThere { next: 6 }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_with_one_byte_changed_or_one_file_missing_is_refused() {
    let (mut world, bundle) = published().await;
    let needed = ["leaf/000.p/6", "checkpoint"];
    let artifacts =
        bundle.iter().map(|(path, _)| path).filter(|path| path.starts_with("artifact/"));
    let paths: Vec<_> = artifacts.chain(needed).map(str::to_owned).collect();
    for path in paths {
        let mut flipped = bundle.clone();
        let bytes = flipped.bytes_mut(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let mut dropped = bundle.clone();
        dropped.remove(&path);
        for copy in [flipped, dropped] {
            world.lose(&Faults::none());
            let refused = world.resume(&copy, EXPORT).unwrap_err();
            let expected = matches!(refused, LogError::Copy { .. });
            assert!(expected, "{path}: {refused}");
            let names = service::disk::Disk::names(&world.disk).unwrap();
            assert!(names.is_empty(), "no write-ahead log is begun");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_artifacts_cite_are_copied_without_a_list_too() {
    let (mut world, bundle) = published().await;
    let log = world.open().await;
    let cited = CitedHead { root_hash: world.head_of(&bundle_head(&bundle, 4)).root, tree_size: 4 };
    let placed = world.election.close_with(6, cited);
    add(&log, &world.submission(placed)).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    // A site that does not tell which heads there are either.
    let mut copy = Unlisted(world.bundle());
    copy.0.remove("checkpoints/sizes").unwrap();
    world.lose(&Faults::none());
    world.resume(&copy, EXPORT).unwrap();
    let objects = world.store.objects();
    let heads = objects.keys().filter_map(|path| path.strip_prefix("checkpoints/"));
    let heads: Vec<_> = heads.filter(|name| *name != "sizes").collect();
    assert_eq!(heads, ["4", "7"]);
    assert_eq!(objects["checkpoints/4"], bundle_head(&copy.0, 4));
}

fn bundle_head(bundle: &MemorySource, size: u64) -> Vec<u8> {
    bundle.bytes(&format!("checkpoints/{size}")).unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_too_few_witnesses_cosigned_are_refused() {
    let (mut world, bundle) = published().await;
    for path in ["checkpoint", "checkpoints/4"] {
        let mut copy = bundle.clone();
        let text = String::from_utf8(bundle.bytes(path).unwrap().to_vec()).unwrap();
        let lines: Vec<_> = text.split_inclusive('\n').collect();
        let (last, others) = lines.split_last().unwrap();
        assert!(last.contains("witness.example"), "{last}");
        copy.insert(path, others.concat());
        // Signed by the log, but no witness has seen it.
        copy.insert("checkpoint.pending", bundle.bytes("checkpoint").unwrap());
        world.lose(&Faults::none());
        let refused = world.resume(&copy, EXPORT).unwrap_err();
        let expected = format!("{path} is not cosigned by as many witnesses");
        assert!(refused.to_string().contains(&expected), "{refused}");
        assert!(service::disk::Disk::names(&world.disk).unwrap().is_empty());
    }
}

/// A log whose witness "league" was replaced by a newcomer, with three entries published since; a
/// copy of before the last one, and one of all.
async fn replaced_witness() -> (World, MemorySource, MemorySource) {
    let mut world = World::new();
    let name = "witness.example/newcomer";
    world.add_witness(world.election.keys.note(name, KeyType::Cosignature));
    let log = world.open().await;
    let adding = world.election.add_witness(name, 3);
    add(&log, &world.submission(adding)).await;
    let mut amendment = world.election.amendment();
    amendment.remove_witnesses = vec!["witness.example/league".parse().unwrap()];
    let removing = world.election.submit(&amendment, &["clerk"]);
    add(&log, &world.submission(removing)).await;
    assert!(log.publish().await.unwrap().is_witnessed);
    // From here on nobody asks the one that was removed.
    world.witnesses[0].set_away(true);
    world.add_releases(&log, 0..1).await;
    assert!(log.publish().await.unwrap().is_witnessed);
    let behind = world.bundle();
    // Only the newcomer sees the last head.
    world.witnesses[1].set_away(true);
    world.witnesses[2].set_away(true);
    world.add_releases(&log, 1..2).await;
    assert!(!log.publish().await.unwrap().is_witnessed);
    world.witnesses[1].set_away(false);
    world.witnesses[2].set_away(false);
    let whole = world.mirror();
    world.crash(Crash::Kill, &Faults::none());
    assert!(log.close().await.is_ok());
    (world, behind, whole)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_witnesses_in_force_are_asked_and_not_those_of_the_charter() {
    let (mut world, behind, whole) = replaced_witness().await;
    world.lose(&Faults::none());
    // Nobody but the newcomer, who is in no charter, knows that this copy is behind.
    world.witnesses[1] = Arc::clone(&World::new().witnesses[1]);
    world.witnesses[2] = Arc::clone(&World::new().witnesses[2]);
    let refused = world.resume(&behind, EXPORT).unwrap_err();
    let LogError::Behind { who, size: 5, here: 4 } = &refused else { panic!("{refused}") };
    assert_eq!(who, "witness.example/newcomer");
    assert!(world.store.objects().is_empty(), "nothing was stored");
    // The one that was removed is away, and nobody minds.
    let resumed = world.resume(&whole, Risks::default()).unwrap();
    assert_eq!((resumed.head.size, resumed.left_out), (5, Vec::new()));
    world.lose(&Faults::none());
    world.witnesses[3].set_away(true);
    let refused = world.resume(&whole, Risks::default()).unwrap_err();
    assert!(matches!(refused, LogError::Unasked { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_first_promise_key_is_gone_is_resumed() {
    let mut world = World::new();
    let log = world.open().await;
    let adding = world.election.add_key("log-promises-2", artifact::role::Role::Log);
    add(&log, &world.submission(adding)).await;
    let revoking = world.election.revoke_key("log-promises");
    add(&log, &world.submission(revoking)).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    let copy = world.mirror();
    world.lose(&Faults::none());
    // The first one is revoked, and does not do.
    let refused = world.resume(&copy, Risks::default()).unwrap_err();
    assert!(matches!(refused, LogError::OtherKey { which: "promise" }), "{refused}");
    assert!(world.store.objects().is_empty(), "nothing was stored");
    let mut keys = world.keys();
    keys.promise = world.election.keys.key("log-promises-2");
    let resumed = world.resume_with(&keys, &world.charter(), &copy, Risks::default()).unwrap();
    assert_eq!(resumed.head.size, 3);
    let mut parts = world.parts();
    parts.keys = keys;
    let log = log_server::log::Log::open(parts).await.unwrap();
    world.add_releases(&log, 0..1).await;
    assert!(log.publish().await.unwrap().is_witnessed);
    log.close().await.unwrap();
}

/// Everything that each published head reaches.
fn reached(objects: &MemorySource) -> Vec<String> {
    let sizes = head_sizes(objects).unwrap().unwrap();
    let paths = sizes.into_iter().flat_map(|size| {
        let mut earlier = objects.clone();
        earlier.insert("checkpoint", bundle_head(objects, size));
        reach(&earlier).unwrap().paths
    });
    let mut paths: Vec<String> = paths.map(|path| path.to_string()).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_published_head_reaches_is_served_again() {
    let mut world = World::new();
    let log = world.open().await;
    // Around the first full bundle, and behind the second: level 1 has a partial tile of each.
    let sizes = [3, 200, 255, 256, 257, 300, 511, 515];
    let mut size = 1;
    for next in sizes {
        world.add_releases(&log, size..next).await;
        assert!(log.publish().await.unwrap().is_witnessed);
        size = next;
    }
    log.close().await.unwrap();
    let before = world.mirror();
    // The copy is an export: it has what its last head reaches.
    let mut sink = MemorySink::new();
    export(&world.bundle(), &mut sink).unwrap();
    let copy = sink.into_source();
    assert!(copy.bytes("leaf/000.p/200").is_none());
    world.lose(&Faults::none());
    world.resume(&copy, EXPORT).unwrap();
    world.open().await.close().await.unwrap();
    let after = world.mirror();
    let paths = reached(&before);
    for part in ["leaf/000.p/200", "tile/entries/001.p/1", "tile/0/000.p/255", "tile/1/000.p/1"] {
        assert!(paths.iter().any(|path| path == part), "{part}");
    }
    for path in paths {
        assert!(before.bytes(&path).is_some(), "{path}");
        assert_eq!(after.bytes(&path), before.bytes(&path), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_may_hide_a_pending_head_is_refused() {
    let (mut world, _) = published().await;
    let mirror = world.mirror();
    world.lose(&Faults::none());
    let mut without = mirror.clone();
    without.remove("checkpoint.pending");
    let mut older = mirror.clone();
    older.insert("checkpoint.pending", bundle_head(&mirror, 4));
    for copy in [&without, &older] {
        let refused = world.resume(copy, Risks::default()).unwrap_err();
        assert!(matches!(refused, LogError::NoPending { size: 6 }), "{refused}");
        assert!(refused.hint().contains("--pending-heads-are-lost"));
        assert!(world.store.objects().is_empty(), "nothing was stored");
    }
    assert_eq!(world.resume(&mirror, Risks::default()).unwrap().head.size, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pending_head_of_the_copy_is_never_signed_over() {
    let (mut world, _) = published().await;
    let log = world.open().await;
    world.witnesses.iter().for_each(|witness| witness.set_away(true));
    world.add_releases(&log, 10..12).await;
    let seen = log.publish().await.unwrap();
    assert!(!seen.is_witnessed);
    let mirror = world.mirror();
    world.crash(Crash::Kill, &Faults::none());
    let _ = log.close().await;
    world.witnesses.iter().for_each(|witness| witness.set_away(false));
    world.lose(&Faults::none());
    assert_eq!(world.resume(&mirror, Risks::default()).unwrap().head, seen.head);
    let log = world.open().await;
    let publication = log.publish().await.unwrap();
    assert_eq!((publication.head, publication.is_witnessed), (seen.head, true));
    log.close().await.unwrap();
    // Another head of the checkpoint's own size is a fork at hand.
    let mut forked = world.mirror();
    let mut other = World::new();
    let log = other.open().await;
    other.add_releases(&log, 20..27).await;
    log.publish().await.unwrap();
    forked.insert("checkpoint.pending", other.store.objects()["checkpoint"].clone());
    log.close().await.unwrap();
    world.lose(&Faults::none());
    let refused = world.resume(&forked, Risks::default()).unwrap_err();
    assert!(matches!(refused, LogError::Copy { .. }), "{refused}");
}
