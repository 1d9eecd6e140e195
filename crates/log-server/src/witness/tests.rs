//! The witness over HTTP: its routes, its client, and its configuration.

mod flood;
mod journal;
mod start;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use canon::Timestamp;
use serde::Deserialize;
use service::clock::{Clock, ManualClock};
use service::config::Secret;
use service::stop::{self, StopHandle};
use tlog::checkpoint::Checkpoint;
use tlog::merkle::{Head, MemoryTree, consistency_proof, leaf_hash};
use tlog::note::{KeyType, Note, NoteSignature};
use tlog::witness::Recorded;

use super::client::HttpWitness;
use super::*;
use crate::log::cosign::{CosignError, Cosigner, SignedHead};

const ORIGIN: &str = "log.example";
const ORIGIN_HASH_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

fn cosigner() -> NoteSigner {
    NoteSigner::from_seed("w.example", KeyType::Cosignature, &[1; 32]).unwrap()
}

/// A log and its tree.
struct Log {
    signer: NoteSigner,
    tree: MemoryTree,
}

impl Log {
    fn new() -> Self {
        Self {
            signer: NoteSigner::from_seed(ORIGIN, KeyType::Ed25519, &[9; 32]).unwrap(),
            tree: (0_u64..40).map(|n| leaf_hash(&n.to_be_bytes())).collect(),
        }
    }

    fn known(&self) -> KnownLogs {
        KnownLogs::new([(ORIGIN.to_owned(), vec![self.signer.verifier().clone()])]).unwrap()
    }

    fn note(&self, head: Head) -> Note {
        let mut note = Checkpoint::new(ORIGIN, head.size, head.root).unwrap().to_note().unwrap();
        note.add(self.signer.sign(note.text()).unwrap()).unwrap();
        note
    }

    fn head(&self, size: u64) -> SignedHead {
        let head = self.tree.head_at(size).unwrap();
        SignedHead { head, checkpoint: self.note(head).to_bytes() }
    }

    fn body(&self, old: u64, size: u64) -> String {
        let proof = consistency_proof(old, size, &self.tree).unwrap();
        let note = self.note(self.tree.head_at(size).unwrap());
        Request::new(old, proof, note).unwrap().to_string()
    }

    fn cosign(&self, witness: &HttpWitness, size: u64) -> Result<Vec<NoteSignature>, CosignError> {
        witness
            .cosign(&self.head(size), &|old| Ok(consistency_proof(old, size, &self.tree).unwrap()))
    }
}

/// A served witness; it stops when this is dropped.
struct Running {
    address: SocketAddr,
    clock: Arc<ManualClock>,
    stop: Option<StopHandle>,
    thread: Option<std::thread::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start(known: KnownLogs) -> Self {
        Self::with_places(known, 1_000)
    }

