//! One snapshot more behind a month of them, of which none adds a vote: what is left is the work
//! on `snapshots.json`, on the payloads for the log, and on the record.
//!
//! The records before are made up from a first one that the publisher took; no instance is there.
//!
//! ```text
//! cargo bench -p booth-server --bench snapshots [-- SNAPSHOTS]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use booth_server::collect;
use booth_server::publish::{PublishConfig, Publisher, Record};
use canon::{Algorithm, PrivateKey};
use service::clock::SystemClock;
use service::config::Override;
use service::disk::FolderDisk;
use testkit::campaign::Solar;

/// A month of them, one each two minutes.
const MONTH: u64 = 21_600;

/// How many are timed.
const TIMED: u32 = 10;

fn main() {
    let short = std::env::var_os("SCRUTINEER_BENCH_SHORT").is_some();
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse().ok());
    let count: u64 = numbers.next().unwrap_or(if short { 500 } else { MONTH });
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let config = config(folder.path());
    let state = folder.path().join("solar/publish/state");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let open = || {
        let disk = Arc::new(FolderDisk::open(&state).expect("a folder"));
        Publisher::new(&config, Arc::new(SystemClock), disk).expect("a publisher")
    };
    let publisher = open();
    runtime.block_on(publisher.snapshot()).expect("a snapshot");
    repeat(&publisher.shown().expect("a record"), count, &state.join("snapshots.log"));
    drop(publisher);
    let start = Instant::now();
    let publisher = open();
    println!("{:>10.0} ms to open {count} snapshots", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    for _ in 0..TIMED {
        runtime.block_on(publisher.snapshot()).expect("a snapshot");
    }
    let each = start.elapsed().as_secs_f64() * 1e3 / f64::from(TIMED);
    println!("{each:>10.2} ms for each snapshot behind them, two syncs among it");
}

/// Writes a first record and those that follow it without a vote.
fn repeat(first: &Record, count: u64, path: &Path) {
    let mut text = String::new();
    for number in 0..count {
        let json = serde_json::to_string(&Record { number, ..first.clone() }).expect("a text");
        let _ = writeln!(text, "{:08x} {json}", crc32c::crc32c(json.as_bytes()));
    }
    std::fs::write(path, text).expect("a file");
}

/// An official campaign whose instance is not there.
fn config(folder: &Path) -> PublishConfig {
    let authority = PrivateKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
    let rules = Solar {
        purpose: "official",
        authority: authority.public().to_base64(),
        time: ("2020-11-03T07:00:00Z", "2999-11-03T07:00:00Z"),
        k: 50,
        more: "stamp_period_s = 99999999999\nstamps_per_code = 40\n",
        ..Solar::default()
    };
    let file = folder.join("rules.toml");
    std::fs::write(&file, rules.to_string()).expect("a file");
    collect::init(&folder.join("solar"), &file).expect("a platform");
    let path = folder.join("solar/publish/publish.toml");
    let nobody = std::fs::read_to_string(&path).expect("a configuration");
    let nobody = nobody.replace("http://127.0.0.1:9100", "http://127.0.0.1:1");
    std::fs::write(&path, nobody).expect("a configuration");
    let state = folder.join("solar/publish/state");
    std::fs::create_dir_all(&state).expect("a folder");
    PublishConfig::load(&path, &[Override::new("listen", "127.0.0.1:0")]).expect("a configuration")
}
