//! The one thread that decides, and the one that cuts.
//!
//! ```text
//! handlers --Vote--> [queue] --> engine: Collector::step, a group at a time
//!     ^                             | append: one write, one fdatasync
//!     +---- reply (oneshot) --------+ Stored
//!                                   | cuts, once their records are durable
//!                                   v
//!                              cutter: both lists, cuts.log, keys destroyed
//!                                   | CutStored, back through the queue
//! ```
//!
//! While a group is being written the next one gathers in the queue, so the disk sets the size of
//! the groups. The queue is bounded: who finds it full is told to come back. When a write fails
//! nobody knows what is on the disk, and the engine ends; recovery begins from what is there.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use booth::Secret;
use booth::answer::Ticket;
use booth::batch::Cut;
use booth::campaign::{Campaign, Shard};
use booth::collect::{Checked, Collector, Input, Output, Reply};
use canon::Timestamp;
use service::stop::{self, Stop, StopHandle};
use tokio::sync::oneshot;

use super::figures::Figures;
use super::ledger::{Ledger, LedgerError, Position, Record, Recovered};
use super::links::Links;
use super::seen::Seen;
use super::watch::Watch;

/// How often the clock is looked at when nothing happens.
const TICK: Duration = Duration::from_millis(200);

/// How long a busy engine lets votes gather: a sync costs as much of the processor as judging a
/// vote. An instance that one voter alone asks does not wait.
const GATHER: Duration = Duration::from_millis(2);

/// The most votes that are written together.
const GROUP: usize = 4_096;

/// What the engine is told.
enum Event {
    Vote { checked: Box<Checked>, reply: oneshot::Sender<Box<Reply>> },
    CutStored(Vec<Cut>),
    CutFailed(LedgerError),
    CutterEnded,
    Stop,
}

/// What an engine runs on.
pub(super) struct Parts {
    pub(super) campaign: Campaign,
    pub(super) shard: Shard,
    pub(super) draw_key: Secret,
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) recovered: Recovered,
    /// Where a trial's votes are linked; for no other campaign.
    pub(super) links: Option<Links>,
    pub(super) watch: Arc<Watch>,
    pub(super) figures: Arc<Figures>,
    /// Votes that may wait for the engine.
    pub(super) queue: usize,
    /// How long cuts wait for others, to be made together.
    pub(super) gather: Duration,
}

/// A running engine.
pub(super) struct Engine {
    events: SyncSender<Event>,
    thread: JoinHandle<Result<(), LedgerError>>,
    ended: Stop,
}

/// By which the handlers reach the engine.
#[derive(Clone)]
pub(super) struct Desk {
    events: SyncSender<Event>,
    ended: Stop,
}

impl Desk {
    /// The engine's decision; `None` when the queue is full or the engine has ended.
    pub(super) async fn cast(&self, checked: Checked) -> Option<Box<Reply>> {
        let (reply, decided) = oneshot::channel();
        let checked = Box::new(checked);
        self.events.try_send(Event::Vote { checked, reply }).ok()?;
        decided.await.ok()
    }

    /// Whether the engine runs.
    pub(super) fn is_open(&self) -> bool {
        !self.ended.is_asked()
    }
}

impl Engine {
    /// Starts the two threads.
    pub(super) fn start(parts: Parts) -> std::io::Result<Self> {
        let (events, received) = sync_channel(parts.queue.max(1));
        let (to_cutter, cuts) = channel();
        let (handle, ended) = stop::pair();
        let (ledger, gather) = (Arc::clone(&parts.ledger), parts.gather);
        let told = events.clone();
        let cutter = std::thread::Builder::new().name("cutter".into());
        let cutter = cutter.spawn(move || cut_all(&*ledger, &cuts, told, gather))?;
        let deciding = Deciding::new(parts, to_cutter);
        let engine = std::thread::Builder::new().name("engine".into());
        let thread = engine.spawn(move || {
            let result = deciding.run(&received, &handle);
            // The cutter must not wait for somebody to take what it tells.
            drop(received);
            if cutter.join().is_err() {
                tracing::error!("the thread that cuts has panicked");
            }
            drop::<StopHandle>(handle);
            result
        })?;
        Ok(Self { events, thread, ended })
    }

    pub(super) fn desk(&self) -> Desk {
        Desk { events: self.events.clone(), ended: self.ended.clone() }
    }

    /// Asked when the engine ends by itself.
    pub(super) fn ended(&self) -> Stop {
        self.ended.clone()
    }

    /// Lets what was taken end, and ends. It blocks.
    pub(super) fn stop(self) -> Result<(), LedgerError> {
        // An engine that has ended already says why below.
        let _ = self.events.send(Event::Stop);
        self.thread.join().unwrap_or(Err(LedgerError::Stopped))
    }
}

/// Tells the engine that nobody cuts any more, however that came.
struct Ending(SyncSender<Event>);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.send(Event::CutterEnded);
    }
}

/// Cuts what it is given, in order and in groups.
fn cut_all(ledger: &dyn Ledger, cuts: &Receiver<Cut>, events: SyncSender<Event>, gather: Duration) {
    let ending = Ending(events);
    while let Ok(first) = cuts.recv() {
        let mut group = vec![first];
        let until = Instant::now() + gather;
        while let Ok(next) = cuts.recv_timeout(until.saturating_duration_since(Instant::now())) {
            group.push(next);
        }
        group.extend(cuts.try_iter());
        let event = match ledger.cut(&group) {
            Ok(()) => Event::CutStored(group),
            Err(error) => Event::CutFailed(error),
        };
        let is_failed = matches!(event, Event::CutFailed(_));
        if ending.0.send(event).is_err() || is_failed {
            return;
        }
    }
}