    /// With so many places for submissions that wait.
    fn with_places(known: KnownLogs, waiting: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        Record::create(&state, cosigner().verifier()).unwrap();
        let record = Record::open(&state, cosigner().verifier()).unwrap();
        let clock = Arc::new(ManualClock::new(at(1_800_000_000)));
        let rule = ClockRule { bound_s: 60 };
        let clocks = Clocks::new(rule, Arc::clone(&clock) as Arc<dyn Clock>);
        let witness = Arc::new(Witness::new(known, cosigner(), record, clocks, rule));
        let passphrase = Secret::Env("UNUSED".to_owned());
        let config = WitnessConfig::new("127.0.0.1:0", "w.example", passphrase, Vec::new());
        let (stop, ask) = stop::pair();
        let (tell, told) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                let server = Server::with_places(listener, witness, config.limits(), waiting);
                tell.send(server.address().unwrap()).unwrap();
                server.run(ask).await;
            });
        });
        Self {
            address: told.recv().unwrap(),
            clock,
            stop: Some(stop),
            thread: Some(thread),
            _folder: folder,
        }
    }

    fn for_log(log: &Log) -> Self {
        Self::start(log.known())
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn client(&self) -> HttpWitness {
        HttpWitness::new(cosigner().verifier().clone(), &self.url(), Duration::from_secs(20))
    }

    /// Status, content type and body.
    fn post(&self, body: &str) -> (u16, String, String) {
        let agent = agent();
        let sent = agent.post(format!("{}/add-checkpoint", self.url())).send(body);
        taken(sent.unwrap())
    }

    fn get(&self, path: &str) -> (u16, String, String) {
        taken(agent().get(format!("{}{path}", self.url())).call().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into()
}

fn taken(mut response: ureq::http::Response<ureq::Body>) -> (u16, String, String) {
    let header = response.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
    (response.status().as_u16(), header, response.body_mut().read_to_string().unwrap())
}

#[derive(Deserialize)]
struct Conversation {
    origin: String,
    key: String,
    start: Timestamp,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    name: String,
    body: String,
    status: u16,
    answer: Option<String>,
}

/// The conversation of `vectors/witness`, over the wire.
#[test]
fn the_conversation_goes_the_same_over_http() {
    let talk: Conversation =
        serde_json::from_str(include_str!("../../../../vectors/witness/add-checkpoint.json"))
            .unwrap();
    let list = [(talk.origin.clone(), vec![talk.key.parse().unwrap()])];
    let running = Running::start(KnownLogs::new(list).unwrap());
    running.clock.set(talk.start);
    for step in talk.steps {
        let (status, content_type, body) = running.post(&step.body);
        assert_eq!(status, step.status, "{}: {body}", step.name);
        match status {
            409 => {
                assert_eq!(content_type, "text/x.tlog.size", "{}", step.name);
                assert_eq!(Some(body), step.answer, "{}", step.name);
            }
            200 => {
                assert_eq!(content_type, "text/plain; charset=utf-8", "{}", step.name);
                let lines = NoteSignature::parse_lines(body.as_bytes()).unwrap();
                assert_eq!(lines.len(), 1, "{}", step.name);
            }
            _ => assert_eq!(content_type, "text/plain; charset=utf-8", "{}", step.name),
        }
    }
}

#[test]
fn what_was_cosigned_last_is_served_under_the_hash_of_the_origin() {
    let log = Log::new();
    let running = Running::for_log(&log);
    let path = format!("/{}/checkpoint", tlog::witness::origin_hash(ORIGIN));
    assert_eq!(running.get(&path).0, 404);
    assert_eq!(running.post(&log.body(0, 7)).0, 200);
    let (status, content_type, body) = running.get(&path);
    assert_eq!((status, content_type.as_str()), (200, "text/plain; charset=utf-8"));
    let recorded = Recorded::from_checkpoint(body.as_bytes(), cosigner().verifier()).unwrap();
    assert_eq!(recorded.head, log.tree.head_at(7).unwrap());
    assert_eq!(recorded.time, running.clock.now());
    assert!(Note::parse(body.as_bytes()).unwrap().verify(&[log.signer.verifier()]).is_ok());
    let response = agent().get(format!("{}{path}", running.url())).call().unwrap();
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    assert_eq!(running.get(&format!("/{ORIGIN_HASH_OF_ABC}/checkpoint")).0, 404);
    assert_eq!(running.get("/nonsense/checkpoint").0, 404);
}

#[test]
fn health_and_figures_follow_the_clock() {
    let log = Log::new();
    let running = Running::for_log(&log);
    assert_eq!(running.get("/healthz"), (200, TEXT.to_owned(), "ok\n".to_owned()));
    assert_eq!(running.post(&log.body(0, 3)).0, 200);
    assert_eq!(running.post(&log.body(0, 3)).0, 409);
    let figures = running.get("/metrics").2;
    assert!(figures.contains("witness_submissions_total{status=\"200\"} 1\n"), "{figures}");
    assert!(figures.contains("witness_submissions_total{status=\"409\"} 1\n"), "{figures}");
    assert!(figures.contains("witness_last_signed_seconds 1800000000\n"), "{figures}");

    running.clock.set(at(1_799_999_000));
    assert_eq!(running.get("/healthz").0, 503);
    let (status, _, body) = running.post(&log.body(3, 5));
    assert_eq!(status, 503, "{body}");
    assert_eq!(running.post(&log.body(0, 5)).2, "3\n", "other answers stay");
    running.clock.set(at(1_800_000_001));
    assert_eq!(running.get("/healthz").0, 200);
    assert_eq!(running.post(&log.body(3, 5)).0, 200);
}

#[test]
fn other_paths_methods_and_sizes_are_refused() {
    let log = Log::new();
    let running = Running::for_log(&log);
    assert_eq!(running.get("/").0, 404);
    assert_eq!(running.get("/add-checkpoint").0, 405);
    let huge = "a".repeat(tlog::witness::MAX_REQUEST_BYTES + 1);
    assert_eq!(running.post(&huge).0, 413);
    assert_eq!(running.post(&log.body(0, 3)).0, 200, "and it goes on");
}

#[test]
fn a_log_gets_its_cosignatures_from_any_size_the_witness_knows() {
    let log = Log::new();
    let running = Running::for_log(&log);
    let (client, other) = (running.client(), running.client());
    let own = cosigner();
    for (who, size) in [(&client, 3), (&client, 3), (&client, 9), (&other, 12), (&client, 20)] {
        let lines = log.cosign(who, size).unwrap();
        let text = log.note(log.tree.head_at(size).unwrap()).text().to_owned();
        assert_eq!(lines.len(), 1);
        let time = own.verifier().verify(&text, &lines[0]).unwrap();
        assert_eq!(time, Some(running.clock.now()));
    }
    assert_eq!(log.cosign(&other, 15), Err(CosignError::Ahead { size: 20 }));
    let seen = client.last_seen(ORIGIN).unwrap().unwrap();
    let recorded = Recorded::from_checkpoint(&seen, own.verifier()).unwrap();
    assert_eq!(recorded.head.size, 20);
    assert_eq!(client.last_seen("other.example"), Ok(None));
}

#[test]
fn a_client_names_what_is_wrong_with_a_witness() {
    let log = Log::new();
    let running = Running::for_log(&log);
    let wait = Duration::from_secs(20);
    // Another key than the one that signs there.
    let other = NoteSigner::from_seed("w.example", KeyType::Cosignature, &[2; 32]).unwrap();
    let client = HttpWitness::new(other.verifier().clone(), &running.url(), wait);
    assert!(matches!(log.cosign(&client, 3), Err(CosignError::Unreachable { .. })));
    // A log that the witness does not know.
    let stranger = Log {
        signer: NoteSigner::from_seed("x.example", KeyType::Ed25519, &[8; 32]).unwrap(),
        tree: log.tree.clone(),
    };
    let refused = stranger.cosign(&running.client(), 5).unwrap_err();
    assert!(matches!(refused, CosignError::Refused { status: 403, .. }), "{refused}");
    // A log that cannot prove what it says.
    let result = running.client().cosign(&log.head(9), &|_| Ok(Vec::new()));
    assert!(matches!(result, Err(CosignError::Refused { status: 422, .. })), "{result:?}");
    let failed = |_| Err(CosignError::NoProof { why: "gone".to_owned() });
    let result = running.client().cosign(&log.head(9), &failed);
    assert!(matches!(result, Err(CosignError::NoProof { .. })), "{result:?}");
    // Nobody at all.
    let url = running.url();
    drop(running);
    let client = HttpWitness::new(cosigner().verifier().clone(), &url, wait);
    assert!(matches!(log.cosign(&client, 3), Err(CosignError::Unreachable { .. })));
}

/// A server that accepts and never answers must not hold a log up.
#[test]
fn a_witness_that_says_nothing_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let patience = Duration::from_millis(50);
    let client = HttpWitness::new(cosigner().verifier().clone(), &url, patience);
    let result = Log::new().cosign(&client, 3);
    assert!(matches!(result, Err(CosignError::Unreachable { .. })), "{result:?}");
}

/// Answers with the given responses, one a connection.
fn answering(responses: Vec<String>) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for response in responses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut seen = Vec::new();
            let mut chunk = [0; 4096];
            // The bodies here end in a signature line, and requests come whole.
            while !seen.ends_with(b"=\n") {
                let count = stream.read(&mut chunk).unwrap();
                seen.extend_from_slice(&chunk[..count]);
            }
            stream.write_all(response.as_bytes()).unwrap();
        }
    });
    url
}

