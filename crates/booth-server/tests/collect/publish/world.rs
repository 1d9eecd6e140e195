//! A publisher, instances that run, and instances that are made up.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::header::RANGE;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use booth::campaign::Shard;
use booth::request::VoteRequest;
use booth_server::publish::{
    CommitError, Committer, Log, Outcome, PublishConfig, PublishError, Publisher, Server, Status,
};
use booth_server::wire::{self, CutSaid, CutsSaid};
use canon::{Digest, Timestamp};
use service::clock::ManualClock;
use service::config::Override;
use service::http::range::{Asked, asked};
use service::limits::Limits;
use service::stop::{self, StopHandle};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::fixture::{noon, request};
use crate::instance::{Platform, Running};

/// The close, and a while.
pub(super) fn after_the_end() -> Timestamp {
    "2026-11-04T20:01:05Z".parse().unwrap()
}

/// The configuration of the platform's publisher, of instances at these addresses.
pub(super) fn config(
    platform: &Platform,
    instances: &[SocketAddr],
    more: &[Override],
) -> PublishConfig {
    let shards: Vec<&[SocketAddr]> = instances.iter().map(std::slice::from_ref).collect();
    config_of(platform, &shards, more)
}

/// The same, of shards that have several instances.
pub(super) fn config_of(
    platform: &Platform,
    shards: &[&[SocketAddr]],
    more: &[Override],
) -> PublishConfig {
    let path = platform.path("publish/publish.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut text = text.split_once("\n[[shards]]").unwrap().0.to_owned();
    for instances in shards {
        let all: Vec<String> = instances.iter().map(|one| format!("\"http://{one}\"")).collect();
        let _ = write!(text, "\n[[shards]]\ninstances = [{}]\n", all.join(", "));
    }
    std::fs::write(&path, text).unwrap();
    let listen = ["listen", "listen_internal"].map(|key| Override::new(key, "127.0.0.1:0"));
    PublishConfig::load(&path, &[&listen, more].concat()).unwrap()
}

/// A publisher that takes snapshots when the test says so.
pub(super) struct Publishing {
    runtime: Runtime,
    pub(super) clock: Arc<ManualClock>,
    pub(super) publisher: Arc<Publisher>,
    pub(super) committer: Option<Arc<Committer>>,
    pub(super) address: SocketAddr,
    internal: Option<SocketAddr>,
    handle: StopHandle,
    serving: tokio::task::JoinHandle<service::http::Drained>,
}

impl Publishing {
    pub(super) fn start(config: &PublishConfig) -> Self {
        Self::try_start(config).unwrap()
    }

    pub(super) fn try_start(config: &PublishConfig) -> Result<Self, PublishError> {
        Self::with_log(config, None, noon())
    }

    /// One that tells a log, at this time.
    pub(super) fn with_log(
        config: &PublishConfig,
        log: Option<Arc<dyn Log>>,
        now: Timestamp,
    ) -> Result<Self, PublishError> {
        let runtime = Runtime::new().unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let server = runtime.block_on(Server::open(config, log, clock.clone()))?;
        let (address, publisher) = (server.address(), server.publisher());
        let internal = server.internal_address();
        let committer = server.committer();
        let (handle, stop) = stop::pair();
        let serving = runtime.spawn(server.run_by_hand(stop));
        Ok(Self { runtime, clock, publisher, committer, address, internal, handle, serving })
    }

    /// Tells the log all that there is to tell; how many artifacts it took.
    pub(super) fn commit(&self) -> Result<u64, CommitError> {
        let committer = self.committer.as_ref().unwrap();
        let mut taken = 0;
        while committer.step()? {
            taken += 1;
        }
        Ok(taken)
    }

    pub(super) fn snapshot(&self) -> Result<Outcome, PublishError> {
        self.runtime.block_on(self.publisher.snapshot())
    }

    /// A snapshot of all shards; its number.
    pub(super) fn taken(&self) -> u64 {
        match self.snapshot().unwrap() {
            Outcome::Taken { number, away, .. } if away.is_empty() => number,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn stop(self) {
        self.handle.ask();
        self.runtime.block_on(self.serving).unwrap();
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    pub(super) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        Answer::read(&mut self.begin(method, path, headers))
    }

    /// A request whose answer is not read yet.
    pub(super) fn begin(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> TcpStream {
        asking(self.address, method, path, headers)
    }

    /// An answer of the address that is not for the world.
    pub(super) fn internal(&self, path: &str) -> Answer {
        Answer::read(&mut asking(self.internal.unwrap(), "GET", path, &[]))
    }

    /// The figures of `/metrics`.
    pub(super) fn figures(&self) -> String {
        String::from_utf8(self.internal("/metrics").body).unwrap()
    }

    /// How it stands.
    pub(super) fn status(&self) -> Status {
        serde_json::from_slice(&self.get("/status.json").body).unwrap()
    }

    /// The lines of a list.
    pub(super) fn lines(&self, list: &str) -> Vec<String> {
        let answer = self.get(&format!("/solar-{list}.log"));
        assert_eq!(answer.status, 200);
        lines(&answer.body)
    }

    /// A page of a campaign. What `verify` reads of it has to follow its schema.
    pub(super) fn json(&self, page: &str) -> serde_json::Value {
        let body = self.get(&format!("/solar/{page}.json")).body;
        let told = serde_json::from_slice(&body).unwrap();
        if ["results", "snapshots"].contains(&page) {
            follows_schema(page, &told);
        }
        told
    }
}

fn asking(to: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> TcpStream {
    let mut stream = TcpStream::connect(to).unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
    stream
}

fn follows_schema(page: &str, told: &serde_json::Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let schema = std::fs::read(folder.join(format!("{page}.schema.json"))).unwrap();
    let schema = serde_json::from_slice(&schema).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let faults: Vec<_> = schema.iter_errors(told).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{page}: {faults:?}: {told}");
}

pub(super) fn lines(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn read(stream: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&bytes[..at]).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.filter(|(name, _)| *name != "date");
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { status, headers, body: bytes[at + 4..].to_vec() }
    }
}

/// The requests whose mandates belong to a shard, from a number on.
pub(super) fn of_shard(
    platform: &Platform,
    shard: u16,
    from: u32,
    count: usize,
) -> Vec<VoteRequest> {
    let campaign = platform.campaign();
    let all = (from..).map(request);
    let own = all.filter(|one| campaign.shard_of(one.mandate.id()) == Shard(shard));
    own.take(count).collect()
}

/// An instance that tells what it has cut.
pub(super) fn started(platform: &Platform, shard: u16) -> Running {
    let instance = Running::start(platform, shard);
    ready(platform, &instance);
    instance
}

/// Waits until an instance tells what it has cut.
pub(super) fn ready(platform: &Platform, instance: &Running) {
    let pass = platform.secret("publish/publisher-pass");
    let headers = [("X-Pull".to_owned(), pass), ("From".to_owned(), "0".to_owned())];
    crate::instance::until(|| (instance.ask_bare("/cuts", &headers).status == 200).then_some(()));
}

/// Casts at an instance, and waits until so many batches are cut since its start.
pub(super) fn cast(instance: &Running, requests: &[VoteRequest], cuts: u64) {
    for request in requests {
        assert_eq!(instance.vote(request).status, 202);
    }
    crate::instance::until(|| (instance.figure("collect_cuts_total") >= cuts).then_some(()));
}

/// What a made-up instance says.
#[derive(Clone)]
pub(super) struct Says {
    pub(super) said: CutsSaid,
    pub(super) votes: Vec<u8>,
    pub(super) voters: Vec<u8>,
    /// Whether it is reached.
    pub(super) is_there: bool,
}

impl Says {
    /// A cut of these requests, behind those before.
    pub(super) fn cut(&mut self, requests: &[VoteRequest]) {
        let sorted = |mut lines: Vec<String>| {
            lines.sort_by_key(|line| Digest::of(line.as_bytes()));
            lines.concat().into_bytes()
        };
        let votes = sorted(requests.iter().map(|it| it.vote.line()).collect());
        let voters = sorted(requests.iter().map(|it| it.mandate.voters_line()).collect());
        self.add(requests.len() as u64, votes, voters);
    }

    pub(super) fn add(&mut self, records: u64, votes: Vec<u8>, voters: Vec<u8>) {
        let vote_bytes = votes.len() as u64;
        let digests = (Digest::of(&voters), Digest::of(&votes));
        let cut = CutSaid { records, vote_bytes, voters: digests.0, votes: digests.1 };
        self.said.cuts.push(cut);
        self.said.total += 1;
        self.votes.extend(votes);
        self.voters.extend(voters);
    }
}

/// An instance that says what the test wants.
#[derive(Clone)]
pub(super) struct MadeUp {
    pub(super) address: SocketAddr,
    says: Arc<Mutex<Says>>,
    _stop: Arc<StopHandle>,
}

impl MadeUp {
    pub(super) fn start(runtime: &Runtime, shard: u16) -> Self {
        let ledger = format!("{shard:032x}");
        let said = CutsSaid { cuts: Vec::new(), is_closed: false, ledger, shard, total: 0 };
        let says = Says { said, votes: Vec::new(), voters: Vec::new(), is_there: true };
        let says = Arc::new(Mutex::new(says));
        let state = || Arc::clone(&says);
        let (one, two, three) = (state(), state(), state());
        let router = Router::new()
            .route(wire::CUTS_PATH, get(async move |headers: HeaderMap| cuts(&one, &headers)))
            .route(
                wire::CUT_VOTES_PATH,
                get(async move |headers: HeaderMap| part(&two.lock().unwrap().votes, &headers)),
            )
            .route(
                wire::CUT_VOTERS_PATH,
                get(async move |headers: HeaderMap| part(&three.lock().unwrap().voters, &headers)),
            );
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (handle, stop) = stop::pair();
        let limits = Limits { connections_per_peer: Some(1_000), ..Limits::default() };
        runtime.spawn(async move { service::http::run(listener, router, &limits, stop).await });
        Self { address, says, _stop: Arc::new(handle) }
    }

    pub(super) fn says(&self) -> MutexGuard<'_, Says> {
        self.says.lock().unwrap()
    }
}

fn cuts(says: &Mutex<Says>, headers: &HeaderMap) -> (StatusCode, Vec<u8>) {
    let says = says.lock().unwrap();
    if !says.is_there {
        return (StatusCode::SERVICE_UNAVAILABLE, Vec::new());
    }
    let from: usize = headers[wire::FROM].to_str().unwrap().parse().unwrap();
    let mut said = says.said.clone();
    said.cuts.drain(..from.min(said.cuts.len()));
    (StatusCode::OK, serde_json::to_vec(&said).unwrap())
}

fn part(list: &[u8], headers: &HeaderMap) -> (StatusCode, Vec<u8>) {
    match asked(headers.get(RANGE), list.len() as u64) {
        Asked::Part(range) => {
            let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
            (StatusCode::PARTIAL_CONTENT, list[range].to_vec())
        }
        _ => (StatusCode::RANGE_NOT_SATISFIABLE, Vec::new()),
    }
}
