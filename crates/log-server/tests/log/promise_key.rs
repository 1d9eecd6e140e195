//! The key of promises changes by amendment.

use std::sync::{Arc, Condvar, Mutex};

use artifact::anchor::Anchor;
use artifact::role::Role;
use canon::{Digest, PrivateKey, SignedBytes, Signer as _, Timestamp};
use log_server::log::{Log, LogError, Parts, Receipt, SubmitError};
use service::clock::{Clock, ManualClock};
use verify::{Options, Silent};

use crate::world::{World, add, refuse};

fn parts(world: &World, promise: &str, earlier: &[&str]) -> Parts {
    let key = |name: &str| -> PrivateKey { world.election.keys.key(name) };
    let mut parts = world.parts();
    parts.keys.promise = key(promise);
    parts.keys.earlier = earlier.iter().map(|name| key(name)).collect();
    parts
}

fn signed_by(world: &World, receipt: &Receipt, name: &str) {
    let envelope = SignedBytes::parse(&receipt.promise).unwrap();
    envelope.verify(0, &world.election.keys.key(name).public_key()).unwrap();
}

const OLD: &str = "log-promises";
const NEW: &str = "log-promises-2";

#[tokio::test]
async fn a_revoked_key_signs_no_promise_and_the_next_one_takes_its_place() {
    let mut world = World::new();
    let log = world.open().await;
    let before = world.software("before");
    let first = add(&log, &before).await;
    let adding = world.election.add_key(NEW, Role::Log);
    add(&log, &world.submission(adding)).await;
    log.close().await.unwrap();
    // Both keys are in force: the log may have either.
    Log::open(parts(&world, NEW, &[OLD])).await.unwrap().close().await.unwrap();
    let log = world.open().await;
    let revoking = world.election.revoke_key(OLD);
    let revoked = add(&log, &world.submission(revoking)).await;
    signed_by(&world, &revoked, OLD);
    let after = world.software("after");
    let refused = refuse(&log, &after).await;
    assert!(matches!(refused, SubmitError::NoPromiseKey { index: 4 }), "{refused}");
    assert_eq!(log.size(), 4, "nothing is placed without a promise");
    assert_eq!(add(&log, &before).await.promise, first.promise);
    log.close().await.unwrap();
    let refused = world.try_open().await.err().unwrap();
    assert!(matches!(refused, LogError::OtherKey { which: "promise" }), "{refused}");
    assert!(refused.hint().contains("promise-1.pem"));
    let log = Log::open(parts(&world, NEW, &[OLD])).await.unwrap();
    let receipt = add(&log, &after).await;
    signed_by(&world, &receipt, NEW);
    assert_eq!(add(&log, &before).await.promise, first.promise);
    log.publish().await.unwrap();
    log.close().await.unwrap();
    // The verifier judges each promise by the key in force at its index.
    let artifact = world.charter();
    let charter = SignedBytes::parse(&artifact).unwrap().payload_as().unwrap();
    let anchor = Some(Anchor::from_charter(&charter, Digest::of(&artifact)));
    let promises = vec![first.promise, revoked.promise, receipt.promise];
    let options = Options { anchor, promises, ..Options::default() };
    let report = verify::replay(&world.bundle(), &options, &Silent).unwrap();
    for id in ["LOG-027", "LOG-028", "LOG-029"] {
        assert!(!report.has(id), "{:?}", report.findings);
    }
    // Without the earlier key, what it promised cannot be promised again.
    let log = Log::open(parts(&world, NEW, &[])).await.unwrap();
    let refused = refuse(&log, &before).await;
    assert!(matches!(refused, SubmitError::NoPromiseKey { index: 1 }), "{refused}");
    log.close().await.unwrap();
}

/// A clock at which the committer waits while the gate is shut.
struct Gated {
    clock: Arc<ManualClock>,
    is_shut: Mutex<bool>,
    opened: Condvar,
}

impl Gated {
    fn shut(&self, is_shut: bool) {
        *self.is_shut.lock().unwrap() = is_shut;
        self.opened.notify_all();
    }
}

impl Clock for Gated {
    fn now(&self) -> Timestamp {
        if std::thread::current().name() == Some("committer") {
            let shut = self.is_shut.lock().unwrap();
            drop(self.opened.wait_while(shut, |is_shut| *is_shut).unwrap());
        }
        self.clock.now()
    }

    fn uptime_s(&self) -> u64 {
        self.clock.uptime_s()
    }
}

#[tokio::test]
async fn an_amendment_right_behind_the_one_that_revokes_the_key_is_not_placed() {
    let mut world = World::new();
    let clock = Arc::new(Gated {
        clock: Arc::clone(&world.clock),
        is_shut: Mutex::new(false),
        opened: Condvar::new(),
    });
    let mut gated = world.parts();
    gated.clock = Arc::clone(&clock) as Arc<dyn Clock>;
    let log = Log::open(gated).await.unwrap();
    let adding = world.election.add_key(NEW, Role::Log);
    add(&log, &world.submission(adding)).await;
    clock.shut(true);
    // All three pass the desk before the committer has looked at the first.
    let software = world.software("release");
    let revoking = world.election.revoke_key(OLD);
    let late = world.election.add_key("late", Role::Audit);
    let (revoking, late) = (world.submission(revoking), world.submission(late));
    let mut first = Box::pin(log.submit(software));
    let mut second = Box::pin(log.submit(revoking));
    let mut third = Box::pin(log.submit(late.clone()));
    assert!(futures::poll!(&mut first).is_pending());
    assert!(futures::poll!(&mut second).is_pending());
    assert!(futures::poll!(&mut third).is_pending());
    clock.shut(false);
    let (first, second, third) = futures::join!(first, second, third);
    first.unwrap();
    signed_by(&world, &second.unwrap(), OLD);
    let refused = third.unwrap_err();
    assert!(matches!(refused, SubmitError::NoPromiseKey { index: 4 }), "{refused}");
    assert_eq!(log.size(), 4, "nothing is placed without a promise");
    log.close().await.unwrap();
    let log = Log::open(parts(&world, NEW, &[OLD])).await.unwrap();
    signed_by(&world, &add(&log, &late).await, NEW);
    log.close().await.unwrap();
}
