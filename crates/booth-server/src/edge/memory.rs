//! What an edge remembers for one campaign, and who waits for it.

use std::collections::HashMap;
use std::net::IpAddr;

use booth::answer::{Answer, Ticket};
use booth::campaign::{Campaign, Shard};
use booth::edge::{Edge, Examined, Input, Limits, Output, RequestTag};
use booth::request::VoteRequest;
use tokio::sync::oneshot;

/// The rules' memory with the connections behind its tickets. It is held under a lock for the
/// length of one step.
pub(super) struct Memory {
    edge: Edge,
    waiting: HashMap<Ticket, oneshot::Sender<Answer>>,
    tickets: u64,
}

/// What comes of an examined vote.
pub(super) enum Admitted {
    /// It is answered.
    Answer(Answer),
    /// It waits for its answer; if it is the first of its kind, it has to be sent on.
    Wait(oneshot::Receiver<Answer>, Option<Onward>),
}

/// A vote that has to go to a shard.
pub(super) struct Onward {
    pub(super) shard: Shard,
    /// Shards that are asked about its stamp first.
    pub(super) claims: Vec<Shard>,
    pub(super) tag: RequestTag,
    pub(super) vote: Box<VoteRequest>,
    /// Whether nothing new may be recorded by it.
    pub(super) repeat_only: bool,
}

impl Memory {
    pub(super) fn new(limits: Limits) -> Self {
        Self { edge: Edge::new(limits), waiting: HashMap::new(), tickets: 0 }
    }

    pub(super) fn kept(&self, tag: RequestTag, now: u64) -> Option<Answer> {
        self.edge.kept(tag, now).cloned()
    }

    /// Takes a vote. A connection that breaks while it waits keeps its entry until the answer is
    /// there; the bounds of the rules are bounds on these entries too.
    pub(super) fn vote(
        &mut self,
        campaign: &Campaign,
        (peer, examined): (IpAddr, Examined),
        now: u64,
    ) -> Admitted {
        self.tickets = self.tickets.wrapping_add(1);
        let own = Ticket(self.tickets);
        let input = Input::Vote { ticket: own, peer, examined: Box::new(examined) };
        let mut onward = None;
        for output in self.edge.step(campaign, input, now) {
            match output {
                Output::Answer { ticket, answer } => {
                    debug_assert_eq!(ticket, own, "a vote answers nobody else");
                    return Admitted::Answer(answer);
                }
                Output::Forward { shard, claims, tag, request, repeat_only } => {
                    onward = Some(Onward { shard, claims, tag, vote: request, repeat_only });
                }
            }
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.insert(own, sender);
        Admitted::Wait(receiver, onward)
    }

    /// Takes what came of a vote that was sent on, and answers all who wait for it.
    pub(super) fn settle(
        &mut self,
        campaign: &Campaign,
        tag: RequestTag,
        answer: Option<Answer>,
        now: u64,
    ) {
        let input = match answer {
            Some(answer) => Input::Answered { tag, answer },
            None => Input::Unreachable { tag },
        };
        for output in self.edge.step(campaign, input, now) {
            if let Output::Answer { ticket, answer } = output
                && let Some(sender) = self.waiting.remove(&ticket)
            {
                // An error means that the client has gone.
                let _ = sender.send(answer);
            }
        }
    }

    /// Entries by table, for the metrics.
    pub(super) fn remembered(&self) -> [(&'static str, usize); 5] {
        let [failures, stamps, answers, on_their_way] = self.edge.remembered();
        [
            ("failures", failures),
            ("stamps", stamps),
            ("answers", answers),
            ("on-their-way", on_their_way),
            ("waiting", self.waiting.len()),
        ]
    }
}
