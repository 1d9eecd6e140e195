//! Signed submissions of about 700 bytes over HTTP on loopback, with the load generator on the
//! same machine.
//!
//! The server is the real one: a folder on the disk, the write-ahead log with its fdatasyncs, and
//! the publisher at work, so every artifact also goes into the store and under a head. The load
//! is signed beforehand; each connection sends its next submission when the last was answered.
//! The time until everything is under a stored head is printed too, for a rate that the store
//! cannot keep up with would only last until the room for waiting entries is full.
//!
//! ```text
//! cargo bench -p log-server --bench submit [-- SUBMISSIONS CONNECTIONS]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use artifact::payload::Software;
use artifact::payload::office::Build;
use axum::routing::post;
use bytes::Bytes;
use canon::{Digest, Signer};
use ed25519_dalek::{Signer as _, SigningKey};
use log_server::log::{LogConfig, Server, init};
use service::config::Secret;
use service::limits::Limits;
use service::stop;
use testkit::election::{Election, Plan};
use testkit::load::{ask, cpu_time, send, threads};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The server's own figures.
const FIGURES: &str = "GET /metrics HTTP/1.1\r\nHost: log\r\nConnection: close\r\n\r\n";

const PASSPHRASE: &str = "a passphrase for the bench";

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(150_000);
    let connections = numbers.next().unwrap_or(128);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let election = prepare(folder.path());
    let start = Instant::now();
    let load = Arc::new(load(&election, count));
    println!("{count} submissions signed in {:.1} s", start.elapsed().as_secs_f64());
    let runtime = Runtime::new().expect("a runtime");
    let mut config =
        LogConfig::load(&folder.path().join("log.toml"), &[]).expect("a configuration");
    config.start_unasked = true;
    let server = runtime.block_on(Server::open(&config)).expect("a server");
    let address = server.address().expect("an address");
    let log = Arc::clone(server.log());
    let (handle, stop) = stop::pair();
    let serving = runtime.spawn(server.run(stop));
    // The generator has threads of its own.
    let generator = threads(2);
    let (start, idle) = (Instant::now(), cpu_time());
    let mut waits = generator.block_on(send(address, &load, connections, 200));
    let taken = start.elapsed();
    assert_eq!(log.size(), count as u64 + 1, "every one was placed");
    let publication = runtime.block_on(log.publish()).expect("a head");
    let published = start.elapsed();
    let worked = cpu_time().saturating_sub(idle);
    assert_eq!(publication.head.size, count as u64 + 1);
    let figures = runtime.block_on(ask(address, FIGURES));
    drop(log);
    handle.ask();
    runtime.block_on(serving).expect("an end").expect("a log that did not stop");
    waits.sort_unstable();
    report(&load, &waits, taken, published, &figures);
    #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
    let each = worked.as_secs_f64() * 1e6 / count as f64;
    println!("{each:>10.0} us of processor time each, generator and publication included");
    let bare = bare(&runtime, &generator, &load, connections);
    #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
    let rate = count as f64 / bare.as_secs_f64();
    println!("{rate:>10.0} a second by a bare handler with one verify_strict");
    println!("{:>10.2} of that are submissions", bare.as_secs_f64() / taken.as_secs_f64());
}

/// The time that a handler takes which checks one signature of 150 bytes for each request.
fn bare(
    runtime: &Runtime,
    generator: &Runtime,
    load: &Arc<Vec<Vec<u8>>>,
    connections: usize,
) -> Duration {
    let key = SigningKey::from_bytes(&[7; 32]);
    let (message, public) = ([1; 150], key.verifying_key());
    let signature = key.sign(&message);
    let handler = async move |body: Bytes| {
        assert!(!body.is_empty());
        public.verify_strict(&message, &signature).expect("a signature");
    };
    let app = axum::Router::new().route("/add", post(handler));
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (handle, stop) = stop::pair();
    let serving = runtime
        .spawn(async move { service::http::run(listener, app, &Limits::default(), stop).await });
    let start = Instant::now();
    generator.block_on(send(address, load, connections, 200));
    let taken = start.elapsed();
    handle.ask();
    runtime.block_on(serving).expect("an end");
    taken
}

/// A log's folder with keys and charter.
fn prepare(folder: &Path) -> Election {
    let mut election = Election::new(Plan::default());
    let config = LogConfig::new("127.0.0.1:0", Secret::File("passphrase".into()));
    let origin = election.charter.log.origin.to_string();
    let description = init(folder, &config, &origin, PASSPHRASE.as_bytes()).expect("keys");
    election.charter.log.checkpoint_key = description.checkpoint_key.parse().expect("a key");
    election.charter.log.timestamp_key = description.timestamp_key.parse().expect("a key");
    for key in &mut election.charter.keys {
        if key.holder == *"log-promises" {
            key.key = description.promise_key.clone();
        }
    }
    let charter = election.sign("charter/v1", &election.charter, &["clerk"]);
    std::fs::write(folder.join("charter.json"), charter).expect("a charter");
    service::disk::write_private(&folder.join("passphrase"), PASSPHRASE.as_bytes())
        .expect("a passphrase");
    election
}

/// Whole requests, each with another signed artifact.
fn load(election: &Election, count: usize) -> Vec<Vec<u8>> {
    let key = election.keys.key("maker");
    let signers: [&dyn Signer; 1] = [&key];
    let kind = "software/v1".parse().expect("a kind");
    let build = |number: usize, target: &str| Build {
        sha256: Digest::of(format!("{number} {target}").as_bytes()),
        target: target.parse().expect("a name"),
    };
    let request = |number: usize| {
        let payload = Software {
            builds: ["aarch64-linux", "riscv64-linux", "x86_64-linux"]
                .map(|target| build(number, target))
                .into(),
            election_id: election.charter.election_id.clone(),
            name: format!("scanner firmware, build {number:08}").parse().expect("a name"),
            sboms: Vec::new(),
            source: Some(Digest::of(&number.to_be_bytes()).to_string().parse().expect("a name")),
            version: "1.0".parse().expect("a name"),
        };
        let body = canon::envelope::sign_to_bytes(&kind, &payload, &signers).expect("an envelope");
        let head = format!(
            "POST /add HTTP/1.1\r\nHost: log\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), &body].concat()
    };
    (0..count).map(request).collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
fn report(
    load: &[Vec<u8>],
    waits: &[Duration],
    taken: Duration,
    published: Duration,
    figures: &str,
) {
    let figure = |name: &str| {
        let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or("?").to_owned()
    };
    let bodies: usize = load.iter().map(|request| request.len() - 100).sum();
    let count = load.len() as f64;
    println!("{} bytes a submission, about", bodies / load.len());
    println!(
        "{:>10.0} submissions a second, acknowledged and durable",
        count / taken.as_secs_f64()
    );
    println!("{:>10.0} a second until all stand under a head", count / published.as_secs_f64());
    println!("{:>10} batches, one fdatasync each", figure("log_batches_total"));
    for (name, part) in [("median", 50), ("99 %", 99)] {
        let wait = waits[(waits.len() * part / 100).min(waits.len() - 1)];
        println!("{:>10.2} ms {name} of an answer", wait.as_secs_f64() * 1e3);
    }
}
