//! The key of promises changes by amendment.

use artifact::anchor::Anchor;
use artifact::role::Role;
use canon::{Digest, PrivateKey, SignedBytes, Signer as _};
use log_server::log::{Log, LogError, Parts, Receipt, SubmitError};
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
