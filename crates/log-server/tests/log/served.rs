//! A log and its witnesses as real servers on loopback.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use artifact::admit::{Founded, found};
use log_server::log::client::Client;
use log_server::log::{Log, LogConfig, LogError, Server, WitnessEntry, init};
use log_server::witness::{self, Clocks, LogEntry, Record, Witness, WitnessConfig};
use service::clock::{Clock, SystemClock};
use service::config::Secret;
use service::limits::Limits;
use service::stop::{self, Stop, StopHandle};
use testkit::election::{Election, Placed, Plan};
use tlog::note::KeyType;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const PASSPHRASE: &str = "correct horse battery staple";

/// A log in a folder, served on loopback.
pub(crate) struct Served {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) election: Election,
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<Log>,
    pub(crate) stop: StopHandle,
    pub(crate) server: tokio::task::JoinHandle<Result<service::http::Drained, LogError>>,
    pub(crate) founded: Founded,
}

/// The charter of an election whose log has the keys that `init` made.
fn charter(election: &mut Election, folder: &Path, config: &LogConfig) -> Vec<u8> {
    let origin = election.charter.log.origin.to_string();
    let description = init(folder, config, &origin, PASSPHRASE.as_bytes()).unwrap();
    election.charter.log.checkpoint_key = description.checkpoint_key.parse().unwrap();
    election.charter.log.timestamp_key = description.timestamp_key.parse().unwrap();
    for key in &mut election.charter.keys {
        if key.holder == *"log-promises" {
            key.key = description.promise_key.clone();
        }
    }
    election.sign("charter/v1", &election.charter, &["clerk"])
}

/// A log that asks no witness.
pub(crate) async fn serve(limits: Limits) -> Served {
    serve_with(Plan::default(), limits, 0).await
}

/// Serves the first `count` witnesses of an election, who know its log.
async fn serve_witnesses(
    election: &Election,
    count: usize,
    home: &Path,
    stop: &Stop,
) -> Vec<WitnessEntry> {
    let log = &election.charter.log;
    let entry = LogEntry {
        origin: log.origin.to_string(),
        keys: vec![log.checkpoint_key.as_str().to_owned()],
        timestamp_key: Some(log.timestamp_key.as_str().to_owned()),
    };
    let mut entries = Vec::new();
    for (number, name) in election.witness_names().into_iter().take(count).enumerate() {
        let secret = Secret::File("none".into());
        let config = WitnessConfig::new("127.0.0.1:0", &name, secret, vec![entry.clone()]);
        let signer = election.keys.note(&name, KeyType::Cosignature);
        let state = home.join(format!("witness-{number}"));
        Record::create(&state, signer.verifier()).unwrap();
        let record = Record::open(&state, signer.verifier()).unwrap();
        let rule = config.clock_rule();
        let known = config.known_logs().unwrap();
        let witness = Witness::new(known, signer, record, Clocks::system(rule), rule);
        let server = witness::Server::bind(Arc::new(witness), &config).await.unwrap();
        entries.push(WitnessEntry { name, url: format!("http://{}", server.address().unwrap()) });
        tokio::spawn(server.run(stop.clone()));
    }
    entries
}

/// A log after a plan that asks the first of its witnesses.
pub(crate) async fn serve_with(plan: Plan, limits: Limits, witnesses: usize) -> Served {
    serve_by(Arc::new(SystemClock), plan, limits, witnesses).await
}

/// The same, by another clock.
pub(crate) async fn serve_by(
    clock: Arc<dyn Clock>,
    plan: Plan,
    limits: Limits,
    witnesses: usize,
) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let mut election = Election::new(plan);
    let secret = Secret::File("passphrase".into());
    let mut config = LogConfig::new("127.0.0.1:0", secret);
    let bytes = charter(&mut election, folder.path(), &config);
    let private = |name: &str, bytes: &[u8]| {
        service::disk::write_private(&folder.path().join(name), bytes).unwrap();
    };
    private("passphrase", PASSPHRASE.as_bytes());
    std::fs::write(folder.path().join("charter.json"), &bytes).unwrap();
    config = LogConfig::load(&folder.path().join("log.toml"), &[]).unwrap();
    config.limits = limits;
    config.start_unasked = witnesses == 0;
    let (handle, stop) = stop::pair();
    config.witnesses = serve_witnesses(&election, witnesses, folder.path(), &stop).await;
    let server = Server::with_clock(&config, clock).await.unwrap();
    Served {
        election,
        address: server.address().unwrap(),
        log: Arc::clone(server.log()),
        server: tokio::spawn(server.run(stop)),
        stop: handle,
        founded: found(&bytes).unwrap(),
        folder,
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn error(&self) -> String {
        let form: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert!(!form["message"].as_str().unwrap().is_empty());
        form["error"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Served {
    /// Sends bytes as they stand and reads one answer.
    pub(crate) async fn say(&self, request: impl Into<Vec<u8>>) -> Answer {
        let (address, request) = (self.address, request.into());
        let read = move || {
            let mut client = TcpStream::connect(address).unwrap();
            let _ = client.write_all(&request);
            let mut answer = Vec::new();
            let _ = client.read_to_end(&mut answer);
            let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(0);
            let head = String::from_utf8_lossy(&answer[..end]).into_owned();
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            Answer {
                status: status.unwrap_or(0),
                body: answer.split_off(answer.len().min(end + 4)),
                head,
            }
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }

    /// The same from another address of this machine.
    pub(crate) async fn say_from(&self, from: [u8; 4], request: impl Into<Vec<u8>>) -> String {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        let mut client = socket.connect(self.address).await.unwrap();
        client.write_all(&request.into()).await.unwrap();
        let mut answer = Vec::new();
        let read = client.read_to_end(&mut answer);
        tokio::time::timeout(Duration::from_mins(1), read).await.expect("an answer").unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.fetch_with(path, "").await
    }

    /// With a line of header more.
    pub(crate) async fn fetch_with(&self, path: &str, line: &str) -> Answer {
        self.say(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{line}\r\n")).await
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address), Duration::from_secs(20))
    }

    pub(crate) async fn post(&self, kind: &str, body: &[u8]) -> Answer {
        let head = format!(
            "POST /add HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        self.say([head.as_bytes(), body].concat()).await
    }

    pub(crate) async fn post_json(&self, body: &[u8]) -> Answer {
        self.post("application/json", body).await
    }

    pub(crate) fn software(&mut self, name: &str) -> Vec<u8> {
        let placed = self.election.software(name);
        self.artifact(placed)
    }

    /// The bytes of an artifact that the election made.
    pub(crate) fn artifact(&self, placed: Placed) -> Vec<u8> {
        let entry = self.election.entries.iter().find(|entry| entry.digest == placed.digest);
        entry.unwrap().artifact.clone()
    }

    /// Still takes an entry.
    pub(crate) async fn goes_on(&mut self) {
        let before = self.log.size();
        let bytes = self.software(&format!("release after {before}"));
        assert_eq!(self.post_json(&bytes).await.status, 200);
        assert_eq!(self.log.size(), before + 1);
    }

    pub(crate) async fn end(self) {
        drop(self.log);
        self.stop.ask();
        self.server.await.unwrap().unwrap();
    }
}
