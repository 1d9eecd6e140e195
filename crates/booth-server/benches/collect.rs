//! Votes over HTTP into one collecting instance, durable, with the load generator on the same
//! machine.
//!
//! The instance is the real one: the ledger in a folder on the disk with its fdatasyncs, the batch
//! keys in /dev/shm, cuts of 50. The load is made beforehand; each connection sends its next vote
//! when the last was answered. Every signature of a mandate is checked, every acceptance is signed.
//!
//! ```text
//! cargo bench -p booth-server --bench collect [-- VOTES CONNECTIONS]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use booth::campaign::Period;
use booth::mandate::Mandate;
use booth::stamp::VoterStamp;
use booth_server::collect::{self, CollectConfig, Server};
use canon::{Algorithm, Digest, PrivateKey, base64};
use service::clock::SystemClock;
use service::config::Override;
use service::stop;
use testkit::load::{ask, cpu_time, send, threads};

const START: &str = "2020-11-03T07:00:00Z";

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(150_000);
    let connections = numbers.next().unwrap_or(128);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let keys = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let authority = PrivateKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
    let config = platform(folder.path(), &keys.path().join("keys"), &authority);
    let pass = std::fs::read_to_string(folder.path().join("solar/edge/pass-header"));
    let start = Instant::now();
    let load = Arc::new(load(&authority, pass.expect("a pass").trim_end(), count));
    println!("{count} votes made in {:.1} s", start.elapsed().as_secs_f64());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::open(&config, Arc::new(SystemClock)));
    let server = server.expect("an instance");
    let address = server.address();
    let (handle, stop) = stop::pair();
    let serving = runtime.spawn(server.run(stop));
    // The generator has threads of its own.
    let generator = threads(2);
    let (start, idle) = (Instant::now(), cpu_time());
    let waits = generator.block_on(send(address, &load, connections, 202));
    let (taken, worked) = (start.elapsed(), cpu_time().saturating_sub(idle));
    let figures = runtime.block_on(ask(address, &figures_of(&load[0])));
    handle.ask();
    runtime.block_on(serving).expect("an end").expect("an instance that did not stop");
    report(waits, taken, worked, &figures);
}

/// A platform of one shard, for a campaign that is open now.
fn platform(folder: &Path, keys: &Path, authority: &PrivateKey) -> CollectConfig {
    let rules = format!(
        "name = \"solar\"\npurpose = \"official\"\n\
         options = [\"Bold Jupiter\", \"Shiny Saturn\", \"Humble Pluto\"]\n\
         authorities = [\"{}\"]\n\
         start = \"{START}\"\nend = \"2999-11-03T07:00:00Z\"\nk = 50\n\
         stamps_per_code = 40\n",
        authority.public().to_base64()
    );
    std::fs::write(folder.join("rules.toml"), rules).expect("a campaign");
    let solar = folder.join("solar");
    collect::init(&solar, &folder.join("rules.toml")).expect("a platform");
    let keys = keys.to_str().expect("a path in UTF-8");
    let flags = [Override::new("listen", "127.0.0.1:0"), Override::new("batch_keys", keys)];
    CollectConfig::load(&solar.join("collect-0/collect.toml"), &flags).expect("a configuration")
}

/// Whole requests, each by another mandate.
fn load(authority: &PrivateKey, pass: &str, count: usize) -> Vec<Vec<u8>> {
    let period = Period::beginning(START.parse().expect("a time"));
    let request = |number: usize| {
        let draw = |what: &str| Digest::of(format!("{what} {number}").as_bytes()).0;
        let id = draw("id");
        let mandate = Mandate::issue(authority, *id.first_chunk().expect("24 bytes"));
        let [key, signature, id] = mandate.expect("a mandate").fields();
        let stamp = draw("stamp");
        let stamp = VoterStamp::from_bytes(*stamp.first_chunk().expect("20 bytes"));
        let platform = base64::encode(&[draw("one"), draw("two")].concat());
        let say = ["Bold Jupiter", "Shiny Saturn", "Humble Pluto"][number % 3];
        let mut text = format!("GET /vote HTTP/1.1\r\nHost: collect\r\nX-Pull: {pass}\r\n");
        let _ = write!(
            text,
            "nonce: {number:016x}\r\nP-UTC: {period}\r\nP-SIG: {platform}\r\nauth-pkey: {key}\r\n\
             auth-sig: {signature}\r\nauth-id: {id}\r\nvoter: {stamp}\r\nsay: {say}\r\n\r\n"
        );
        text.into_bytes()
    };
    (0..count).map(request).collect()
}

/// Asks for the instance's own figures; the request of a vote shows the pass header.
fn figures_of(vote: &[u8]) -> String {
    let vote = String::from_utf8_lossy(vote);
    let pass = vote.lines().find(|line| line.starts_with("X-Pull")).expect("a pass");
    format!("GET /metrics HTTP/1.1\r\nHost: a\r\n{pass}\r\nConnection: close\r\n\r\n")
}

fn report(mut waits: Vec<Duration>, taken: Duration, worked: Duration, figures: &str) {
    let figure = |name: &str| -> u64 {
        let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|text| text.parse().ok()).expect("a figure")
    };
    let count = waits.len();
    assert_eq!(figure("collect_recorded_total"), count as u64, "every one was recorded");
    let (groups, cut_groups) = (figure("collect_groups_total"), figure("collect_cut_groups_total"));
    let per_second = count as f64 / taken.as_secs_f64();
    println!("{per_second:>10.0} votes a second, accepted and durable");
    println!(
        "{groups:>10} groups, {:.1} votes and one fdatasync each",
        count as f64 / groups as f64
    );
    println!("{:>10} fdatasyncs for {} cuts", 3 * cut_groups, figure("collect_cuts_total"));
    let each = worked.as_secs_f64() * 1e6 / count as f64;
    println!("{each:>10.0} us of processor time each, generator included");
    waits.sort_unstable();
    for (name, part) in [("median", 50), ("99 %", 99)] {
        let wait = waits[(count * part / 100).min(count - 1)];
        println!("{:>10.2} ms {name} of an answer", wait.as_secs_f64() * 1e3);
    }
}
