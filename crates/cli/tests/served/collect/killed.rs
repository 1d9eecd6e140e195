//! SIGKILL at many moments while votes come in over several connections.
//!
//! `SCRUTINEER_KILL_VOTES` says how many votes; a short run has 2,000.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use booth::request::VoteRequest;
use booth::vote::Vote;
use canon::Digest;

use super::client::Client;
use super::{Platform, SERVE};
use crate::process::Process;

const EDGES: usize = 8;
const ROUNDS: usize = 12;

/// What came of a vote: the place that its acceptance or receipt named.
type Told = (usize, u16, String);

/// Votes that wait to be cast.
struct Queue<'a> {
    requests: &'a [VoteRequest],
    next: AtomicUsize,
    /// Those whose answer never came.
    again: Mutex<Vec<usize>>,
}

impl Queue<'_> {
    fn take(&self) -> Option<usize> {
        let again = self.again.lock().unwrap().pop();
        again.or_else(|| {
            let next = self.next.fetch_add(1, Ordering::SeqCst);
            (next < self.requests.len()).then_some(next)
        })
    }

    /// Casts until the instance is gone or everything is cast.
    fn cast(&self, url: &str, pass: &str, told: &Sender<Told>) {
        let mut client = Client::new(url, pass);
        while let Some(number) = self.take() {
            let Ok(answer) = client.vote(&self.requests[number]) else {
                return self.again.lock().unwrap().push(number);
            };
            let place = ["accepted-batch", "receipt-batch"];
            let place = place.iter().find_map(|name| answer.headers.get(*name));
            match (answer.status, place) {
                (status @ (202 | 204), Some(place)) => {
                    let _ = told.send((number, status, place.clone()));
                }
                (503, _) => return self.again.lock().unwrap().push(number),
                (status, _) => panic!("vote {number} was answered {status}"),
            }
        }
    }
}

/// One life of the instance: killed after so many answers, if there are as many.
fn live(
    platform: &Platform,
    queue: &Queue<'_>,
    answers: usize,
    all: &mut BTreeMap<usize, (u16, String)>,
) {
    let mut instance = Process::serve(platform.home(), &SERVE);
    let (url, pass) = (instance.url().to_owned(), platform.pass());
    let (sender, told) = channel();
    std::thread::scope(|scope| {
        for _ in 0..EDGES {
            let (sender, url, pass) = (sender.clone(), &url, &pass);
            scope.spawn(move || queue.cast(url, pass, &sender));
        }
        drop(sender);
        keep(&told, answers, all);
        instance.kill();
        keep(&told, usize::MAX, all);
    });
}

fn keep(told: &Receiver<Told>, most: usize, all: &mut BTreeMap<usize, (u16, String)>) {
    for (number, status, place) in told.iter().take(most) {
        if let Some(before) = all.insert(number, (status, place.clone())) {
            // A close that covers it may name another number; none has happened yet.
            assert_eq!(before.1, place, "vote {number} was promised to two batches");
        }
    }
}

#[test]
fn an_instance_that_is_killed_keeps_every_acceptance_and_records_nobody_twice() {
    let count = std::env::var("SCRUTINEER_KILL_VOTES").ok().and_then(|text| text.parse().ok());
    let count = count.unwrap_or(2_000);
    let platform = Platform::new(5);
    let requests: Vec<VoteRequest> = (0..count).map(|number| platform.request(number)).collect();
    let queue =
        Queue { requests: &requests, next: AtomicUsize::new(0), again: Mutex::new(Vec::new()) };
    let mut told = BTreeMap::new();
    for round in 0..ROUNDS {
        let seed = Digest::of(format!("scrutineer collect kill {round}").as_bytes()).0;
        let part = usize::from(u16::from_be_bytes([seed[0], seed[1]])) % (2 * count / ROUNDS);
        // Now and then as soon as it listens.
        live(&platform, &queue, if round % 5 == 3 { 0 } else { part }, &mut told);
    }
    while told.len() < count {
        live(&platform, &queue, count - told.len(), &mut told);
    }
    close(&platform, &requests);
    judge(&platform, &requests, &told);
}

/// Lets the campaign end, and waits until everybody has a receipt.
fn close(platform: &Platform, requests: &[VoteRequest]) {
    platform.change("solar/collect-0/campaign.toml", |text| {
        text.replace("end = \"2999-11-03T07:00:00Z\"", "end = \"2021-11-03T07:00:00Z\"")
    });
    let serve = [SERVE.as_slice(), &["--clock-checked"]].concat();
    let instance = Process::serve(platform.home(), &serve);
    let mut client = Client::new(instance.url(), &platform.pass());
    loop {
        let figures = client.ask("/metrics", "").unwrap().body;
        if figures.contains("\ncollect_pending 0\n") {
            break;
        }
    }
    for request in requests.iter().step_by(97) {
        while client.vote(request).unwrap().status != 204 {}
    }
    assert!(instance.terminate().0.success());
}

/// Votes = voters = acceptances given; none lost, none twice.
fn judge(platform: &Platform, requests: &[VoteRequest], told: &BTreeMap<usize, (u16, String)>) {
    let votes = platform.read("solar/collect-0/state/solar-vote.log");
    let voters = platform.read("solar/collect-0/state/solar-auth.log");
    let votes: Vec<&str> = votes.split_inclusive('\n').collect();
    let voters: Vec<&str> = voters.split_inclusive('\n').collect();
    let count = requests.len();
    assert_eq!((votes.len(), voters.len(), told.len()), (count, count, count));
    let lines = |line: &dyn Fn(&VoteRequest) -> String| -> BTreeSet<String> {
        requests.iter().map(line).collect()
    };
    let found = |list: &[&str]| -> BTreeSet<String> {
        list.iter().map(|line| (*line).to_owned()).collect()
    };
    assert!(found(&votes) == lines(&|one| one.vote.line()), "the votes are others");
    assert!(found(&voters) == lines(&|one| one.mandate.voters_line()), "the voters are others");
    assert!(votes.iter().all(|line| Vote::from_line(line).is_ok()));
    let keys = std::fs::read_dir(platform.path("solar/collect-0/keys")).unwrap();
    let left = keys.filter(|entry| {
        entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "key")
    });
    assert_eq!(left.count(), 0, "keys of cut batches are left");
}
