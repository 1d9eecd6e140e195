//! Durable append of 32-byte entries to the write-ahead log and the tree, in process.
//!
//! Each round appends one batch the way the committer does (hash the leaves, sequence them, one
//! write, one fdatasync, move the tree on) and then writes the same bytes to a bare file with one
//! fdatasync, so both see the same disk in the same minute. Printed are entries a second over the
//! time of the appends alone, the latency of a batch beside that of the bare write, and how often
//! the disk was synced.
//!
//! ```text
//! cargo bench -p log-server --bench append [-- ROUNDS ENTRIES_A_BATCH]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use canon::{Digest, Timestamp};
use log_server::log::wal::{Wal, WalSettings};
use service::disk::FolderDisk;
use tlog::merkle::leaf_hash;
use tlog::sequence::{Input, Sequencer};

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<u32>().ok());
    let rounds = numbers.next().unwrap_or(12_000);
    let batch = numbers.next().unwrap_or(256);
    // Not in /tmp, which may be memory: the figure is about a disk.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let disk = Arc::new(FolderDisk::open(&folder.path().join("wal")).expect("a disk"));
    let settings = WalSettings::new(Digest::of(b"bench"));
    let segment_bytes = settings.segment_bytes;
    let mut wal = Wal::create(disk, settings, 0).expect("a write-ahead log");
    let mut bare = File::create(folder.path().join("bare")).expect("a file");
    let mut sequencer = Sequencer::new();
    let now = Timestamp::from_unix(1_800_000_000).expect("a time");
    let (mut appends, mut writes) = (Vec::new(), Vec::new());
    let created = wal.syncs();
    for round in 0..rounds {
        let entries = entries(round, batch);
        let start = Instant::now();
        append(&mut wal, &mut sequencer, &entries, now);
        appends.push(start.elapsed());
        let bytes = entries.concat();
        let start = Instant::now();
        bare.write_all(&bytes).expect("a write");
        bare.sync_data().expect("a sync");
        writes.push(start.elapsed());
    }
    let size = u64::from(rounds) * u64::from(batch);
    assert_eq!((sequencer.durable(), wal.next()), (size, size));
    let syncs = wal.syncs() - created;
    // One sync a batch, and a few for each new segment.
    let segments = size * 32 / segment_bytes + 1;
    assert!((u64::from(rounds)..u64::from(rounds) + 8 * segments).contains(&syncs), "{syncs}");
    report(&mut appends, &mut writes, size, syncs);
}

/// The entries of one round, all different.
fn entries(round: u32, batch: u32) -> Vec<[u8; 32]> {
    let entry = |number: u32| {
        let mut entry = [0x5a; 32];
        entry[..4].copy_from_slice(&round.to_be_bytes());
        entry[4..8].copy_from_slice(&number.to_be_bytes());
        entry
    };
    (0..batch).map(entry).collect()
}

/// One batch, as the committer appends it.
fn append(wal: &mut Wal, sequencer: &mut Sequencer, entries: &[[u8; 32]], now: Timestamp) {
    let timestamp = sequencer.stamp(now);
    let leaves = entries.iter().map(|entry| leaf_hash(entry)).collect();
    sequencer.step(Input::Accept { timestamp, leaves }, now).expect("a place");
    let count = u32::try_from(entries.len()).expect("a small batch");
    let size = wal
        .append(count, |out| entries.iter().for_each(|entry| out.extend_from_slice(entry)))
        .expect("an append");
    sequencer.step(Input::Durable { size }, now).expect("an acknowledgement");
}

fn report(appends: &mut [Duration], writes: &mut [Duration], size: u64, syncs: u64) {
    let total: Duration = appends.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "figures for people to read")]
    let rate = size as f64 / total.as_secs_f64();
    appends.sort_unstable();
    writes.sort_unstable();
    println!("{size} entries of 32 bytes in {} batches, {syncs} fdatasyncs", appends.len());
    println!("{rate:>12.0} entries a second");
    println!("                       append   bare write + fdatasync   ratio");
    for (name, part) in [("median", 0.5), ("99 %", 0.99), ("99.9 %", 0.999)] {
        let (one, other) = (quantile(appends, part), quantile(writes, part));
        let ratio = one.as_secs_f64() / other.as_secs_f64();
        println!("{name:>8} of a batch {:>9.3} ms {:>18.3} ms {ratio:>12.2}", ms(one), ms(other));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "figures for people to read"
)]
fn quantile(sorted: &[Duration], part: f64) -> Duration {
    let at = (sorted.len() as f64 * part) as usize;
    sorted[at.min(sorted.len() - 1)]
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
