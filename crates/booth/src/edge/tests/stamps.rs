//! The attack: two voters with mandates of two shards cast one voter stamp at two edges, and have
//! it recorded twice.

use super::telling::World;
use super::*;
use crate::edge::Claimed;

/// Two requests with one stamp, which both edges find good: of the one shard and of the other.
fn twins(world: &World) -> [VoteRequest; 2] {
    let (one, other) = (world.numbers(0)[0], world.numbers(1)[0]);
    let first = request(one, "Bold Jupiter");
    let second = VoteRequest { mandate: mandate(other), ..first.clone() };
    [first, second]
}

/// A third request of the first shard, which nothing was asked about.
fn another(world: &World) -> VoteRequest {
    request(world.numbers(0)[3], "Bold Jupiter")
}

#[test]
fn one_stamp_is_recorded_by_one_shard_whoever_comes_first() {
    for (first, second) in [(0, 1), (1, 0)] {
        for is_other_say in [false, true] {
            let mut world = World::new();
            let mut twins = twins(&world);
            if is_other_say {
                twins[second].vote.say = "Shiny Saturn".to_owned();
                twins[second] = mined(twins[second].clone());
            }
            assert_eq!(world.ask(0, twins[first].clone(), NOW).0, 202);
            assert_eq!(world.ask(1, twins[second].clone(), NOW).0, 487);
            assert_eq!(world.recorded(), 1);
            // Whoever was accepted is answered again, where no other vote has reserved the stamp,
            // and the other one is refused everywhere.
            for edge in [0, 1] {
                let status = if edge == 1 && is_other_say { 487 } else { 202 };
                assert_eq!(world.ask(edge, twins[first].clone(), after(100)).0, status);
                assert_eq!(world.ask(edge, twins[second].clone(), after(100)).0, 487);
            }
            assert_eq!(world.ask(1, another(&world), NOW).0, 202, "nobody else is held up");
        }
    }
}

/// Each way in which the questions and votes of two edges can follow each other: at most one is
/// recorded, with one shard's answers lost too, and with one that has forgotten its claims.
#[test]
fn however_two_edges_take_turns_one_stamp_is_recorded_once() {
    // By the edge whose turn it is; the first turn of an edge claims, the second casts.
    let orders =
        [[0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0]];
    let mut accepted = 0;
    for order in orders {
        for away in [None, Some(0), Some(1)] {
            for restarted in [None, Some((0, 1)), Some((0, 2)), Some((1, 2)), Some((1, 3))] {
                // What one shard has forgotten, the other one's answer makes good, and the other
                // way round: one failure at a time.
                if away.is_some() && restarted.is_some() {
                    continue;
                }
                let mut world = World::new();
                let twins = twins(&world);
                if let Some(shard) = away {
                    world.unheard[shard] = Some(Claimed::Away);
                }
                let mut begun = [None; 2];
                for (turn, edge) in order.into_iter().enumerate() {
                    if let Some((shard, _)) = restarted.filter(|(_, at)| *at == turn) {
                        world.forget_claims(shard);
                    }
                    let twin = &twins[edge];
                    begun[edge] = match begun[edge] {
                        None => Some(world.claim_all(edge, twin, NOW)),
                        Some(repeats) => {
                            world.finish(edge, twin, repeats, NOW);
                            Some(repeats)
                        }
                    };
                }
                assert!(world.recorded() <= 1, "{order:?} {away:?} {restarted:?}");
                accepted += world.recorded();
            }
        }
    }
    assert!(accepted > 20, "most of them are accepted: {accepted}");
}

/// Without any answer of another shard nothing is known of it: this is what a parted network does.
#[test]
fn two_edges_that_both_miss_the_other_shard_record_a_stamp_twice() {
    let mut world = World::new();
    world.unheard = [Some(Claimed::Away); 2];
    for (edge, twin) in twins(&world).into_iter().enumerate() {
        assert_eq!(world.ask(edge, twin, NOW).0, 202);
    }
    assert_eq!(world.recorded(), 2);
}

/// A shard that is there and does not judge: nothing is recorded, and nothing is given away.
#[test]
fn while_a_shard_does_not_judge_claims_voters_of_others_come_back() {
    let mut world = World::new();
    world.unheard = [None, Some(Claimed::Silent)];
    let [first, second] = twins(&world);
    assert_eq!(world.ask(0, first.clone(), NOW).0, 503);
    assert_eq!(world.ask(1, second, NOW).0, 202, "its own voters do not wait for it");
    world.unheard = [None; 2];
    assert_eq!(world.ask(0, first, NOW).0, 487);
    assert_eq!(world.recorded(), 1);
}
