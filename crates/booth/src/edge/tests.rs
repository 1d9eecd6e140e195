use std::collections::BTreeSet;

use artifact::charter::Purpose;
use canon::Timestamp;

use super::{
    Desk, Edge, EdgeSecrets, Examined, FAILURES, Input, Judged, Limits, Output, Table, Tagged,
    Tags, examine,
};
use crate::answer::{Answer, Refusal, Ticket};
use crate::campaign::{Campaign, Draft, Shard};
use crate::fixture::{campaign, draft, drawn, mandate, mined, noon, request, secrets, time};
use crate::mandate::Mandate;
use crate::request::VoteRequest;
use crate::secret::Secret;
use crate::totp::{Code, Codes, Station, code};

mod desk;
mod repeats;
mod reserved;
mod stamps;
mod telling;

fn later(seconds: u64) -> Timestamp {
    noon().plus_seconds(seconds).unwrap()
}

/// The seconds of a clock that nobody sets, at noon.
const NOW: u64 = 7_000;

fn after(seconds: u64) -> u64 {
    NOW + seconds
}

fn tagged(request: VoteRequest) -> Tagged {
    Tags::new(Secret::new(&[24; 32])).of(request)
}

fn examined(request: VoteRequest, now: u64) -> Examined {
    examine(&campaign(), &secrets(), tagged(request), later(now - NOW)).unwrap()
}

fn edge() -> Edge {
    Edge::new(Limits::default())
}

/// The request with the platform stamp of a wrong code, voter stamp and work made anew.
fn with_decoy(number: u32) -> VoteRequest {
    let mut request = request(number, "Bold Jupiter");
    let EdgeSecrets { stamps, edge_key } = secrets();
    let period = request.vote.platform.period;
    request.vote.platform = stamps.issue(period, subtle::Choice::from(0), &drawn(77));
    let random = *drawn(u64::from(number)).first_chunk().unwrap();
    let platform = &request.vote.platform;
    request.vote.stamp = crate::stamp::VoterStamp::issue(&edge_key, random, platform, noon());
    mined(request)
}

fn ask(edge: &mut Edge, request: VoteRequest, now: u64) -> Vec<Output> {
    ask_as(edge, 0, request, now)
}

fn ask_as(edge: &mut Edge, ticket: u64, request: VoteRequest, now: u64) -> Vec<Output> {
    ask_from(edge, 1, (ticket, request), now)
}

/// Somebody at an address with this number asks.
fn ask_from(
    edge: &mut Edge,
    number: u8,
    (ticket, request): (u64, VoteRequest),
    now: u64,
) -> Vec<Output> {
    let (ticket, peer) = (Ticket(ticket), [192, 0, 2, number].into());
    let examined = Box::new(examined(request, now));
    edge.step(&campaign(), Input::Vote { ticket, peer, examined }, now)
}

fn status(outputs: &[Output]) -> Option<u16> {
    match outputs {
        [Output::Answer { answer, .. }] => Some(answer.status),
        _ => None,
    }
}

fn is_forwarded(outputs: &[Output]) -> bool {
    matches!(outputs, [Output::Forward { repeat_only: false, .. }])
}

/// Handed on, but so that an instance records nothing by it.
fn is_repeat(outputs: &[Output]) -> bool {
    matches!(outputs, [Output::Forward { repeat_only: true, .. }])
}

fn answer(status: u16, max_age_s: Option<u32>) -> Answer {
    Answer { status, headers: Vec::new(), max_age_s, retry_after_s: None }
}

#[test]
fn the_order_of_the_checks() {
    let look = |request| examine(&campaign(), &secrets(), tagged(request), noon()).map(|_| ());
    // Each step takes one fault away, from all of them to none.
    let good = request(1, "Bold Jupiter");
    let mut faulty = good.clone();
    faulty.mandate = Mandate::from_parts([9; 32], [9; 64], [9; 24]);
    let without_work = (0_u64..).map(|nonce| {
        let mut one = faulty.clone();
        one.vote.nonce = crate::work::Nonce::from(nonce);
        one
    });
    let lazy = without_work.into_iter().find(|one| one.vote.score() < 4).unwrap();
    assert_eq!(look(lazy), Err(Refusal::Work));
    faulty = mined(faulty);
    assert_eq!(look(faulty.clone()), Err(Refusal::Authority));
    let (id, authority) = (good.mandate.id().id, good.mandate.id().authority);
    faulty.mandate = Mandate::from_parts(authority, [9; 64], id);
    assert_eq!(look(faulty), Err(Refusal::Signature));
    assert_eq!(look(good), Ok(()));
    let statuses = [Refusal::Work, Refusal::Authority, Refusal::Signature];
    assert_eq!(statuses.map(Refusal::status), [489, 484, 483]);
}

