//! From a charter to a proof.

use artifact::bundle::Source;
use canon::Digest;
use log_server::log::{Publication, ReadError, Wanted};
use tlog::tile::{Edge, TilePath};

use crate::world::{World, add, check_receipt};

#[tokio::test]
async fn a_new_log_begins_with_its_charter_and_publishes_it() {
    let world = World::new();
    let log = world.open().await;
    assert_eq!(log.size(), 1);
    assert!(log.published().is_none());
    let Publication { head, is_witnessed } = log.publish().await.unwrap();
    assert!(is_witnessed);
    assert_eq!(head.size, 1);
    let objects = world.store.objects();
    let digest = Digest::of(&world.charter());
    let expected = [
        format!("artifact/{digest}"),
        "checkpoint".to_owned(),
        "checkpoint.pending".to_owned(),
        "checkpoints/1".to_owned(),
        "checkpoints/sizes".to_owned(),
        "leaf/000.p/1".to_owned(),
        "tile/0/000.p/1".to_owned(),
        "tile/entries/000.p/1".to_owned(),
    ];
    assert_eq!(objects.keys().cloned().collect::<Vec<_>>(), expected);
    let published = log.published().unwrap();
    assert_eq!(published.checkpoint, objects["checkpoint"]);
    assert_eq!(published.witnesses.len(), 3);
    log.close().await.unwrap();
}

#[tokio::test]
async fn entries_stand_under_the_next_head_with_proofs() {
    let mut world = World::new();
    let log = world.open().await;
    let mut receipts = Vec::new();
    for number in 0..300 {
        let submission = world.software(&format!("release {number}"));
        world.wait(1);
        let receipt = add(&log, &submission).await;
        check_receipt(&world, &receipt);
        assert_eq!((receipt.index, receipt.is_duplicate), (number + 1, false));
        receipts.push(receipt);
        if number % 100 == 50 {
            log.publish().await.unwrap();
        }
    }
    let not_yet = log.inclusion(Wanted::Leaf(receipts[299].leaf_hash), None).await;
    assert!(matches!(not_yet, Err(ReadError::NotCovered { index: 300, size: 252 })));
    let head = log.publish().await.unwrap().head;
    assert_eq!(head.size, 301);
    let policy = artifact::register::Register::open(&world.election.charter, Digest::of(b""));
    let policy = policy.unwrap().witness_policy_at(301).unwrap().policy.clone();
    for receipt in &receipts {
        for wanted in [Wanted::Leaf(receipt.leaf_hash), Wanted::Artifact(receipt.artifact)] {
            let proof = log.inclusion(wanted, None).await.unwrap();
            assert_eq!((proof.index, proof.size, proof.root), (receipt.index, 301, head.root));
        }
        let file = log.tlog_proof(Wanted::Leaf(receipt.leaf_hash), None).await.unwrap();
        file.check(&receipt.leaf_hash, &policy).unwrap();
    }
    let earlier = log.tlog_proof(Wanted::Leaf(receipts[0].leaf_hash), Some(152)).await.unwrap();
    assert_eq!(earlier.check(&receipts[0].leaf_hash, &policy).unwrap().checkpoint.size, 152);
    let missing = log.tlog_proof(Wanted::Leaf(receipts[0].leaf_hash), Some(100)).await;
    assert!(matches!(missing, Err(ReadError::NoCheckpoint { size: 100 })));
    let proof = log.consistency(152, 301).await.unwrap();
    let old = world.head_of(&world.store.objects()["checkpoints/152"]);
    tlog::merkle::check_consistency(152, &old.root, 301, &head.root, &proof).unwrap();
    log.close().await.unwrap();
}

