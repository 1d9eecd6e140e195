//! Parts of the log that end before their time, and how it ends itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use canon::Timestamp;
use log_server::log::{Log, LogError, SubmitError};
use service::clock::{Clock, ManualClock};

use crate::world::{World, add, refuse};

/// A clock on which the committer trips when told to.
struct Tripping {
    clock: Arc<ManualClock>,
    trips: Arc<AtomicBool>,
}

impl Clock for Tripping {
    fn now(&self) -> Timestamp {
        let is_committer = std::thread::current().name() == Some("committer");
        assert!(!(is_committer && self.trips.load(Ordering::SeqCst)), "the committer trips");
        self.clock.now()
    }

    fn uptime_s(&self) -> u64 {
        self.clock.uptime_s()
    }
}

#[tokio::test]
async fn a_committer_that_panics_stops_the_log() {
    let mut world = World::new();
    let trips = Arc::new(AtomicBool::new(false));
    let mut parts = world.parts();
    parts.clock = Arc::new(Tripping { clock: Arc::clone(&world.clock), trips: Arc::clone(&trips) });
    let log = Log::open(parts).await.unwrap();
    log.publish().await.unwrap();
    trips.store(true, Ordering::SeqCst);
    let submission = world.software("release");
    let refused = refuse(&log, &submission).await;
    assert!(matches!(refused, SubmitError::Stopped), "{refused}");
    while log.stopped().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(log.stopped(), Some("the committer has panicked"));
    assert!(matches!(log.publish().await, Err(LogError::Stopped(_))));
    let ended = log.close().await;
    assert!(matches!(&ended, Err(LogError::Stopped(why)) if why.contains("committer")));
}

#[tokio::test]
async fn a_log_that_is_closed_asks_its_witnesses_once_more() {
    let mut world = World::new();
    let log = world.open().await;
    let submission = world.software("release");
    add(&log, &submission).await;
    world.witnesses[1].set_away(true);
    assert!(!log.publish().await.unwrap().is_witnessed);
    world.witnesses[1].set_away(false);
    log.close().await.unwrap();
    assert_eq!(world.head_of(&world.store.objects()["checkpoint"]).size, 2);
}
