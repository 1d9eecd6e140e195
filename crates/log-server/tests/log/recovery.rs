//! What a restart finds, and when it refuses.

use log_server::log::LogError;
use service::disk::Disk;
use testkit::election::Plan;
use testkit::faults::{Crash, Fault, Faults, MemoryDisk, Point};

use crate::world::{World, add};

/// A world whose log has published four entries, and holds two more that no head covers.
async fn world_with_a_past() -> (World, Vec<log_server::log::Receipt>) {
    let mut world = World::new();
    let log = world.open().await;
    let mut receipts = world.add_releases(&log, 0..3).await;
    log.publish().await.unwrap();
    receipts.extend(world.add_releases(&log, 3..5).await);
    // Without closing it: a log that is closed publishes first.
    world.crash(Crash::Kill, &Faults::none());
    (world, receipts)
}

#[tokio::test]
async fn acknowledged_entries_are_there_after_a_crash() {
    let (world, receipts) = world_with_a_past().await;
    let log = world.open().await;
    assert_eq!((log.size(), log.published().unwrap().head.size), (6, 4));
    for entry in &world.election.entries[1..] {
        let submission = log_server::log::Submission {
            artifact: entry.artifact.clone().into(),
            files: Vec::new(),
        };
        let again = add(&log, &submission).await;
        let before = &receipts[usize::try_from(again.index).unwrap() - 1];
        assert!(again.is_duplicate);
        assert_eq!((&again.leaf, &again.promise), (&before.leaf, &before.promise));
    }
    let head = log.publish().await.unwrap().head;
    assert_eq!(head.size, 6);
    log.close().await.unwrap();
}

#[tokio::test]
async fn segments_under_a_stored_head_are_removed() {
    let mut world = World::new();
    let log = world.open().await;
    world.add_releases(&log, 0..20).await;
    let segments = |world: &World| {
        let names = world.disk.names().unwrap();
        names.into_iter().filter(|name| name != "statements").count()
    };
    let before = segments(&world);
    log.publish().await.unwrap();
    log.close().await.unwrap();
    assert!(before > 5, "{before}");
    assert_eq!(segments(&world), 1);
    let log = world.open().await;
    assert_eq!(log.size(), 21);
    log.close().await.unwrap();
}

/// A process dies before a sync of the write-ahead log. The next one finds what was written,
/// builds on it and tells of it, or publishes it, and then the power goes.
#[tokio::test]
async fn what_a_killed_process_wrote_is_durable_before_anything_builds_on_it() {
    let died = |what: &str, nth| Point { what: what.to_owned(), nth };
    for (died, segment_bytes, is_found) in [
        // Header, charter, then the entry: it is written and not synced.
        (died("sync 0000000000000000.wal", 2), 1 << 20, true),
        // Its segment has a header, and a name that is not durable.
        (died("sync folder", 1), 1, false),
    ] {
        for seed in 0..16 {
            let faults = Faults::at(&died, Fault::DiesBefore);
            let mut world = World::planned(Plan::default(), &faults);
            world.settings.segment_bytes = segment_bytes;
            let submission = world.software("one");
            let first = world.open().await;
            first.submit(submission.clone()).await.unwrap_err();
            assert!(faults.hit());
            world.crash(Crash::Kill, &Faults::none());
            let second = world.open().await;
            let told = add(&second, &submission).await;
            assert_eq!(told.is_duplicate, is_found);
            if seed % 2 == 0 {
                assert_eq!(second.publish().await.unwrap().head.size, 2);
            }
            world.crash(Crash::PowerCut(seed), &Faults::none());
            world.wait(1);
            let third = world.open().await;
            let again = add(&third, &submission).await;
            assert!(again.is_duplicate, "{died:?}, seed {seed}");
            assert_eq!((again.index, again.leaf), (told.index, told.leaf));
        }
    }
}

#[tokio::test]
async fn a_missing_write_ahead_log_is_refused() {
    let (mut world, _) = world_with_a_past().await;
    world.disk = MemoryDisk::new(&Faults::none());
    let refused = world.try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::NoWal { size: 4 }), "{refused}");
    assert!(refused.hint().contains("log resume"));
}

#[tokio::test]
async fn a_write_ahead_log_from_before_is_refused() {
    let mut world = World::new();
    let log = world.open().await;
    let submission = world.software("one");
    add(&log, &submission).await;
    let backup = world.disk.after(Crash::Kill, &Faults::none());
    let submission = world.software("two");
    add(&log, &submission).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    world.disk = backup;
    let refused = world.try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::WalBehind { wal: 2, size: 3 }), "{refused}");
}

