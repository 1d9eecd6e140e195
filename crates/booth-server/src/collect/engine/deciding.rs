//! The decisions, and who is told of them when.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::time::{Duration, Instant};

use booth::answer::Ticket;
use booth::batch::Cut;
use booth::collect::{Collector, Input, Output, Reply};
use canon::Timestamp;
use service::stop::StopHandle;
use tokio::sync::oneshot;

use super::workers::{Group, Written};
use super::{Event, Parts, Stage, Staged};
use crate::collect::figures::Figures;
use crate::collect::ledger::{LedgerError, Record, Recovered};
use crate::collect::seen::{Seen, TOGETHER};
use crate::collect::watch::Watch;
use crate::wire::Claim;

/// How often the clock is looked at when nothing happens.
const TICK: Duration = Duration::from_millis(200);

/// The least time between two writes of a busy engine: a sync costs as much of the processor as
/// judging a vote. An instance that one voter alone asks does not wait.
const GATHER: Duration = Duration::from_millis(4);

/// The most votes that are written together.
const GROUP: usize = 4_096;

/// The engine's own state.
pub(super) struct Deciding {
    collector: Collector<Seen>,
    end: Timestamp,
    watch: Arc<Watch>,
    figures: Arc<Figures>,
    replies: HashMap<Ticket, oneshot::Sender<Box<Reply>>>,
    tickets: u64,
    /// Records that are decided and not handed to the writer, and the number of the last one.
    group: Vec<Record>,
    through: u64,
    /// Cuts, each with the number of the record that has to be durable before it.
    due: VecDeque<(u64, Cut)>,
    /// `None` once the engine was told to end.
    writer: Option<Sender<Group>>,
    written: Receiver<Written>,
    cutter: Option<Sender<Cut>>,
    /// When the writer was last given something; it has it still, or waits for more.
    given: Instant,
    is_writing: bool,
    /// The number of the last record that is on disk.
    durable: u64,
    /// Whether the last group had more than one vote.
    is_busy: bool,
    phase: Phase,
    /// For the publisher.
    stage: Staged,
    /// Cuts that the cutter has, and has not told of.
    cutting: usize,
    is_cutting: bool,
    failed: Option<LedgerError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// The campaign has ended; receipts are still given.
    Closed,
    /// What was taken is written, and then the engine ends.
    Stopping,
}

impl Deciding {
    pub(super) fn new(
        parts: Parts,
        writer: Sender<Group>,
        written: Receiver<Written>,
        cutter: Sender<Cut>,
        stage: Staged,
    ) -> Self {
        let Parts { campaign, shard, draw_key, recovered, watch, figures, queue, claims, .. } =
            parts;
        let Recovered { seen, batches, due, shelf, .. } = recovered;
        let end = campaign.end();
        let draws = (draw_key, u128::from_be_bytes(service::random::bytes()));
        Self {
            collector: Collector::new(campaign, shard, draws, seen, batches, shelf)
                .with_waiting(queue.max(1))
                .with_claims(claims),
            end,
            watch,
            figures,
            replies: HashMap::new(),
            tickets: 0,
            group: Vec::new(),
            through: 0,
            due: due.into_iter().map(|cut| (0, cut)).collect(),
            writer: Some(writer),
            written,
            cutter: Some(cutter),
            given: Instant::now(),
            is_writing: false,
            durable: 0,
            is_busy: false,
            phase: Phase::Open,
            stage,
            cutting: 0,
            is_cutting: true,
            failed: None,
        }
    }

    pub(super) fn run(
        mut self,
        events: &Receiver<Event>,
        handle: &StopHandle,
    ) -> Result<(), LedgerError> {
        self.close_in_time();
        self.hand_on();
        self.tell_stage();
        while self.is_cutting && self.failed.is_none() && self.turn(events) {}
        self.stage.set(Stage::Between);
        // Whoever still waits is told to come back, by the end of their reply.
        self.replies.clear();
        (self.writer, self.cutter) = (None, None);
        handle.ask();
        self.failed.map_or(Ok(()), Err)
    }

