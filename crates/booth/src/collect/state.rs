//! One instance's decisions, one after the other.

use std::collections::VecDeque;

use artifact::charter::Purpose;
use canon::{SignError, Signer, Timestamp};

use super::claims::{CLAIMS, Claimed, Claims};
use super::{Checked, Register, Standing};
use crate::Secret;
use crate::answer::{Answer, Refusal, Ticket};
use crate::batch::{BatchNumber, Batches, Cut, Halves};
use crate::campaign::{Campaign, Shard};
use crate::receipt::{Acceptance, Place, Receipt, Shelf};
use crate::stamp::VoterStamp;

/// What happens at an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A request that is good in itself.
    Vote {
        /// Whom the answer is for.
        ticket: Ticket,
        /// The request.
        checked: Checked,
    },
    /// An edge asks for another shard, before it sends a vote there.
    Claim {
        /// Whom the answer is for.
        ticket: Ticket,
        /// The stamp of the vote.
        stamp: VoterStamp,
        /// The shard of the vote.
        shard: Shard,
        /// Whether nothing new can be recorded by the request, so that it claims nothing. What
        /// is answered is the same.
        look_only: bool,
        /// The second, of a clock that nobody sets.
        second: u64,
    },
    /// All records up to this number are on disk.
    Stored {
        /// The number.
        through: u64,
    },
    /// Both halves of a batch are on disk.
    CutStored {
        /// The batch.
        cut: Box<Cut>,
    },
    /// The disk failed: nobody knows what is on it.
    StoreFailed,
    /// The campaign has ended.
    Close,
}

/// What an instance does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Write a record to the sealed spool. Nothing is said to the voter before it is on disk.
    Store {
        /// Its number, counted from 1 since the start of the process.
        number: u64,
        /// The batch under whose key it is sealed.
        batch: BatchNumber,
        /// The record.
        record: Halves,
    },
    /// Publish a batch, then destroy the keys of the numbers that it covers.
    Cut(Box<Cut>),
    /// Answer a connection.
    Answer {
        /// Which.
        ticket: Ticket,
        /// What; still to be signed, which needs no order.
        reply: Box<Reply>,
    },
    /// End the process; recovery begins from what is on disk.
    Stop,
}

/// An answer that is still to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A status alone.
    Refused(Refusal),
    /// 204: another shard may record the stamp.
    Granted,
    /// 202.
    Accepted(Acceptance),
    /// 204.
    Receipt(Receipt),
}

impl Reply {
    /// The answer as it goes over the wire, signed by the instance.
    pub fn answer(&self, key: &dyn Signer) -> Result<Answer, SignError> {
        match self {
            Self::Refused(refusal) => Ok(Answer::from(*refusal)),
            Self::Granted => Ok(Answer::granted()),
            Self::Accepted(acceptance) => acceptance.answer(key),
            Self::Receipt(receipt) => receipt.answer(key),
        }
    }
}

/// Somebody whose record is accepted, and waits for the disk.
#[derive(Debug, Clone)]
struct Waiting {
    number: u64,
    ticket: Ticket,
    batch: BatchNumber,
    record: Halves,
}

/// A collecting instance of one shard of one campaign.
#[derive(Debug)]
pub struct Collector<R> {
    campaign: Campaign,
    shard: Shard,
    draw_key: Secret,
    /// The number of the next receipt, by which it is drawn; it begins anywhere.
    next_draw: u128,
    register: R,
    claims: Claims,
    batches: Batches,
    shelf: Shelf,
    /// The number of the last record, and of the last one on disk.
    given: u64,
    stored: u64,
    waiting: VecDeque<Waiting>,
    /// The most that wait when somebody who is recorded asks again.
    most_waiting: usize,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Closed,
    Stopped,
}

impl<R: Register> Collector<R> {
    /// An instance with what it knew before: a register, the batches not yet cut, the shelf of
    /// those that are.
    ///
    /// Receipts are drawn by the key and by numbers from a random one on, so that no two are drawn
    /// alike, in this process or another.
    pub fn new(
        campaign: Campaign,
        shard: Shard,
        (draw_key, next_draw): (Secret, u128),
        register: R,
        batches: Batches,
        shelf: Shelf,
    ) -> Self {
        let (given, stored, waiting, phase) = (0, 0, VecDeque::new(), Phase::Open);
        Self {
            campaign,
            shard,
            draw_key,
            next_draw,
            register,
            claims: Claims::new(CLAIMS),
            batches,
            shelf,
            given,
            stored,
            waiting,
            most_waiting: usize::MAX,
            phase,
        }
    }

    /// With so many at the most who wait for the disk, when somebody asks again. A new vote is
    /// bounded by what is written; repeats write nothing, and a disk that hangs holds all of them.
    #[must_use]
    pub fn with_waiting(self, most_waiting: usize) -> Self {
        Self { most_waiting, ..self }
    }

    /// With room for so many claims of other shards.
    #[must_use]
    pub fn with_claims(self, most: usize) -> Self {
        Self { claims: Claims::new(most), ..self }
    }

    /// Claims of other shards that are remembered.
    pub const fn claims(&self) -> usize {
        self.claims.len()
    }

    /// What is recorded.
    pub const fn register(&self) -> &R {
        &self.register
    }

    /// Votes that are accepted and not cut.
    pub fn pending(&self) -> usize {
        self.batches.pending()
    }

