//! Requests whose voter stamp is too old, or none of this campaign's.

use super::*;
use crate::stamp::VoterStamp;

/// An hour after the stamps were given.
fn hour() -> u64 {
    after(3_600)
}

fn settle(edge: &mut Edge, request: &VoteRequest, status: u16, now: u64) {
    let answer = answer(status, None);
    edge.step(&campaign(), Input::Answered { tag: tagged(request.clone()).tag(), answer }, now);
}

/// The receipt of a batch that is cut an hour later. Where the edge says 487, as it did once, no
/// voter of a small shard ever gets one.
#[test]
fn a_request_with_an_old_stamp_goes_on_as_a_repeated_one() {
    let mut edge = edge();
    let mine = request(1, "Bold Jupiter");
    assert!(is_forwarded(&ask(&mut edge, mine.clone(), after(1_799))));
    settle(&mut edge, &mine, 202, after(1_799));
    for now in [after(2_100), hour(), after(80_000)] {
        assert!(is_repeat(&ask(&mut edge, mine.clone(), now)));
        settle(&mut edge, &mine, 202, now);
    }
    assert!(is_repeat(&ask(&mut self::edge(), mine, hour())), "at another edge too");
}

/// The attack: a stamp that no edge made, in the hope that it passes where old ones do.
#[test]
fn a_made_up_stamp_is_good_for_no_new_vote() {
    let mut made_up = request(1, "Bold Jupiter");
    made_up.vote.stamp = VoterStamp::from_bytes([9; 20]);
    assert!(is_repeat(&ask(&mut edge(), mined(made_up), NOW)));
}

/// The attack: when a vote and its stamp are published, somebody asks with the stamp and a mandate
/// of their own, so that its holder gets no receipt. An old stamp is nobody's at the edge.
#[test]
fn nobody_keeps_a_holder_from_the_receipt_by_the_published_stamp() {
    let mut edge = edge();
    let holder = request(1, "Bold Jupiter");
    let crossed = VoteRequest { mandate: mandate(2), ..holder.clone() };
    assert!(is_repeat(&ask(&mut edge, crossed.clone(), hour())));
    settle(&mut edge, &crossed, 487, hour());
    assert!(is_repeat(&ask(&mut edge, holder, hour())));
    assert_eq!(edge.remembered()[1], 0, "nothing is reserved");
}

/// While the stamp lives it belongs to the first vote, whatever came of it, and no other mandate
/// records it.
#[test]
fn a_stamp_that_is_reserved_is_not_handed_on_for_another() {
    let mut edge = edge();
    let first = request(1, "Bold Jupiter");
    assert!(is_forwarded(&ask(&mut edge, first.clone(), after(1_799))));
    let crossed = VoteRequest { mandate: mandate(2), ..first.clone() };
    assert!(is_repeat(&ask(&mut edge, crossed, after(1_799))));
    let mut other = first.clone();
    other.vote.nonce = crate::work::Nonce::from(7 << 40);
    assert_eq!(status(&ask(&mut edge, mined(other), after(2_100))), Some(487));
    // What was not answered may be sent again, and be recorded.
    settle(&mut edge, &first, 503, after(1_799));
    assert!(is_forwarded(&ask(&mut edge, first, after(1_799))));
}

/// The attack: old requests, which cost no new work, to fill the way to the instances. Votes have
/// their own room.
#[test]
fn repeated_requests_do_not_take_the_place_of_votes() {
    let all = Limits { repeats: 2, repeats_per_peer: Some(2), ..Limits::default() };
    let mut edge = Edge::new(all);
    let statuses: Vec<_> = (0..4)
        .map(|number| status(&ask(&mut edge, request(number, "Bold Jupiter"), hour())))
        .collect();
    assert_eq!(statuses, [None, None, Some(503), Some(503)]);
    let examined = Box::new(examined(request(9, "Bold Jupiter"), NOW));
    let vote = Input::Vote { ticket: Ticket(9), peer: [192, 0, 2, 1].into(), examined };
    assert!(is_forwarded(&edge.step(&campaign(), vote, hour())));
    settle(&mut edge, &request(0, "Bold Jupiter"), 202, hour());
    assert!(is_repeat(&ask(&mut edge, request(2, "Bold Jupiter"), hour())));
    settle(&mut edge, &request(9, "Bold Jupiter"), 202, hour());
    assert_eq!(status(&ask(&mut edge, request(3, "Bold Jupiter"), hour())), Some(503));
}

/// The attack: each published vote with each published mandate, which takes no work, so that a
/// holder of an older stamp finds all places taken. Who has one address gets a quarter of them, and
/// who has some more never all for long.
#[test]
fn who_asks_for_others_keeps_no_holder_from_a_place() {
    let mut edge = Edge::new(Limits { repeats: 8, ..Limits::default() });
    let lists: Vec<_> = (1..7).map(|number| request(number, "Bold Jupiter")).collect();
    let pair = |vote: usize, mandate: usize| VoteRequest {
        vote: lists[vote].vote.clone(),
        mandate: lists[mandate].mandate,
    };
    let mut taken = Vec::new();
    for vote in 0..lists.len() {
        let address = u8::try_from(vote).unwrap();
        let others = (0..lists.len()).filter(|mandate| *mandate != vote);
        taken.push(others.map(|mandate| pair(vote, mandate)).collect::<Vec<_>>());
        taken[vote]
            .retain(|one| is_repeat(&ask_from(&mut edge, address, (0, one.clone()), hour())));
    }
    let counts: Vec<_> = taken.iter().map(Vec::len).collect();
    assert_eq!(counts, [2, 2, 2, 1, 1, 0], "eight places from five addresses");
    let holder = |edge: &mut Edge| is_repeat(&ask_from(edge, 99, (0, pair(5, 5)), hour()));
    assert!(!holder(&mut edge), "all are taken for once");
    settle(&mut edge, &taken[0][0], 487, hour());
    for (address, request) in [(0, pair(0, 3)), (3, pair(3, 5))] {
        let outputs = ask_from(&mut edge, address, (0, request), hour());
        assert_eq!(status(&outputs), Some(503), "and what comes back is not theirs again");
    }
    assert!(holder(&mut edge));
}

/// The attack: one request of which nothing is known, again and again.
#[test]
fn what_an_instance_does_not_know_is_not_asked_each_time() {
    let mut edge = edge();
    let mine = request(1, "Bold Jupiter");
    assert!(is_repeat(&ask(&mut edge, mine.clone(), hour())));
    settle(&mut edge, &mine, 487, hour());
    assert_eq!(status(&ask(&mut edge, mine.clone(), after(3_659))), Some(487));
    assert!(is_repeat(&ask(&mut edge, mine, after(3_660))));
}

/// What comes before is not skipped: a decoy is told from a genuine stamp five times only.
#[test]
fn old_stamps_are_guessed_with_no_more_often() {
    let mut edge = edge();
    for _ in 0..FAILURES {
        assert_eq!(status(&ask(&mut edge, with_decoy(1), hour())), Some(488));
    }
    assert_eq!(status(&ask(&mut edge, request(1, "Bold Jupiter"), hour())), Some(429));
}
