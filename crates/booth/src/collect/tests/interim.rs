//! The attack: learn the result of an official campaign before its end, out of receipts. Each is
//! drawn afresh and may be asked for without end, so that one voter sees all stamps of a batch.

use std::collections::HashSet;

use artifact::charter::Purpose;

use super::*;

/// The different receipts that somebody is given who asks a hundred times, and the acceptances.
fn asked(collector: &mut Collector<Memory>, mine: &VoteRequest) -> [usize; 2] {
    let (mut receipts, mut acceptances) = (HashSet::new(), HashSet::new());
    for _ in 0..100 {
        match &cast_and_store(collector, mine.clone()).0[..] {
            [Reply::Receipt(receipt)] => receipts.insert(receipt.lines.clone()),
            [Reply::Accepted(accepted)] => acceptances.insert(accepted.signed_text()),
            other => panic!("{other:?}"),
        };
    }
    [receipts.len(), acceptances.len()]
}

#[test]
fn an_official_campaign_gives_no_receipt_before_it_is_over() {
    let rules = |purpose| Draft { purpose, k: 5, stamps_per_code: Some(40), ..draft() };
    for purpose in [Purpose::Official, Purpose::Test, Purpose::Demonstration] {
        let is_official = purpose == Purpose::Official;
        let mut collector = collector(&Campaign::check(rules(purpose)).unwrap());
        let votes: Vec<_> = (0..11)
            .map(|number| request(number, ["Bold Jupiter", "Shiny Saturn"][number as usize % 2]))
            .collect();
        let cuts: Vec<_> =
            votes.iter().flat_map(|vote| cast_and_store(&mut collector, vote.clone()).1).collect();
        assert_eq!((cuts.len(), cuts[0].votes.len()), (1, 5), "the batch is cut");
        let in_it = |vote: &&VoteRequest| cuts[0].votes.iter().any(|one| *one.vote() == vote.vote);
        let mine = votes.iter().find(in_it).unwrap();
        let before = asked(&mut collector, mine);
        let crossed = VoteRequest { mandate: votes[10].mandate, ..mine.clone() };
        let by_another = asked(&mut collector, &crossed);
        assert_eq!(before == [0, 1] && by_another == [0, 1], is_official, "{before:?}");
        for output in collector.step(Input::Close, campaign().end()) {
            let Output::Cut(cut) = output else { panic!("{output:?}") };
            collector.step(Input::CutStored { cut }, campaign().end());
        }
        let [receipts, acceptances] = asked(&mut collector, mine);
        assert!(receipts > 1 && acceptances == 0, "each answer is drawn anew");
        for vote in &votes {
            let (replies, _) = cast_and_store(&mut collector, vote.clone());
            assert!(matches!(replies[..], [Reply::Receipt(_)]), "to everybody");
        }
    }
}
