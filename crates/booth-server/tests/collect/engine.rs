//! The engine decides while a group is being written: what is told to whom, and when.

use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};

use booth::batch::Cut;
use booth::campaign::{Period, Shard};
use booth::publish::List;
use booth_server::collect::{
    CollectError, Cuts, Embedded, Ledger, LedgerError, LedgerId, Opening, Position, Record,
};
use canon::Timestamp;
use service::clock::{Clock, ManualClock};
use service::config::Override;
use testkit::faults::{Crash, Faults};

use crate::fixture::{OPTIONS, World, noon, numbers, requests};
use crate::instance::{Platform, Running, until};

/// A ledger whose appends wait until the test lets them go on, or fail.
struct Held {
    ledger: Embedded,
    /// Told how many records an append has.
    asked: Sender<usize>,
    /// Whether the append is made.
    let_go: Mutex<Receiver<bool>>,
}

impl Ledger for Held {
    fn id(&self) -> LedgerId {
        self.ledger.id()
    }

    fn append(&self, after: Position, records: &[Record]) -> Result<Position, LedgerError> {
        self.asked.send(records.len()).unwrap();
        if self.let_go.lock().unwrap().recv().unwrap() {
            self.ledger.append(after, records)
        } else {
            Err(LedgerError::Stopped)
        }
    }

    fn cut(&self, cuts: &[Cut]) -> Result<(), LedgerError> {
        self.ledger.cut(cuts)
    }

    fn cuts(&self, from: u64, most: usize) -> Result<Cuts, LedgerError> {
        self.ledger.cuts(from, most)
    }

    fn part(&self, list: List, range: Range<u64>) -> Result<Option<Vec<u8>>, LedgerError> {
        self.ledger.part(list, range)
    }
}

/// An instance on a held ledger: by what it asks, and by what it is let go.
fn start(platform: &Platform, world: &World) -> (Running, Receiver<usize>, Sender<bool>) {
    let opened = Embedded::open(world.disks(), &platform.campaign(), Shard(0), Opening::default());
    let (ledger, recovered) = opened.unwrap();
    let ((asked, asks), (lets, let_go)) = (channel(), channel());
    let ledger = Held { ledger, asked, let_go: Mutex::new(let_go) };
    (Running::over(platform, Arc::new(ledger), recovered), asks, lets)
}

/// A clock at which the engine waits while a test holds it. Whoever else looks does not.
struct HeldClock {
    clock: Arc<ManualClock>,
    /// Whether it is held, and whether the engine waits.
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

impl HeldClock {
    /// Returns once the engine waits.
    fn hold(&self) {
        let mut state = self.state.lock().unwrap();
        state.0 = true;
        drop(self.changed.wait_while(state, |(_, waits)| !*waits).unwrap());
    }

    fn let_go(&self) {
        self.state.lock().unwrap().0 = false;
        self.changed.notify_all();
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        if std::thread::current().name() == Some("engine") {
            let mut state = self.state.lock().unwrap();
            state.1 = state.0;
            self.changed.notify_all();
            state = self.changed.wait_while(state, |(is_held, _)| *is_held).unwrap();
            state.1 = false;
        }
        self.clock.now()
    }

