//! Claims of other shards at one instance.

use super::*;
use crate::stamp::VoterStamp;

/// An instance of shard 0 of three, and a vote of its own.
fn instance() -> (Campaign, Collector<Memory>, VoteRequest) {
    let campaign = Campaign::check(Draft { shards: 3, ..draft() }).unwrap();
    let own = |number: &u32| campaign.shard_of(mandate(*number).id()) == Shard(0);
    let number = (0..100).find(own).unwrap();
    (campaign.clone(), collector(&campaign), request(number, "Bold Jupiter"))
}

fn stamp(number: u64) -> VoterStamp {
    let mut bytes = [0; 20];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[19] = number.to_le_bytes()[0];
    VoterStamp::from_bytes(bytes)
}

fn ask(
    collector: &mut Collector<Memory>,
    stamp: VoterStamp,
    (shard, look_only): (u16, bool),
    second: u64,
) -> Option<Refusal> {
    let (ticket, shard) = (Ticket(1), Shard(shard));
    let outputs = collector.step(Input::Claim { ticket, stamp, shard, look_only, second }, noon());
    let [Output::Answer { reply, .. }] = &outputs[..] else { panic!("{outputs:?}") };
    match **reply {
        Reply::Granted => None,
        Reply::Refused(refusal) => Some(refusal),
        _ => panic!("{reply:?}"),
    }
}

fn vote(
    collector: &mut Collector<Memory>,
    campaign: &Campaign,
    request: &VoteRequest,
) -> Vec<Output> {
    let checked = examine(campaign, Shard(0), request.clone(), noon()).unwrap();
    collector.step(Input::Vote { ticket: Ticket(2), checked }, noon())
}

#[test]
fn a_claim_holds_for_one_shard_and_keeps_the_stamp_from_the_instances_own_votes() {
    let (campaign, mut collector, request) = instance();
    let claimed = request.vote.stamp;
    assert_eq!(ask(&mut collector, claimed, (1, false), 0), None);
    assert_eq!(ask(&mut collector, claimed, (1, false), 1), None, "asked again");
    assert_eq!(ask(&mut collector, claimed, (2, false), 1), Some(Refusal::VoterStamp));
    assert_eq!(ask(&mut collector, claimed, (0, false), 1), Some(Refusal::OtherShard));
    assert_eq!(refusal(&vote(&mut collector, &campaign, &request)), Some(Refusal::VoterStamp));
    assert_eq!((collector.register().sizes(), collector.claims()), ((0, 0), 1));
}

/// The attack: ask between the decision and the disk.
#[test]
fn what_is_decided_is_granted_to_nobody_else() {
    let (campaign, mut collector, request) = instance();
    let outputs = vote(&mut collector, &campaign, &request);
    assert!(matches!(outputs[..], [Output::Store { .. }]), "{outputs:?}");
    for look_only in [false, true] {
        let asked = ask(&mut collector, request.vote.stamp, (1, look_only), 0);
        assert_eq!(asked, Some(Refusal::VoterStamp));
    }
    assert_eq!(collector.claims(), 0);
}

#[test]
fn who_only_looks_claims_nothing_and_is_told_the_same() {
    let (campaign, mut collector, request) = instance();
    assert_eq!(ask(&mut collector, request.vote.stamp, (1, true), 0), None);
    assert_eq!(ask(&mut collector, request.vote.stamp, (2, true), 0), None);
    assert_eq!(collector.claims(), 0);
    assert!(refusal(&vote(&mut collector, &campaign, &request)).is_none());
    assert_eq!(ask(&mut collector, stamp(5), (1, false), 0), None);
    assert_eq!(ask(&mut collector, stamp(5), (2, true), 0), Some(Refusal::VoterStamp));
}

/// A stamp is good for a new vote for 35 minutes; its claim counts for 40 at least, whenever in a
/// slot it was made.
#[test]
fn a_claim_counts_for_forty_minutes_and_then_makes_room() {
    for begun in [0, 1, 299, 300, 12_345] {
        let (_, collector, _) = instance();
        let mut collector = collector.with_claims(2);
        assert_eq!(ask(&mut collector, stamp(1), (1, false), begun), None);
        let late = begun + 2_400;
        assert_eq!(ask(&mut collector, stamp(1), (2, false), late), Some(Refusal::VoterStamp));
        assert_eq!(ask(&mut collector, stamp(2), (1, false), late), None);
        // No room: whoever is known is answered, and nobody is told more by asking for less.
        for look_only in [false, true] {
            assert_eq!(ask(&mut collector, stamp(3), (1, look_only), late), Some(Refusal::Busy));
            assert_eq!(ask(&mut collector, stamp(1), (1, look_only), late), None);
        }
        assert_eq!(ask(&mut collector, stamp(3), (1, false), begun + 2_700), None);
        assert_eq!(ask(&mut collector, stamp(2), (2, false), late), Some(Refusal::VoterStamp));
        assert_eq!(collector.claims(), 2);
    }
}

#[test]
fn an_instance_whose_disk_failed_grants_nothing() {
    let (_, mut collector, _) = instance();
    collector.step(Input::StoreFailed, noon());
    assert_eq!(ask(&mut collector, stamp(1), (1, false), 0), Some(Refusal::Busy));
}

/// The attack: claims without end. They are bounded, and none that counts is forgotten for another.
#[test]
fn claims_come_and_go_within_their_bound() {
    let (_, collector, _) = instance();
    let mut collector = collector.with_claims(1_000);
    for round in 0..4_u64 {
        let second = round * 2_700;
        let asked = (0..1_500)
            .map(|number| ask(&mut collector, stamp(round * 10_000 + number), (1, false), second));
        assert_eq!(asked.filter(Option::is_none).count(), 1_000);
        assert_eq!(
            ask(&mut collector, stamp(round * 10_000), (2, true), second),
            Some(Refusal::VoterStamp)
        );
        assert_eq!(collector.claims(), 1_000);
    }
}