#[tokio::test]
async fn a_store_from_before_is_refused() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let backup = world.store.after(Crash::Kill, &Faults::none());
    world.add_releases(&log, 0..20).await;
    log.close().await.unwrap();
    world.store = backup;
    let refused = world.try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::WalAhead { stored: 1, .. }), "{refused}");
}

#[tokio::test]
async fn a_whole_state_from_before_is_refused_on_a_witness_word() {
    let mut old = world_put_back().await;
    let refused = old.try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::Behind { size: 2, here: 1, .. }), "{refused}");
    // Nobody to ask: two of the three may have cosigned what is not here.
    old.witnesses.iter().for_each(|witness| witness.set_away(true));
    let refused = old.try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::TooFewAsked { .. }), "{refused}");
    // A log that is told to start all the same learns it when it asks for a cosignature.
    old.settings.start_unasked = true;
    let log = old.open().await;
    old.witnesses[2].set_away(false);
    let refused = log.publish().await.err().unwrap();
    assert!(matches!(refused, LogError::Behind { size: 2, here: 1, .. }), "{refused}");
    assert!(log.stopped().is_some());
    assert!(matches!(log.publish().await, Err(LogError::Stopped(_))));
    let submission = old.software("two");
    assert!(matches!(log.submit(submission).await, Err(log_server::log::SubmitError::Stopped)));
    assert!(log.close().await.is_err());
    // An operator can insist on asking all of them.
    old.settings.ask_all_witnesses = true;
    let refused = old.try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::Unasked { .. }), "{refused}");
}

/// A log of one published entry whose state is then put back: its witnesses have cosigned two.
async fn world_put_back() -> World {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let old = world.backup();
    world.add_releases(&log, 0..1).await;
    log.publish().await.unwrap();
    log.close().await.unwrap();
    old
}

#[tokio::test]
async fn a_log_that_forked_signs_no_more_when_a_witness_proves_it() {
    // As many entries as the witness saw, and more: both get 422.
    for others in 1..=3 {
        let mut old = world_put_back().await;
        old.settings.start_unasked = true;
        old.witnesses.iter().for_each(|witness| witness.set_away(true));
        let log = old.open().await;
        for number in 0..others {
            let submission = old.software(&format!("another {number}"));
            add(&log, &submission).await;
        }
        assert!(!log.publish().await.unwrap().is_witnessed);
        old.witnesses[2].set_away(false);
        let refused = log.publish().await.err().unwrap();
        assert!(matches!(refused, LogError::Forked { size: 2, .. }), "{others}: {refused}");
        assert!(log.stopped().is_some());
        let submission = old.software("late");
        assert!(matches!(log.submit(submission).await, Err(log_server::log::SubmitError::Stopped)));
        assert!(log.close().await.is_err());
        // Nor does it start again, whoever else is away.
        let refused = old.try_open().await.err().unwrap();
        assert!(matches!(refused, LogError::Forked { size: 2, .. }), "{others}: {refused}");
    }
}

#[tokio::test]
async fn entries_that_no_stored_head_covers_are_held_against_witnesses_too() {
    let mut world = World::new();
    // Kept until the end: a log that is dropped publishes.
    let first = world.open().await;
    first.publish().await.unwrap();
    let published = world.backup();
    for name in ["one", "two"] {
        let submission = world.software(name);
        add(&first, &submission).await;
    }
    let accepted = world.backup();
    let with = |state: &World, witnesses: &World| {
        let mut world = state.backup();
        world.witnesses = witnesses.witnesses.clone();
        world
    };
    // The same entries, published by a state of which only the write-ahead log is left.
    let same = with(&accepted, &world);
    let log = same.open().await;
    assert_eq!(log.publish().await.unwrap().head.size, 3);
    log.close().await.unwrap();
    let again = with(&accepted, &world);
    let log = again.open().await;
    assert!(log.publish().await.unwrap().is_witnessed);
    log.close().await.unwrap();
    // Other entries in their place.
    let mut other = with(&published, &world);
    other.settings.start_unasked = true;
    other.witnesses = World::new().witnesses;
    let log = other.open().await;
    for name in ["three", "four"] {
        let submission = other.software(name);
        add(&log, &submission).await;
    }
    log.publish().await.unwrap();
    log.close().await.unwrap();
    let refused = with(&accepted, &other).try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::Forked { size: 3, .. }), "{refused}");
}

