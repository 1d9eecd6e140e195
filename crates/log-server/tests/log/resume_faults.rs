//! Every write of a resumption fails once, in every way, and the process dies at every write.
//!
//! After each the same resumption succeeds, or says that it is done; then everything that the copy
//! has stands there, and the log goes on from the copy's head.

use std::collections::BTreeMap;

use artifact::bundle::MemorySource;
use artifact::charter::Publication;
use log_server::log::{LogError, Risks, Submission};
use testkit::election::Plan;
use testkit::faults::{Crash, Fault, Faults, Kind, Point};

use crate::world::{World, add};

/// What a log must have again.
struct Lost {
    world: World,
    /// Everything, what is withheld too.
    copy: MemorySource,
    published: BTreeMap<String, Vec<u8>>,
    withheld: BTreeMap<String, Vec<u8>>,
}

/// A log of several heads, with a batch and an image that the charter withholds, and a last head
/// that is short of its witnesses.
async fn lost(kind: Kind) -> Lost {
    let plan = Plan { cvrs: Publication::Withheld, ..Plan::default() };
    let mut world = World::kept(kind, plan, &Faults::none());
    let log = world.open().await;
    let definition = world.election.definition();
    add(&log, &world.submission(definition)).await;
    let batch = world.election.cvrs(&definition.digest, "1");
    add(&log, &world.submission(batch)).await;
    log.publish().await.unwrap();
    let image = ("front.png", "image/png", b"ink".as_slice());
    let manifest = world.election.manifest("scanner-1", &[image]);
    let files = vec![bytes::Bytes::from_static(b"ink")];
    add(&log, &Submission { files, ..world.submission(manifest) }).await;
    world.add_releases(&log, 0..2).await;
    log.publish().await.unwrap();
    world.witnesses[0].set_away(true);
    world.add_releases(&log, 2..3).await;
    assert!(!log.publish().await.unwrap().is_witnessed);
    let (mut published, withheld) = (world.store.objects(), world.withheld.objects());
    assert_eq!(withheld.len(), 2);
    world.crash(Crash::Kill, &Faults::none());
    let _ = log.close().await;
    world.witnesses[0].set_away(false);
    let mut copy = MemorySource::new();
    for (path, bytes) in published.iter().chain(&withheld) {
        copy.insert(path.clone(), bytes.clone());
    }
    // The log itself writes the list again when it starts.
    published.remove("checkpoints/sizes");
    Lost { world, copy, published, withheld }
}

impl Lost {
    /// Every write of a resumption without a fault.
    fn points(&mut self) -> Vec<Point> {
        let faults = Faults::none();
        self.world.lose(&faults);
        self.world.resume(&self.copy, Risks::default()).unwrap();
        self.is_whole("no fault");
        faults.points()
    }

    fn is_whole(&self, what: &str) {
        let objects = self.world.store.objects();
        for (path, bytes) in &self.published {
            assert_eq!(objects.get(path), Some(bytes), "{what}: {path}");
        }
        assert_eq!(self.world.withheld.objects(), self.withheld, "{what}");
    }

    /// Resumes with one fault, lets what is left go through a crash, and resumes again.
    async fn survive(&mut self, faults: &Faults, crash: Crash, what: &str) {
        self.world.lose(faults);
        let first = self.world.resume(&self.copy, Risks::default());
        self.world.crash(crash, &Faults::none());
        match self.world.resume(&self.copy, Risks::default()) {
            Ok(resumed) => {
                // A write-ahead log without a whole header is none: its name was not durable.
                assert!(first.is_err(), "{what}: it was done, and is done again");
                assert_eq!((resumed.head.size, resumed.withheld), (7, 0), "{what}");
            }
            Err(LogError::WalThere { next: 7 }) => {}
            Err(error) => panic!("{what}: {error}"),
        }
        self.is_whole(what);
        let log = self.world.try_open().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let publication = log.publish().await.unwrap();
        assert_eq!((publication.head.size, publication.is_witnessed), (7, true), "{what}");
        log.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fault_at_every_write_of_a_resumption() {
    let mut lost = lost(Kind::Memory).await;
    let points = lost.points();
    for what in
        ["put withheld artifact/", "put tile/0/000.p/3", "barrier withheld", "put checkpoint"]
    {
        assert!(points.iter().any(|point| point.what.starts_with(what)), "{what}");
    }
    for (number, point) in points.iter().enumerate() {
        for fault in Fault::ALL {
            for crash in [Crash::Kill, Crash::PowerCut(number as u64)] {
                let faults = Faults::at(point, fault);
                lost.survive(&faults, crash, &format!("{point:?} {fault:?} {crash:?}")).await;
                assert!(faults.hit(), "{point:?}");
            }
        }
    }
}

/// The same over a real folder: its calls fail one by one.
#[tokio::test(flavor = "multi_thread")]
async fn one_fault_at_every_call_of_a_resumption_into_a_folder() {
    let mut lost = lost(Kind::Folder).await;
    let points = lost.points();
    if cfg!(target_os = "linux") {
        for what in ["open artifact/", "write artifact/", "link artifact/", "link withheld "] {
            assert!(points.iter().any(|point| point.what.starts_with(what)), "{what}");
        }
    }
    for (number, point) in points.iter().enumerate() {
        for (other, fault) in Fault::ALL.into_iter().enumerate() {
            let crash = match (number + other) % 2 {
                0 => Crash::Kill,
                _ => Crash::PowerCut(number as u64),
            };
            let faults = Faults::at(point, fault);
            lost.survive(&faults, crash, &format!("{point:?} {fault:?} {crash:?}")).await;
            assert!(faults.hit(), "{point:?}");
        }
    }
}
