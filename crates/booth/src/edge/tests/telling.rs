//! The attack: ask edges for published votes with published mandates, and learn from the answers
//! which edge took a vote, when its stamp was given, and to which edge a voter came.

use super::*;
use crate::batch::Batches;
use crate::collect::{self, Collector, Memory};
use crate::edge::{Claimed, RESERVATIONS, RequestTag, go_on};
use crate::fixture::authority;
use crate::receipt::Shelf;
use crate::stamp::VoterStamp;

/// Two edges before two shards.
pub(super) struct World {
    campaign: Campaign,
    edges: [Edge; 2],
    shards: [Collector<Memory>; 2],
    /// What the shards say to claims, where they do not judge them.
    pub(super) unheard: [Option<Claimed>; 2],
}

/// What is asked with whose mandate.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "a row of a table")]
struct Case {
    /// The edge took the vote.
    is_seen: bool,
    is_stale: bool,
    /// The mandate is of the vote's shard.
    is_own_shard: bool,
    /// The mandate has used up its requests.
    is_burnt: bool,
    /// The address has used up its places.
    is_full: bool,
    /// The mandate has not voted, and the campaign is over.
    is_late: bool,
    /// What the shards say to claims that they do not judge.
    unheard: Option<Claimed>,
}

impl World {
    pub(super) fn new() -> Self {
        let campaign = Campaign::check(Draft { shards: 2, ..draft() }).unwrap();
        let limits = Limits { repeats: 16, repeats_per_peer: Some(2), ..Limits::default() };
        let shards = [0, 1].map(|shard| {
            let draws = (Secret::new(&[41; 32]), 0);
            let batches = Batches::new(campaign.k(), 0);
            let (memory, shelf) = (Memory::new(), Shelf::new());
            Collector::new(campaign.clone(), Shard(shard), draws, memory, batches, shelf)
        });
        Self { campaign, edges: [(); 2].map(|()| Edge::new(limits)), shards, unheard: [None; 2] }
    }

    /// Votes of a shard, by the numbers of their requests.
    pub(super) fn numbers(&self, shard: u16) -> Vec<u32> {
        let of = |number: &u32| self.campaign.shard_of(mandate(*number).id()) == Shard(shard);
        (0..200).filter(of).collect()
    }

    fn hand_in(&mut self, edge: usize, request: VoteRequest, now: u64) -> Vec<Output> {
        self.step(edge, examined(request, now), now)
    }

    fn step(&mut self, edge: usize, examined: Examined, now: u64) -> Vec<Output> {
        let examined = Box::new(examined);
        let input = Input::Vote { ticket: Ticket(1), peer: [192, 0, 2, 1].into(), examined };
        self.edges[edge].step(&self.campaign, input, now)
    }