/// The engine's own state.
struct Deciding {
    collector: Collector<Seen>,
    end: Timestamp,
    ledger: Arc<dyn Ledger>,
    position: Position,
    links: Option<Links>,
    watch: Arc<Watch>,
    figures: Arc<Figures>,
    replies: HashMap<Ticket, oneshot::Sender<Box<Reply>>>,
    tickets: u64,
    /// Records of the present group, the number of the last one, and cuts that wait for it.
    group: Vec<Record>,
    through: u64,
    due: Vec<Cut>,
    /// `None` once the cutter was told to end.
    cutter: Option<Sender<Cut>>,
    is_closed: bool,
    /// Whether the last group had more than one vote.
    is_busy: bool,
    is_cutting: bool,
    failed: Option<LedgerError>,
}

impl Deciding {
    fn new(parts: Parts, cutter: Sender<Cut>) -> Self {
        let Parts { campaign, shard, draw_key, ledger, links, recovered, watch, figures, .. } =
            parts;
        let Recovered { seen, batches, due, shelf, position, .. } = recovered;
        let end = campaign.end();
        let collector = Collector::new(campaign, shard, draw_key, seen, batches, shelf);
        Self {
            collector,
            end,
            ledger,
            position,
            links,
            watch,
            figures,
            replies: HashMap::new(),
            tickets: 0,
            group: Vec::new(),
            through: 0,
            due,
            cutter: Some(cutter),
            is_closed: false,
            is_busy: false,
            is_cutting: true,
            failed: None,
        }
    }

    fn run(mut self, events: &Receiver<Event>, handle: &StopHandle) -> Result<(), LedgerError> {
        self.commit();
        while self.is_cutting && self.failed.is_none() {
            match events.recv_timeout(TICK) {
                Ok(event) => self.take(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.gather(events);
            self.close_in_time();
            self.commit();
        }
        // Whoever still waits is told to come back, by the end of their reply.
        self.replies.clear();
        self.cutter = None;
        handle.ask();
        self.failed.map_or(Ok(()), Err)
    }

    /// Takes what is in the queue; when the last group had more than one vote, also what comes in a
    /// moment.
    fn gather(&mut self, events: &Receiver<Event>) {
        let until = Instant::now() + if self.is_busy { GATHER } else { Duration::ZERO };
        while self.group.len() < GROUP {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(event) = events.recv_timeout(left) else { break };
            self.take(event);
        }
        self.is_busy = self.group.len() > 1;
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Vote { checked, reply } => {
                // No judgement by a clock that is off: the reply ends without one.
                let Some(now) = self.watch.now() else { return };
                self.tickets = self.tickets.wrapping_add(1);
                let ticket = Ticket(self.tickets);
                self.replies.insert(ticket, reply);
                self.step(Input::Vote { ticket, checked }, now);
            }
            Event::CutStored(cuts) => {
                self.figures.cut_groups.inc();
                self.figures.cuts.inc_by(cuts.len() as u64);
                for cut in cuts {
                    self.step(Input::CutStored { cut: Box::new(cut) }, self.end);
                }
            }
            Event::CutFailed(error) => self.fail(error),
            Event::Stop => self.cutter = None,
            Event::CutterEnded => {
                self.is_cutting = false;
                if self.cutter.is_some() {
                    self.fail(LedgerError::Stopped);
                }
            }
        }
    }

    fn step(&mut self, input: Input, now: Timestamp) {
        for output in self.collector.step(input, now) {
            match output {
                Output::Store { number, batch, record } => {
                    self.group.push(Record { batch, request: record });
                    self.through = number;
                }
                Output::Cut(cut) => self.due.push(*cut),
                Output::Answer { ticket, reply } => {
                    if let Some(waiting) = self.replies.remove(&ticket) {
                        // Who has hung up asks again.
                        let _ = waiting.send(reply);
                    }
                }
                Output::Stop => {}
            }
        }
    }

    /// Makes the group durable, answers whom it concerns, and hands on the cuts whose records are
    /// durable now.
    fn commit(&mut self) {
        if self.failed.is_some() {
            return;
        }
        if !self.group.is_empty() {
            let start = Instant::now();
            match self.append() {
                Ok(position) => self.position = position,
                Err(error) => return self.fail(error),
            }
            self.figures.stored.observe(start.elapsed().as_secs_f64());
            tracing::trace!(votes = self.group.len(), "a group is durable");
            self.figures.groups.inc();
            self.figures.recorded.inc_by(self.group.len() as u64);
            self.group.clear();
            self.step(Input::Stored { through: self.through }, self.end);
        }
        if let Some(cutter) = &self.cutter {
            for cut in self.due.drain(..) {
                // A cutter that has ended says so.
                let _ = cutter.send(cut);
            }
        }
        let pending = i64::try_from(self.collector.pending()).unwrap_or(i64::MAX);
        self.figures.pending.set(pending);
    }

    fn append(&mut self) -> Result<Position, LedgerError> {
        if let Some(links) = &mut self.links {
            links.append(&self.group)?;
        }
        self.ledger.append(self.position, &self.group)
    }

    fn close_in_time(&mut self) {
        if self.is_closed || self.cutter.is_none() {
            return;
        }
        if let Some(now) = self.watch.now().filter(|now| *now >= self.end) {
            self.is_closed = true;
            tracing::info!(pending = self.collector.pending(), "the campaign has ended");
            self.step(Input::Close, now);
        }
    }

    fn fail(&mut self, error: LedgerError) {
        tracing::error!(%error, full = error.is_full(), "cannot record; the instance ends");
        self.step(Input::StoreFailed, self.end);
        self.failed.get_or_insert(error);
    }
}
