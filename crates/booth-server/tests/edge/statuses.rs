//! Every status of the table in `docs/spec/booth.md`, in the order of the checks.

use std::sync::Arc;

use booth::request::VoteRequest;
use booth::totp::Code;
use booth::work::Nonce;
use service::clock::ManualClock;

use crate::client::Reply;
use crate::solar::{Edge, Plan, Platform, cast, mandate, mandate_of, mined};

/// A vote with everything wrong that an edge can see behind the form: no work, a voter stamp for
/// other platform stamps, an authority of elsewhere, a decoy.
async fn all_wrong(edge: &Edge) -> VoteRequest {
    let (decoy, _) = edge.stamps(edge.wrong_code()).await;
    let (_, stamp) = edge.stamps(edge.codes().current).await;
    let mut request = mined((decoy, stamp), mandate_of(2, 1), "Great Comet");
    without_work(&mut request);
    request
}

fn without_work(request: &mut VoteRequest) {
    let puzzle = request.vote.puzzle();
    let mut nonces = (0..).map(Nonce::from);
    request.vote.nonce = nonces.find(|nonce| puzzle.score(nonce) < 4).unwrap();
}

/// Work again, after another field was set right.
fn remined(request: &VoteRequest) -> VoteRequest {
    let vote = &request.vote;
    mined((vote.platform, vote.stamp), request.mandate, &vote.say)
}

