//! The attack, over real TCP: two voters with mandates of two shards cast one voter stamp at two
//! edges, to have it recorded by both.

use std::net::SocketAddr;

use booth::campaign::Shard;
use booth::request::VoteRequest;

use crate::client::{Client, Reply};
use crate::instance::Script;
use crate::platform::Whole;
use crate::solar::{Edge, Plan, cast, configuration, mandate, serve};

async fn cast_at(edge: SocketAddr, request: &VoteRequest) -> Reply {
    cast(&mut Client::connect(edge).await, request).await
}

/// The first number from one on whose mandate is of a shard.
fn number_of(whole: &Whole, shard: u16, from: u32) -> u32 {
    let is_there = |number: &u32| whole.campaign.shard_of(mandate(*number).id()) == Shard(shard);
    (from..from + 100).find(is_there).unwrap()
}

/// Two requests with one stamp: of the first shard, and of the second.
async fn twins(whole: &Whole, from: u32) -> [VoteRequest; 2] {
    let [one, other] = [0, 1].map(|shard| number_of(whole, shard, from));
    let mut client = Client::connect(whole.edge).await;
    let first = whole.vote(&mut client, one, "Bold Jupiter").await;
    let second = VoteRequest { mandate: mandate(other), ..first.clone() };
    [first, second]
}

/// Each edge by itself would take it, and so would each shard.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_stamp_is_recorded_once_at_two_edges_of_two_shards() {
    let whole = Whole::start("test", 5).await;
    for (first, second, from) in [(0, 1, 100), (1, 0, 200)] {
        let twins = twins(&whole, from).await;
        let accepted = cast_at(whole.edge, &twins[first]).await;
        assert_eq!(accepted.status, 202);
        assert_eq!(cast_at(whole.other_edge, &twins[second]).await.status, 487);
        for edge in [whole.edge, whole.other_edge] {
            assert_eq!(cast_at(edge, &twins[first]).await, accepted, "asked again");
            assert_eq!(cast_at(edge, &twins[second]).await.status, 487);
        }
        // Whoever was refused votes with another stamp.
        let own = number_of(&whole, u16::try_from(second).unwrap(), from);
        let mut client = Client::connect(whole.other_edge).await;
        let other = whole.vote(&mut client, own, "Humble Pluto").await;
        assert_eq!(cast(&mut client, &other).await.status, 202);
    }
    assert_eq!(recorded(whole).await, 4);
}

/// Votes on the list when all is over.
async fn recorded(whole: Whole) -> usize {
    whole.clock.advance(2 * 86_400);
    whole.published().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_at_the_same_instant_one_stamp_is_recorded_once_at_the_most() {
    let whole = Whole::start("test", 5).await;
    let mut accepted = 0;
    for round in 0..40 {
        let [one, other] = twins(&whole, 1_000 + 20 * round).await;
        let both = tokio::join!(cast_at(whole.edge, &one), cast_at(whole.other_edge, &other));
        let statuses = [both.0.status, both.1.status];
        assert!(statuses.iter().all(|status| [202, 487].contains(status)), "{statuses:?}");
        assert!(statuses.contains(&487), "{statuses:?}");
        accepted += statuses.iter().filter(|status| **status == 202).count();
    }
    assert_eq!(recorded(whole).await, accepted);
}

/// What an instance has forgotten it has recorded, or another one knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instance_that_is_started_again_makes_no_stamp_good_a_second_time() {
    let mut whole = Whole::start("test", 5).await;
    for (round, restarted) in [0, 1, 0, 1].into_iter().enumerate() {
        let first = round / 2;
        let twins = twins(&whole, 100 * u32::try_from(round + 1).unwrap()).await;
        assert_eq!(cast_at(whole.edge, &twins[first]).await.status, 202);
        whole.stop(restarted).await;
        whole.start_again(restarted).await;
        // An edge that found nobody there asks again after five seconds.
        whole.clock.advance(6);
        assert_eq!(cast_at(whole.other_edge, &twins[1 - first]).await.status, 487);
        assert_eq!(cast_at(whole.other_edge, &twins[first]).await.status, 202);
    }
    assert_eq!(recorded(whole).await, 4);
}

/// Votes go through while a shard is away, and what it recorded before it went, or what was
/// recorded meanwhile, is not recorded again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shard_that_is_away_keeps_nobody_from_voting_and_no_stamp_from_being_known() {
    let mut whole = Whole::start("test", 5).await;
    let [before, meanwhile] = [twins(&whole, 100).await, twins(&whole, 200).await];
    assert_eq!(cast_at(whole.edge, &before[0]).await.status, 202);
    whole.stop(0).await;
    // The attack: the stamp of a vote whose shard cannot be asked.
    assert_eq!(cast_at(whole.other_edge, &before[1]).await.status, 487);
    assert_eq!(cast_at(whole.edge, &meanwhile[1]).await.status, 202, "votes go through");
    assert_eq!(cast_at(whole.other_edge, &meanwhile[0]).await.status, 503, "its own do not");
    whole.start_again(0).await;
    assert_eq!(cast_at(whole.other_edge, &meanwhile[0]).await.status, 487);
    assert_eq!(cast_at(whole.other_edge, &before[0]).await.status, 202, "asked again");
    assert_eq!(recorded(whole).await, 2);
}

