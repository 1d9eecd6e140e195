//! Votes of two shards, merged and published, and the lists downloaded, all over loopback.
//!
//! - The publisher is the real one, with its disk and its syncs. The instances are made up, in a
//!   process of their own: they serve lists and cuts of 50 that were prepared once, in a folder of
//!   the target folder. Signatures of stamps and mandates are random bytes, which makes no
//!   difference: the publisher judges lines by their form and does not check signatures.
//! - Downloads are compared with nginx serving the same files with sendfile off, if it is
//!   installed, in turns: the whole list, ranges of 1 MiB on kept connections, the compressed list.
//!
//! ```text
//! cargo bench -p booth-server --bench publish [-- VOTES [CLIENTS]]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use booth::campaign::Campaign;
use booth_server::campaign::read_campaign;
use booth_server::collect;
use booth_server::publish::{FileState, Outcome, PublishConfig, Publisher, Server};
use canon::{Algorithm, PrivateKey};
use service::clock::SystemClock;
use service::config::Override;
use service::stop;
use testkit::campaign::Solar;
use testkit::load::cpu_times;

mod counting;
mod downloads;
mod instances;
mod prepared;

use counting::CountingDisk;
use downloads::Clients;
use instances::Instances;

const START: &str = "2020-11-03T07:00:00Z";

/// What this process is told when it is to be the instances.
const BE_INSTANCES: &str = "SCRUTINEER_BENCH_INSTANCES";

fn main() {
    if let Some(folder) = std::env::var_os(BE_INSTANCES) {
        instances::serve_until_told(Path::new(&folder));
        return;
    }
    let short = std::env::var_os("SCRUTINEER_BENCH_SHORT").is_some();
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let count = numbers.next().unwrap_or(if short { 50_000 } else { 300_000 });
    let clients = numbers.next().unwrap_or(4);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let campaign = platform(folder.path());
    let prepared = prepared::prepare(&campaign, count);
    let instances = Instances::start(&prepared);
    let config = config(folder.path(), &instances.addresses);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let files = runtime.block_on(merge(&campaign, &config, folder.path(), &instances));
    drop(instances);
    let start = Instant::now();
    let server = runtime.block_on(Server::open(&config, None, Arc::new(SystemClock)));
    let server = server.expect("a publisher");
    println!("{:>10.1} s to open it again", start.elapsed().as_secs_f64());
    let address = server.address();
    let (handle, stop) = stop::pair();
    let serving = runtime.spawn(server.run_by_hand(stop));
    let rounds = if short { 1 } else { 3 };
    let state = folder.path().join("solar/publish/state");
    Clients { count: clients, rounds }.compare(address, &state, &files);
    handle.ask();
    runtime.block_on(serving).expect("an end");
}

/// The snapshot of everything that the instances have.
async fn merge(
    campaign: &Campaign,
    config: &PublishConfig,
    folder: &Path,
    instances: &Instances,
) -> [FileState; 4] {
    let disk = CountingDisk::open(&folder.join("solar/publish/state"));
    let syncs = Arc::clone(&disk.syncs);
    let publisher = Publisher::new(config, Arc::new(SystemClock), Arc::new(disk));
    let publisher = publisher.expect("a publisher");
    let before = syncs.load(Ordering::Relaxed);
    let processes = [std::process::id(), instances.process()];
    let (start, idle) = (Instant::now(), processes.map(cpu_times));
    let taken = publisher.snapshot().await.expect("a snapshot");
    let (seconds, worked) = (start.elapsed().as_secs_f64(), processes.map(cpu_times));
    assert_eq!(taken, Outcome::Taken { number: 0, away: Vec::new(), is_more: false });
    let shown = publisher.shown().expect("a record");
    println!(
        "{seconds:>10.1} s for {} votes of {} shards, merged, compressed and durable",
        shown.records,
        campaign.shards()
    );
    for (of, (worked, idle)) in ["publisher", "instances"].iter().zip(worked.iter().zip(idle)) {
        let [own, kernel] = [0, 1].map(|at| worked[at].saturating_sub(idle[at]).as_secs_f64());
        println!("{own:>10.1} s of processor time of the {of}, and {kernel:.1} s in the kernel");
    }
    println!("{:>10} fdatasyncs", syncs.load(Ordering::Relaxed) - before);
    println!("{:>10} is the peak of the publisher's memory", peak());
    shown.files
}

/// The most memory that this process has had.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "not known".to_owned(), |line| line.trim().to_owned())
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
