//! The sequencer's steps one by one; whole histories with faults are in `history`.
#![allow(clippy::cast_possible_truncation, reason = "sizes in tests are small")]

mod history;

use canon::Digest;

use super::*;
use crate::merkle::tests::leaves;
use crate::merkle::{Frontier, MemoryTree, consistency_proof, empty_root};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_730_000_000 + seconds).unwrap()
}

fn accept(seconds: i64, leaves: &[Digest]) -> Input {
    Input::Accept { timestamp: at(seconds), leaves: leaves.to_vec() }
}

/// A sequencer that has accepted and synced these leaves at second 0.
fn with(leaves: &[Digest]) -> Sequencer {
    let mut log = Sequencer::new();
    log.step(accept(0, leaves), at(0)).unwrap();
    log.step(Input::Durable { size: leaves.len() as u64 }, at(0)).unwrap();
    log
}

/// Publishes all that is durable and gives the head signed, with its time.
fn publish(log: &mut Sequencer, tree: &MemoryTree, now: Timestamp) -> (Head, Timestamp) {
    let Ok(Output::Store { new, signed, .. }) = log.step(Input::Publish, now) else {
        panic!("nothing to store")
    };
    let proof = consistency_proof(signed, new, tree).unwrap();
    let Ok(Output::Sign { head, timestamp }) = log.step(Input::Stored { size: new, proof }, now)
    else {
        panic!("nothing to sign")
    };
    assert_eq!(log.step(Input::Signed { head }, now), Ok(Output::Serve { head }));
    (head, timestamp)
}

/// Checks that the input stops the log, and that it stays so.
fn stops(log: &mut Sequencer, input: Input, stop: &Stop) {
    let before = (log.accepted(), log.durable(), log.stored(), log.head());
    assert_eq!(log.step(input, at(1000)).as_ref(), Err(stop));
    assert_eq!(log.stopped(), Some(stop));
    for later in [accept(2000, &[]), Input::Durable { size: log.durable() }, Input::Publish] {
        assert_eq!(log.step(later, at(2000)).as_ref(), Err(stop));
    }
    assert_eq!((log.accepted(), log.durable(), log.stored(), log.head()), before);
}

#[test]
fn a_log_goes_from_entry_to_head() {
    let leaves = leaves(5);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let mut log = Sequencer::new();
    assert_eq!(log.head(), Head { size: 0, root: empty_root() });
    let accepted = log.step(accept(0, &leaves[..3]), at(0));
    assert_eq!(accepted, Ok(Output::Accepted { first: 0, end: 3 }));
    let accepted = log.step(accept(1, &leaves[3..]), at(1));
    assert_eq!(accepted, Ok(Output::Accepted { first: 3, end: 5 }));
    assert_eq!((log.accepted(), log.durable()), (5, 0));
    let durable = log.step(Input::Durable { size: 4 }, at(1));
    assert_eq!(durable, Ok(Output::Acknowledge { first: 0, end: 4 }));
    let store = log.step(Input::Publish, at(2));
    assert_eq!(store, Ok(Output::Store { old: 0, new: 4, signed: 0 }));
    // What becomes durable meanwhile is for the next head.
    log.step(Input::Durable { size: 5 }, at(2)).unwrap();
    let head = tree.head_at(4).unwrap();
    let sign = log.step(Input::Stored { size: 4, proof: Vec::new() }, at(3));
    assert_eq!(sign, Ok(Output::Sign { head, timestamp: at(3) }));
    assert_eq!(log.step(Input::Signed { head }, at(4)), Ok(Output::Serve { head }));
    assert_eq!((log.stored(), log.head()), (4, head));
    assert_eq!(publish(&mut log, &tree, at(9)), (tree.head_at(5).unwrap(), at(9)));
}

#[test]
fn a_head_of_the_same_size_is_signed_anew_with_its_time() {
    let leaves = leaves(3);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let mut log = with(&leaves);
    let (first, _) = publish(&mut log, &tree, at(10));
    let store = log.step(Input::Publish, at(70));
    assert_eq!(store, Ok(Output::Store { old: 3, new: 3, signed: 3 }));
    assert_eq!(publish(&mut log, &tree, at(70)), (first, at(70)));
}

#[test]
fn an_empty_log_has_a_head() {
    let mut log = Sequencer::default();
    let (head, timestamp) = publish(&mut log, &MemoryTree::new(), at(5));
    assert_eq!((head, timestamp), (Head::empty(), at(5)));
}

