//! Whoever reads the public lists can ask for each vote with each mandate, without work: what that
//! leaves for holders who ask for their receipts.

use std::sync::Arc;

use booth::request::VoteRequest;
use service::config::Override;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::instance::{Instance, Script};
use crate::solar::{Edge, Plan, Platform, cast, noon};

/// Places of requests that are good for no new vote.
const PLACES: usize = 8;

/// An edge before one instance, and what stands in the public lists.
async fn published(is_behind_proxy: bool) -> (Arc<Edge>, Instance, Vec<VoteRequest>) {
    // No question ends for being slow.
    let tables = format!("[tables]\nrepeats = {PLACES}\n[origin]\nanswer_ms = 600000\n");
    let plan = Plan { instances: vec![1], tables, ..Plan::default() };
    let platform = Platform::start(plan, &noon()).await;
    let edge = Edge::with(platform, &[Override::new("behind_proxy", is_behind_proxy)]).await;
    let mut lists = Vec::new();
    for number in 0..11 {
        let request = edge.vote(number, "Bold Jupiter").await;
        assert_eq!(edge.cast(&request).await.status, 204);
        lists.push(request);
    }
    let instance = edge.platform.instances[0][0].clone();
    (Arc::new(edge), instance, lists)
}

/// Asks from an address, each time on another connection.
fn asks(edge: &Arc<Edge>, from: u8, requests: &[VoteRequest]) -> Vec<JoinHandle<u16>> {
    let ask = |request: VoteRequest| {
        let edge = Arc::clone(edge);
        tokio::spawn(async move {
            let mut client = Client::connect_from(from, edge.address).await;
            cast(&mut client, &request).await.status
        })
    };
    requests.iter().cloned().map(ask).collect()
}

/// How many requests have come to the instance, once so many went on or were turned away.
async fn went_on(edge: &Edge, instance: &Instance, count: usize) -> usize {
    let turned_away = async || edge.metric("edge_answers_total{status=\"503\"}").await;
    loop {
        let asked = instance.asked("/repeat");
        if asked as u64 + turned_away().await.unwrap_or(0) >= count as u64 {
            return asked;
        }
        tokio::task::yield_now().await;
    }
}

/// The attack, from four addresses, while an instance is slow to answer. Behind a proxy, where all
/// have one address, it does what it is meant to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_for_others_keeps_no_holder_from_the_receipt() {
    // By attacker, the places that they get.
    for (is_behind_proxy, got) in [(false, &[2, 2, 2, 1][..]), (true, &[PLACES])] {
        let (edge, instance, lists) = published(is_behind_proxy).await;
        let (holder, others) = lists.split_last().unwrap();
        instance.does(Script::Holds);
        let mut crossed = Vec::new();
        for ((from, places), own) in (2..).zip(got).zip(others) {
            // One vote, with the mandates of all others.
            let mandates = others.iter().map(|one| one.mandate).filter(|one| *one != own.mandate);
            let pairs = mandates.map(|mandate| VoteRequest { vote: own.vote.clone(), mandate });
            let before = instance.asked("/repeat");
            crossed.extend(asks(&edge, from, &pairs.collect::<Vec<_>>()));
            assert_eq!(went_on(&edge, &instance, crossed.len()).await - before, *places);
        }
        let asked = asks(&edge, 1, std::slice::from_ref(holder)).remove(0);
        assert_eq!(went_on(&edge, &instance, crossed.len() + 1).await, PLACES);
        instance.does(Script::Well);
        let expected = if is_behind_proxy { 503 } else { 204 };
        assert_eq!(asked.await.unwrap(), expected, "the receipt");
        for one in crossed {
            assert!([487, 503].contains(&one.await.unwrap()));
        }
        assert_eq!(asks(&edge, 1, std::slice::from_ref(holder)).remove(0).await.unwrap(), 204);
    }
}