    /// Asks an edge, and its instance when it hands the request on.
    pub(super) fn ask(
        &mut self,
        edge: usize,
        request: VoteRequest,
        now: u64,
    ) -> (u16, Option<u32>) {
        let asked = request.clone();
        let mut outputs = self.hand_in(edge, request, now);
        if let [Output::Forward { .. }] = &outputs[..] {
            let repeats = self.claims_of(&outputs, now);
            outputs = self.finish(edge, &asked, repeats, now);
        }
        let [Output::Answer { answer, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        (answer.status, answer.retry_after_s)
    }

    /// Hands a request in at an edge, which has to send it on, and makes its claims: whether it
    /// goes on as one that can only be repeated.
    pub(super) fn claim_all(
        &mut self,
        edge: usize,
        request: &VoteRequest,
        now: u64,
    ) -> Result<bool, Refusal> {
        let outputs = self.hand_in(edge, request.clone(), now);
        self.claims_of(&outputs, now)
    }

    fn claims_of(&mut self, outputs: &[Output], now: u64) -> Result<bool, Refusal> {
        let [Output::Forward { shard, claims, request, repeat_only, .. }] = outputs else {
            panic!("{outputs:?}")
        };
        let asked = (*shard, request.vote.stamp, *repeat_only);
        let claimed: Vec<_> = claims.iter().map(|one| self.claim(*one, asked, now)).collect();
        go_on(*repeat_only, claimed)
    }

    /// Sends a request on whose claims are made, and hands the answer back.
    pub(super) fn finish(
        &mut self,
        edge: usize,
        request: &VoteRequest,
        repeats: Result<bool, Refusal>,
        now: u64,
    ) -> Vec<Output> {
        let tag = tagged(request.clone()).tag();
        let shard = self.campaign.shard_of(request.mandate.id());
        let input = match repeats {
            Err(_) => Input::Unreachable { tag },
            Ok(repeats) => {
                let answer = self.decide(shard, request.clone(), repeats, now);
                Input::Answered { tag, answer }
            }
        };
        self.edges[edge].step(&self.campaign, input, now)
    }

    /// Votes that the shards have recorded.
    pub(super) fn recorded(&self) -> usize {
        self.shards.iter().map(|shard| shard.register().sizes().1).sum()
    }

    /// A shard is started again: it has what is on its disk, and no claims.
    pub(super) fn forget_claims(&mut self, shard: usize) {
        let campaign = self.campaign.clone();
        let register = self.shards[shard].register().clone();
        let draws = (Secret::new(&[41; 32]), 0);
        let batches = Batches::new(campaign.k(), 0);
        let own = Shard(u16::try_from(shard).unwrap());
        self.shards[shard] = Collector::new(campaign, own, draws, register, batches, Shelf::new());
    }

    /// Asks a shard about a stamp for another one.
    fn claim(
        &mut self,
        asked: Shard,
        (shard, stamp, look_only): (Shard, VoterStamp, bool),
        second: u64,
    ) -> Claimed {
        let at = usize::from(asked.0);
        if let Some(claimed) = self.unheard[at] {
            return claimed;
        }
        let ticket = Ticket(1);
        let input = collect::Input::Claim { ticket, stamp, shard, look_only, second };
        let outputs = self.shards[at].step(input, later(0));
        let [collect::Output::Answer { reply, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        match reply.answer(&authority(5)).unwrap().status {
            204 => Claimed::Granted,
            487 => Claimed::Refused,
            503 => Claimed::Silent,
            status => panic!("{status}"),
        }
    }

    fn decide(&mut self, shard: Shard, request: VoteRequest, repeats: bool, now: u64) -> Answer {
        let now = later(now - NOW);
        let checked = collect::examine(&self.campaign, shard, request, now).unwrap();
        let checked = if repeats { checked.repeat_only() } else { checked };
        let collector = &mut self.shards[usize::from(shard.0)];
        let mut inputs = vec![collect::Input::Vote { ticket: Ticket(1), checked }];
        let mut told = None;
        while let Some(input) = inputs.pop() {
            for output in collector.step(input, now) {
                match output {
                    collect::Output::Store { number, .. } => {
                        inputs.push(collect::Input::Stored { through: number });
                    }
                    collect::Output::Cut(cut) => inputs.push(collect::Input::CutStored { cut }),
                    collect::Output::Answer { reply, .. } => told = Some(reply),
                    collect::Output::Stop => panic!("stopped"),
                }
            }
        }
        told.unwrap().answer(&authority(5)).unwrap()
    }

    /// Uses up the places of the address that asks, by requests with old stamps; gives their tags.
    fn fill(&mut self, edge: usize, numbers: &[u32], now: u64) -> Vec<RequestTag> {
        let old = |number: &u32| examined(request(*number, "Bold Jupiter"), after(3_600));
        let old: Vec<_> = numbers.iter().map(old).collect();
        for examined in &old {
            assert!(is_repeat(&self.step(edge, examined.clone(), now)));
        }
        old.iter().map(|examined| examined.tagged.tag()).collect()
    }

    /// Uses up the requests of a mandate at an edge, and tells which was the first that had none.
    fn burn(&mut self, edge: usize, own: Mandate, now: u64) -> (u32, Option<u32>) {
        for number in 300..320 {
            let request = VoteRequest { mandate: own, ..request(number, "Bold Jupiter") };
            if let (429, wait) = self.ask(edge, request, now) {
                return (number - 300, wait);
            }
        }
        panic!("without end");
    }

    fn close(&mut self) {
        for shard in &mut self.shards {
            for output in shard.step(collect::Input::Close, later(0)) {
                let collect::Output::Cut(cut) = output else { panic!("{output:?}") };
                shard.step(collect::Input::CutStored { cut }, later(0));
            }
        }
    }
}

/// The answer to one question in a world of its own.
fn answer_in(case: Case) -> (u16, Option<u32>) {
    let mut world = World::new();
    let (own, other) = (world.numbers(0), world.numbers(1));
    let voter = request(own[0], "Bold Jupiter");
    assert_eq!(world.ask(usize::from(!case.is_seen), voter.clone(), NOW).0, 202);
    let asking = if case.is_own_shard { own[1] } else { other[1] };
    if case.is_late {
        world.close();
    } else {
        // At the other edge, so that this one knows nothing of it.
        let edge = usize::from(!case.is_burnt);
        assert_eq!(world.ask(edge, request(asking, "Shiny Saturn"), NOW).0, 202);
    }
    let now = after(if case.is_stale { 2_200 } else { 2_090 });
    if case.is_burnt {
        assert_eq!(world.burn(0, mandate(asking), after(2_050)).0, RESERVATIONS);
    }
    world.unheard = [case.unheard; 2];
    if case.is_full {
        world.fill(0, &own[8..10], now);
    }
    world.ask(0, VoteRequest { mandate: mandate(asking), ..voter }, now)
}

/// All that an answer depends on is the vote, the mandate and what was asked with it.
#[test]
fn no_answer_tells_which_edge_took_a_vote_or_when_its_stamp_was_given() {
    let both = [false, true];
    let expected = |case: Case| match case {
        Case { is_burnt: true, .. } => 429,
        Case { is_full: true, .. } | Case { unheard: Some(Claimed::Silent), .. } => 503,
        Case { is_late: true, is_own_shard: false, .. } => 485,
        Case { is_late: true, .. } => 487,
        Case { is_own_shard: true, .. } => 202,
        _ => 481,
    };
    let worlds = [
        (false, false, false, None),
        (true, false, false, None),
        (false, true, false, None),
        (false, false, true, None),
        (false, false, false, Some(Claimed::Away)),
        (false, false, false, Some(Claimed::Silent)),
    ];
    for (is_burnt, is_full, is_late, unheard) in worlds {
        for (is_own_shard, is_stale) in both.map(|own| both.map(|stale| (own, stale))).concat() {
            let case = |is_seen| Case {
                is_seen,
                is_stale,
                is_own_shard,
                is_burnt,
                is_full,
                is_late,
                unheard,
            };
            let [unseen, seen] = both.map(|is_seen| answer_in(case(is_seen)));
            assert_eq!(unseen, seen, "{:?}", case(true));
            assert_eq!(seen.0, expected(case(true)), "{:?}", case(true));
        }
    }
}

/// A vote leaves no count behind at the edge that took it, and a question counts alike where the
/// vote was taken, where it was not, and when its stamp is too old.
#[test]
fn what_is_left_of_a_mandate_does_not_tell_where_it_voted_or_what_it_asked() {
    let left = |has_voted_here: bool, is_seen: bool, asked_at: Option<u64>| {
        let mut world = World::new();
        let (own, other) = (world.numbers(0), world.numbers(1));
        let taken = request(other[0], "Bold Jupiter");
        assert_eq!(world.ask(usize::from(!is_seen), taken.clone(), NOW).0, 202);
        let voter = request(own[0], "Bold Jupiter");
        assert_eq!(world.ask(usize::from(!has_voted_here), voter.clone(), NOW).0, 202);
        if let Some(now) = asked_at {
            let pair = VoteRequest { mandate: voter.mandate, ..taken };
            assert_eq!(world.ask(0, pair, now).0, 481);
        }
        world.burn(0, voter.mandate, after(2_050))
    };
    let whole = (RESERVATIONS, Some(2_100 + 250));
    assert_eq!([left(true, true, None), left(false, true, None)], [whole; 2]);
    let less = [(true, true), (true, false), (false, true), (false, false)]
        .map(|(here, seen)| left(here, seen, Some(after(2_040))));
    assert_eq!(less, [(RESERVATIONS - 1, less[0].1); 4]);
}

/// A vote whose answer was lost on the way leaves no count either, and needs a place as any other.
#[test]
fn a_lost_answer_leaves_nothing_behind_that_tells_its_voter() {
    let mut world = World::new();
    let own = world.numbers(0);
    let voter = request(own[0], "Bold Jupiter");
    let outputs = world.hand_in(0, voter.clone(), NOW);
    let [Output::Forward { tag, .. }] = outputs[..] else { panic!("{outputs:?}") };
    world.decide(Shard(0), voter.clone(), false, NOW);
    world.edges[0].step(&world.campaign, Input::Unreachable { tag }, NOW);
    let other = request(own[1], "Shiny Saturn");
    assert_eq!(world.ask(1, other.clone(), NOW).0, 202);
    let pair = VoteRequest { mandate: other.mandate, ..voter.clone() };
    let held = world.fill(0, &own[8..10], after(1));
    for asked in [voter.clone(), pair] {
        assert_eq!(world.ask(0, asked, after(1)).0, 503);
    }
    for tag in held {
        world.edges[0].step(&world.campaign, Input::Unreachable { tag }, after(1));
    }
    let [lost, others] = [voter, other].map(|one| world.burn(0, one.mandate, after(1)));
    assert_eq!(lost, others);
}
