//! Resuming a lost log into a store that has outlived the write-ahead log: every head of ours that
//! stands there binds the log as those of the copy do.

use artifact::bundle::MemorySource;
use log_server::log::{LogError, Risks};
use testkit::election::Plan;
use testkit::faults::{Crash, Faults, Kind, MemoryDisk};
use tlog::merkle::Head;

use crate::world::World;

const KINDS: [Kind; 2] = [Kind::Memory, Kind::Folder];

/// A log that a mirror has at four entries. Then it signed six while the witnesses were away, and
/// lost its write-ahead log; the store stands.
async fn outlived(kind: Kind) -> (World, MemorySource, Head) {
    let mut world = World::kept(kind, Plan::default(), &Faults::none());
    let log = world.open().await;
    world.add_releases(&log, 0..3).await;
    assert!(log.publish().await.unwrap().is_witnessed);
    let mirror = world.mirror();
    world.witnesses.iter().for_each(|witness| witness.set_away(true));
    world.add_releases(&log, 3..5).await;
    let seen = log.publish().await.unwrap();
    assert_eq!((seen.head.size, seen.is_witnessed), (6, false));
    world.crash(Crash::Kill, &Faults::none());
    let _ = log.close().await;
    world.witnesses.iter().for_each(|witness| witness.set_away(false));
    world.disk = MemoryDisk::new(&Faults::none());
    (world, mirror, seen.head)
}

/// Nothing was stored, and no write-ahead log was begun.
fn refuse(world: &World, copy: &MemorySource) -> LogError {
    let before = world.store.objects();
    let refused = world.resume(copy, Risks::default()).unwrap_err();
    assert!(world.store.objects() == before, "{refused}: something was stored");
    assert!(service::disk::Disk::names(&world.disk).unwrap().is_empty());
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_stands_in_the_store_is_never_signed_over() {
    for kind in KINDS {
        let (world, mirror, seen) = outlived(kind).await;
        let refused = refuse(&world, &mirror);
        let LogError::StoreAhead { path, size: 6, copy: 4 } = &refused else { panic!("{refused}") };
        assert_eq!(path, "checkpoint.pending");
        assert!(refused.hint().contains("from the store itself"));
        // The store is the copy that covers it.
        assert_eq!(world.resume(&world.mirror(), Risks::default()).unwrap().head, seen);
        let log = world.open().await;
        let publication = log.publish().await.unwrap();
        assert_eq!((publication.head, publication.is_witnessed), (seen, true));
        log.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_larger_head_by_its_size_is_enough() {
    for kind in KINDS {
        let (world, mirror, _) = outlived(kind).await;
        let head = world.store.objects()["checkpoint.pending"].clone();
        world.store.tamper("checkpoints/6", Some(&head));
        world.store.tamper("checkpoint.pending", None);
        world.store.tamper("checkpoint", None);
        let refused = refuse(&world, &mirror);
        let LogError::StoreAhead { path, size: 6, copy: 4 } = &refused else { panic!("{refused}") };
        assert_eq!(path, "checkpoints/6");
    }
}

/// The head of another history of the same log.
async fn other_head(kind: Kind, size: u32) -> Vec<u8> {
    let mut other = World::kept(kind, Plan::default(), &Faults::none());
    let log = other.open().await;
    other.add_releases(&log, 20..19 + size).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    other.store.objects()["checkpoint"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_root_that_stands_in_the_store_is_a_fork() {
    for kind in KINDS {
        let (mut world, mirror, _) = outlived(kind).await;
        for size in [4, 3] {
            let head = other_head(kind, size).await;
            for path in ["checkpoint", "checkpoint.pending", &format!("checkpoints/{size}")] {
                world.lose(&Faults::none());
                world.store.tamper(path, Some(&head));
                let refused = refuse(&world, &mirror);
                let LogError::Forked { who, size: found } = &refused else { panic!("{refused}") };
                assert_eq!((who, *found), (&format!("the store here ({path})"), u64::from(size)));
            }
        }
        // A smaller one of the same history binds to nothing more.
        world.lose(&Faults::none());
        world.store.tamper("checkpoint.pending", mirror.bytes("checkpoint"));
        assert_eq!(world.resume(&mirror, Risks::default()).unwrap().head.size, 4);
    }
}

/// The copy was made while its larger head was short of witnesses. Since then the store has it
/// witnessed, or signed once more.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_since_the_copy_stays_published() {
    for kind in KINDS {
        let (mut world, _, seen) = outlived(kind).await;
        let mirror = world.mirror();
        // As it was before its write-ahead log was lost.
        assert_eq!(world.resume(&mirror, Risks::default()).unwrap().head, seen);
        let log = world.open().await;
        world.clock.advance(30);
        assert!(log.publish().await.unwrap().is_witnessed);
        log.close().await.unwrap();
        let before = world.store.objects();
        world.disk = MemoryDisk::new(&Faults::none());
        assert_eq!(world.resume(&mirror, Risks::default()).unwrap().head, seen);
        let after = world.store.objects();
        for path in ["checkpoint", "checkpoint.pending", "checkpoints/6"] {
            assert!(after[path] == before[path], "{path} went back");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_a_head_of_somebody_else_is_refused() {
    for kind in KINDS {
        let (mut world, mirror, _) = outlived(kind).await;
        for path in ["checkpoint", "checkpoint.pending"] {
            for bytes in [b"of another log".to_vec(), vec![b'x'; 2 << 20]] {
                world.lose(&Faults::none());
                world.store.tamper(path, Some(&bytes));
                let refused = refuse(&world, &mirror);
                let LogError::ForeignHead { path: found } = &refused else { panic!("{refused}") };
                assert_eq!(found, path);
            }
        }
    }
}
