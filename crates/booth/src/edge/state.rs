//! What an edge remembers: failures by mandate, voter stamps in use, answers, requests on their
//! way.

use std::collections::HashMap;
use std::net::IpAddr;

use serde::Deserialize;

use super::kept::Kept;
use super::reserved::{Reserved, Use};
use super::shares::Shares;
use super::tag::{MandateTag, Spread, StampTag};
use super::{Examined, RequestTag, Table, Tagged};
use crate::answer::{Answer, Refusal, Ticket};
use crate::campaign::{Campaign, Shard};
use crate::mandate::MandateId;
use crate::request::VoteRequest;

/// Bad platform stamps that a mandate may show before it has to wait.
pub const FAILURES: u32 = 5;

/// Seconds that a mandate has to wait then, from its last bad stamp.
pub const LOCK_S: u64 = 600;

/// The longest time for which an answer is kept, in seconds.
pub const KEEP_S: u32 = 300;

/// The time for which an instance's 487 is kept, in seconds: what it does not know with this stamp
/// it will not come to know.
pub const KEEP_UNKNOWN_S: u32 = 60;

/// How much an edge remembers at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Mandates that showed a bad stamp.
    pub failures: usize,
    /// Voter stamps in use.
    pub stamps: usize,
    /// Answers kept; beyond them the oldest goes.
    pub answers: usize,
    /// Requests on their way to an instance.
    pub on_their_way: usize,
    /// Of these, requests that can only be repeated ones.
    pub repeats: usize,
    /// Of these, requests of one address (of one /64 for IPv6); a quarter by default, and never
    /// more than it leaves to others. With as many as `repeats` no address has a share only:
    /// behind a proxy every client has the proxy's address.
    pub repeats_per_peer: Option<usize>,
    /// Connections that wait for one request's answer.
    pub waiting: usize,
}

impl Default for Limits {
    /// Room for 5,000 votes a second, without end: 12 million stamps in use, which take 400
    /// megabytes, or 660 when tables have just grown. All tables together stay under a gigabyte.
    fn default() -> Self {
        Self {
            failures: 200_000,
            stamps: 12_000_000,
            answers: 200_000,
            on_their_way: 20_000,
            repeats: 256,
            repeats_per_peer: None,
            waiting: 16,
        }
    }
}

/// What happens at an edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A request that was examined.
    Vote {
        /// Whom the answer is for.
        ticket: Ticket,
        /// The address that asks; for IPv6 that of its network, whose host part is zero.
        peer: IpAddr,
        /// The request.
        examined: Box<Examined>,
    },
    /// An instance answered a request that was forwarded.
    Answered {
        /// The request's tag.
        tag: RequestTag,
        /// What it said.
        answer: Answer,
    },
    /// No instance of the shard could be reached.
    Unreachable {
        /// The request's tag.
        tag: RequestTag,
    },
}

/// What an edge does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Answer a connection.
    Answer {
        /// Which.
        ticket: Ticket,
        /// What.
        answer: Answer,
    },
    /// Send a request to an instance of a shard.
    Forward {
        /// The shard.
        shard: Shard,
        /// The other shards, at which its stamp is claimed first: see [`go_on`](super::go_on).
        claims: Vec<Shard>,
        /// The request's tag, to be given back with the answer.
        tag: RequestTag,
        /// The request.
        request: Box<VoteRequest>,
        /// Whether its stamp is good for no new vote: the instance answers what it answered before
        /// to this very request, and 487 where there is nothing to repeat.
        repeat_only: bool,
    },
}

/// The connections that wait for a request's answer.
#[derive(Debug, Clone)]
struct Flight {
    tickets: Vec<Ticket>,
    stamp: StampTag,
    /// By whom it is counted, and under which number.
    counted: (MandateTag, u64),
    /// Whose place it has, if it is good for no new vote.
    repeat_of: Option<IpAddr>,
}

