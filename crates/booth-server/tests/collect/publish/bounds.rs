//! What one barrier takes, in records and in time.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use booth::campaign::Shard;
use booth_server::publish::{Lie, Outcome, PublishConfig, Server};
use booth_server::wire::{self, CutSaid, CutsSaid};
use canon::Digest;
use service::clock::ManualClock;
use service::config::Override;
use service::limits::Limits;
use service::stop;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::world::{MadeUp, Publishing, after_the_end, config, of_shard};
use crate::instance::Platform;

/// A table of the configuration.
fn table(name: &str, text: &str) -> Override {
    Override::new(name, text.parse::<toml::Table>().unwrap())
}

/// Votes of each stamp period between two numbers of lines.
fn periods(lines: &[String]) -> BTreeMap<String, usize> {
    let mut periods = BTreeMap::new();
    for line in lines {
        *periods.entry(line.split(' ').next().unwrap().to_owned()).or_default() += 1;
    }
    periods
}

/// Two shards with a backlog of five batches of three and a remainder each, and a barrier that
/// takes two batches of each.
struct Backlog {
    runtime: Runtime,
    platform: Platform,
    instances: [MadeUp; 2],
    config: PublishConfig,
}

impl Backlog {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let platform = Platform::new("demonstration", 3, 2);
        let instances = [0, 1].map(|shard| MadeUp::start(&runtime, shard));
        let addresses = [instances[0].address, instances[1].address];
        let few = [table("barrier", "records = 13")];
        let config = config(&platform, &addresses, &few);
        for (shard, instance) in (0..).zip(&instances) {
            for batch in 0..5 {
                instance.says().cut(&of_shard(&platform, shard, 1_000 * batch, 3));
            }
        }
        Self { runtime, platform, instances, config }
    }

    /// The remainders.
    fn end(&self) {
        for (shard, instance) in (0..).zip(&self.instances) {
            let mut says = instance.says();
            says.cut(&of_shard(&self.platform, shard, 9_000, 1));
            says.said.is_closed = true;
        }
    }
}

fn taken(publishing: &Publishing) -> bool {
    match publishing.snapshot().unwrap() {
        Outcome::Taken { away, is_more, .. } if away.is_empty() => is_more,
        other => panic!("{other:?}"),
    }
}

/// A publisher that was away while votes were cast, and one that comes back after the end: each
/// snapshot adds whole batches, and the remainders of both shards come together, in the last one.
#[test]
fn a_backlog_is_taken_in_parts() {
    for is_over in [false, true] {
        let backlog = Backlog::new();
        let publishing = Publishing::start(&backlog.config);
        if is_over {
            backlog.end();
            publishing.clock.set(after_the_end());
        }
        let mut before = 0;
        for (part, is_more) in [(12, true), (12, true), (if is_over { 8 } else { 6 }, false)] {
            assert_eq!(taken(&publishing), is_more, "after {before}, over: {is_over}");
            let lines = publishing.lines("vote");
            assert_eq!(lines.len() - before, part, "over: {is_over}");
            let is_last = publishing.json("results")["is_last"] == true;
            assert_eq!(is_last, is_over && !is_more);
            assert!(is_last || periods(&lines[before..]).values().all(|count| *count >= 3));
            before = lines.len();
        }
        assert_eq!(publishing.lines("auth").len(), before);
        publishing.stop();
    }
}

/// The rest does not wait for the timer, which goes once an hour here.
#[test]
fn the_rest_of_a_backlog_follows_at_once() {
    let backlog = Backlog::new();
    let mut hourly = backlog.config.clone();
    hourly.snapshot_s = 3_600;
    let clock = std::sync::Arc::new(ManualClock::new(crate::fixture::noon()));
    let server = backlog.runtime.block_on(Server::open(&hourly, None, clock)).unwrap();
    let publisher = server.publisher();
    let (handle, stop) = stop::pair();
    let serving = backlog.runtime.spawn(server.run(stop));
    let all = crate::instance::until(|| publisher.shown().filter(|shown| shown.records == 30));
    assert_eq!(all.number, 2);
    handle.ask();
    backlog.runtime.block_on(serving).unwrap();
}

