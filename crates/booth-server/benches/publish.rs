//! Votes of two shards, merged and published, and the lists downloaded, all over loopback.
//!
//! The publisher is the real one, with its disk and its syncs. The instances are made up: they hold
//! their lists in memory and cuts of 50. Signatures of stamps and mandates are random bytes, which
//! makes no difference: the publisher judges lines by their form and does not check signatures.
//!
//! ```text
//! cargo bench -p booth-server --bench publish [-- VOTES]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::http::header::RANGE;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use booth::campaign::{Campaign, Period, Shard};
use booth::mandate::{Mandate, VOTERS_LINE_BYTES};
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use booth_server::campaign::read_campaign;
use booth_server::collect;
use booth_server::publish::{Outcome, PublishConfig, Server};
use booth_server::wire::{self, CutSaid, CutsSaid};
use bytes::Bytes;
use canon::{Algorithm, Digest, PrivateKey};
use service::clock::SystemClock;
use service::config::Override;
use service::http::range::{Asked, asked};
use service::limits::Limits;
use service::stop;
use testkit::campaign::{OPTIONS, Solar};
use tokio::net::TcpListener;

const START: &str = "2020-11-03T07:00:00Z";
const CUT: usize = 50;

/// The lists of a shard, and its cuts.
#[derive(Default)]
struct Shown {
    votes: Vec<u8>,
    voters: Vec<u8>,
    cuts: Vec<CutSaid>,
}

fn main() {
    let number = std::env::args().skip(1).find_map(|word| word.parse::<usize>().ok());
    let count = number.unwrap_or(3_000_000);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let campaign = platform(folder.path());
    let start = Instant::now();
    let shards = made(&campaign, count);
    println!("{count} votes made in {:.1} s", start.elapsed().as_secs_f64());
    let records: u64 = shards.iter().flat_map(|shard| &shard.cuts).map(|cut| cut.records).sum();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (handle, stop) = stop::pair();
    let addresses: Vec<SocketAddr> = (0..)
        .zip(shards)
        .map(|(shard, shown)| runtime.block_on(serve(shard, shown, stop.clone())))
        .collect();
    let config = config(folder.path(), &addresses);
    let server = runtime.block_on(Server::open(&config, Arc::new(SystemClock)));
    let server = server.expect("a publisher");
    let (publisher, address) = (server.publisher(), server.address());
    let serving = runtime.spawn(server.run_by_hand(stop));
    let start = Instant::now();
    let taken = runtime.block_on(publisher.snapshot()).expect("a snapshot");
    let seconds = start.elapsed().as_secs_f64();
    assert_eq!(taken, Outcome::Taken { number: 0, away: Vec::new() });
    let shown = publisher.shown().expect("a record");
    assert_eq!(shown.records, records, "all of them");
    println!("{records:>10} votes merged, compressed and durable in {seconds:.1} s");
    for (name, file) in ["vote", "auth"].iter().zip(&shown.files) {
        let start = Instant::now();
        let bytes = download(address, name);
        let rate = bytes as f64 / start.elapsed().as_secs_f64() / 1e6;
        assert!(bytes > file.bytes, "whole");
        println!("{rate:>10.0} MB/s of solar-{name}.log, {} MB", file.bytes / 1_000_000);
    }
    handle.ask();
    runtime.block_on(serving).expect("an end");
}

/// The folder of a platform of two shards.
fn platform(folder: &Path) -> Campaign {
    let authority = PrivateKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
    let rules = Solar {
        purpose: "demonstration",
        authority: authority.public().to_base64(),
        time: (START, "2999-11-03T07:00:00Z"),
        k: 50,
        shards: 2,
        more: "stamp_period_s = 99999999999\n",
        ..Solar::default()
    };
    let file = folder.join("rules.toml");
    std::fs::write(&file, rules.to_string()).expect("a file");
    collect::init(&folder.join("solar"), &file).expect("a platform");
    read_campaign(&folder.join("solar/campaign.toml")).expect("a campaign")
}

fn config(folder: &Path, addresses: &[SocketAddr]) -> PublishConfig {
    let path = folder.join("solar/publish/publish.toml");
    let text = std::fs::read_to_string(&path).expect("a configuration");
    let mut text = text.split("\n[[shards]]").next().expect("a beginning").to_owned();
    for address in addresses {
        let _ = write!(text, "\n[[shards]]\ninstances = [\"http://{address}\"]\n");
    }
    std::fs::write(&path, text).expect("a configuration");
    let listen = [Override::new("listen", "127.0.0.1:0")];
    PublishConfig::load(&path, &listen).expect("a configuration")
}