#[test]
fn time_stands_still_while_the_clock_is_behind() {
    let leaves = leaves(3);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let mut log = Sequencer::new();
    assert_eq!(log.stamp(at(-7)), at(-7));
    log.step(accept(100, &leaves[..1]), at(100)).unwrap();
    assert_eq!((log.stamp(at(40)), log.stamp(at(101))), (at(100), at(101)));
    log.step(Input::Durable { size: 1 }, at(40)).unwrap();
    // A head is no older than a leaf in it, nor a leaf than a head before it.
    assert_eq!(publish(&mut log, &tree, at(40)).1, at(100));
    assert_eq!(publish(&mut log, &tree, at(200)).1, at(200));
    assert_eq!(log.stamp(at(150)), at(200));
    assert_eq!(publish(&mut log, &tree, at(150)).1, at(200));
}

#[test]
fn accepting_nothing_does_not_move_time() {
    let mut log = Sequencer::new();
    assert_eq!(log.step(accept(9, &[]), at(9)), Ok(Output::Accepted { first: 0, end: 0 }));
    assert_eq!(log.stamp(at(3)), at(3));
}

#[test]
fn a_growth_that_failed_is_asked_for_again() {
    let leaves = leaves(4);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let mut log = with(&leaves[..2]);
    log.step(Input::Publish, at(1)).unwrap();
    // Storing failed. Meanwhile two more came.
    log.step(accept(2, &leaves[2..]), at(2)).unwrap();
    log.step(Input::Durable { size: 4 }, at(2)).unwrap();
    let again = log.step(Input::Publish, at(3));
    assert_eq!(again, Ok(Output::Store { old: 0, new: 4, signed: 0 }));
    let sign = log.step(Input::Stored { size: 4, proof: Vec::new() }, at(3));
    assert!(matches!(sign, Ok(Output::Sign { .. })));
    // Signing failed, or is only said to have failed: the next head extends this one.
    let again = log.step(Input::Publish, at(4));
    assert_eq!(again, Ok(Output::Store { old: 4, new: 4, signed: 4 }));
    assert_eq!(publish(&mut log, &tree, at(4)), (tree.head_at(4).unwrap(), at(4)));
}

#[test]
fn a_leaf_older_than_the_last_stops_the_log() {
    let mut log = with(&leaves(2));
    let stop = Stop::TimeDecreases { last: at(0), found: at(-1) };
    stops(&mut log, accept(-1, &leaves(1)), &stop);
}

#[test]
fn a_sync_that_cannot_be_stops_the_log() {
    for found in [0, 1, 3, u64::MAX] {
        let mut log = with(&leaves(2));
        let stop = Stop::Durable { found, synced: 2, accepted: 2 };
        stops(&mut log, Input::Durable { size: found }, &stop);
    }
}

#[test]
fn a_growth_that_was_not_asked_for_stops_the_log() {
    let stored = |size| Input::Stored { size, proof: Vec::new() };
    let mut log = with(&leaves(2));
    stops(&mut log, stored(2), &Stop::Stored { found: 2, asked: None });
    let mut log = with(&leaves(2));
    log.step(Input::Publish, at(1)).unwrap();
    stops(&mut log, stored(1), &Stop::Stored { found: 1, asked: Some(2) });
    let mut log = with(&leaves(2));
    log.step(Input::Publish, at(1)).unwrap();
    log.step(stored(2), at(1)).unwrap();
    stops(&mut log, stored(2), &Stop::Stored { found: 2, asked: None });
}

#[test]
fn a_store_that_holds_another_tree_stops_the_log() {
    let leaves = leaves(7);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let other: MemoryTree = leaves.iter().rev().copied().collect();
    let right = consistency_proof(3, 7, &tree).unwrap();
    let mut longer = right.clone();
    longer.push(leaves[0]);
    let wrong = consistency_proof(3, 7, &other).unwrap();
    for proof in [Vec::new(), right[1..].to_vec(), longer, wrong] {
        let mut log = with(&leaves[..3]);
        let (old, _) = publish(&mut log, &tree, at(1));
        log.step(accept(2, &leaves[3..]), at(2)).unwrap();
        log.step(Input::Durable { size: 7 }, at(2)).unwrap();
        log.step(Input::Publish, at(2)).unwrap();
        let stopped = log.step(Input::Stored { size: 7, proof }, at(2)).unwrap_err();
        assert!(matches!(stopped, Stop::Fork { old: from, .. } if from == old), "{stopped:?}");
        assert_eq!((log.head(), log.stored()), (old, 3));
        assert_eq!(log.step(Input::Publish, at(3)), Err(stopped));
    }
}

