//! The threads that wait for the disk.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::time::{Duration, Instant};

use booth::batch::Cut;
use booth::work::Total;

use super::{Event, Parts};
use crate::collect::figures::Figures;
use crate::collect::ledger::{Ledger, LedgerError, Position, Record};
use crate::collect::links::Links;

/// Records that become durable together, and the number of the last one.
pub(super) struct Group {
    pub(super) records: Vec<Record>,
    pub(super) through: u64,
}

/// What came of a group.
pub(super) type Written = Result<u64, LedgerError>;

/// Makes groups durable, one after the other.
pub(super) struct Writer {
    ledger: Arc<dyn Ledger>,
    position: Position,
    links: Option<Links>,
    figures: Arc<Figures>,
    events: SyncSender<Event>,
    written: Sender<Written>,
}

impl Writer {
    pub(super) fn new(
        parts: &mut Parts,
        events: SyncSender<Event>,
        written: Sender<Written>,
    ) -> Self {
        Self {
            ledger: Arc::clone(&parts.ledger),
            position: parts.recovered.position,
            links: parts.links.take(),
            figures: Arc::clone(&parts.figures),
            events,
            written,
        }
    }

    /// Writes until nobody sends any more, or a write has failed.
    pub(super) fn run(mut self, groups: &Receiver<Group>) {
        for group in groups {
            let result = self.write(&group.records).map(|()| group.through);
            let is_failed = result.is_err();
            if self.written.send(result).is_err() {
                break;
            }
            // Where the queue is full the engine is not asleep.
            let _ = self.events.try_send(Event::Written);
            if is_failed {
                break;
            }
        }
    }

    fn write(&mut self, records: &[Record]) -> Result<(), LedgerError> {
        let start = Instant::now();
        if let Some(links) = &mut self.links {
            links.append(records)?;
        }
        self.position = self.ledger.append(self.position, records)?;
        self.figures.stored.observe(start.elapsed().as_secs_f64());
        self.figures.groups.inc();
        self.figures.recorded.inc_by(records.len() as u64);
        tracing::trace!(votes = records.len(), "a group is durable");
        Ok(())
    }
}

/// Cuts what it is given, in order and in groups.
pub(super) struct Cutter {
    ledger: Arc<dyn Ledger>,
    figures: Arc<Figures>,
    k: usize,
    /// How long cuts wait for others.
    gather: Duration,
    events: Ending,
}

/// Tells the engine that nobody cuts any more, however that came.
struct Ending(SyncSender<Event>);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.send(Event::CutterEnded);
    }
}

impl Cutter {
    pub(super) fn new(parts: &Parts, events: SyncSender<Event>) -> Self {
        Self {
            ledger: Arc::clone(&parts.ledger),
            figures: Arc::clone(&parts.figures),
            k: usize::try_from(parts.campaign.k()).unwrap_or(usize::MAX),
            gather: parts.gather,
            events: Ending(events),
        }
    }

    /// Cuts until nobody sends any more, or a cut has failed.
    pub(super) fn run(self, cuts: &Receiver<Cut>) {
        while let Ok(first) = cuts.recv() {
            let mut group = vec![first];
            let until = Instant::now() + self.gather;
            while let Ok(next) = cuts.recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                group.push(next);
            }
            group.extend(cuts.try_iter());
            let event = match self.ledger.cut(&group) {
                Ok(()) => {
                    for cut in &group {
                        self.report(cut);
                    }
                    Event::CutStored(group)
                }
                Err(error) => Event::CutFailed(error),
            };
            let is_failed = matches!(event, Event::CutFailed(_));
            if self.events.0.send(event).is_err() || is_failed {
                return;
            }
        }
    }

    /// Tells what a batch gives away of its voters, and what its votes took. With k = 0 each vote
    /// is a batch, and hides nothing.
    fn report(&self, cut: &Cut) {
        let scores = cut.votes.iter().map(|half| half.vote().score());
        let work = scores.collect::<Total>().hashes();
        self.figures.work.inc_by(u64::try_from(work).unwrap_or(u64::MAX));
        if self.k == 0 {
            return;
        }
        let (batch, votes) = (cut.number, cut.votes.len());
        if cut.unanimous().is_some() {
            tracing::warn!(
                batch,
                votes,
                "the votes of a batch agree: it tells how its voters voted"
            );
            self.figures.unanimous.inc();
        }
        for (period, votes) in cut.groups().into_iter().filter(|(_, votes)| *votes < self.k) {
            tracing::warn!(batch, %period, votes, "fewer than k votes of a stamp period are cut");
            self.figures.small.inc();
        }
    }
}