#[tokio::test]
async fn what_is_published_is_a_bundle_that_holds() {
    let mut world = World::new();
    let log = world.open().await;
    world.election = std::mem::replace(&mut world.election, World::new().election).complete();
    for entry in world.election.entries[1..].iter().cloned() {
        let raw = raw_files(&world, &entry.artifact);
        let submission =
            log_server::log::Submission { artifact: entry.artifact.into(), files: raw };
        match log.submit(submission).await {
            Ok(_) => {}
            // Reveal and close cite heads of the election's own log, which has other leaf times;
            // the log does not judge what they cite.
            Err(error) => panic!("{error}"),
        }
        log.publish().await.unwrap();
    }
    let head = log.publish().await.unwrap().head;
    let bundle = world.bundle();
    let tile = |path: &TilePath| bundle.read(&path.to_string(), 8192);
    Edge::read(&head, &tile).unwrap();
    let reach = artifact::bundle::reach(&bundle).unwrap();
    for path in reach.paths {
        assert!(bundle.read(&path.to_string(), 1 << 24).unwrap().is_some(), "{path}");
    }
    log.close().await.unwrap();
}

/// The raw files of a manifest.
fn raw_files(world: &World, artifact: &[u8]) -> Vec<bytes::Bytes> {
    let envelope = canon::SignedBytes::parse(artifact).unwrap();
    let manifest = envelope.payload_as::<artifact::manifest::Manifest>();
    let files = manifest.map(|manifest| manifest.files).unwrap_or_default();
    files.iter().map(|file| world.election.raw[&file.sha256].clone().into()).collect()
}

#[tokio::test]
async fn a_head_is_signed_anew_without_growth() {
    let world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    let first = world.store.objects();
    world.wait(60);
    log.publish().await.unwrap();
    let second = world.store.objects();
    assert_eq!(first["checkpoints/1"], second["checkpoints/1"]);
    assert_ne!(first["checkpoint"], second["checkpoint"]);
    assert_eq!(world.head_of(&second["checkpoint"]), world.head_of(&first["checkpoint"]));
    assert_eq!(log.published().unwrap().time, world.wait(0));
    log.close().await.unwrap();
}

#[tokio::test]
async fn a_head_short_of_its_threshold_is_pending_until_it_is_met() {
    let mut world = World::new();
    let log = world.open().await;
    log.publish().await.unwrap();
    world.witnesses[1].set_away(true);
    let submission = world.software("release");
    let receipt = add(&log, &submission).await;
    let publication = log.publish().await.unwrap();
    assert_eq!((publication.head.size, publication.is_witnessed), (2, false));
    let objects = world.store.objects();
    assert_eq!(world.head_of(&objects["checkpoint.pending"]).size, 2);
    assert_eq!(world.head_of(&objects["checkpoint"]).size, 1);
    assert!(!objects.contains_key("checkpoints/2"));
    let proof = log.inclusion(Wanted::Leaf(receipt.leaf_hash), None).await;
    assert!(matches!(proof, Err(ReadError::NotCovered { index: 1, size: 1 })));
    world.witnesses[1].set_away(false);
    let publication = log.publish().await.unwrap();
    assert_eq!((publication.head.size, publication.is_witnessed), (2, true));
    assert_eq!(world.witnesses[1].head(), Some(publication.head));
    log.close().await.unwrap();
}

#[tokio::test]
async fn closing_publishes_what_was_accepted() {
    let mut world = World::new();
    let log = world.open().await;
    let submission = world.software("release");
    add(&log, &submission).await;
    log.close().await.unwrap();
    assert_eq!(world.head_of(&world.store.objects()["checkpoint"]).size, 2);
}

#[tokio::test]
async fn times_never_decrease_though_the_clock_does() {
    let mut world = World::new();
    let log = world.open().await;
    world.wait(100);
    let submission = world.software("one");
    let first = add(&log, &submission).await;
    // As far as a clock may step.
    let behind = world.wait(0).unix() - 60;
    world.clock.set(canon::Timestamp::from_unix(behind).unwrap());
    let submission = world.software("two");
    let second = add(&log, &submission).await;
    let time = |receipt: &log_server::log::Receipt| {
        artifact::leaf::Leaf::parse(&receipt.leaf).unwrap().timestamp
    };
    assert_eq!(time(&first), time(&second));
    log.close().await.unwrap();
}