#[test]
fn a_signature_that_was_not_asked_for_stops_the_log() {
    let leaves = leaves(2);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let mut log = with(&leaves);
    let (head, _) = publish(&mut log, &tree, at(1));
    stops(&mut log, Input::Signed { head }, &Stop::Signed { found: head });
    let mut log = with(&leaves);
    log.step(Input::Publish, at(1)).unwrap();
    log.step(Input::Stored { size: 2, proof: Vec::new() }, at(1)).unwrap();
    let found = Head { size: 2, root: leaves[0] };
    stops(&mut log, Input::Signed { head: found }, &Stop::Signed { found });
}

fn replay(leaves: &[Digest], heads: &[Head]) -> Result<Sequencer, Stop> {
    let mut recovery = Recovery::new(heads.iter().map(|head| (*head, at(50))))?;
    for leaf in leaves {
        recovery.replay(at(0), *leaf)?;
    }
    recovery.finish()
}

#[test]
fn a_restart_goes_on_where_the_log_was() {
    let leaves = leaves(9);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let head = |size| tree.head_at(size).unwrap();
    // The heads in any order, one of them twice.
    let mut log = replay(&leaves, &[head(4), head(7), head(0), head(7)]).unwrap();
    assert_eq!((log.accepted(), log.durable(), log.stored()), (9, 9, 7));
    assert_eq!(log.head(), head(7));
    assert_eq!(log.stamp(at(20)), at(50));
    assert_eq!(publish(&mut log, &tree, at(20)), (head(9), at(50)));
    assert_eq!(replay(&[], &[]).unwrap().head(), Head::empty());
}

#[test]
fn a_restart_may_begin_after_entries_that_are_gone() {
    let leaves = leaves(9);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let head = |size| tree.head_at(size).unwrap();
    let begin = |size| Frontier::read(size, &tree).unwrap();
    let mut recovery = Recovery::after(begin(6), Some(at(3)), [(head(6), at(4))]).unwrap();
    assert_eq!(recovery.size(), 6);
    leaves[6..].iter().for_each(|leaf| recovery.replay(at(3), *leaf).unwrap());
    let log = recovery.finish().unwrap();
    assert_eq!((log.accepted(), log.stored(), log.head()), (9, 6, head(6)));
    let early = Recovery::after(begin(6), None, [(head(5), at(4))]);
    let stop = Stop::Changed { signed: head(5), found: head(6) };
    assert_eq!(early.map(|recovery| recovery.size()), Err(stop));
}

#[test]
fn a_restart_without_all_that_was_signed_is_refused() {
    let leaves = leaves(9);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let head = |size| tree.head_at(size).unwrap();
    let lost = |found| Err(Stop::Lost { signed: head(9), found });
    for left in 0..9 {
        let resumed = replay(&leaves[..left], &[head(2), head(9)]).map(|log| log.head());
        assert_eq!(resumed, lost(left as u64));
    }
    assert!(replay(&leaves, &[head(9)]).is_ok());
}

#[test]
fn a_restart_from_other_entries_is_refused() {
    let leaves = leaves(9);
    let tree: MemoryTree = leaves.iter().copied().collect();
    let signed = tree.head_at(5).unwrap();
    for at in 0..9 {
        let mut changed = leaves.clone();
        changed[at].0[0] ^= 1;
        let resumed = replay(&changed, &[signed]);
        // What no head covers may still be what it wants to be.
        assert_eq!(matches!(resumed, Err(Stop::Changed { .. })), at < 5);
    }
    let mut swapped = leaves.clone();
    swapped.swap(0, 1);
    assert!(matches!(replay(&swapped, &[signed]), Err(Stop::Changed { .. })));
    let empty = Head { size: 0, root: signed.root };
    assert!(matches!(replay(&leaves, &[empty]), Err(Stop::Changed { .. })));
}

#[test]
fn a_restart_in_which_time_decreases_is_refused() {
    let mut recovery = Recovery::new([]).unwrap();
    recovery.replay(at(5), leaves(1)[0]).unwrap();
    let stop = Stop::TimeDecreases { last: at(5), found: at(4) };
    assert_eq!(recovery.replay(at(4), leaves(1)[0]), Err(stop));
}