#[tokio::test]
async fn a_log_asks_until_no_quorum_is_left_that_it_did_not_ask() {
    // All three must sign: who has asked one knows of every quorum.
    let (world, _) = world_with_a_past().await;
    world.witnesses.iter().skip(1).for_each(|witness| witness.set_away(true));
    world.open().await.close().await.unwrap();
    // Two of three: two must be asked.
    let plan = Plan { threshold: 2, ..Plan::default() };
    let world = World::planned(plan, &Faults::none());
    world.witnesses[0].set_away(true);
    world.open().await.close().await.unwrap();
    world.witnesses[1].set_away(true);
    let refused = world.try_open().await.err().unwrap();
    let LogError::TooFewAsked { names, threshold: 2 } = &refused else { panic!("{refused}") };
    assert_eq!(names, "witness.example/league, witness.example/university");
    assert!(refused.hint().contains("start_unasked"));
}

#[tokio::test]
async fn other_keys_and_another_charter_are_refused() {
    let (world, _) = world_with_a_past().await;
    let mut parts = world.parts();
    parts.keys.promise = world.election.keys.key("somebody");
    let refused = log_server::log::Log::open(parts).await.err().unwrap();
    assert!(matches!(refused, LogError::OtherKey { which: "promise" }), "{refused}");
    let other = Plan { title: "Another election".to_owned(), ..Plan::default() };
    let other = World::planned(other, &Faults::none());
    let mut parts = world.parts();
    parts.charter = other.charter();
    let refused = log_server::log::Log::open(parts).await.err().unwrap();
    assert!(matches!(refused, LogError::OtherCharter), "{refused}");
    let mut parts = world.parts();
    parts.charter = world.election.entries[1].artifact.clone().into();
    let refused = log_server::log::Log::open(parts).await.err().unwrap();
    assert!(matches!(refused, LogError::Charter(_)), "{refused}");
}

/// What becomes of an object's bytes.
type Damage = fn(&[u8]) -> Option<Vec<u8>>;

#[tokio::test]
async fn a_damaged_store_is_refused() {
    let leaf = "leaf/000.p/4";
    let damages: [(&str, Damage); 6] = [
        (leaf, |_| None),
        (leaf, |bytes| Some(bytes[..bytes.len() / 2].to_vec())),
        (leaf, |bytes| Some([bytes, b"x"].concat())),
        ("checkpoint", |bytes| {
            Some(String::from_utf8_lossy(bytes).replacen("\n4\n", "\n3\n", 1).into_bytes())
        }),
        ("checkpoint.pending", |_| Some(b"rubbish".to_vec())),
        (leaf, |bytes| {
            let text = String::from_utf8_lossy(bytes).replacen("\"maker\"", "\"baker\"", 1);
            Some(text.into_bytes())
        }),
    ];
    for (number, (path, damage)) in damages.into_iter().enumerate() {
        let (world, _) = world_with_a_past().await;
        let bytes = damage(&world.store.objects()[path]);
        world.store.tamper(path, bytes.as_deref());
        let refused = world.try_open().await.err().unwrap();
        assert!(
            matches!(refused, LogError::Damaged { .. } | LogError::Stop(_)),
            "{number} {path}: {refused}"
        );
    }
}

#[tokio::test]
async fn two_writers_of_one_store_stop_rather_than_fork() {
    let mut one = World::new();
    let first = one.open().await;
    first.publish().await.unwrap();
    let mut two = one.backup();
    two.store = one.store.clone();
    let second = two.open().await;
    let submission = one.software("by one");
    add(&first, &submission).await;
    let submission = two.software("by two");
    add(&second, &submission).await;
    let head = first.publish().await.unwrap().head;
    let refused = second.publish().await.err().unwrap();
    let expected = matches!(refused, LogError::OtherWriter { .. } | LogError::Store(_));
    assert!(expected, "{refused}");
    assert!(second.stopped().is_some());
    assert_eq!(one.head_of(&one.store.objects()["checkpoint"]), head);
    assert!(second.close().await.is_err());
    first.close().await.unwrap();
}

#[tokio::test]
async fn a_store_that_fails_for_a_while_holds_up_heads_and_nothing_else() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let submission = world.software("release");
    let receipt = add(&log, &submission).await;
    log.publish().await.unwrap();
    let path = format!("artifact/{}", receipt.artifact);
    // The same object as somebody else's bytes: no head may ever cover it.
    let submission = world.software("another");
    let digest = canon::Digest::of(&submission.artifact);
    world.store.tamper(&format!("artifact/{digest}"), Some(b"other bytes, and more of them"));
    add(&log, &submission).await;
    let refused = log.publish().await.err().unwrap();
    assert!(matches!(refused, LogError::Store(_)), "{refused}");
    assert!(log.stopped().is_some());
    assert_eq!(log.published().unwrap().head.size, 2);
    assert!(world.store.objects().contains_key(&path));
    assert!(log.close().await.is_err());
}
