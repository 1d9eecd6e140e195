//! Votes from voters through an edge to the disk of an instance, with the load generator on the
//! same machine. With several shards each vote's stamp is claimed at the others before.
//!
//! Everything is real: the edge checks work, stamps and mandates, asks the shard's instance over
//! HTTP, and each instance keeps its ledger on the disk with its fdatasyncs, the batch keys in
//! /dev/shm, cuts of 50. The votes are made beforehand, with stamps as the edge gives them. Beside
//! it, in turns and by the same generator, a bare axum handler that checks one signature.
//!
//! ```text
//! cargo bench -p booth-server --bench way [-- VOTES CONNECTIONS SHARDS]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::routing::get;
use booth::Secret;
use booth::campaign::Period;
use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::stamp::{StampKeys, VoterStamp};
use booth::vote::Vote;
use booth::work::{Miner, Nonce};
use booth_server::collect::{self, CollectConfig, Server};
use booth_server::edge::{EdgeConfig, EdgeServer};
use canon::{Algorithm, Digest, PrivateKey, base64};
use ed25519_dalek::{Signer as _, SigningKey};
use service::clock::{Clock as _, SystemClock};
use service::config::Override;
use service::limits::Limits;
use service::stop::{self, Stop, StopHandle};
use testkit::load;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const START: &str = "2020-11-03T07:00:00Z";
const OPTIONS: [&str; 3] = ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"];

/// Leading zero bits that a vote shows: what it costs to check them is the same for any number.
const WORK_BITS: u32 = 8;

/// Rounds of the way and the bare handler, in turns.
const ROUNDS: usize = 3;

fn main() {
    let short = std::env::var_os("SCRUTINEER_BENCH_SHORT").is_some();
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(if short { 3_000 } else { 60_000 });
    let connections = numbers.next().unwrap_or(128);
    let shards = numbers.next().unwrap_or(1);
    let authority = PrivateKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let keys = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let (handle, stop) = stop::pair();
    let runtime = Runtime::new().expect("a runtime");
    let platform = Platform::make(folder.path(), &authority, shards);
    let edge = runtime.block_on(platform.start(keys.path(), &stop));
    let bare = runtime.block_on(bare(stop));
    let start = Instant::now();
    let votes = platform.votes(&authority, count);
    println!("{count} votes made in {:.1} s", start.elapsed().as_secs_f64());
    let generator = load::threads(2);
    let mut ratios = Vec::new();
    for part in votes.chunks(count.div_ceil(ROUNDS)) {
        let part = Arc::new(part.to_vec());
        let (way, waits, each) = rate(&generator, edge, &part, connections, 202);
        let (floor, ..) = rate(&generator, bare, &part, connections, 200);
        report(way, floor, each, waits);
        ratios.push(way / floor);
    }
    ratios.sort_by(f64::total_cmp);
    println!("{:>10.2} is the median ratio", ratios[ratios.len() / 2]);
    end(&runtime, &handle);
}

fn end(runtime: &Runtime, handle: &StopHandle) {
    handle.ask();
    // The servers end by themselves; nothing is lost that was accepted.
    runtime.block_on(tokio::task::yield_now());
}

/// Requests a second that a server answers with a status, the times, and the processor time of
/// each, the generator's included.
fn rate(
    generator: &Runtime,
    address: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    status: u16,
) -> (f64, Vec<Duration>, f64) {
    let (start, idle) = (Instant::now(), load::cpu_time());
    let waits = generator.block_on(load::send(address, requests, connections, status));
    let (taken, worked) = (start.elapsed(), load::cpu_time().saturating_sub(idle));
    let count = requests.len() as f64;
    (count / taken.as_secs_f64(), waits, worked.as_secs_f64() * 1e6 / count)
}

fn report(way: f64, floor: f64, each: f64, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let wait = |part: usize| {
        let at = (waits.len() * part / 100).min(waits.len() - 1);
        waits[at].as_secs_f64() * 1e3
    };
    println!(
        "{way:>10.0}/s votes to the disk, {each:.0} us of processor time each, {:.1} ms median, \
         {:.1} ms 99 %; {floor:.0}/s by a bare handler with one verify_strict; ratio {:.2}",
        wait(50),
        wait(99),
        way / floor
    );
}

/// A platform's folder.
struct Platform {
    made: collect::Platform,
}