    fn uptime_s(&self) -> u64 {
        self.clock.uptime_s()
    }
}

/// The attack: more votes than may wait for the disk, while the engine is busy with something else.
/// Who finds the queue full is told so at once and when to come back; nobody else is disturbed.
#[test]
fn who_finds_the_queue_full_is_told_to_come_back() {
    let platform = Platform::new("test", 2, 1);
    let manual = Arc::new(ManualClock::new(noon()));
    let (state, changed) = (Mutex::default(), Condvar::new());
    let clock = Arc::new(HeldClock { clock: Arc::clone(&manual), state, changed });
    let config = platform.config(0, &[Override::new("queue", 2)]);
    let instance = Running::by(&platform, &config, (clock.clone(), manual));
    let (tells, told) = channel();
    std::thread::scope(|scope| {
        clock.hold();
        for number in 0..3 {
            let (instance, tells) = (&instance, tells.clone());
            scope.spawn(move || tells.send((number, instance.vote(&requests()[number]))).unwrap());
        }
        let (number, refused) = told.recv().unwrap();
        clock.let_go();
        let header = |name| refused.headers.get(name).map(String::as_str);
        assert_eq!((refused.status, header("retry-after")), (503, Some("1")));
        assert_eq!(header("cache-control"), Some("no-store"));
        for _ in 0..2 {
            assert_eq!(told.recv().unwrap().1.status, 202);
        }
        assert_eq!(instance.vote(&requests()[number]).status, 202, "when there is room");
    });
    assert_eq!(instance.figure("collect_recorded_total"), 3);
    instance.stop();
}

/// The first of ten votes is being written while the others are decided; then the disk fails, or
/// fails one write later. Nobody is told of a record that is not durable.
#[test]
fn a_vote_decided_behind_a_write_that_fails_is_not_accepted() {
    for writes in [0, 1] {
        let platform = Platform::new("test", 2, 1);
        let world = World::new(&Faults::none());
        let (instance, asks, lets) = start(&platform, &world);
        let statuses: Vec<Option<u16>> = std::thread::scope(|scope| {
            let vote = |number: usize| {
                scope.spawn({
                    let instance = &instance;
                    move || instance.try_vote(&requests()[number])
                })
            };
            let mut votes = vec![vote(0)];
            assert_eq!(asks.recv().unwrap(), 1, "a voter who is alone does not wait");
            votes.extend((1..10).map(vote));
            // A mandate that voted in a write under way has voted.
            let double = instance.try_vote(&twice());
            assert_eq!(double, Some(481));
            for _ in 0..writes {
                lets.send(true).unwrap();
                assert!(asks.recv().unwrap() > 0);
            }
            lets.send(false).unwrap();
            votes.into_iter().map(|vote| vote.join().unwrap()).collect()
        });
        let ended = instance.end();
        assert!(matches!(ended, Err(CollectError::Ledger(LedgerError::Stopped))), "{ended:?}");
        let accepted = statuses.iter().filter(|status| **status == Some(202)).count();
        assert_eq!(accepted, writes, "{statuses:?}");
        // What was promised is there, and nothing that was not written.
        let left = world.after(Crash::PowerCut(3));
        let mut driver = left.open(&platform.campaign()).unwrap();
        assert_eq!(driver.pending(), writes);
        driver.close().unwrap();
        assert_eq!(numbers(&left)[0], (0..writes).collect::<Vec<_>>());
    }
}

/// The first voter's second vote, under another stamp.
fn twice() -> booth::request::VoteRequest {
    booth::request::VoteRequest { mandate: requests()[0].mandate, ..requests()[50].clone() }
}

/// An instance that is asked to end while a group is being written, and another has gathered,
/// writes both and says so.
#[test]
fn an_orderly_end_writes_what_was_taken() {
    let platform = Platform::new("test", 2, 1);
    let world = World::new(&Faults::none());
    let (instance, asks, lets) = start(&platform, &world);
    let statuses: Vec<Option<u16>> = std::thread::scope(|scope| {
        let votes: Vec<_> = (0..5)
            .map(|number| {
                let instance = &instance;
                scope.spawn(move || instance.try_vote(&requests()[number]))
            })
            .collect();
        assert!(asks.recv().unwrap() > 0);
        instance.ask_to_stop();
        // As many writes as there are left; those who send them are gone then.
        for _ in 0..5 {
            lets.send(true).unwrap();
        }
        votes.into_iter().map(|vote| vote.join().unwrap()).collect()
    });
    drop(lets);
    instance.end().unwrap();
    let accepted = statuses.iter().filter(|status| **status == Some(202)).count();
    assert!(accepted > 0 && statuses.iter().all(|status| matches!(status, Some(202) | None)));
    let driver = world.after(Crash::PowerCut(4)).open(&platform.campaign()).unwrap();
    assert_eq!(driver.sizes(), (accepted, accepted), "{statuses:?}");
}

/// What a batch gives away is counted: with k = 2, two votes that agree, and at the close the lone
/// vote of a stamp period.
#[test]
fn batches_that_give_their_voters_away_are_counted() {
    let platform = Platform::new("test", 2, 1);
    let instance = Running::start(&platform, 0);
    let say = |number: usize, option: usize| {
        let mut request = requests()[number].clone();
        request.vote.say = OPTIONS[option].to_owned();
        request
    };
    let figures = || {
        ["unanimous", "small_groups"].map(|name| instance.figure(&format!("collect_{name}_total")))
    };
    // Cut when two more stand behind them: a batch that agrees, then one that does not.
    for (number, option) in [(0, 1), (1, 1), (2, 0), (3, 1)] {
        assert_eq!(instance.vote(&say(number, option)).status, 202);
    }
    until(|| (instance.figure("collect_cuts_total") == 1).then_some(()));
    assert_eq!(figures(), [1, 0]);
    for (number, option) in [(4, 2), (5, 0)] {
        assert_eq!(instance.vote(&say(number, option)).status, 202);
    }
    until(|| (instance.figure("collect_cuts_total") == 2).then_some(()));
    assert_eq!(figures(), [1, 0]);
    instance.clock.advance(86_400);
    let mut alone = say(6, 1);
    alone.vote.platform.period = Period::beginning(noon().plus_seconds(82_800).unwrap());
    assert_eq!(instance.vote(&alone).status, 202);
    instance.clock.advance(86_400);
    until(|| (instance.figure("collect_cuts_total") == 3).then_some(()));
    assert_eq!(figures(), [1, 1]);
    assert!(instance.figure("collect_work_hashes_total") >= 7);
    instance.stop();
}