fn response(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

#[test]
fn bad_answers_are_refused_and_nothing_is_taken_for_a_cosignature() {
    let log = Log::new();
    let size = |n: &str| response("409 Conflict", "text/x.tlog.size", n);
    let text = log.note(log.tree.head_at(9).unwrap()).text().to_owned();
    let by_log = format!("{}\n", log.signer.sign(&text).unwrap());
    let own = cosigner();
    let other_text = log.note(log.tree.head_at(8).unwrap()).text().to_owned();
    let over_another = format!("{}\n", tlog::cosignature::sign(&own, &other_text, at(5)).unwrap());
    let endless = "\u{2014} w.example AAAA\n".repeat(40_000);
    for (name, responses) in [
        ("a page", vec![response("200 OK", "text/html", "<p>welcome</p>")]),
        ("nothing", vec![response("200 OK", TEXT, "")]),
        ("a line of the log", vec![response("200 OK", TEXT, &by_log)]),
        ("a line over another tree", vec![response("200 OK", TEXT, &over_another)]),
        ("a size that is none", vec![size("nine\n")]),
        ("a size without its end", vec![size("3")]),
        ("a conflict of another type", vec![response("409 Conflict", TEXT, "3\n")]),
        ("a new size each time", vec![size("1\n"), size("2\n"), size("3\n")]),
        ("a way elsewhere", vec![response("307 Elsewhere\r\nlocation: /x", TEXT, "")]),
        ("too much", vec![response("200 OK", TEXT, &endless)]),
        ("no HTTP", vec!["hello\n".to_owned()]),
    ] {
        let url = answering(responses);
        let client = HttpWitness::new(own.verifier().clone(), &url, Duration::from_secs(20));
        let result = log.cosign(&client, 9);
        assert!(
            matches!(result, Err(CosignError::Unreachable { .. } | CosignError::Refused { .. })),
            "{name}: {result:?}"
        );
    }
}

#[test]
fn a_new_witness_starts_from_what_init_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w");
    let log = Log::new();
    let timestamp = NoteSigner::from_seed(ORIGIN, KeyType::Cosignature, &[9; 32]).unwrap();
    let entry = LogEntry {
        origin: ORIGIN.to_owned(),
        keys: vec![log.signer.verifier().to_string()],
        timestamp_key: Some(timestamp.verifier().to_string()),
    };
    std::fs::create_dir(&path).unwrap();
    let secret = path.join("passphrase");
    service::disk::write_private(&secret, b"correct horse\n").unwrap();
    let passphrase = Secret::File("passphrase".into());
    let config = WitnessConfig::new("127.0.0.1:0", "w.example/1", passphrase, vec![entry]);
    let key = init(&path, &config, b"correct horse").unwrap();
    assert!(init(&path, &config, b"correct horse").is_err(), "keys are never overwritten");

    let config = WitnessConfig::load(&path.join("witness.toml"), &[]).unwrap();
    assert_eq!(config.timestamp_keys().unwrap()[ORIGIN], *timestamp.verifier());
    let witness = Witness::open(&config).unwrap();
    assert_eq!(*witness.verifier(), key);
    let answer = witness.add_checkpoint(log.body(0, 9).as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    drop(witness);
    let witness = Witness::open(&config).unwrap();
    assert_eq!(witness.add_checkpoint(log.body(0, 9).as_bytes()).body, "9\n");

    std::fs::write(&secret, "wrong horse\n").unwrap();
    drop(witness);
    assert!(matches!(Witness::open(&config), Err(WitnessError::KeyFile { .. })));
}

fn load(text: &str) -> Result<WitnessConfig, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("witness.toml");
    std::fs::write(&path, text).unwrap();
    WitnessConfig::load(&path, &[]).map_err(|error| error.to_string())
}

