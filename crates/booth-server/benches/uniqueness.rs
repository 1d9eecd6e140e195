//! The table that decides whether a mandate has voted: how fast it takes, tells and opens again,
//! and what it weighs.
//!
//! Keys are what the register keeps of a mandate, random as digests are. Inserting also appends to
//! the file beside the list, with one fdatasync every 256 keys.
//!
//! ```text
//! cargo bench -p booth-server --bench uniqueness [-- MANDATES]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::hint::black_box;
use std::io::Read as _;
use std::time::{Duration, Instant};

use booth_server::collect::seen::{MANDATE_KEY_BYTES, MandateKey, Mandates};
use service::disk::{Disk as _, FolderDisk};

/// Keys between two syncs.
const GROUP: usize = 256;
/// Keys of the file that is opened again.
const REOPENED: usize = 3_000_000;
/// What 100 million mandates may weigh.
const MANY: f64 = 1e8;

fn main() {
    let count = std::env::args().skip(1).find_map(|word| word.parse::<usize>().ok());
    let count = count.unwrap_or(10_000_000).max(REOPENED);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let disk = FolderDisk::open(folder.path()).expect("a folder");
    let keys = keys(count, 1);
    let strangers = self::keys(count, 2);
    insert(&disk, &keys[..REOPENED]);
    reopen(&disk);
    let mandates = fill(&keys);
    check(&mandates, &keys, &strangers);
}

/// Keys that follow from a seed: the bytes of a cheap generator, which are spread as well.
fn keys(count: usize, seed: u64) -> Vec<MandateKey> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        // splitmix64: Steele, Lea, Flood (2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    };
    let mut key = || {
        let mut key = [0; MANDATE_KEY_BYTES];
        key[..8].copy_from_slice(&next().to_be_bytes());
        key[8..].copy_from_slice(&next().to_be_bytes());
        key
    };
    (0..count).map(|_| key()).collect()
}

fn rate(what: &str, count: usize, taken: Duration) {
    println!("{:>12.0} {what} a second", count as f64 / taken.as_secs_f64());
}

fn insert(disk: &FolderDisk, keys: &[MandateKey]) {
    let mut file = disk.create("mandates.seen").expect("a file");
    disk.sync_names().expect("a name");
    let mut mandates = Mandates::default();
    let start = Instant::now();
    for group in keys.chunks(GROUP) {
        for key in group {
            assert!(mandates.insert(*key), "a key came twice");
        }
        file.append(group.as_flattened()).expect("room");
        file.sync().expect("a disk");
    }
    rate("inserted and synced", keys.len(), start.elapsed());
}

fn reopen(disk: &FolderDisk) {
    let start = Instant::now();
    let mut bytes = Vec::with_capacity(REOPENED * MANDATE_KEY_BYTES);
    disk.read("mandates.seen").expect("a file").read_to_end(&mut bytes).expect("bytes");
    let mut mandates = Mandates::with_room(bytes.len() / MANDATE_KEY_BYTES);
    mandates.extend_from_file(&bytes);
    let taken = start.elapsed();
    assert_eq!(mandates.len(), REOPENED);
    println!("{:>12.3} s to open {REOPENED} again", taken.as_secs_f64());
}

fn fill(keys: &[MandateKey]) -> Mandates {
    let before = resident();
    let mut mandates = Mandates::default();
    let start = Instant::now();
    for key in keys {
        mandates.insert(*key);
    }
    rate("inserted in memory", keys.len(), start.elapsed());
    let each = resident().saturating_sub(before) as f64 / keys.len() as f64;
    println!("{each:>12.1} bytes a mandate, at {} of them", keys.len());
    println!("{:>12.2} GB for 100 million, at that rate", each * MANY / 1e9);
    mandates
}

fn check(mandates: &Mandates, keys: &[MandateKey], strangers: &[MandateKey]) {
    for (what, keys, expected) in [("voters", keys, keys.len()), ("strangers", strangers, 0)] {
        let start = Instant::now();
        let found = keys.iter().filter(|key| mandates.contains(black_box(key))).count();
        rate(&format!("checks of {what}"), keys.len(), start.elapsed());
        assert_eq!(found, expected);
    }
}

/// Bytes of memory that this process has, as Linux counts them: pages of 4 KiB.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|text| text.parse::<usize>().ok());
    pages.unwrap_or_default() * 4_096
}