    /// Takes what is told, and does what is due; false when nobody is left to tell anything.
    fn turn(&mut self, events: &Receiver<Event>) -> bool {
        let mut taken = Vec::with_capacity(TOGETHER);
        match events.recv_timeout(self.patience()) {
            Ok(event) => taken.push(event),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        // What is in the queue, as long as a group may grow. Refusals and repeats make none grow
        // and may come without end, while others wait for their votes to be written: so no turn
        // takes more of them than a group has votes.
        let mut left = GROUP;
        while left > 0 {
            let room = GROUP.saturating_sub(self.group.len()).min(TOGETHER).min(left);
            taken.extend(events.try_iter().take(room.saturating_sub(taken.len())));
            if taken.is_empty() {
                break;
            }
            left = left.saturating_sub(taken.len());
            self.take_all(&mut taken);
        }
        self.ask_writer();
        self.close_in_time();
        self.write();
        self.hand_on();
        self.tell_stage();
        self.end_if_asked();
        true
    }

    /// How long nothing has to be done unless somebody tells something.
    fn patience(&self) -> Duration {
        if self.group.is_empty() || self.is_writing {
            return TICK;
        }
        (self.given + GATHER).saturating_duration_since(Instant::now())
    }

    /// Takes what was in the queue. What is known of its voters is brought from memory for all of
    /// them at once, and then they are decided one after the other.
    fn take_all(&mut self, events: &mut Vec<Event>) {
        self.collector.register().bring(events.iter().filter_map(|event| match event {
            Event::Vote { checked, .. } => Some(checked.halves()),
            _ => None,
        }));
        for event in events.drain(..) {
            self.take(event);
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Vote { checked, reply } => {
                // No judgement by a clock that is off: the reply ends without one.
                let Some(now) = self.watch.now() else { return };
                let ticket = self.ticket(reply);
                self.step(Input::Vote { ticket, checked }, now);
            }
            // No time of day is judged by.
            Event::Claim { claim: Claim { stamp, shard, look_only }, reply } => {
                let (ticket, second) = (self.ticket(reply), self.watch.uptime_s());
                self.step(Input::Claim { ticket, stamp, shard, look_only, second }, self.end);
            }
            // The loop asks in any case.
            Event::Written => {}
            Event::CutStored(cuts) => {
                self.figures.cut_groups.inc();
                self.figures.cuts.inc_by(cuts.len() as u64);
                self.cutting = self.cutting.saturating_sub(cuts.len());
                for cut in cuts {
                    self.step(Input::CutStored { cut: Box::new(cut) }, self.end);
                }
            }
            Event::CutFailed(error) => self.fail(error),
            Event::Stop => self.phase = Phase::Stopping,
            Event::CutterEnded => {
                self.is_cutting = false;
                if self.cutter.is_some() {
                    self.fail(LedgerError::Stopped);
                }
            }
        }
    }

    /// The number of somebody who waits for a reply.
    fn ticket(&mut self, reply: oneshot::Sender<Box<Reply>>) -> Ticket {
        self.tickets = self.tickets.wrapping_add(1);
        let ticket = Ticket(self.tickets);
        self.replies.insert(ticket, reply);
        ticket
    }

    fn step(&mut self, input: Input, now: Timestamp) {
        for output in self.collector.step(input, now) {
            match output {
                Output::Store { number, batch, record } => {
                    self.group.push(Record { batch, halves: record });
                    self.through = number;
                }
                Output::Cut(cut) => self.due.push_back((self.through, *cut)),
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

    /// Hands the group to the writer, when it is idle and the group has had time to gather. When
    /// the group is full, waits until the writer is idle.
    fn write(&mut self) {
        let is_full = self.group.len() >= GROUP;
        if is_full && self.is_writing {
            match self.written.recv() {
                Ok(written) => self.stored(written),
                Err(_) => self.fail(LedgerError::Stopped),
            }
        }
        if self.is_writing || self.group.is_empty() || self.failed.is_some() {
            return;
        }
        if self.is_busy && !is_full && !self.patience().is_zero() {
            return;
        }
        let Some(writer) = &self.writer else { return };
        let records = std::mem::take(&mut self.group);
        self.is_busy = records.len() > 1;
        (self.is_writing, self.given) = (true, Instant::now());
        // A writer that has ended has said why.
        let _ = writer.send(Group { records, through: self.through });
    }

    fn ask_writer(&mut self) {
        match self.written.try_recv() {
            Ok(written) => self.stored(written),
            Err(TryRecvError::Disconnected) if self.writer.is_some() => {
                self.fail(LedgerError::Stopped);
            }
            Err(_) => {}
        }
    }

    /// Answers those whose records are durable now.
    fn stored(&mut self, written: Written) {
        self.is_writing = false;
        match written {
            Ok(through) => {
                self.durable = through;
                self.step(Input::Stored { through }, self.end);
            }
            Err(error) => self.fail(error),
        }
    }

    /// Hands on the cuts whose records are durable.
    fn hand_on(&mut self) {
        while let Some(cutter) = &self.cutter
            && let Some((_, cut)) = self.due.pop_front_if(|(last, _)| *last <= self.durable)
        {
            // A cutter that has ended says so.
            let _ = cutter.send(cut);
            self.cutting += 1;
        }
        let pending = i64::try_from(self.collector.pending()).unwrap_or(i64::MAX);
        self.figures.pending.set(pending);
        let claims = i64::try_from(self.collector.claims()).unwrap_or(i64::MAX);
        self.figures.claims_held.set(claims);
    }

    fn close_in_time(&mut self) {
        if self.phase != Phase::Open {
            return;
        }
        if let Some(now) = self.watch.now().filter(|now| *now >= self.end) {
            self.phase = Phase::Closed;
            tracing::info!(pending = self.collector.pending(), "the campaign has ended");
            // Before a remainder can be cut.
            self.stage.set(Stage::Between);
            self.step(Input::Close, now);
        }
    }

    /// Tells whether the remainder may be among the cuts, or all of it is.
    fn tell_stage(&self) {
        let is_all_cut = self.collector.pending() == 0 && self.due.is_empty() && self.cutting == 0;
        match self.phase {
            Phase::Open if self.watch.now().is_some() => self.stage.set(Stage::Open),
            Phase::Closed if is_all_cut => self.stage.set(Stage::Closed),
            _ => {}
        }
    }

    /// When all that was taken is written, lets the writer and the cutter end.
    fn end_if_asked(&mut self) {
        if self.phase == Phase::Stopping && !self.is_writing && self.group.is_empty() {
            (self.writer, self.cutter) = (None, None);
        }
    }

    fn fail(&mut self, error: LedgerError) {
        tracing::error!(%error, full = error.is_full(), "cannot record; the instance ends");
        self.step(Input::StoreFailed, self.end);
        self.failed.get_or_insert(error);
    }
}

#[cfg(test)]
mod tests;
