//! A witness whose clock is wrong when it starts.

use super::*;

const START: i64 = 1_800_000_000;
const DAY_S: i64 = 86_400;

/// A witness over a record that outlives it.
fn witness(state: &Path, log: &Log, now: i64) -> Witness {
    let record = Record::open(state, cosigner().verifier()).unwrap();
    let rule = ClockRule { bound_s: 60 };
    let clocks = Clocks::new(rule, Arc::new(ManualClock::new(at(now))));
    let key = timestamp().verifier().clone();
    Witness::new(log.known(), cosigner(), record, clocks, rule)
        .with_timestamp_keys([(ORIGIN.to_owned(), key)].into())
}

fn timestamp() -> NoteSigner {
    NoteSigner::from_seed(ORIGIN, KeyType::Cosignature, &[9; 32]).unwrap()
}

/// A growth that carries the log's own time.
fn timed(log: &Log, old: u64, size: u64, time: i64) -> String {
    let mut note = log.note(log.tree.head_at(size).unwrap());
    let line = tlog::cosignature::sign(&timestamp(), note.text(), at(time)).unwrap();
    note.add(line).unwrap();
    let proof = consistency_proof(old, size, &log.tree).unwrap();
    Request::new(old, proof, note).unwrap().to_string()
}

/// Once a time is signed it binds every later one, so the first of a process is checked.
#[test]
fn a_clock_that_is_ahead_at_the_start_signs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (state, log) = (folder.path().join("state"), Log::new());
    Record::create(&state, cosigner().verifier()).unwrap();
    let status = |witness: Witness, body: String| {
        let answer = witness.add_checkpoint(body.as_bytes());
        (answer.status, answer.body)
    };
    assert_eq!(status(witness(&state, &log, START), log.body(0, 3)).0, 200);
    let ahead = START + DAY_S;
    for body in [log.body(3, 5), timed(&log, 3, 5, START + 20)] {
        let (refused, why) = status(witness(&state, &log, ahead), body);
        assert_eq!(refused, 503);
        assert!(why.contains("clock is 8") && why.contains("somebody has checked it"), "{why}");
    }
    // Put right, it goes on at once: nothing of that day was signed.
    assert_eq!(status(witness(&state, &log, START + 20), log.body(3, 5)).0, 200);
    // After a long stop the log's time says that the clock is right, or a person does.
    assert_eq!(status(witness(&state, &log, ahead), timed(&log, 5, 7, ahead - 9)).0, 200);
    let later = ahead + DAY_S;
    assert_eq!(status(witness(&state, &log, later), log.body(7, 9)).0, 503);
    let checked = witness(&state, &log, later).with_checked_clock();
    assert_eq!(status(checked, log.body(7, 9)).0, 200);
}

#[test]
fn only_the_first_time_of_a_process_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (state, log) = (folder.path().join("state"), Log::new());
    Record::create(&state, cosigner().verifier()).unwrap();
    let clock = Arc::new(ManualClock::new(at(START)));
    let rule = ClockRule { bound_s: 60 };
    let record = Record::open(&state, cosigner().verifier()).unwrap();
    let clocks = Clocks::new(rule, Arc::clone(&clock) as Arc<dyn Clock>);
    let witness = Witness::new(log.known(), cosigner(), record, clocks, rule);
    assert_eq!(witness.add_checkpoint(log.body(0, 3).as_bytes()).status, 200);
    // A quiet day.
    clock.advance(86_400);
    assert_eq!(witness.add_checkpoint(log.body(3, 5).as_bytes()).status, 200);
}