impl Platform {
    fn make(folder: &Path, authority: &PrivateKey, shards: usize) -> Self {
        let rules = format!(
            "name = \"solar\"\npurpose = \"test\"\noptions = {OPTIONS:?}\n\
             authorities = [\"{}\"]\nstart = \"{START}\"\nend = \"2999-11-03T07:00:00Z\"\n\
             stamp_period_s = 99999999999\nk = 50\nwork_bits = {WORK_BITS}\nshards = {shards}\n",
            authority.public().to_base64()
        );
        std::fs::write(folder.join("rules.toml"), rules).expect("a file");
        let made = collect::init(&folder.join("solar"), &folder.join("rules.toml"));
        Self { made: made.expect("a platform") }
    }

    /// Starts everything; the address of the edge.
    async fn start(&self, keys: &Path, stop: &Stop) -> SocketAddr {
        let mut urls = Vec::new();
        for (shard, path) in self.made.instances.iter().enumerate() {
            let keys = keys.join(shard.to_string());
            let keys = keys.to_str().expect("a path in UTF-8");
            let flags = [Override::new("listen", "127.0.0.1:0"), Override::new("batch_keys", keys)];
            let config = CollectConfig::load(path, &flags).expect("a configuration");
            let server = Server::open(&config, Arc::new(SystemClock)).await.expect("an instance");
            urls.push(format!("http://{}", server.address()));
            tokio::spawn(server.run(stop.clone()));
        }
        let flags = [Override::new("listen", "127.0.0.1:0"), Override::new("behind_proxy", true)];
        let mut config = EdgeConfig::load(&self.made.edge, &flags).expect("a configuration");
        for (shard, url) in config.campaigns[0].shards.iter_mut().zip(urls) {
            shard.instances = vec![url];
        }
        let edge = EdgeServer::open(&config).expect("an edge").bind().await.expect("a port");
        let address = edge.address().expect("an address");
        tokio::spawn(edge.run(stop.clone()));
        address
    }

    fn secret(&self, name: &str) -> String {
        let path: PathBuf = self.made.folder.join("edge").join(name);
        std::fs::read_to_string(path).expect("a secret").trim_end().to_owned()
    }

    fn seed(&self, name: &str) -> [u8; 32] {
        let bytes = base64::decode(self.secret(name).as_bytes()).expect("base64");
        bytes.try_into().expect("32 bytes")
    }

    /// Whole requests, each by another mandate, with stamps as the edge gives them.
    fn votes(&self, authority: &PrivateKey, count: usize) -> Vec<Vec<u8>> {
        let keys = StampKeys::new(&self.seed("stamp-seed"), &self.seed("decoy-seed"));
        let keys = keys.expect("two keys");
        let edge_key = Secret::new(&self.seed("edge-key"));
        let period = Period::beginning(START.parse().expect("a time"));
        let now = SystemClock.now();
        let vote = |number: usize| {
            let draw = |what: &str| Digest::of(format!("{what} {number}").as_bytes()).0;
            let platform = keys.issue(period, 1.into(), &draw("fresh"));
            let random = draw("stamp");
            let random = *random.first_chunk().expect("16 bytes");
            let stamp = VoterStamp::issue(&edge_key, random, &platform, now);
            let say = OPTIONS[number % OPTIONS.len()].to_owned();
            let vote = worked(Vote { platform, stamp, nonce: Nonce::from(0), say });
            let id = draw("id");
            let mandate = Mandate::issue(authority, *id.first_chunk().expect("24 bytes"));
            text(&VoteRequest { vote, mandate: mandate.expect("a mandate") })
        };
        (0..count).map(vote).collect()
    }
}

/// The vote with a nonce that shows work enough.
fn worked(mut vote: Vote) -> Vote {
    let mut miner = Miner::new(vote.puzzle(), 0x1122_3344_5566_7788);
    while miner.best().is_none_or(|best| best.score < WORK_BITS) {
        miner.run(64);
    }
    vote.nonce = miner.best().expect("a nonce").nonce;
    vote
}

fn text(request: &VoteRequest) -> Vec<u8> {
    let mut text = format!("GET {} HTTP/1.1\r\nHost: solar.example.org\r\n", request.path());
    for (name, value) in request.headers() {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// An axum server that checks one signature of 150 bytes for each request.
async fn bare(stop: Stop) -> SocketAddr {
    let key = SigningKey::from_bytes(&[7; 32]);
    let (message, public) = ([1; 150], key.verifying_key());
    let signature = key.sign(&message);
    let handler = async move || {
        public.verify_strict(&message, &signature).expect("a signature");
        StatusCode::OK
    };
    let app = axum::Router::new().route("/{nonce}", get(handler));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let limits = Limits::default();
    tokio::spawn(async move { service::http::run(listener, app, &limits, stop).await });
    address
}