    /// Takes one input.
    pub fn step(&mut self, input: Input, now: Timestamp) -> Vec<Output> {
        match input {
            Input::Vote { ticket, checked } => self.vote(ticket, checked, now),
            Input::Claim { ticket, stamp, shard, look_only, second } => {
                let judged = self.claim(&stamp, (shard, look_only), second);
                let reply = Box::new(judged.map_or_else(Reply::Refused, |()| Reply::Granted));
                vec![Output::Answer { ticket, reply }]
            }
            Input::Stored { through } => {
                self.stored = self.stored.max(through.min(self.given));
                self.release()
            }
            Input::CutStored { cut } => {
                self.shelf.put(&self.campaign, &cut);
                self.release()
            }
            Input::StoreFailed => self.stop(),
            Input::Close => {
                if self.phase == Phase::Open {
                    self.phase = Phase::Closed;
                }
                self.batches.close().map(|cut| Output::Cut(Box::new(cut))).into_iter().collect()
            }
        }
    }

    /// Whether another shard may record a stamp. From then on this one does not.
    ///
    /// What is decided counts, on disk or not: who is refused for a record that the disk then loses
    /// asks again.
    fn claim(
        &mut self,
        stamp: &VoterStamp,
        (shard, look_only): (Shard, bool),
        second: u64,
    ) -> Result<(), Refusal> {
        if self.phase == Phase::Stopped {
            return Err(Refusal::Busy);
        }
        if shard == self.shard {
            return Err(Refusal::OtherShard);
        }
        if self.register.has_stamp(stamp) {
            return Err(Refusal::VoterStamp);
        }
        match self.claims.look(stamp, shard, second) {
            Claimed::Own => {}
            Claimed::Other => return Err(Refusal::VoterStamp),
            Claimed::Full => return Err(Refusal::Busy),
            Claimed::Free if look_only => {}
            Claimed::Free => self.claims.put(stamp, shard),
        }
        Ok(())
    }

    fn vote(&mut self, ticket: Ticket, checked: Checked, now: Timestamp) -> Vec<Output> {
        let Checked { halves: record, repeat_only } = checked;
        let Halves { vote, voter } = &record;
        let standing = self.register.standing(&vote.vote().stamp, vote.digest());
        let is_over = self.phase == Phase::Closed || now >= self.campaign.end();
        let refused = match (self.register.has_voted(voter.id()), standing) {
            _ if self.phase == Phase::Stopped => Refusal::Busy,
            (true, Standing::Recorded(_)) if self.waiting.len() >= self.most_waiting => {
                Refusal::Busy
            }
            // The same record, by somebody who has voted: asked again. That the two belong
            // together is not known, and what is answered is on the public lists.
            (true, Standing::Recorded(batch)) => {
                self.waiting.push_back(Waiting { number: self.given, ticket, batch, record });
                return self.release();
            }
            // Before what can only be repeated: an edge hands the same request on in the one way or
            // the other, as it took the vote itself or not.
            (true, _) => Refusal::Voted,
            (false, Standing::New) if is_over => Refusal::Time,
            (false, Standing::New)
                if !repeat_only && !self.claims.is_claimed(&vote.vote().stamp) =>
            {
                return self.accept(ticket, record);
            }
            // Recorded with another mandate, or claimed for another shard.
            (false, _) => Refusal::VoterStamp,
        };
        vec![Output::Answer { ticket, reply: Box::new(Reply::Refused(refused)) }]
    }

    fn accept(&mut self, ticket: Ticket, record: Halves) -> Vec<Output> {
        let (batch, cut) = self.batches.accept(record.clone());
        self.register.record(&record, batch);
        self.given = self.given.saturating_add(1);
        let number = self.given;
        self.waiting.push_back(Waiting { number, ticket, batch, record: record.clone() });
        let store = Output::Store { number, batch, record };
        let cut = cut.map(|cut| Output::Cut(Box::new(cut)));
        std::iter::once(store).chain(cut).collect()
    }

    /// Answers all whose record is on disk, in their order. With k = 0 the batch is about to be
    /// cut, so the receipt is waited for.
    fn release(&mut self) -> Vec<Output> {
        let at_once = self.campaign.k() == 0;
        let mut outputs = Vec::new();
        while let Some(first) = self.waiting.front() {
            let ready = first.number <= self.stored && (!at_once || self.shelf.holds(first.batch));
            if !ready {
                break;
            }
            let Some(waiting) = self.waiting.pop_front() else { break };
            let reply = Box::new(self.reply(&waiting));
            outputs.push(Output::Answer { ticket: waiting.ticket, reply });
        }
        outputs
    }

    /// An official campaign gives no receipt before it is over: each is drawn anew from all stamps
    /// of a batch, and who asks often enough has counted it.
    fn reply(&mut self, waiting: &Waiting) -> Reply {
        let Waiting { batch, record: Halves { vote, .. }, .. } = waiting;
        if self.campaign.purpose() == Purpose::Official && self.phase == Phase::Open {
            return self.acceptance(*batch, vote.vote().stamp);
        }
        let fresh = self.next_draw;
        self.next_draw = fresh.wrapping_add(1);
        let (campaign, key, vote) = (&self.campaign, &self.draw_key, vote.vote());
        let receipt = self.shelf.receipt(campaign, key, self.shard, *batch, vote, fresh);
        receipt.map_or_else(|| self.acceptance(*batch, vote.stamp), Reply::Receipt)
    }

    fn acceptance(&self, batch: BatchNumber, stamp: VoterStamp) -> Reply {
        let place = Place { shard: self.shard, batch };
        Reply::Accepted(Acceptance { campaign: self.campaign.name().to_owned(), place, stamp })
    }

    fn stop(&mut self) -> Vec<Output> {
        self.phase = Phase::Stopped;
        let waiting = std::mem::take(&mut self.waiting);
        let busy = waiting.into_iter().map(|one| Output::Answer {
            ticket: one.ticket,
            reply: Box::new(Reply::Refused(Refusal::Busy)),
        });
        busy.chain(std::iter::once(Output::Stop)).collect()
    }
}
