use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use canon::Digest;
use proptest::prelude::*;

use super::{Batches, Cut, Halves, Misfit, VoterHalf};
use crate::campaign::Period;
use crate::fixture::{START, mandate, request, request_in, time};
use crate::mandate::Mandate;
use crate::stamp::VoterStamp;
use crate::vote::Vote;

/// Votes need no work and no genuine stamps here.
fn record(number: u32, period: u64) -> Halves {
    static ANY: LazyLock<Vote> = LazyLock::new(|| request(1, "Bold Jupiter").vote);
    let mut vote = ANY.clone();
    let mut stamp = [0; 20];
    stamp[..4].copy_from_slice(&number.to_be_bytes());
    vote.stamp = VoterStamp::from_bytes(stamp);
    vote.platform.period = Period::from_text(&period.to_string()).unwrap();
    let mut id = [0; 24];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Halves::new(vote, Mandate::from_parts([1; 32], [2; 64], id))
}

fn feed(batches: &mut Batches, numbers: std::ops::Range<u32>, period: u64) -> Vec<Cut> {
    numbers.filter_map(|number| batches.accept(record(number, period)).1).collect()
}

#[test]
fn k_are_cut_when_as_many_stand_behind_them() {
    let mut batches = Batches::new(5, 0);
    assert_eq!(feed(&mut batches, 0..9, 1), []);
    let cuts = feed(&mut batches, 9..10, 1);
    assert_eq!(cuts.len(), 1);
    assert_eq!((cuts[0].votes.len(), cuts[0].voters.len(), batches.pending()), (5, 5, 5));
    assert_eq!(feed(&mut batches, 10..14, 1), []);
    assert_eq!(feed(&mut batches, 14..15, 1).len(), 1);
    let last = batches.close().unwrap();
    assert_eq!((last.votes.len(), last.covers), (5, vec![2]));
    assert_eq!(batches.close(), None);
}

#[test]
fn a_campaign_under_two_k_publishes_once() {
    let mut batches = Batches::new(5, 0);
    assert_eq!(feed(&mut batches, 0..9, 1), []);
    let last = batches.close().unwrap();
    assert_eq!((last.votes.len(), last.number, last.covers), (9, 0, vec![0, 1]));
}

