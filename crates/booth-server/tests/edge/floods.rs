//! Crowds, slow clients, long heads: the tables stay as they are, and the others are served.

use std::sync::Arc;

use booth::mandate::Mandate;

use crate::client::Client;
use crate::instance::Script;
use crate::solar::{Edge, Plan, cast, mandate, mined};

/// A vote that shows work and stamps, with a signature that is its authority's over another id.
fn forged(
    stamps: (booth::stamp::PlatformStamp, booth::stamp::VoterStamp),
    number: u32,
) -> booth::request::VoteRequest {
    let own = mandate(number);
    let signature = *mandate(number + 1).signature();
    let forged = Mandate::from_parts(own.id().authority, signature, own.id().id);
    mined(stamps, forged, "Bold Jupiter")
}

/// The attack: signatures that have to be judged, from many connections at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_signatures_do_not_hold_up_the_options() {
    let tables = "[examinations]\nat_once = 1\nwaiting = 8\n".to_owned();
    let edge = Arc::new(Edge::start(Plan { tables, ..Plan::default() }).await);
    let stamps = edge.stamps(edge.codes().current).await;
    let mut flood = Vec::new();
    for number in 0..80 {
        let (mut client, request) = (edge.client().await, forged(stamps, number));
        flood.push(tokio::spawn(async move {
            let mut statuses = Vec::new();
            for _ in 0..10 {
                statuses.push(cast(&mut client, &request).await.status);
            }
            statuses
        }));
    }
    let mut client = edge.client().await;
    for _ in 0..100 {
        assert_eq!(client.get("/list", &[]).await.status, 204);
    }
    let mut judged = 0;
    for one in flood {
        for status in one.await.unwrap() {
            assert!([483, 503].contains(&status), "{status}");
            judged += u64::from(status == 483);
        }
    }
    assert!(judged > 0);
    let turned_away = edge.metric("edge_turned_away_total").await;
    assert_eq!(turned_away, Some(800 - judged), "and no other 503");
    assert_eq!(edge.cast(&edge.vote(9_999, "Bold Jupiter").await).await.status, 204);
}

#[tokio::test]
async fn long_heads_and_many_headers_are_refused() {
    let edge = Edge::start(Plan::default()).await;
    let head = |lines: String| format!("GET /list HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
    for lines in [
        format!("X: {}\r\n", "y".repeat(20_000)),
        "X: y\r\n".repeat(150),
        "X: y\r\n".repeat(100_000),
    ] {
        let reply = edge.client().await.say(head(lines).as_bytes()).await;
        assert_eq!(reply.status, 431);
    }
    let path = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "0".repeat(60_000));
    assert!([400, 414, 431].contains(&edge.client().await.say(path.as_bytes()).await.status));
    assert_eq!(edge.client().await.get("/list", &[]).await.status, 204);
}

/// The attack: connections that begin to ask and never end, or never take their answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_clients_are_cut_off_and_hold_up_nobody() {
    let tables = "[limits]\nheader_ms = 100\nwrite_ms = 100\n".to_owned();
    let edge = Edge::start(Plan { tables, ..Plan::default() }).await;
    let mut slow: Vec<Client> = Vec::new();
    for _ in 0..60 {
        let mut client = edge.client().await;
        client.send(b"GET /list HTTP/1.1\r\nHost: a\r\nX: ").await;
        slow.push(client);
    }
    assert_eq!(edge.client().await.get("/list", &[]).await.status, 204);
    for client in slow {
        assert_eq!(client.rest().await, "", "cut off without an answer");
    }
}

