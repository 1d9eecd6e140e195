//! A log whose clock is wrong: for a while, or when it starts.

use std::sync::Arc;

use artifact::leaf::Leaf;
use log_server::log::{Log, LogError, SubmitError};
use service::clock::{Clock, ManualClock, SystemClock};
use service::limits::Limits;
use testkit::election::Plan;

use crate::served::serve_by;
use crate::world::{World, add, refuse};

#[tokio::test]
async fn a_clock_that_steps_ahead_dates_nothing() {
    let mut world = World::new();
    let log = world.open().await;
    let before = world.software("before");
    let first = add(&log, &before).await;
    log.publish().await.unwrap();
    let right = world.clock.now();
    world.clock.set(right.plus_seconds(3_600).unwrap());
    let during = world.software("during");
    let refused = refuse(&log, &during).await;
    assert!(matches!(refused, SubmitError::Clock(_)), "{refused}");
    let refused = log.publish().await;
    assert!(matches!(refused, Err(LogError::Clock(_))), "{refused:?}");
    assert!(log.idle().unwrap().contains("clock is off by 3600 s"));
    assert_eq!((log.size(), log.stopped()), (2, None), "it waits, and has not stopped");
    // What stands there needs no new time.
    assert_eq!(add(&log, &before).await.promise, first.promise);
    // Put right, the log goes on, and nothing bears a time of that hour.
    world.clock.set(right);
    assert_eq!(log.idle(), None);
    let receipt = add(&log, &during).await;
    assert_eq!(Leaf::parse(&receipt.leaf).unwrap().timestamp, right);
    assert!(log.publish().await.unwrap().is_witnessed);
    assert_eq!(log.published().unwrap().time, right);
    log.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_submits_while_the_clock_is_off_is_told_to_come_again() {
    let right = SystemClock.now();
    let clock = Arc::new(ManualClock::new(right));
    let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let mut served = serve_by(shared, Plan::default(), Limits::default(), 0).await;
    let bytes = served.software("release");
    clock.set(right.plus_seconds(3_600).unwrap());
    let answer = served.post_json(&bytes).await;
    assert_eq!((answer.status, answer.error().as_str()), (503, "clock_stepped"));
    assert_eq!(answer.header("retry-after"), Some("30"));
    clock.set(right);
    assert_eq!(served.post_json(&bytes).await.status, 200);
    served.end().await;
}

/// Opens the log on a machine whose clock is `off_s` from the witnesses'.
async fn open_off(world: &World, off_s: i64, is_checked: bool) -> Result<Log, LogError> {
    let now = world.clock.now().unix() + off_s;
    let mut parts = world.parts();
    parts.clock = Arc::new(ManualClock::new(canon::Timestamp::from_unix(now).unwrap()));
    parts.settings.clock_checked = is_checked;
    Log::open(parts).await
}

#[tokio::test]
async fn a_log_does_not_start_far_from_its_witnesses_time() {
    let mut world = World::new();
    let log = world.open().await;
    let submission = world.software("release");
    add(&log, &submission).await;
    assert!(log.publish().await.unwrap().is_witnessed);
    log.close().await.unwrap();
    // A night later the witnesses tell their time anew.
    world.wait(36_000);
    open_off(&world, 300, false).await.unwrap().close().await.unwrap();
    let refused = open_off(&world, 301, false).await.err().unwrap();
    assert!(matches!(refused, LogError::ClockApart { off_s: 301, .. }), "{refused}");
    assert!(refused.hint().contains("--clock-checked"));
    let refused = open_off(&world, -3_600, false).await.err().unwrap();
    assert!(matches!(refused, LogError::ClockApart { off_s: -3_600, .. }), "{refused}");
    let refused = open_off(&world, -40_000, false).await.err().unwrap();
    assert!(matches!(refused, LogError::ClockBehind { behind_s: 4_000 }), "{refused}");
    open_off(&world, 3_600, true).await.unwrap().close().await.unwrap();
    // Who asks nobody learns nothing.
    world.settings.start_unasked = true;
    for witness in &world.witnesses {
        witness.set_away(true);
    }
    open_off(&world, 3_600, false).await.unwrap().close().await.unwrap();
}