/// So many votes, by shards, those that fill no cut left out.
fn made(campaign: &Campaign, count: usize) -> [Shown; 2] {
    let mut shards = [Shown::default(), Shown::default()];
    let mut waiting = [Vec::new(), Vec::new()];
    let period = Period::beginning(START.parse().expect("a time"));
    let authority = campaign.authorities().keys()[0].clone();
    let key: [u8; 32] = authority.bytes().try_into().expect("32 bytes");
    for number in 0..count {
        let draw = |what: u8| Digest::of_parts(&[&[what], &number.to_be_bytes()]).0;
        let signature = [draw(0), draw(1)].concat().try_into().expect("64 bytes");
        let vote = Vote {
            platform: PlatformStamp { period, signature },
            stamp: VoterStamp::from_bytes(*draw(2).first_chunk().expect("a stamp")),
            nonce: Nonce::from(number as u64),
            say: OPTIONS[number % 3].to_owned(),
        };
        let signature = [draw(3), draw(4)].concat().try_into().expect("64 bytes");
        let id = *draw(5).first_chunk().expect("an id");
        let mandate = Mandate::from_parts(key, signature, id);
        let Shard(shard) = campaign.shard_of(mandate.id());
        let own = &mut waiting[usize::from(shard)];
        own.push((vote.line(), mandate.voters_line()));
        if own.len() == CUT {
            shards[usize::from(shard)].cut(own.drain(..));
        }
    }
    shards
}

impl Shown {
    fn cut(&mut self, lines: impl Iterator<Item = (String, String)>) {
        let (mut votes, mut voters): (Vec<_>, Vec<_>) = lines.unzip();
        votes.sort_by_key(|line| Digest::of(line.as_bytes()));
        voters.sort_by_key(|line| Digest::of(line.as_bytes()));
        let (votes, voters) = (votes.concat(), voters.concat());
        assert_eq!(voters.len(), CUT * VOTERS_LINE_BYTES);
        self.cuts.push(CutSaid {
            records: CUT as u64,
            vote_bytes: votes.len() as u64,
            voters: Digest::of(voters.as_bytes()),
            votes: Digest::of(votes.as_bytes()),
        });
        self.votes.extend_from_slice(votes.as_bytes());
        self.voters.extend_from_slice(voters.as_bytes());
    }
}

/// Serves what an instance would tell; where.
async fn serve(shard: u16, shown: Shown, stop: stop::Stop) -> SocketAddr {
    let (votes, voters) = (Bytes::from(shown.votes), Bytes::from(shown.voters));
    let all = Arc::new(shown.cuts);
    let cuts = async move |headers: HeaderMap| {
        let from = headers[wire::FROM].to_str().expect("a number").parse().expect("a number");
        let cuts = all.iter().skip(from).take(wire::MOST_CUTS).cloned().collect();
        let (ledger, total) = (format!("{shard:032x}"), all.len() as u64);
        let said = CutsSaid { cuts, is_closed: false, ledger, shard, total };
        serde_json::to_vec(&said).expect("a text")
    };
    let part = |list: Bytes| {
        async move |headers: HeaderMap| match asked(headers.get(RANGE), list.len() as u64) {
            Asked::Part(range) => {
                let at = |place: u64| usize::try_from(place).expect("a place in memory");
                (StatusCode::PARTIAL_CONTENT, list.slice(at(range.start)..at(range.end)))
            }
            _ => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new()),
        }
    };
    let router = Router::new()
        .route(wire::CUTS_PATH, get(cuts))
        .route(wire::CUT_VOTES_PATH, get(part(votes)))
        .route(wire::CUT_VOTERS_PATH, get(part(voters)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(
        async move { service::http::run(listener, router, &Limits::default(), stop).await },
    );
    address
}

/// Bytes of an answer with its head.
fn download(address: SocketAddr, list: &str) -> u64 {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let text =
        format!("GET /solar-{list}.log HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).expect("a request");
    let (mut piece, mut bytes) = (vec![0; 1 << 20], 0);
    loop {
        match stream.read(&mut piece).expect("an answer") {
            0 => return bytes,
            count => bytes += count as u64,
        }
    }
}