/// The attack: ask both edges for published votes with each mandate of their batch, and look
/// where the two answer differently. One has taken the vote, the other has not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_edges_answer_alike_whichever_took_a_vote() {
    let whole = Whole::start("test", 5).await;
    let edges = [whole.edge, whole.other_edge];
    let mut cast_votes = Vec::new();
    // Ten of each shard, in turn at the one edge and at the other: five of each are published.
    for (round, edge) in (0..10).zip(edges.into_iter().cycle()) {
        for shard in [0, 1] {
            let number = number_of(&whole, shard, 50 * round);
            let request =
                whole.vote(&mut Client::connect(edge).await, number, "Shiny Saturn").await;
            assert_eq!(cast_at(edge, &request).await.status, 202);
            cast_votes.push((shard, request));
        }
    }
    let form = |reply: &Reply| {
        let names = reply.headers.iter().filter(|(name, _)| !name.starts_with("receipt0"));
        (reply.status, names.cloned().collect::<Vec<_>>())
    };
    let is_published = async |request: &VoteRequest| cast_at(edges[0], request).await.status == 204;
    for (_, request) in &cast_votes[..2] {
        while !is_published(request).await {
            tokio::task::yield_now().await;
        }
    }
    let unused = [0, 1].map(|shard| (shard, mandate(number_of(&whole, shard, 5_000))));
    let mut seen = std::collections::BTreeSet::new();
    for (of_vote, vote) in &cast_votes[..4] {
        let others = cast_votes[..4].iter().map(|(shard, one)| (*shard, one.mandate));
        for (of_mandate, mandate) in unused.into_iter().chain(others) {
            let pair = VoteRequest { mandate, ..vote.clone() };
            let replies = [cast_at(edges[0], &pair).await, cast_at(edges[1], &pair).await];
            let [one, other] = &replies;
            assert_eq!(one.status, other.status);
            if one.status != 204 {
                assert_eq!(form(one), form(other));
            }
            let has_voted = !unused.iter().any(|(_, unused)| *unused == mandate);
            seen.insert((*of_vote == of_mandate, has_voted, one.status));
        }
    }
    let expected = [(false, false, 487), (false, true, 481), (true, false, 487), (true, true, 204)];
    assert_eq!(seen, expected.into());
}

/// A stamp is asked about at the other shard whatever becomes of the request, so that neither its
/// way nor the time that it takes tells whether this edge took the vote, or how old its stamp is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_asks_the_other_shard_once() {
    let edge = Edge::start(Plan::default()).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    let own = usize::from(edge.campaign().shard_of(request.mandate.id()).0);
    let other = &edge.platform.instances[1 - own][0];
    let same_shard =
        |number: &u32| usize::from(edge.campaign().shard_of(mandate(*number).id()).0) == own;
    let crossing = (2..).filter(same_shard).map(mandate);
    let crossing: Vec<_> =
        crossing.take(2).map(|mandate| VoteRequest { mandate, ..request.clone() }).collect();
    // A new vote, the same vote with another mandate, and one more when its stamp is too old.
    assert_eq!(edge.cast(&request).await.status, 204);
    assert_eq!(edge.cast(&crossing[0]).await.status, 487);
    edge.clock().advance(3_600);
    assert_eq!(edge.cast(&crossing[1]).await.status, 487);
    assert_eq!(other.asked("/claim"), 3);
    assert_eq!(edge.platform.instances[own][0].asked("/claim"), 0);
    assert_eq!(edge.platform.behind.stamps.lock().unwrap().len(), 1, "the two claimed nothing");
    assert_eq!(edge.metric("edge_origin_total{path=\"/claim\"}").await, Some(3));
}

/// The attack: make the instances of both shards slow or full, so that neither is asked about the
/// other's votes. Who judges no claim holds the others' votes up, for half a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_judged_is_not_granted() {
    for script in [
        Script::Says(503, vec![("retry-after", "1")]),
        Script::Says(403, vec![]),
        Script::Says(404, vec![]),
        Script::Says(202, vec![]),
    ] {
        let edge = Edge::start(Plan::default()).await;
        let request = edge.vote(1, "Bold Jupiter").await;
        let own = usize::from(edge.campaign().shard_of(request.mandate.id()).0);
        let other = &edge.platform.instances[1 - own][0];
        other.does_with_claims(script);
        for seconds in [0, 29] {
            edge.clock().advance(seconds);
            assert_eq!(edge.cast(&request).await.status, 503);
        }
        assert_eq!(edge.platform.instances[own][0].asked("/vote"), 0);
        edge.clock().advance(1);
        assert_eq!(edge.cast(&request).await.status, 204, "its trouble is not everybody's");
        assert_eq!(edge.metric("edge_origin_failures_total{path=\"/claim\"}").await, Some(3));
    }
}

/// A stamp that is claimed elsewhere is asked for as one that can only be repeated.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_goes_on_as_a_repeated_request() {
    let edge = Edge::start(Plan::default()).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    let own = usize::from(edge.campaign().shard_of(request.mandate.id()).0);
    let [other, asked] = [1 - own, own].map(|shard| &edge.platform.instances[shard][0]);
    other.does_with_claims(Script::Says(487, vec![]));
    assert_eq!(edge.cast(&request).await.status, 487);
    assert_eq!((asked.asked("/vote"), asked.asked("/repeat"), asked.votes()), (0, 1, 0));
    assert_eq!(edge.metric("edge_claims_refused_total").await, Some(1));
    // Another edge before the same instances, asked while the first keeps its answer.
    other.does_with_claims(Script::Well);
    let path = configuration(&[&edge.platform]);
    let clock = std::sync::Arc::clone(&edge.platform.behind.clock);
    let (address, _, _running) = serve(&path, &[], &clock).await;
    assert_eq!(cast_at(address, &request).await.status, 204);
}
