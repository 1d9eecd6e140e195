//! Continuing a lost log from a copy.

use std::sync::Arc;

use artifact::bundle::{MemorySource, Source, SourceError};
use artifact::payload::CitedHead;
use log_server::log::{LogError, ResumeParts, Resumed, resume_parts};
use testkit::faults::{Crash, Faults, MemoryDisk, MemoryStore};

use crate::world::{World, add};

/// A world whose log has published six entries; the bundle of its last head.
async fn published() -> (World, MemorySource) {
    let mut world = World::new();
    let log = world.open().await;
    for number in 0..4 {
        let submission = world.software(&format!("release {number}"));
        add(&log, &submission).await;
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

/// Lets the world lose everything but its keys and charter.
fn lose(world: &mut World) {
    world.disk = MemoryDisk::new(&Faults::none());
    world.store = MemoryStore::new(&Faults::none(), "");
    world.withheld = MemoryStore::new(&Faults::none(), "withheld ");
}

fn resume(world: &World, source: &dyn Source, without: &[&str]) -> Result<Resumed, LogError> {
    let keys = world.keys();
    let charter = world.charter();
    let without: Vec<String> = without.iter().map(|name| (*name).to_owned()).collect();
    let parts = ResumeParts {
        keys: &keys,
        charter: &charter,
        source,
        disk: Arc::new(world.disk.clone()),
        store: world.store.store(),
        withheld: world.withheld.store(),
        cosigners: world.cosigners(),
        without: &without,
    };
    let runtime = tokio::runtime::Handle::current();
    std::thread::scope(|scope| {
        let resumed = scope.spawn(|| resume_parts(&parts, &runtime, &mut |_, _| {}));
        resumed.join().unwrap()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_log_goes_on_from_a_copy() {
    let (mut world, bundle) = published().await;
    lose(&mut world);
    let resumed = resume(&world, &bundle, &[]).unwrap();
    assert_eq!((resumed.head.size, resumed.withheld), (6, 0));
    // Everything of the last head stands there again; of earlier heads the partial tiles do not.
    let objects = world.store.objects();
    for (path, bytes) in &objects {
        let copied = bundle.bytes(path).or_else(|| bundle.bytes("checkpoint"));
        assert_eq!(copied, Some(bytes.as_slice()), "{path}");
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
    lose(&mut world);
    let full = world.store.clone();
    resume(&world, &bundle, &[]).unwrap();
    // As if it had died before the write-ahead log was begun.
    world.disk = MemoryDisk::new(&Faults::none());
    world.store = full.after(Crash::Kill, &Faults::none());
    let objects: Vec<_> = world.store.objects().into_keys().step_by(2).collect();
    for path in objects {
        world.store.tamper(&path, None);
    }
    resume(&world, &bundle, &[]).unwrap();
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
    lose(&mut world);
    let refused = resume(&world, &bundle, &[]).unwrap_err();
    assert!(matches!(refused, LogError::Behind { size: 7, here: 6, .. }), "{refused}");
    assert!(refused.to_string().contains("the entries from 6 on are missing"), "{refused}");
    assert!(world.store.objects().is_empty(), "nothing was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_cannot_be_asked_must_be_named() {
    let (mut world, bundle) = published().await;
    lose(&mut world);
    world.witnesses[1].set_away(true);
    let refused = resume(&world, &bundle, &[]).unwrap_err();
    let name = "witness.example/university";
    assert!(matches!(&refused, LogError::Unasked { name: found, .. } if found == name));
    assert_eq!(resume(&world, &bundle, &[name]).unwrap().left_out, [name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_stands_is_not_overwritten() {
    let (world, bundle) = published().await;
    let refused = resume(&world, &bundle, &[]).unwrap_err();
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
            lose(&mut world);
            let refused = resume(&world, &copy, &[]).unwrap_err();
            let expected = matches!(refused, LogError::Copy { .. });
            assert!(expected, "{path}: {refused}");
            let names = service::disk::Disk::names(&world.disk).unwrap();
            assert!(names.is_empty(), "no write-ahead log is begun");
        }
    }
}

/// A copy on a web site, which does not tell what is there, nor which heads there are.
struct Unlisted(MemorySource);

impl Source for Unlisted {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if path == "checkpoints/sizes" {
            return Ok(None);
        }
        self.0.read(path, limit)
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        self.0.describe()
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
    let copy = Unlisted(world.bundle());
    lose(&mut world);
    resume(&world, &copy, &[]).unwrap();
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
        lose(&mut world);
        let refused = resume(&world, &copy, &[]).unwrap_err();
        let expected = format!("{path} is not cosigned by as many witnesses");
        assert!(refused.to_string().contains(&expected), "{refused}");
        assert!(service::disk::Disk::names(&world.disk).unwrap().is_empty());
    }
}