/// Two shards, of which the second is at this address, with a batch in the first.
fn beside(
    runtime: &Runtime,
    address: SocketAddr,
    limits: &[Override],
) -> (Publishing, (MadeUp, Platform)) {
    let platform = Platform::new("demonstration", 3, 2);
    let honest = MadeUp::start(runtime, 0);
    honest.says().cut(&of_shard(&platform, 0, 0, 3));
    let publishing = Publishing::start(&config(&platform, &[honest.address, address], limits));
    (publishing, (honest, platform))
}

/// The attack: an instance that gives a byte now and then, for an answer that would take a year. It
/// counts as away when its time is up, and the other shard is published. Each single answer may
/// take a day here.
#[test]
fn an_instance_that_drips_holds_nobody_up() {
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(drip(stream));
        }
    });
    let limits = [table("origin", "answer_ms = 86400000"), table("barrier", "shard_ms = 400")];
    let (publishing, honest) = beside(&runtime, address, &limits);
    for (number, lines) in [(0, 3), (1, 3)] {
        let away = vec![Shard(1)];
        let expected = Outcome::Taken { number, away, is_more: false };
        assert_eq!(publishing.snapshot().unwrap(), expected);
        assert_eq!(publishing.lines("vote").len(), lines);
    }
    assert_eq!(publishing.get("/healthz").body, b"not reached: shard 1\n");
    publishing.stop();
    drop(honest);
}

async fn drip(mut stream: tokio::net::TcpStream) {
    let mut asked = [0; 1024];
    let _ = stream.read(&mut asked).await;
    let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n".to_vec();
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(5));
    while stream.write_all(&bytes).await.is_ok() {
        ticks.tick().await;
        bytes = b" ".to_vec();
    }
}

/// The attack: an instance whose list of cuts never ends, each answer at once. No more of it is
/// held than a barrier takes, and it does not make the publisher go round without a pause.
#[test]
fn a_list_of_cuts_without_an_end_is_heard_in_parts() {
    let runtime = Runtime::new().unwrap();
    let cuts = async |headers: HeaderMap| {
        let from: u64 = headers[wire::FROM].to_str().unwrap().parse().unwrap();
        let none =
            CutSaid { records: 0, vote_bytes: 0, voters: Digest::of(b""), votes: Digest::of(b"") };
        let cuts = vec![none; wire::MOST_CUTS];
        let ledger = format!("{:032x}", 1);
        let total = 1 << 40;
        assert!(from < 1 << 20, "it is asked for more and more");
        serde_json::to_vec(&CutsSaid { cuts, is_closed: false, ledger, shard: 1, total }).unwrap()
    };
    let router = Router::new().route(wire::CUTS_PATH, get(cuts));
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (handle, stop) = stop::pair();
    let limits = Limits { connections_per_peer: Some(1_000), ..Limits::default() };
    runtime.spawn(async move { service::http::run(listener, router, &limits, stop).await });
    let (publishing, honest) = beside(&runtime, address, &[]);
    assert!(taken(&publishing), "there is more, and something was added");
    assert!(!taken(&publishing), "nothing was added");
    assert_eq!(publishing.lines("vote").len(), 3);
    assert!(publishing.publisher.shown().unwrap().shards[1].cuts >= 200_000);
    publishing.stop();
    drop((honest, handle));
}

/// The attack: one cut of 2^40 records. None of it is fetched.
#[test]
fn a_cut_larger_than_any_can_be_is_a_lie() {
    let runtime = Runtime::new().unwrap();
    let hostile = MadeUp::start(&runtime, 1);
    {
        let mut says = hostile.says();
        says.add(1 << 40, Vec::new(), Vec::new());
        says.said.cuts[0].vote_bytes = 300 << 40;
    }
    let (publishing, honest) = beside(&runtime, hostile.address, &[]);
    let away = vec![Shard(1)];
    let expected = Outcome::Taken { number: 0, away, is_more: false };
    assert_eq!(publishing.snapshot().unwrap(), expected);
    let is_large = |lie: &Lie| matches!(lie, Lie::TooLarge { records, .. } if *records == 1 << 40);
    let lies = publishing.publisher.lies();
    assert!(lies.len() == 1 && is_large(&lies[0]), "{lies:?}");
    assert_eq!(publishing.lines("vote").len(), 3, "of the other shard");
    publishing.stop();
    drop(honest);
}
