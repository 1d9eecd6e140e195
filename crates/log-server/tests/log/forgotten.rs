//! A disk that could not write what it was given, and goes on showing it.
//!
//! ```text
//! a sync or barrier fails     the operating system takes what it lost for written
//! the log stops               and is started again at once, without a reboot
//! it reads, acknowledges      from what the operating system shows
//! it signs a head, or not     its syncs and barriers succeed
//! the power is cut            what was lost is not there
//! ```

use testkit::faults::{Crash, Fault, Faults, Kind, Point};

use crate::faults::{Memory, Script, finish};

/// Goes through all that with the fault at this point; whether it was met.
async fn survive(script: &Script, point: &Point, has_head: bool, seed: u64) -> bool {
    let what = format!("{point:?}, with a head: {has_head}");
    let mut memory = Memory::default();
    let faults = Faults::at(point, Fault::Forgotten);
    let mut world = script.world(&faults);
    let receipts = script.run(&world).await;
    let is_met = faults.hit();
    let faults = Faults::none();
    world.crash(Crash::Kill, &faults);
    memory.look(&world, receipts, &what);
    let log = world.try_open().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let mut receipts = Vec::new();
    for submission in &script.submissions {
        let receipt = log.submit(submission.clone()).await;
        receipts.push(receipt.unwrap_or_else(|error| panic!("{what}: {error}")));
    }
    if has_head {
        log.publish().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    // A log that is closed while it lives publishes first.
    faults.die();
    let _ = log.close().await;
    world.crash(Crash::PowerCut(seed), &Faults::none());
    memory.look(&world, receipts, &what);
    finish(script, &world, memory, &what).await;
    is_met
}

async fn survive_all(script: &Script) {
    let points = script.points().await;
    let syncs: Vec<_> = points.iter().filter(|point| point.is_sync()).collect();
    for what in ["sync 0000000000000000.wal", "barrier ", "barrier withheld "] {
        assert!(syncs.iter().any(|point| point.what == what), "{what}");
    }
    let mut hits = 0;
    for (number, point) in syncs.iter().enumerate() {
        for has_head in [false, true] {
            hits += usize::from(survive(script, point, has_head, number as u64).await);
        }
    }
    assert!(hits > syncs.len(), "{hits}");
}

#[tokio::test]
async fn what_a_failed_sync_forgot_is_written_anew_before_anything_rests_on_it() {
    survive_all(&Script::new_log(Kind::Memory, false)).await;
}

#[tokio::test]
async fn and_so_it_is_in_a_folder() {
    survive_all(&Script::new_log(Kind::Folder, false)).await;
}
