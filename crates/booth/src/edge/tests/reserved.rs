//! Voter stamps in use: by the clock, by mandate, and so many that memory counts.

use super::*;
use crate::edge::RESERVATIONS;
use crate::edge::kept::Kept;
use crate::edge::reserved::{Reserved, Use};
use crate::edge::tag::RequestTag;

/// Three tags of a number, without the cost of a digest for each of some millions (splitmix64).
fn tags(number: u64) -> ([u8; 8], [u8; 5], RequestTag) {
    let mix = |word: u64| {
        let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    let [one, two, three] =
        [1, 2, 3].map(|kind: u64| mix(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ mix(kind)));
    let tag = (u128::from(three) << 64 | u128::from(one)).to_be_bytes();
    (one.to_be_bytes(), *two.to_be_bytes().first_chunk().unwrap(), RequestTag(tag))
}

fn reserve(reserved: &mut Reserved, number: u64, now: u64) -> Result<(), Refusal> {
    let (stamp, mandate, tag) = tags(number);
    reserved.count(mandate, now)?;
    reserved.reserve(stamp, (vote(number), tag), now)
}

/// Its vote's tag: another one for each number.
fn vote(number: u64) -> [u8; 4] {
    *tags(number.wrapping_add(1 << 40)).0.first_chunk().unwrap()
}

fn is_anothers(reserved: &Reserved, number: u64, by: u64, now: u64) -> Option<bool> {
    let found = reserved.use_of(tags(number).0, (vote(by), tags(by).2), now);
    found.map(|found| found != Use::Own)
}

/// Votes at 5,000 a second for as long as it takes to make two million. A table of one million that
/// forgets after 35 minutes refuses everybody after 200 seconds.
#[test]
fn two_million_stamps_are_reserved_at_the_rate_of_an_edge() {
    let limits = Limits::default();
    let mut reserved = Reserved::new(limits.stamps);
    let at = |number: u64| NOW + number / 5_000;
    for number in 0..2_000_000 {
        assert_eq!(reserve(&mut reserved, number, at(number)), Ok(()), "{number}");
    }
    assert_eq!(reserved.len(), 2_000_000);
    let each = reserved.bytes() / reserved.len();
    assert!(each < 60, "{each} bytes a reservation");
    let end = at(2_000_000);
    for number in (0..2_000_000).step_by(997) {
        assert_eq!(is_anothers(&reserved, number, number, end), Some(false));
        assert_eq!(is_anothers(&reserved, number, number + 1, end), Some(true));
        assert_eq!(is_anothers(&reserved, number + 2_000_000, number, end), None);
    }
    // 5,000 a second for the longest time that one counts.
    assert!(limits.stamps >= 5_000 * 2_400);
    // All of it goes, and the memory with it, one part with each request.
    let later = end + 2_400;
    assert_eq!(is_anothers(&reserved, 1_999_999, 0, later), None);
    for number in 3_000_000..3_000_300 {
        assert_eq!(reserve(&mut reserved, number, later), Ok(()));
    }
    assert_eq!(reserved.len(), 300);
    assert!(reserved.bytes() < 1 << 20, "{}", reserved.bytes());
}

/// Wherever in its generation a stamp is reserved, it is so for as long as it can be genuine.
#[test]
fn a_reservation_outlasts_its_stamp() {
    for second in [0, 1, 150, 298, 299] {
        let (mut reserved, now) = (Reserved::new(10), 6_000 + second);
        reserve(&mut reserved, 1, now).unwrap();
        for later in [0, 299, 300, 1_800, 2_099] {
            assert_eq!(is_anothers(&reserved, 1, 2, now + later), Some(true), "{later}");
        }
        assert_eq!(is_anothers(&reserved, 1, 2, now + 2_400), None);
    }
}

/// The attack: one mandate, spent or not, and as many stamps as a code and a graphics card give.
#[test]
fn one_mandate_does_not_fill_the_table() {
    let mut edge = edge();
    let own = mandate(1);
    let with = |number: u32| VoteRequest { mandate: own, ..request(number, "Bold Jupiter") };
    for number in 0..RESERVATIONS {
        assert!(is_forwarded(&ask(&mut edge, with(number), NOW)));
        let tag = tagged(with(number)).tag();
        let voted = Input::Answered { tag, answer: answer(481, None) };
        edge.step(&campaign(), voted, NOW);
    }
    for number in 100..120 {
        let outputs = ask(&mut edge, with(number), NOW);
        let [Output::Answer { answer, .. }] = &outputs[..] else { panic!("{outputs:?}") };
        assert_eq!((answer.status, answer.retry_after_s), (429, Some(2_300)));
    }
    assert_eq!(edge.remembered()[1], RESERVATIONS as usize);
    assert_eq!(status(&ask(&mut edge, with(0), NOW)), Some(429), "what was refused, too");
    assert!(is_forwarded(&ask(&mut edge, request(99, "Bold Jupiter"), NOW)), "so do others");
    // After the time that was told, and not before.
    let mut reserved = Reserved::new(100);
    let (_, mandate, _) = tags(1);
    for number in 0..u64::from(RESERVATIONS) {
        reserved.count(mandate, NOW + 40 * number).unwrap();
    }
    let wait = |reserved: &Reserved, seconds| reserved.admits(mandate, NOW + seconds);
    assert_eq!(wait(&reserved, 400), Err(Refusal::TooMany { wait_s: 1_900 }));
    assert!(wait(&reserved, 2_299).is_err());
    assert_eq!(wait(&reserved, 2_300), Ok(()));
}

/// The attack: one mandate while an instance is away or has no room, or from an address that has
/// used up its places. What is told to come back is not counted; so it may reserve nothing.
#[test]
fn what_is_told_to_come_back_reserves_nothing() {
    let own = mandate(1);
    let with = |number: u32| VoteRequest { mandate: own, ..request(number, "Bold Jupiter") };
    let (mut edge, answers) = (edge(), [answer(503, None), answer(202, None)]);
    for number in 0..40 {
        assert!(is_forwarded(&ask(&mut edge, with(number), NOW)));
        let tag = tagged(with(number)).tag();
        let input = match number % 2 {
            0 => Input::Unreachable { tag },
            _ => Input::Answered { tag, answer: answers[0].clone() },
        };
        edge.step(&campaign(), input, NOW);
        assert_eq!(edge.remembered()[1], 0, "{number}");
    }
    // The holder comes again and has it, and what is accepted stays in use.
    assert!(is_forwarded(&ask(&mut edge, with(0), NOW)));
    let tag = tagged(with(0)).tag();
    edge.step(&campaign(), Input::Answered { tag, answer: answers[1].clone() }, NOW);
    assert!(is_repeat(&ask(&mut edge, with(0), NOW)));
    edge.step(&campaign(), Input::Unreachable { tag }, NOW);
    assert_eq!(edge.remembered()[1], 1);
    let mut other = request(0, "Bold Jupiter");
    (other.vote.say, other.mandate) = ("Shiny Saturn".to_owned(), mandate(2));
    assert_eq!(status(&ask(&mut edge, mined(other), NOW)), Some(487));

    let limits = Limits { repeats: 4, repeats_per_peer: Some(1), ..Limits::default() };
    let mut edge = Edge::new(limits);
    let mut made_up = request(50, "Bold Jupiter");
    made_up.vote.stamp = crate::stamp::VoterStamp::from_bytes([9; 20]);
    assert!(is_repeat(&ask(&mut edge, mined(made_up), NOW)), "the address has its place");
    for number in 0..40 {
        assert_eq!(status(&ask(&mut edge, with(number), NOW)), Some(503));
    }
    assert_eq!(edge.remembered()[1], 0);
    let mut edge = Edge::new(Limits { on_their_way: 1, ..Limits::default() });
    assert!(is_forwarded(&ask(&mut edge, request(70, "Bold Jupiter"), NOW)));
    for number in 0..40 {
        assert_eq!(status(&ask(&mut edge, with(number), NOW)), Some(503));
    }
    assert_eq!(edge.remembered()[1], 1, "that of the one on its way");
}

/// A full cache of answers is no reason to refuse anybody: the oldest answer goes.
#[test]
fn the_oldest_answer_goes_when_there_is_no_room() {
    let mut kept = Kept::new(1_000);
    for number in 0..100_000 {
        kept.put(tags(number).2, answer(204, Some(300)), NOW + 300, NOW);
        assert!(kept.len() <= 1_000);
        assert!(kept.find(tags(number).2, NOW + 299).is_some());
    }
    assert!(kept.find(tags(99_001).2, NOW).is_some());
    assert!(kept.find(tags(98_999).2, NOW).is_none());
    assert!(kept.find(tags(99_999).2, NOW + 300).is_none(), "and by the clock");
    // Answers as long as a ballot of 99 options makes them: the bytes count.
    let mut kept = Kept::new(200_000);
    let line = ("Receipt01".to_owned(), "x".repeat(5_000));
    for number in 0..2_000 {
        let long = Answer { headers: vec![line.clone(); 99], ..answer(204, Some(300)) };
        kept.put(tags(number).2, long, NOW + 300, NOW);
    }
    assert!((400..600).contains(&kept.len()), "{} of half a megabyte", kept.len());
    // One request that is answered again and again is one answer.
    let mut kept = Kept::new(10);
    for again in 0..1_000 {
        kept.put(tags(1).2, answer(487, None), NOW + again + 60, NOW + again);
    }
    assert_eq!(kept.len(), 1);
    assert!(kept.find(tags(1).2, NOW + 1_000).is_some());
}

/// The tags of one process are of no use to who has those of another.
#[test]
fn tags_are_of_one_process_and_of_all_fields() {
    let request = request(1, "Bold Jupiter");
    let [one, two] = [1, 2].map(|key| Tags::new(Secret::new(&[key; 32])));
    let tagged = one.of(request.clone());
    assert_eq!(tagged, one.of(request.clone()));
    let other = two.of(request.clone());
    assert_ne!(tagged.tag(), other.tag());
    assert!(tagged.stamp != other.stamp && tagged.mandate != other.mandate);
    let mut say = request.clone();
    say.vote.say = "Shiny Saturn".to_owned();
    let mut nonce = request.clone();
    nonce.vote.nonce = crate::work::Nonce::from(9);
    let mandate = VoteRequest { mandate: mandate(2), ..request.clone() };
    for other in [say, nonce, mandate] {
        assert_ne!(one.of(other).tag(), tagged.tag());
    }
    // Another signature over one id is the same voter, but not the same request.
    let id = request.mandate.id();
    let resigned = Mandate::from_parts(id.authority, [9; 64], id.id);
    let resigned = one.of(VoteRequest { mandate: resigned, ..request });
    assert!(resigned.tag() != tagged.tag() && resigned.mandate == tagged.mandate);
}
