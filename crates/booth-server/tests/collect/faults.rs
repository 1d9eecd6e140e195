//! Every write of a run fails once, in every way; and the process dies at every write.
//!
//! After each: whoever was told that their vote is recorded finds it, nobody stands in a list
//! twice, as many voters as votes, and the run can be gone on with.

use booth_server::collect::LedgerError;
use testkit::faults::{Crash, Fault, Faults, Point};

use crate::fixture::{World, campaign, is_promise, numbers, requests};

/// Votes of the run, in groups that become durable together.
const GROUPS: [std::ops::Range<usize>; 8] = [0..1, 1..4, 4..5, 5..9, 9..10, 10..11, 11..14, 14..15];

/// The groups of a run. Where every vote is a batch, fewer make as many writes.
fn groups(k: u32) -> &'static [std::ops::Range<usize>] {
    if k == 0 { &GROUPS[..4] } else { &GROUPS }
}

/// Votes of the run.
fn count(k: u32) -> usize {
    groups(k)[groups(k).len() - 1].end
}

/// Half of the groups, an end in good order, the other half, the close. Which votes were promised.
fn run(world: &World, k: u32) -> (Vec<usize>, Option<LedgerError>) {
    let mut promised = Vec::new();
    let result = attempt(world, k, &mut promised);
    (promised, result.err())
}

fn attempt(world: &World, k: u32, promised: &mut Vec<usize>) -> Result<(), LedgerError> {
    for half in groups(k).chunks(groups(k).len() / 2) {
        let mut driver = world.open(&campaign(k))?;
        for group in half {
            let replies = driver.cast(&requests()[group.clone()])?;
            let kept = group.clone().zip(replies).filter(|(_, reply)| is_promise(reply));
            promised.extend(kept.map(|(number, _)| number));
        }
        if half[0].start > 0 {
            driver.close()?;
        }
    }
    Ok(())
}

fn points(k: u32) -> Vec<Point> {
    let faults = Faults::none();
    let world = World::new(&faults);
    let (promised, error) = run(&world, k);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(promised, (0..count(k)).collect::<Vec<_>>());
    faults.points()
}

/// What holds of what a crash has left, and that the run can be gone on with.
fn judge(left: &World, k: u32, promised: &[usize], what: &str) {
    let campaign = campaign(k);
    let mut driver = left.open(&campaign).unwrap_or_else(|error| panic!("{what}: {error}"));
    driver.close().unwrap();
    drop(driver);
    let [votes, voters] = numbers(left);
    assert_eq!(votes, voters, "{what}");
    for number in promised {
        assert!(votes.contains(number), "{what}: {number} was promised, found {votes:?}");
    }
    // Everybody asks (again), and gets what they should have.
    let count = count(k);
    let mut driver = left.open(&campaign).unwrap();
    let replies = driver.cast(&requests()[..count]).unwrap();
    assert!(replies.iter().all(is_promise), "{what}: {replies:?}");
    driver.close().unwrap();
    assert_eq!(driver.sizes(), (count, count), "{what}");
    drop(driver);
    let all: Vec<usize> = (0..count).collect();
    assert_eq!(numbers(left), [all.clone(), all], "{what}");
    assert!(left.key_names().is_empty(), "{what}: keys of cut batches are left");
    let driver = left.open(&campaign).unwrap();
    assert_eq!((driver.sizes(), driver.pending()), ((count, count), 0), "{what}");
}

fn every_write_fails(k: u32) {
    for point in points(k) {
        for fault in Fault::ALL {
            let faults = Faults::at(&point, fault);
            let world = World::new(&faults);
            let (promised, _) = run(&world, k);
            assert!(faults.hit(), "{point:?}");
            for crash in [Crash::Kill, Crash::PowerCut(1), Crash::PowerCut(2)] {
                let what = format!("k = {k}, {point:?}, {fault:?}, {crash:?}");
                judge(&world.after(crash), k, &promised, &what);
            }
        }
    }
}

#[test]
fn no_write_that_fails_loses_a_promised_vote_or_records_one_twice() {
    assert!(points(2).len() > 60);
    every_write_fails(2);
}

#[test]
fn nor_where_every_vote_is_a_batch() {
    every_write_fails(0);
}

/// A sync fails, the instance ends and is started again at once; what the operating system shows
/// need not be on the disk. Then the power is cut, before or after everything is cut.
#[test]
fn what_a_failed_sync_forgot_is_written_anew_before_anybody_is_told() {
    let (k, mut files) = (2, std::collections::BTreeSet::new());
    let points = points(k);
    for point in points.iter().filter(|point| point.is_sync()) {
        for is_closed in [false, true] {
            let what = format!("{point:?}, closed: {is_closed}");
            let faults = Faults::at(point, Fault::Forgotten);
            let world = World::new(&faults);
            run(&world, k);
            assert!(faults.hit(), "{what}");
            files.insert(point.what.rsplit('.').next().unwrap_or_default());
            let again = world.after(Crash::Kill);
            let mut driver = again.open(&campaign(k)).unwrap_or_else(|e| panic!("{what}: {e}"));
            let replies = driver.cast(&requests()[..count(k)]).unwrap();
            assert!(replies.iter().all(is_promise), "{what}: {replies:?}");
            if is_closed {
                driver.close().unwrap();
            }
            drop(driver);
            let promised: Vec<usize> = (0..count(k)).collect();
            judge(&again.after(Crash::PowerCut(3)), k, &promised, &what);
        }
    }
    assert_eq!(files, ["key", "log", "new", "seen", "spool"].into());
}

/// On tmpfs the keys go with the power. What was cut stays; what was pending is given up, and only
/// when the operator says so.
#[test]
fn without_the_keys_nothing_goes_on_until_somebody_says_so() {
    let mut given_up = 0;
    for point in points(2) {
        let world = World::new(&Faults::at(&point, Fault::DiesAfter));
        let (promised, _) = run(&world, 2);
        let mut left = world.after(Crash::PowerCut(5));
        left.keys = World::new(&Faults::none()).keys;
        let campaign = campaign(2);
        let before = left.lists.content();
        let refused = match left.open(&campaign) {
            Ok(driver) => {
                assert_eq!(driver.pending(), 0, "{point:?}");
                continue;
            }
            Err(LedgerError::KeysMissing { votes, batches }) => {
                assert!(!batches.is_empty());
                votes
            }
            Err(error) => panic!("{point:?}: {error}"),
        };
        let lists = |world: &World| [world.file("solar-vote.log"), world.file("solar-auth.log")];
        // Refused, it has changed nothing but cut off what a write had left half done.
        let after = left.lists.content();
        assert!(before["cuts.log"].starts_with(&after["cuts.log"]), "{point:?}");
        let mut driver = left.open_as(&campaign, true).unwrap();
        assert_eq!(driver.lost, refused, "{point:?}");
        given_up += driver.lost;
        // Their mandates may vote again; those of cut votes may not.
        let replies = driver.cast(&requests()[..15]).unwrap();
        assert!(replies.iter().all(is_promise), "{point:?}: {replies:?}");
        driver.close().unwrap();
        drop(driver);
        let all: Vec<usize> = (0..15).collect();
        assert_eq!(numbers(&left), [all.clone(), all], "{point:?}");
        assert!(promised.len() <= 15);
        // It is said once: the next start asks no more.
        let cut = lists(&left);
        assert_eq!(left.open(&campaign).unwrap().lost, 0, "{point:?}");
        assert_eq!(lists(&left), cut, "{point:?}");
    }
    assert!(given_up > 0);
}