#[test]
fn a_configuration_is_checked_before_anything_starts() {
    let key = Log::new().signer.verifier().to_string();
    let cosigner_key = cosigner().verifier().to_string();
    let good = format!(
        "listen = \"127.0.0.1:0\"\nname = \"w.example\"\nkey = \"k.pem\"\npassphrase = {{ env = \
         \"P\" }}\nstate = \"s\"\n\n[[logs]]\norigin = \"log.example\"\nkeys = [\"{key}\"]\n"
    );
    let config = load(&good).unwrap();
    assert_eq!(config.clock_rule(), ClockRule { bound_s: 60 });
    assert_eq!(config.limits().body_bytes, tlog::witness::MAX_REQUEST_BYTES);
    for (from, to, expected) in [
        ("listen", "lisen", "unknown field `lisen`"),
        ("state = \"s\"\n", "", "missing field `state`"),
        ("env = \"P\"", "word = \"secret\"", "unknown variant `word`"),
        (key.as_str(), "log.example+00000000+AAAA", "key of log \"log.example\""),
        (key.as_str(), cosigner_key.as_str(), "is of type 0x04"),
        ("name = \"w.example\"", "name = \"w example\"", "is not a key name"),
        ("name = \"w.example\"", "name = \"log.example\"", "is this witness itself"),
        ("origin = \"log.example\"", "origin = \"\"", "is not an origin"),
        ("keys = [", &format!("timestamp_key = \"{key}\"\nkeys = ["), "is not of type 0x04"),
        ("keys = [", "url = 1\nkeys = [", "unknown field `url`"),
    ] {
        let text = good.replace(from, to);
        assert_ne!(text, good);
        let error = load(&text).unwrap_err();
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let twice = format!("{good}\n[[logs]]\norigin = \"b\"\nkeys = [\"{key}\"]\n");
    assert!(load(&twice).unwrap_err().contains("is listed twice"));
    assert!(WitnessConfig::load(Path::new("/nonexistent/witness.toml"), &[]).is_err());
}
