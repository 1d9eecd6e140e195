//! The thread that decides, the one that writes and the one that cuts.
//!
//! ```text
//! handlers --Vote--> [queue] --> engine: Collector::step, one vote after the other
//!     ^                             | a group, when the writer is idle
//!     |                             v
//!     |                          writer: Ledger::append, one write, one fdatasync
//!     |                             | Written, back through the queue
//!     +---- reply (oneshot) --------+
//!                                   | cuts, once their records are durable
//!                                   v
//!                                cutter: both lists, cuts.log, keys destroyed
//!                                   | CutStored, back through the queue
//! ```
//!
//! Claims of other shards take the same queue, so that claims and votes have one order.
//!
//! Votes that wait in the queue are taken up to 32 at a time: what is known of them is brought from
//! memory for all of them at once, and then each is decided for itself.
//!
//! While a group is being written the next one is decided, so the disk sets the size of the groups.
//! A vote is decided by what was decided before it, durable or not; it is answered when it is
//! durable itself, and everything before it is durable then. The queue is bounded, and so is a
//! group: who finds the queue full is told to come back. When a write fails nobody knows what is on
//! the disk, and the engine ends; recovery begins from what is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use booth::Secret;
use booth::batch::Cut;
use booth::campaign::{Campaign, Shard};
use booth::collect::{Checked, Reply};
use service::stop::{self, Stop, StopHandle};
use tokio::sync::oneshot;

use super::figures::Figures;
use super::ledger::{Ledger, LedgerError, Recovered};
use super::links::Links;
use super::watch::Watch;
use crate::wire::Claim;

mod deciding;
mod workers;

use deciding::Deciding;
use workers::{Cutter, Writer};

/// What the engine is told.
enum Event {
    Vote {
        checked: Checked,
        reply: oneshot::Sender<Box<Reply>>,
    },
    Claim {
        claim: Claim,
        reply: oneshot::Sender<Box<Reply>>,
    },
    /// Wakes the engine: the writer has told what came of a group.
    Written,
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
    /// Claims of other shards that it remembers.
    pub(super) claims: usize,
    /// How long cuts wait for others, to be made together.
    pub(super) gather: Duration,
}

/// How far an instance is with its campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is not known yet, or the last votes are being cut: what is cut may be a remainder, and
    /// is not told before all of it is.
    Between,
    /// Nothing but whole batches was cut.
    Open,
    /// The campaign is over, and everything is cut.
    Closed,
}

/// The stage, for whoever looks.
#[derive(Debug, Clone, Default)]
pub(super) struct Staged(Arc<AtomicU8>);

impl Staged {
    fn set(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::SeqCst);
    }

    fn look(&self) -> Stage {
        match self.0.load(Ordering::SeqCst) {
            1 => Stage::Open,
            2 => Stage::Closed,
            _ => Stage::Between,
        }
    }
}

/// A running engine.
pub(super) struct Engine {
    events: SyncSender<Event>,
    stage: Staged,
    thread: JoinHandle<Result<(), LedgerError>>,
    ended: Stop,
}

/// By which the handlers reach the engine.
#[derive(Clone)]
pub(super) struct Desk {
    events: SyncSender<Event>,
    ended: Stop,
    stage: Staged,
}

impl Desk {
    /// How far the engine is.
    pub(super) fn stage(&self) -> Stage {
        self.stage.look()
    }

    /// The engine's decision; `None` when the queue is full or the engine has ended.
    pub(super) async fn cast(&self, checked: Checked) -> Option<Box<Reply>> {
        let (reply, decided) = oneshot::channel();
        self.events.try_send(Event::Vote { checked, reply }).ok()?;
        decided.await.ok()
    }

    /// Its decision on a claim; `None` as for a vote.
    pub(super) async fn claim(&self, claim: Claim) -> Option<Box<Reply>> {
        let (reply, decided) = oneshot::channel();
        self.events.try_send(Event::Claim { claim, reply }).ok()?;
        decided.await.ok()
    }

    /// Whether the engine runs.
    pub(super) fn is_open(&self) -> bool {
        !self.ended.is_asked()
    }
}

impl Engine {
    /// Starts the three threads.
    pub(super) fn start(mut parts: Parts) -> std::io::Result<Self> {
        let (events, received) = sync_channel(parts.queue.max(1));
        let (handle, ended) = stop::pair();
        let thread = |name: &str| std::thread::Builder::new().name(name.into());

        let (to_cutter, cuts) = channel();
        let cutter = Cutter::new(&parts, events.clone());
        let cutter = thread("cutter").spawn(move || cutter.run(&cuts))?;
        let (to_writer, groups) = channel();
        let (written, told) = channel();
        let writer = Writer::new(&mut parts, events.clone(), written);
        let writer = thread("writer").spawn(move || writer.run(&groups))?;

        let stage = Staged::default();
        let deciding = Deciding::new(parts, to_writer, told, to_cutter, stage.clone());
        let thread = thread("engine").spawn(move || {
            let result = deciding.run(&received, &handle);
            // Nobody must wait for somebody to take what they tell.
            drop(received);
            for (name, worker) in [("cuts", cutter), ("writes", writer)] {
                if worker.join().is_err() {
                    tracing::error!("the thread that {name} has panicked");
                }
            }
            drop::<StopHandle>(handle);
            result
        })?;
        Ok(Self { events, stage, thread, ended })
    }

    pub(super) fn desk(&self) -> Desk {
        let (events, ended) = (self.events.clone(), self.ended.clone());
        Desk { events, ended, stage: self.stage.clone() }
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
