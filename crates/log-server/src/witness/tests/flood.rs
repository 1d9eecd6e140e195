//! Many who ask at one time. The head that was cosigned last is public, so anybody can send it to
//! the witness again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::*;

/// Threads that ask again.
const CROWD: usize = 16;

#[test]
fn a_crowd_that_asks_again_costs_no_write_and_holds_up_no_growth() {
    let log = Log::new();
    let running = Running::for_log(&log);
    let (status, _, line) = running.post(&log.body(0, 7));
    assert_eq!(status, 200);
    // A line signed anew would have this time.
    running.clock.advance(1);
    let (again, url) = (log.body(7, 7), format!("{}/add-checkpoint", running.url()));
    let is_over = AtomicBool::new(false);
    let (tell, told) = mpsc::channel();
    let grown = std::thread::scope(|scope| {
        for _ in 0..CROWD {
            let (tell, again, url, line, is_over) = (tell.clone(), &again, &url, &line, &is_over);
            scope.spawn(move || {
                let agent = agent();
                let ask = || taken(agent.post(url).send(again).unwrap());
                let same = (0..2_000 / CROWD).all(|_| {
                    let (status, _, body) = ask();
                    (status, &body) == (200, line)
                });
                tell.send(same).unwrap();
                while !is_over.load(Ordering::SeqCst) {
                    assert!(matches!(ask().0, 200 | 409));
                }
            });
        }
        let all_same = told.iter().take(CROWD).all(|same| same);
        let grown = running.post(&log.body(7, 9)).0;
        is_over.store(true, Ordering::SeqCst);
        all_same.then_some(grown)
    });
    assert_eq!(grown, Some(200));
    let figures = running.get("/metrics").2;
    assert!(figures.contains("\nwitness_records_total 2\n"), "{figures}");
    assert!(figures.contains("\nwitness_last_signed_seconds 1800000001\n"), "{figures}");
}

/// A growth that many send at one moment is decided on once.
#[test]
fn a_growth_that_a_crowd_sends_is_recorded_once() {
    let log = Log::new();
    let running = Running::for_log(&log);
    let growth = log.body(0, 7);
    std::thread::scope(|scope| {
        for _ in 0..CROWD {
            // Who comes after the first is told the size, or given the same line.
            scope.spawn(|| assert!(matches!(running.post(&growth).0, 200 | 409)));
        }
    });
    let figures = running.get("/metrics").2;
    assert!(figures.contains("\nwitness_records_total 1\n"), "{figures}");
}

#[test]
fn an_old_cosignature_is_made_anew() {
    let log = Log::new();
    let running = Running::for_log(&log);
    let first = running.post(&log.body(0, 7)).2;
    running.clock.advance(30);
    assert_eq!(running.post(&log.body(7, 7)).2, first);
    running.clock.advance(1);
    let (status, _, anew) = running.post(&log.body(7, 7));
    assert_eq!(status, 200);
    assert_ne!(anew, first);
    let figures = running.get("/metrics").2;
    assert!(figures.contains("\nwitness_records_total 2\n"), "{figures}");
}

#[test]
fn without_a_place_a_witness_says_when_to_come_back_and_how_it_is() {
    let log = Log::new();
    let running = Running::with_places(log.known(), 0);
    let url = format!("{}/add-checkpoint", running.url());
    let response = agent().post(url).send(log.body(0, 7)).unwrap();
    assert_eq!(response.status().as_u16(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(running.get("/healthz").0, 200);
}