/// Behind a proxy all clients have one address; before none, one address has a share.
#[tokio::test]
async fn one_address_has_a_share_unless_it_is_a_proxy() {
    for (is_behind_proxy, served) in [(true, 16), (false, 4)] {
        let tables = "[limits]\nconnections = 16\n".to_owned();
        let platform = crate::solar::Platform::start(
            Plan { tables, ..Plan::default() },
            &crate::solar::noon(),
        )
        .await;
        let path = crate::solar::configuration(&[&platform]);
        let flag = service::config::Override::new("behind_proxy", is_behind_proxy);
        let clock = Arc::clone(&platform.behind.clock);
        let (address, _, _running) = crate::solar::serve(&path, &[flag], &clock).await;
        let mut clients = Vec::new();
        let mut statuses = Vec::new();
        for _ in 0..18 {
            let mut client = Client::connect(address).await;
            client.send(b"GET /list HTTP/1.1\r\nHost: a\r\n\r\n").await;
            statuses.push(client.reply().await.map(|reply| reply.status));
            clients.push(client);
        }
        let well = statuses.iter().filter(|status| **status == Some(204)).count();
        assert_eq!(well, served, "{statuses:?}");
    }
}

/// A table that is full turns new entries away; nothing that still counts is forgotten.
#[tokio::test]
async fn the_tables_do_not_grow_beyond_their_bounds() {
    let tables = "[tables]\nfailures = 2\nstamps = 3\nanswers = 2\n".to_owned();
    let edge = Edge::start(Plan { tables, k: 0, ..Plan::default() }).await;
    let mut client = edge.client().await;
    let mut statuses = Vec::new();
    for number in 0..6 {
        statuses.push(cast(&mut client, &edge.vote(number, "Bold Jupiter").await).await.status);
    }
    assert_eq!(statuses, [204, 204, 204, 503, 503, 503]);
    let mut statuses = Vec::new();
    for number in 10..14 {
        let decoy = edge.stamps(edge.wrong_code()).await;
        statuses
            .push(cast(&mut client, &mined(decoy, mandate(number), "Bold Jupiter")).await.status);
    }
    assert_eq!(statuses, [488, 488, 503, 503], "what cannot be counted is not told");
    let entries =
        async |table| edge.metric(&format!("edge_remembered{{table=\"solar/{table}\"}}")).await;
    assert_eq!(entries("stamps").await, Some(3));
    assert_eq!(entries("failures").await, Some(2));
    assert_eq!(entries("answers").await, Some(2));
    edge.clock().advance(2_401);
    assert_eq!(edge.cast(&edge.vote(20, "Bold Jupiter").await).await.status, 204, "by the clock");
}

/// One request from many connections is one question, for as many as may wait; so many requests
/// may be on their way, and no more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_on_its_way_is_bounded_and_goes_once() {
    let tables = "[tables]\non_their_way = 2\nwaiting = 4\n".to_owned();
    let plan = Plan { instances: vec![1], tables, ..Plan::default() };
    let edge = Arc::new(Edge::start(plan).await);
    let instance = edge.platform.instances[0][0].clone();
    let (request, other) = (edge.vote(1, "Bold Jupiter").await, edge.vote(2, "Humble Pluto").await);
    let third = edge.vote(3, "Shiny Saturn").await;
    instance.does(Script::Holds);
    // The first client goes away; its vote goes on.
    let lines = request.headers().into_iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let lines: String = lines.collect();
    let head = format!("GET {} HTTP/1.1\r\nHost: a\r\n{lines}\r\n", request.path());
    let mut gone = edge.client().await;
    gone.send(head.as_bytes()).await;
    instance.is_asked("/vote", 1).await;
    drop(gone);
    let crowd: Vec<_> = (0..20)
        .map(|_| {
            let (edge, request) = (Arc::clone(&edge), request.clone());
            tokio::spawn(async move { edge.cast(&request).await.status })
        })
        .collect();
    let turned_away = 20 - 3;
    while edge.metric("edge_answers_total{status=\"503\"}").await < Some(turned_away) {
        tokio::task::yield_now().await;
    }
    let second = tokio::spawn({
        let edge = Arc::clone(&edge);
        async move { edge.cast(&other).await.status }
    });
    instance.is_asked("/vote", 2).await;
    assert_eq!(edge.cast(&third).await.status, 503, "two are on their way");
    instance.does(Script::Well);
    let mut statuses = Vec::new();
    for one in crowd {
        statuses.push(one.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[..3], [204; 3]);
    assert_eq!(statuses[3..], [503; 17]);
    assert_eq!((second.await.unwrap(), instance.asked("/vote")), (204, 2));
    assert_eq!(edge.cast(&third).await.status, 204);
}