/// The memory of one edge for one campaign.
#[derive(Debug, Clone)]
pub struct Edge {
    limits: Limits,
    failures: Table<MandateId, u32>,
    stamps: Reserved,
    answers: Kept,
    on_their_way: HashMap<RequestTag, Flight, Spread>,
    repeats: Shares,
}

impl Edge {
    /// An edge that remembers nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            failures: Table::new(limits.failures),
            stamps: Reserved::new(limits.stamps),
            answers: Kept::new(limits.answers),
            on_their_way: HashMap::with_hasher(Spread),
            repeats: Shares::new(limits.repeats, limits.repeats_per_peer),
            limits,
        }
    }

    /// The answer kept for exactly this request, all its fields. Asked before a request is
    /// examined, so that a replay costs next to nothing.
    pub fn kept(&self, tag: RequestTag, now: u64) -> Option<&Answer> {
        self.answers.find(tag, now)
    }

    /// Entries of all tables, for the metrics.
    pub fn remembered(&self) -> [usize; 4] {
        [self.failures.len(), self.stamps.len(), self.answers.len(), self.on_their_way.len()]
    }

    /// Takes one input; `now` are seconds of a clock that nobody sets.
    pub fn step(&mut self, campaign: &Campaign, input: Input, now: u64) -> Vec<Output> {
        match input {
            Input::Vote { ticket, peer, examined } => {
                self.vote(campaign, (ticket, peer), *examined, now).into_iter().collect()
            }
            Input::Answered { tag, answer } => self.answered(tag, &told(campaign, answer), now),
            Input::Unreachable { tag } => self.answered(tag, &Refusal::Busy.into(), now),
        }
    }

    fn vote(
        &mut self,
        campaign: &Campaign,
        (ticket, peer): (Ticket, IpAddr),
        examined: Examined,
        now: u64,
    ) -> Option<Output> {
        if let Some(answer) = self.kept(examined.tagged.tag, now) {
            return Some(Output::Answer { ticket, answer: answer.clone() });
        }
        let admitted = self.admit(&examined, now);
        let forwarded =
            admitted.and_then(|()| self.forward(campaign, (ticket, peer), examined, now));
        forwarded.unwrap_or_else(|refusal| Some(Output::Answer { ticket, answer: refusal.into() }))
    }

    /// 429 and 488, by the bad stamps that the mandate has shown.
    fn admit(&mut self, examined: &Examined, now: u64) -> Result<(), Refusal> {
        let mandate = examined.tagged.request.mandate.id();
        let before = self.failures.find(mandate, now).map(|(count, end)| (*count, end));
        let (count, end) = before.unwrap_or((0, now));
        if count >= FAILURES {
            let wait_s = u32::try_from(end.saturating_sub(now)).unwrap_or_default();
            return Err(Refusal::TooMany { wait_s });
        }
        if !examined.genuine {
            let end = now.saturating_add(LOCK_S);
            self.failures.put(*mandate, count.saturating_add(1), end, now);
            return Err(Refusal::PlatformStamp);
        }
        Ok(())
    }

    /// The first request with a voter stamp has it; another vote under the same stamp is refused.
    ///
    /// The same vote with another mandate goes on, and can record nothing. Were it refused here,
    /// whoever asks for a published vote with each mandate of its batch would learn whose it is;
    /// for the same reason the mandate that was first counts no more once the vote is accepted.
    ///
    /// A stamp that is too old is not reserved. It cannot be used up, and by then it is published:
    /// whoever took it would keep its holder from the receipt.
    ///
    /// True for what can be good for a repeated request only.
    fn reserve(&mut self, examined: &Examined, now: u64) -> Result<bool, Refusal> {
        let Tagged { tag, stamp, vote, .. } = &examined.tagged;
        let is_fresh = examined.is_fresh;
        match self.stamps.use_of(*stamp, (*vote, *tag), now) {
            Some(Use::OtherVote) => Err(Refusal::VoterStamp),
            Some(Use::Own) => Ok(!is_fresh),
            None if is_fresh => self.stamps.reserve(*stamp, (*vote, *tag), now).map(|()| false),
            Some(Use::SameVote) | None => Ok(true),
        }
    }

    /// One request goes to the instance once, however many ask; `None` for those who wait with it.
    ///
    /// An address with no place left for a repeated request is told to come back whatever it asks:
    /// else it learns which requests are repeated ones here.
    ///
    /// A mandate that has asked too often is told so before the stamp is looked at: else the answer
    /// tells whether this edge took the vote, or when its stamp was given. And nothing is reserved
    /// for a request that is not counted: its mandate could reserve without end.
    fn forward(
        &mut self,
        campaign: &Campaign,
        (ticket, peer): (Ticket, IpAddr),
        examined: Examined,
        now: u64,
    ) -> Result<Option<Output>, Refusal> {
        let (tag, mandate) = (examined.tagged.tag, examined.tagged.mandate);
        if let Some(flight) = self.on_their_way.get_mut(&tag) {
            if flight.tickets.len() >= self.limits.waiting {
                return Err(Refusal::Busy);
            }
            flight.tickets.push(ticket);
            return Ok(None);
        }
        if self.on_their_way.len() >= self.limits.on_their_way || self.repeats.is_used_up(peer) {
            return Err(Refusal::Busy);
        }
        self.stamps.admits(mandate, now)?;
        let number = self.stamps.count(mandate, now)?;
        let reserved = self.reserve(&examined, now).and_then(|repeat_only| {
            let has_place = !repeat_only || self.repeats.take(peer);
            if has_place { Ok(repeat_only) } else { Err(Refusal::Busy) }
        });
        let repeat_only = reserved.inspect_err(|_| self.stamps.discount(mandate, number))?;
        let Tagged { request, stamp, .. } = examined.tagged;
        let (tickets, repeat_of) = (vec![ticket], repeat_only.then_some(peer));
        let flight = Flight { tickets, stamp, counted: (mandate, number), repeat_of };
        self.on_their_way.insert(tag, flight);
        let shard = campaign.shard_of(request.mandate.id());
        let claims = campaign.other_shards(shard).collect();
        Ok(Some(Output::Forward { shard, claims, tag, request: Box::new(request), repeat_only }))
    }

    fn answered(&mut self, tag: RequestTag, answer: &Answer, now: u64) -> Vec<Output> {
        let Some(flight) = self.on_their_way.remove(&tag) else { return Vec::new() };
        if let Some(peer) = flight.repeat_of {
            self.repeats.give_back(peer);
        }
        let is_accepted = matches!(answer.status, 202 | 204);
        if is_accepted {
            self.stamps.settle(flight.stamp);
        }
        // Only what was refused counts on. A count that a vote leaves behind, or one whose answer
        // was lost, tells that its voter came to this edge.
        let is_unknown = answer.status == Refusal::Busy.status();
        if is_accepted || is_unknown {
            let (mandate, number) = flight.counted;
            self.stamps.discount(mandate, number);
        }
        // And what does not count reserves nothing: else one mandate fills the table while an
        // instance is away. A vote that was recorded all the same is known to its shard.
        if is_unknown {
            self.stamps.release(flight.stamp, tag);
        }
        let unknown = answer.status == Refusal::VoterStamp.status();
        let unknown = unknown.then_some(KEEP_UNKNOWN_S);
        if let Some(seconds) = answer.max_age_s.or(unknown) {
            let end = now.saturating_add(u64::from(seconds.min(KEEP_S)));
            self.answers.put(tag, answer.clone(), end, now);
        }
        let each = |ticket| Output::Answer { ticket, answer: answer.clone() };
        flight.tickets.into_iter().map(each).collect()
    }
}

/// An answer as it is handed on. A receipt is kept nowhere but where every vote is a batch of its
/// own: whoever were given it again by a vote and a mandate from the lists would know that the two
/// belong together.
fn told(campaign: &Campaign, answer: Answer) -> Answer {
    let is_drawn_anew = answer.status == 204 && campaign.k() > 0;
    let max_age_s = answer.max_age_s.filter(|_| !is_drawn_anew);
    Answer { max_age_s, ..answer }
}