/// The attack: learn from the answers whether a stamp is genuine, without a mandate. Where 488
/// comes before the mandate's checks, as in the prototype, two answers differ.
#[test]
fn without_a_mandate_nobody_learns_whether_a_stamp_was_good() {
    let (genuine, decoy) = (request(1, "Bold Jupiter"), with_decoy(1));
    let stamp_key = secrets();
    let holds = |one: &VoteRequest| one.vote.platform.is_genuine(stamp_key.stamps.stamp_key());
    assert!(holds(&genuine) && !holds(&decoy), "the prototype's first check tells them apart");
    let foreign = Mandate::issue(&crate::fixture::authority(7), [1; 24]).unwrap();
    let broken = Mandate::from_parts(mandate(1).id().authority, [9; 64], [1; 24]);
    for mandate in [foreign, broken] {
        let learned = [&genuine, &decoy].map(|request| {
            let request = VoteRequest { mandate, ..request.clone() };
            examine(&campaign(), &secrets(), tagged(request), noon()).unwrap_err()
        });
        assert_eq!(learned[0], learned[1]);
    }
}

/// The attack: with a valid mandate, try stamp after stamp until one is good.
#[test]
fn a_mandate_has_five_guesses_and_then_waits() {
    let mut edge = edge();
    for _ in 0..FAILURES {
        assert_eq!(status(&ask(&mut edge, with_decoy(1), NOW)), Some(488));
    }
    // Now even a good stamp is not told from a bad one.
    for request in [with_decoy(1), request(1, "Bold Jupiter")] {
        let outputs = ask(&mut edge, request, after(599));
        let [Output::Answer { answer, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!((answer.status, answer.retry_after_s), (429, Some(1)));
    }
    assert!(is_forwarded(&ask(&mut edge, request(1, "Bold Jupiter"), after(600))));
    let mut edge = self::edge();
    assert!(is_forwarded(&ask(&mut edge, request(2, "Bold Jupiter"), NOW)), "nobody else waits");
}

/// The attack: one stamp and its work, used with another mandate or another vote.
#[test]
fn a_voter_stamp_is_taken_once() {
    let mut edge = edge();
    let first = request(1, "Bold Jupiter");
    assert!(is_forwarded(&ask(&mut edge, first.clone(), NOW)));
    let other_mandate = VoteRequest { mandate: mandate(2), ..first.clone() };
    assert_eq!(
        other_mandate.vote.score(),
        first.vote.score(),
        "the work fits: it names no mandate"
    );
    let mut other_say = first.clone();
    other_say.vote.say = "Shiny Saturn".to_owned();
    let other_say = mined(other_say);
    for now in [NOW, after(1_000), after(2_099)] {
        assert_eq!(status(&ask(&mut edge, other_say.clone(), now)), Some(487));
        // The instance answers what was answered before, and records nothing.
        assert!(is_repeat(&ask(&mut edge, other_mandate.clone(), now)));
        let tag = tagged(other_mandate.clone()).tag();
        edge.step(&campaign(), Input::Answered { tag, answer: answer(503, None) }, now);
    }
}

/// The attack: ask the edge that took them for each vote of a published batch with each of its
/// mandates, and look what is said of the pairs that belong together. Where a stamp is reserved to
/// a mandate, as it was once, 487 comes for all others.
#[test]
fn an_edge_does_not_tell_which_mandate_a_vote_was_cast_with() {
    let mut edge = edge();
    let cast: Vec<VoteRequest> = (0..10).map(|number| request(number, "Bold Jupiter")).collect();
    let answered = |edge: &mut Edge, request: &VoteRequest, now: u64| {
        let outputs = ask(edge, request.clone(), now);
        let tag = tagged(request.clone()).tag();
        let receipt = answer(204, Some(300));
        let told = edge.step(&campaign(), Input::Answered { tag, answer: receipt }, now);
        let [Output::Forward { shard, repeat_only, .. }] = &outputs[..] else {
            panic!("{outputs:?}")
        };
        (*shard, *repeat_only, told)
    };
    for request in &cast {
        assert!(!answered(&mut edge, request, NOW).1);
    }
    for now in [after(1), after(1_799), after(2_099), after(2_500)] {
        for vote in &cast {
            for mandate in cast.iter().map(|one| one.mandate) {
                let pair = VoteRequest { mandate, ..vote.clone() };
                let told = vec![Output::Answer { ticket: Ticket(0), answer: answer(204, None) }];
                assert_eq!(answered(&mut edge, &pair, now), (Shard(0), true, told));
            }
        }
    }
}

/// The attack: a bad stamp reserves nothing, so that nobody blocks a stamp that they do not hold.
#[test]
fn a_request_with_a_bad_stamp_reserves_nothing() {
    let mut edge = edge();
    let bad = with_decoy(1);
    assert_eq!(status(&ask(&mut edge, bad, NOW)), Some(488));
    assert_eq!(edge.remembered(), [1, 0, 0, 0]);
}

/// The attack: somebody else's nonce, to be given their receipt. Where answers are kept by the
/// nonce alone, as in the prototype, it comes.
#[test]
fn an_answer_is_kept_for_exactly_its_request() {
    let mut edge = edge();
    let (mine, theirs) = (request(1, "Bold Jupiter"), request(2, "Shiny Saturn"));
    ask(&mut edge, mine.clone(), NOW);
    let answered =
        Input::Answered { tag: tagged(mine.clone()).tag(), answer: answer(481, Some(300)) };
    assert_eq!(status(&edge.step(&campaign(), answered, NOW)), Some(481));
    assert_eq!(status(&ask(&mut edge, mine.clone(), after(299))), Some(481));
    let mut stolen = theirs;
    stolen.vote.nonce = mine.vote.nonce;
    assert_eq!(edge.kept(tagged(stolen).tag(), NOW), None);
    assert!(is_forwarded(&ask(&mut edge, mine, after(300))), "kept for five minutes");
}

/// The attack: ask for a published vote with each mandate of its batch, and look which answer is
/// the one that its holder was given minutes ago.
#[test]
fn a_receipt_is_kept_only_where_every_vote_is_a_batch() {
    let mine = request(1, "Bold Jupiter");
    let tag = tagged(mine.clone()).tag();
    let one_by_one = Draft { k: 0, purpose: Purpose::Demonstration, ..draft() };
    for (campaign, is_kept) in [(campaign(), false), (Campaign::check(one_by_one).unwrap(), true)] {
        let mut edge = edge();
        ask(&mut edge, mine.clone(), NOW);
        let receipt = Input::Answered { tag, answer: answer(204, Some(300)) };
        let outputs = edge.step(&campaign, receipt, NOW);
        let [Output::Answer { answer, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!((answer.status, answer.max_age_s), (204, is_kept.then_some(300)));
        assert_eq!(edge.kept(tag, NOW).is_some(), is_kept);
    }
}

#[test]
fn what_must_not_be_kept_is_asked_for_again() {
    let mut edge = edge();
    let mine = request(1, "Bold Jupiter");
    ask(&mut edge, mine.clone(), NOW);
    let gone = Input::Unreachable { tag: tagged(mine.clone()).tag() };
    assert_eq!(status(&edge.step(&campaign(), gone, NOW)), Some(503));
    assert!(is_forwarded(&ask(&mut edge, mine.clone(), NOW)));
    let answered = Input::Answered { tag: tagged(mine.clone()).tag(), answer: answer(202, None) };
    assert_eq!(status(&edge.step(&campaign(), answered, NOW)), Some(202));
    assert!(is_repeat(&ask(&mut edge, mine, NOW)), "it is recorded now");
}

/// However many ask, one request goes to the instance once.
#[test]
fn one_request_is_on_its_way_once() {
    let mut edge = Edge::new(Limits { waiting: 3, ..Limits::default() });
    let mine = request(1, "Bold Jupiter");
    assert!(is_forwarded(&ask_as(&mut edge, 1, mine.clone(), NOW)));
    assert_eq!(ask_as(&mut edge, 2, mine.clone(), NOW), []);
    assert_eq!(ask_as(&mut edge, 3, mine.clone(), NOW), []);
    assert_eq!(status(&ask_as(&mut edge, 4, mine.clone(), NOW)), Some(503));
    let answered = Input::Answered { tag: tagged(mine.clone()).tag(), answer: answer(202, None) };
    let outputs = edge.step(&campaign(), answered, NOW);
    let tickets: Vec<u64> = outputs
        .iter()
        .filter_map(|one| match one {
            Output::Answer { ticket, .. } => Some(ticket.0),
            Output::Forward { .. } => None,
        })
        .collect();
    assert_eq!(tickets, [1, 2, 3]);
}

/// The attack: a flood of different requests. Memory stays within its bounds, nothing that counts
/// is forgotten, and nobody is told what could not be counted.
#[test]
fn every_table_is_bounded() {
    let limits = Limits {
        failures: 3,
        stamps: 4,
        answers: 2,
        on_their_way: 8,
        repeats: 1,
        repeats_per_peer: None,
        waiting: 2,
    };
    let mut edge = Edge::new(limits);
    let statuses: Vec<_> =
        (0..8).map(|number| status(&ask(&mut edge, with_decoy(number), NOW))).collect();
    assert_eq!(statuses, [Some(488); 8], "whoever has a good stamp is told no less");
    for number in 10..18 {
        let mine = request(number, "Bold Jupiter");
        let forwarded = is_forwarded(&ask(&mut edge, mine.clone(), NOW));
        assert_eq!(forwarded, number < 14);
        let answered =
            Input::Answered { tag: tagged(mine.clone()).tag(), answer: answer(481, Some(300)) };
        edge.step(&campaign(), answered, NOW);
    }
    assert_eq!(edge.remembered(), [3, 4, 2, 0]);
    let stolen = VoteRequest { mandate: mandate(11), ..request(10, "Bold Jupiter") };
    assert!(is_repeat(&ask(&mut edge, stolen, NOW)), "the first is still known");
    let mut narrow = Edge::new(Limits { on_their_way: 1, ..Limits::default() });
    assert!(is_forwarded(&ask(&mut narrow, request(1, "Bold Jupiter"), NOW)));
    assert_eq!(status(&ask(&mut narrow, request(2, "Bold Jupiter"), NOW)), Some(503));
}

#[test]
fn a_table_forgets_what_ends_first() {
    let mut table: Table<u32, char> = Table::new(2);
    table.put(1, 'a', after(10), NOW);
    table.put(2, 'b', after(20), NOW);
    assert_eq!(table.find(&1, after(9)), Some((&'a', after(10))));
    assert_eq!(table.find(&1, after(10)), None);
    table.put(3, 'c', after(30), after(10));
    assert_eq!(table.find(&2, after(10)), Some((&'b', after(20))), "there was room");
    // A value that is set again ends when it says now, not when it said before.
    table.put(2, 'd', after(60), after(11));
    table.put(4, 'e', after(61), after(12));
    assert_eq!(table.find(&3, after(12)), None, "without room, what ends first goes");
    assert_eq!(table.find(&2, after(31)), Some((&'d', after(60))));
    assert_eq!(table.len(), 2);
}

/// The attack: one mandate with several signatures, to reach several shards and vote in each.
#[test]
fn the_shard_does_not_depend_on_the_signature() {
    let mut draft = draft();
    draft.shards = 7;
    let campaign = Campaign::check(draft).unwrap();
    let first = mandate(1);
    let shards: BTreeSet<Shard> = (0..50)
        .map(|byte| Mandate::from_parts(first.id().authority, [byte; 64], first.id().id))
        .map(|mandate| campaign.shard_of(mandate.id()))
        .collect();
    assert_eq!(shards.len(), 1);
}