#[test]
fn with_k_of_zero_every_vote_is_published_at_once() {
    let mut batches = Batches::new(0, 0);
    let cuts = feed(&mut batches, 0..4, 1);
    assert_eq!(cuts.iter().map(|cut| cut.number).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(cuts.iter().all(|cut| cut.votes.len() == 1));
    assert_eq!(batches.close(), None);
}

/// The attack: the order of one list gives the order of the other.
#[test]
fn the_order_within_a_batch_says_nothing_of_the_order_of_arrival() {
    let mut batches = Batches::new(200, 0);
    let cut = feed(&mut batches, 0..400, 1).remove(0);
    let number = |bytes: &[u8]| u32::from_be_bytes(*bytes.first_chunk().unwrap());
    let votes: Vec<u32> = cut.votes.iter().map(|half| number(half.vote().stamp.bytes())).collect();
    let voters: Vec<u32> = cut.voters.iter().map(|half| number(&half.mandate().id().id)).collect();
    // By position, as many pairs are right as by chance: one, and eleven with odds below 10^-7.
    let matched =
        |one: &[u32], other: &[u32]| one.iter().zip(other).filter(|(a, b)| a == b).count();
    let arrival: Vec<u32> = (0..200).collect();
    for (one, other) in [(&votes, &voters), (&votes, &arrival), (&voters, &arrival)] {
        assert!(matched(one, other) < 11);
    }
    let sorted = |digests: Vec<Digest>| digests.is_sorted();
    assert!(sorted(cut.votes.iter().map(|half| half.vote().digest()).collect()));
    let line = |half: &Arc<VoterHalf>| Digest::of(half.mandate().voters_line().as_bytes());
    assert!(sorted(cut.voters.iter().map(line).collect()));
}

/// The attack: take the difference of two states of the lists, and look who voted in between. With
/// votes counted regardless of their stamp period, the one vote of a new period stands alone.
#[test]
fn a_lone_vote_of_another_period_waits_until_it_is_not_alone() {
    let mut batches = Batches::new(5, 0);
    let mut cuts = feed(&mut batches, 0..7, 1);
    cuts.extend(feed(&mut batches, 7..8, 2));
    cuts.extend(feed(&mut batches, 8..40, 1));
    assert!(!cuts.is_empty());
    for cut in &cuts {
        assert!(cut.groups().values().all(|count| *count >= 5), "{:?}", cut.groups());
    }
    let lone = Period::from_text("2").unwrap();
    assert!(cuts.iter().all(|cut| !cut.groups().contains_key(&lone)));
    assert_eq!(batches.close().unwrap().groups()[&lone], 1, "the close cannot hide it");
}

#[test]
fn a_unanimous_batch_says_so() {
    let mut batches = Batches::new(2, 0);
    assert_eq!(feed(&mut batches, 0..4, 1)[0].unanimous(), Some("Bold Jupiter"));
    let mut mixed = Batches::new(2, 0);
    for (number, say) in [(1, "Bold Jupiter"), (2, "Shiny Saturn"), (3, "Bold Jupiter")] {
        let request = request_in(Period::beginning(time(START)), number, say);
        assert_eq!(mixed.accept(Halves::new(request.vote, mandate(number))).1, None);
    }
    let last = Halves::from(request(4, "Bold Jupiter"));
    assert_eq!(mixed.accept(last).1.unwrap().unanimous(), None);
}

#[test]
fn records_that_no_instance_left_behind_are_refused() {
    let of = |batches: &[(u64, u64)]| {
        let numbered = (0..).zip(batches);
        let records = numbered.map(|(number, (batch, period))| (*batch, record(number, *period)));
        Batches::restore(3, 0, records).map(|(batches, due)| (batches.next(), due.len()))
    };
    assert_eq!(of(&[]), Ok((0, 0)));
    assert_eq!(of(&[(4, 1), (4, 1), (7, 2)]), Ok((8, 0)));
    assert_eq!(of(&[(0, 1), (0, 2)]), Err(Misfit { number: 0 }));
    assert_eq!(of(&[(0, 1), (1, 1)]), Err(Misfit { number: 1 }));
}

proptest! {
    /// An instance ends after any vote, before or after the cuts that were due, and goes on from
    /// its records: every vote keeps its number, and all later cuts are the same.
    #[test]
    fn what_was_not_cut_is_restored_exactly(
        periods in proptest::collection::vec(0_u64..3, 1..120), k in 0_u32..6, end in 0_usize..120,
        lost in 0_usize..3
    ) {
        let all: Vec<Halves> =
            (0..).zip(&periods).map(|(number, period)| record(number, *period)).collect();
        let end = end.min(all.len());
        let mut never_ended = Batches::new(k, 0);
        let (mut numbers, mut cuts) = (Vec::new(), Vec::new());
        for halves in &all {
            let (number, cut) = never_ended.accept(halves.clone());
            numbers.push(number);
            cuts.push(cut);
        }
        let before: Vec<Cut> = cuts[..end].iter().flatten().cloned().collect();
        let kept = &before[..before.len().saturating_sub(lost)];
        let is_cut = |number: &u64| kept.iter().any(|cut| cut.covers.contains(number));
        let records = numbers[..end].iter().zip(&all).filter(|(number, _)| !is_cut(number));
        let records = records.map(|(number, halves)| (*number, halves.clone()));
        let used = numbers[..end].iter().max().map_or(0, |number| number + 1);
        let (mut restored, due) = Batches::restore(k, used, records).unwrap();
        let mut now: Vec<Cut> = [kept, due.as_slice()].concat();
        now.sort_by_key(|cut| cut.number);
        let mut expected = before;
        expected.sort_by_key(|cut| cut.number);
        prop_assert_eq!(now, expected);
        for (at, halves) in all.iter().enumerate().skip(end) {
            let (number, cut) = restored.accept(halves.clone());
            prop_assert_eq!((number, &cut), (numbers[at], &cuts[at]));
        }
        prop_assert_eq!(restored.close(), never_ended.close());
    }

    /// Whatever comes in whatever order: as many voters as votes, nobody twice, nobody lost, at
    /// least k of each period, every number covered once, and what was promised is kept.
    #[test]
    fn nothing_is_lost_and_nothing_comes_twice(
        periods in proptest::collection::vec(0_u64..4, 1..200), k in 0_u32..8
    ) {
        let mut batches = Batches::new(k, 0);
        let (mut promised, mut cuts) = (Vec::new(), Vec::new());
        for (number, period) in (0..).zip(&periods) {
            let halves = record(number, *period);
            let (batch, cut) = batches.accept(halves.clone());
            promised.push((halves.vote, batch));
            cuts.extend(cut);
            prop_assert!(k == 0 || batches.pending() >= k.min(number + 1) as usize);
        }
        for cut in &cuts {
            prop_assert!(cut.groups().len() == 1);
            prop_assert_eq!(cut.votes.len(), k.max(1) as usize);
        }
        let first_close = batches.close();
        if k > 0 {
            let last = first_close.as_ref().unwrap().votes.len();
            prop_assert!(last >= (k as usize).min(periods.len()));
        }
        cuts.extend(first_close);
        let (mut votes, mut voters) = (BTreeSet::new(), BTreeSet::new());
        let mut covered = BTreeSet::new();
        for cut in &cuts {
            prop_assert_eq!(cut.votes.len(), cut.voters.len());
            votes.extend(cut.votes.iter().map(|half| *half.digest()));
            voters.extend(cut.voters.iter().map(|half| *half.id()));
            prop_assert!(cut.covers.iter().all(|number| covered.insert(*number)));
            for vote in &cut.votes {
                let (_, batch) = promised.iter().find(|(one, _)| one == vote).unwrap();
                prop_assert!(cut.covers.contains(batch));
            }
        }
        prop_assert_eq!((votes.len(), voters.len()), (periods.len(), periods.len()));
        prop_assert_eq!(covered.len() as u64, batches.next());
    }
}