#[tokio::test]
async fn what_is_no_path_of_the_interface_is_refused_without_a_body() {
    let edge = Edge::start(Plan::default()).await;
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
    let nonce = "/8000000054e12cba";
    let mut heads: Vec<String> = [
        "/hello",
        "/",
        "/vote",
        "/totp",
        "/healthz",
        "/metrics",
        "/list/",
        "/list?a",
        "/LIST",
        "/stamp?TOTP=123456",
        "//list",
        "/%6cist",
        "/8000000054E12CBA",
        "/80000000",
        "/8000000054e12cba?",
        "http://solar.example.org/list",
    ]
    .map(get)
    .to_vec();
    heads.push(get(&format!("/{}", "0".repeat(66))));
    for method in ["POST", "HEAD", "OPTIONS", "PUT", "list"] {
        heads.push(format!("{method} /list HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    heads.push(format!("GET {nonce} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"));
    for head in heads {
        let reply = edge.client().await.say(head.as_bytes()).await;
        assert_eq!(reply.status, 400, "{head}");
        assert!(matches!(reply.header("content-length"), Some("0") | None), "{head} {reply:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{head}");
    }
    assert!(edge.platform.all().all(|instance| instance.asked("/list") == 0));
}

#[tokio::test]
async fn every_header_has_to_be_there_once_and_in_its_form() {
    let edge = Edge::start(Plan::default()).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    let headers = request.headers();
    let mut client = edge.client().await;
    for at in 0..headers.len() {
        let mut missing = headers.clone();
        missing.remove(at);
        let mut twice = headers.clone();
        twice.push(headers[at].clone());
        let mut other = headers.clone();
        other[at].1 = format!("{}%", other[at].1);
        for lines in [missing, twice, other] {
            let lines: Vec<_> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let reply = client.get(&request.path(), &lines).await;
            assert_eq!(reply.status, 486, "{:?}", headers[at].0);
        }
    }
    for lines in [&[][..], &[("TOTP", "12345")], &[("TOTP", "1234567")], &[("TOTP", "12345a")]] {
        assert_eq!(client.get("/stamp", lines).await.status, 486, "{lines:?}");
    }
    let station = [("TOTP", "123456"), ("Station", "s-1")];
    assert_eq!(client.get("/stamp", &station).await.status, 486, "a campaign without stations");
    let twice = [("TOTP", "123456"), ("TOTP", "123456")];
    assert_eq!(client.get("/stamp", &twice).await.status, 486);
}

/// One request with everything wrong; after each answer the one thing that it named is put right.
#[tokio::test]
async fn the_checks_come_in_their_order() {
    let edge = Edge::start(Plan::default()).await;
    let mut client = edge.client().await;
    let mut request = all_wrong(&edge).await;
    let headers = request.headers();
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
    headers.push(("say", "Great Comet"));
    assert_eq!(client.get(&request.path(), &headers).await.status, 486);
    assert_eq!(cast(&mut client, &request).await.status, 489);
    request = remined(&request);
    assert_eq!(cast(&mut client, &request).await.status, 484);
    let decoy = (request.vote.platform, request.vote.stamp);
    let other = mandate(7);
    let signature = *mandate(8).signature();
    let forged =
        booth::mandate::Mandate::from_parts(other.id().authority, signature, other.id().id);
    request = mined(decoy, forged, "Great Comet");
    assert_eq!(cast(&mut client, &request).await.status, 483);
    request = mined(decoy, other, "Great Comet");
    assert_eq!(cast(&mut client, &request).await.status, 488);
    let stamps = edge.stamps(edge.codes().current).await;
    // The voter stamp of another answer: good for no new vote.
    request = mined((stamps.0, decoy.1), other, "Bold Jupiter");
    assert_eq!(cast(&mut client, &request).await.status, 487);
    request = mined(stamps, other, "Great Comet");
    let reply = cast(&mut client, &request).await;
    assert_eq!((reply.status, reply.header("cache-control")), (482, Some("max-age=300")));
    let stamps = edge.stamps(edge.codes().current).await;
    request = mined(stamps, other, "Bold Jupiter");
    assert_eq!(cast(&mut client, &request).await.status, 204);
    let again = edge.stamps(edge.codes().current).await;
    let reply = cast(&mut client, &mined(again, other, "Humble Pluto")).await;
    assert_eq!((reply.status, reply.header("cache-control")), (481, Some("max-age=300")));
    let votes: usize = edge.platform.all().map(crate::instance::Instance::votes).sum();
    assert_eq!(votes, 1);
}

#[tokio::test]
async fn outside_its_time_a_campaign_gives_no_stamps() {
    let early = Arc::new(ManualClock::new("2026-11-03T06:59:59Z".parse().unwrap()));
    let late = Arc::new(ManualClock::new("2026-11-04T20:00:00Z".parse().unwrap()));
    for clock in [early, late] {
        let edge = Edge::of(Platform::start(Plan::default(), &clock).await).await;
        let code: Code = edge.codes().current;
        let reply = edge.client().await.get("/stamp", &[("TOTP", &code.to_string())]).await;
        assert_eq!(reply.status, 485);
        assert!(edge.platform.all().all(|instance| instance.asked("/totp") == 0));
    }
}

/// 485 of an instance, whose clock is behind the edge's.
#[tokio::test]
async fn what_an_instance_refuses_is_handed_on() {
    let edge = Edge::start(Plan::default()).await;
    for (number, (status, expected)) in
        [(485, 485), (487, 487), (486, 486), (484, 484), (483, 483), (421, 503), (404, 503)]
            .into_iter()
            .enumerate()
    {
        let request = edge.vote(u32::try_from(number).unwrap(), "Bold Jupiter").await;
        for instance in edge.platform.all() {
            instance.does(crate::instance::Script::Says(status, Vec::new()));
        }
        assert_eq!(edge.cast(&request).await.status, expected, "{status}");
        for instance in edge.platform.all() {
            instance.does(crate::instance::Script::Well);
        }
    }
}

/// The attack: a valid mandate tries stamps until 488 no longer comes.
#[tokio::test]
async fn a_mandate_has_five_guesses_and_then_waits() {
    let edge = Edge::start(Plan::default()).await;
    let mut client = edge.client().await;
    for _ in 0..5 {
        let decoy = edge.stamps(edge.wrong_code()).await;
        assert_eq!(cast(&mut client, &mined(decoy, mandate(1), "Bold Jupiter")).await.status, 488);
    }
    let genuine = edge.vote(1, "Bold Jupiter").await;
    let locked = cast(&mut client, &genuine).await;
    assert_eq!((locked.status, locked.header("retry-after")), (429, Some("600")));
    assert_eq!(edge.cast(&edge.vote(2, "Bold Jupiter").await).await.status, 204, "others go on");
    edge.clock().advance(599);
    assert_eq!(cast(&mut client, &genuine).await.header("retry-after"), Some("1"));
    edge.clock().advance(1);
    assert_eq!(cast(&mut client, &genuine).await.status, 204);
}

/// The attack: one request is sent again and again, to wear the instances out. Where votes are
/// published in batches no answer is kept, and it records nothing for all that.
#[tokio::test]
async fn a_replay_records_nothing() {
    let edge = Edge::start(Plan::default()).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    let mut client = edge.client().await;
    for _ in 0..200 {
        assert_eq!(cast(&mut client, &request).await.status, 204);
    }
    let asked = |path| edge.platform.all().map(|one| one.asked(path)).sum::<usize>();
    assert_eq!((asked("/vote"), asked("/repeat")), (1, 199));
}

/// The same attack where every vote is a batch of its own.
#[tokio::test]
async fn a_replay_is_answered_by_the_edge() {
    let edge = Edge::start(Plan { k: 0, ..Plan::default() }).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    let mut client = edge.client().await;
    let first = cast(&mut client, &request).await;
    for _ in 0..200 {
        assert_eq!(cast(&mut client, &request).await, first);
    }
    let asked = |path| edge.platform.all().map(|one| one.asked(path)).sum::<usize>();
    assert_eq!((asked("/vote"), asked("/repeat")), (1, 0));
    edge.clock().advance(300);
    assert_eq!(cast(&mut client, &request).await, first, "and then by the instance");
    assert_eq!((asked("/vote"), asked("/repeat")), (1, 1));
}

/// The attack: a stamp that was seen is used for another vote, or another nonce is found for it.
#[tokio::test]
async fn an_answer_is_for_all_fields_and_a_stamp_for_one_request() {
    let edge = Edge::start(Plan::default()).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    let stamps = (request.vote.platform, request.vote.stamp);
    assert_eq!(edge.cast(&request).await.status, 204);
    let mut others =
        vec![mined(stamps, mandate(2), "Bold Jupiter"), mined(stamps, mandate(1), "Shiny Saturn")];
    let mut nonce = request.clone();
    let puzzle = nonce.vote.puzzle();
    let mut nonces = (1..).map(Nonce::from);
    nonce.vote.nonce = nonces.find(|nonce| puzzle.score(nonce) >= 4).unwrap();
    others.push(nonce);
    for other in others {
        let reply: Reply = edge.cast(&other).await;
        assert_eq!(reply.status, 487);
        assert_eq!(reply.header("receipt01"), None);
    }
}

#[tokio::test]
async fn a_voter_stamp_ends_after_half_an_hour() {
    let edge = Edge::start(Plan::default()).await;
    let request = edge.vote(1, "Bold Jupiter").await;
    edge.clock().advance(1_800);
    let late = edge.vote(2, "Bold Jupiter").await;
    assert_eq!(edge.cast(&request).await.status, 204);
    edge.clock().advance(2_100);
    assert_eq!(edge.cast(&late).await.status, 487);
    let repeats = || edge.platform.all().map(|one| one.asked("/repeat")).sum::<usize>();
    assert_eq!(repeats(), 1, "an instance was asked whether it knows it");
    assert_eq!(edge.cast(&late).await.status, 487);
    assert_eq!(repeats(), 1, "and not again at once");
    assert_eq!(edge.cast(&request).await.status, 204, "what is recorded is answered for ever");
    let votes: usize = edge.platform.all().map(crate::instance::Instance::votes).sum();
    assert_eq!(votes, 1);
}
