//! The tables that decide whether a vote is new: how fast they take and tell, what they weigh, and
//! how soon an instance opens again.
//!
//! Keys are what the register keeps of a mandate, random as digests are. Inserting also appends to
//! the file beside the list, with one fdatasync every 256 keys. Checks are made one after the
//! other, and as the engine makes them: it has the places of 32 keys brought from memory, then asks
//! for each of them. What is opened again is the whole ledger, its lists cut in batches of 50:
//! twice without the short forms of the lists, the second time with lists that have to come from
//! the disk; twice without the end of them, as a power cut may leave it; and then with them. What
//! it weighs has the stamps from which receipts are drawn in it.
//!
//! ```text
//! cargo bench -p booth-server --bench uniqueness [-- MANDATES]
//! ```

#![allow(clippy::print_stdout, reason = "the result is for whoever runs it")]
#![allow(clippy::cast_precision_loss, reason = "figures for people to read")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use booth::batch::{Cut, Halves};
use booth::campaign::{Campaign, Period, Shard};
use booth::mandate::Mandate;
use booth::stamp::{PlatformStamp, VoterStamp};
use booth::vote::Vote;
use booth::work::Nonce;
use booth_server::campaign::read_campaign;
use booth_server::collect::seen::{MANDATE_KEY_BYTES, MandateKey, Mandates, TOGETHER};
use booth_server::collect::{Disks, Embedded, Ledger as _, Opening};
use canon::{Algorithm, Digest, PrivateKey};
use service::disk::{Disk, FolderDisk};

/// Keys between two syncs.
const GROUP: usize = 256;
/// Keys that are synced, and votes of the ledger that is opened again.
const REOPENED: usize = 3_000_000;
/// How often it is opened.
const OPENINGS: usize = 5;
/// Votes of a batch.
const BATCH: usize = 50;
const START: &str = "2020-11-03T07:00:00Z";
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
    let mandates = fill(&keys);
    check(&mandates, &keys, &strangers);
    drop((mandates, strangers));
    longest(&keys);
    drop(keys);
    whole(folder.path());
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
        assert!(mandates.insert_all(group), "a key came twice");
        file.append(group.as_flattened()).expect("room");
        file.sync().expect("a disk");
    }
    rate("inserted and synced", keys.len(), start.elapsed());
}

/// A ledger of votes that are all cut, opened again.
fn whole(folder: &Path) {
    let keys = tempfile::tempdir_in("/dev/shm").expect("a folder in memory");
    let campaign = campaign(folder);
    let open = || {
        let disk =
            |path: &Path| -> Arc<dyn Disk> { Arc::new(FolderDisk::open(path).expect("a folder")) };
        let disks = Disks {
            lists: disk(&folder.join("state")),
            spool: disk(&folder.join("state/spool")),
            keys: disk(keys.path()),
        };
        Embedded::open(disks, &campaign, Shard(0), Opening::default()).expect("a ledger")
    };
    let (ledger, _) = open();
    let start = Instant::now();
    for group in (0..REOPENED / BATCH).collect::<Vec<_>>().chunks(256) {
        let cuts: Vec<Cut> = group.iter().map(|number| cut(&campaign, *number)).collect();
        ledger.cut(&cuts).expect("a disk");
    }
    rate("votes cut", REOPENED, start.elapsed());
    drop(ledger);
    let tail = Opening::default().sync_short_every;
    for (votes, are_cached, whence) in [
        (REOPENED, true, "memory"),
        (REOPENED, false, "the disk"),
        (tail, false, "the disk"),
        (tail, false, "the disk"),
    ] {
        lose(&folder.join("state"), votes, are_cached);
        println!(
            "without the short forms of the last {votes} votes, which are made anew from lists \
             that come from {whence}:"
        );
        let (_, recovered) = open_again(open);
        assert_eq!(recovered.seen.sizes(), (REOPENED, REOPENED));
    }
    println!("with them:");
    for _ in 1..OPENINGS {
        drop(open_again(open));
    }
    let before = resident();
    let (ledger, recovered) = open_again(open);
    let each = resident().saturating_sub(before) as f64 / REOPENED as f64;
    assert_eq!(recovered.seen.sizes(), (REOPENED, REOPENED));
    println!("{each:>12.1} bytes a vote: voters, votes, and what receipts are drawn from");
    println!("{:>12.2} GB for 100 million, at that rate", each * MANY / 1e9);
    let start = Instant::now();
    ledger.check_lists().expect("what was cut");
    println!("{:>12.3} s to compare the lists behind it", start.elapsed().as_secs_f64());
}

/// Takes away the short forms of the last votes, and what the system has of all files in memory,
/// unless they are to stay cached. A power cut takes what was not synced, [`Opening`] says how much
/// that is at most; somebody's hand takes all.
fn lose(state: &Path, votes: usize, are_cached: bool) {
    for (name, bytes) in [("stamps.seen", 53), ("mandates.seen", 16)] {
        let file = std::fs::File::options().write(true).open(state.join(name));
        let file = file.expect("a short form");
        let length = (REOPENED.saturating_sub(votes) * bytes) as u64;
        file.set_len(length).and_then(|()| file.sync_all()).expect("a disk");
    }
    let lists = ["solar-vote.log", "solar-auth.log", "cuts.log", "stamps.seen", "mandates.seen"];
    for name in lists {
        if !are_cached {
            forget(&state.join(name));
        }
    }
}

/// Has the system drop what it holds of a file that was synced.
#[cfg(target_os = "linux")]
fn forget(path: &Path) {
    use rustix::fs::{Advice, fadvise};
    let file = std::fs::File::open(path).expect("a list");
    fadvise(file, 0, None, Advice::DontNeed).expect("a file of a disk");
}

#[cfg(not(target_os = "linux"))]
fn forget(_: &Path) {}

fn open_again<T>(open: impl Fn() -> T) -> T {
    let start = Instant::now();
    let opened = open();
    println!("{:>12.3} s to open a ledger of {REOPENED} again", start.elapsed().as_secs_f64());
    opened
}

fn campaign(folder: &Path) -> Campaign {
    let authority = PrivateKey::from_seed(Algorithm::Ed25519, &[7; 32]).expect("a key");
    let rules = format!(
        "name = \"solar\"\npurpose = \"official\"\n\
         options = [\"Bold Jupiter\", \"Shiny Saturn\", \"Humble Pluto\"]\n\
         authorities = [\"{}\"]\n\
         start = \"{START}\"\nend = \"2999-11-03T07:00:00Z\"\nk = {BATCH}\n\
         stamps_per_code = 40\n",
        authority.public().to_base64()
    );
    std::fs::write(folder.join("rules.toml"), rules).expect("a campaign");
    read_campaign(&folder.join("rules.toml")).expect("a campaign")
}

fn cut(campaign: &Campaign, number: usize) -> Cut {
    let period = Period::beginning(START.parse().expect("a time"));
    let halves = (number * BATCH..(number + 1) * BATCH).map(|number| {
        let drawn = Digest::of(&number.to_be_bytes()).0;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&drawn);
        let vote = Vote {
            platform: PlatformStamp { period, signature },
            stamp: VoterStamp::from_bytes(*drawn.first_chunk().expect("20 bytes")),
            nonce: Nonce::from(number as u64),
            say: campaign.options()[number % 3].clone(),
        };
        let id = *drawn.first_chunk().expect("24 bytes");
        Halves::new(vote, Mandate::from_parts([7; 32], signature, id))
    });
    let (votes, voters) = halves.map(|one| (one.vote, one.voter)).unzip();
    Cut { number: number as u64, covers: vec![number as u64], votes, voters }
}

fn fill(keys: &[MandateKey]) -> Mandates {
    let before = resident();
    let mut mandates = Mandates::default();
    let start = Instant::now();
    for key in keys {
        mandates.insert(key);
    }
    rate("inserted in memory", keys.len(), start.elapsed());
    let each = resident().saturating_sub(before) as f64 / keys.len() as f64;
    println!("{each:>12.1} bytes a mandate, at {} of them", keys.len());
    println!("{:>12.2} GB for 100 million, at that rate", each * MANY / 1e9);
    mandates
}

/// One insert after the other, each with its time: the longest is of one that makes a part of the
/// table grow, for which everybody waits.
fn longest(keys: &[MandateKey]) {
    let mut mandates = Mandates::default();
    let mut times: Vec<Duration> = Vec::with_capacity(keys.len());
    for key in keys {
        let start = Instant::now();
        mandates.insert(key);
        times.push(start.elapsed());
    }
    times.sort_unstable();
    let millis = |back: usize| times[times.len() - 1 - back].as_secs_f64() * 1e3;
    let (longest, hundredth) = (millis(0), millis(100));
    println!("{longest:>12.2} ms for the longest insert, {hundredth:.2} for the hundredth longest");
}

fn check(mandates: &Mandates, keys: &[MandateKey], strangers: &[MandateKey]) {
    for (what, keys, expected) in [("voters", keys, keys.len()), ("strangers", strangers, 0)] {
        let has_voted = |key: &&MandateKey| mandates.contains(black_box(*key));
        let start = Instant::now();
        let found = keys.iter().filter(has_voted).count();
        rate(&format!("checks of {what}, one after the other"), keys.len(), start.elapsed());
        assert_eq!(found, expected);
        let start = Instant::now();
        let found = keys.chunks(TOGETHER).map(|some| {
            mandates.bring(some);
            some.iter().filter(has_voted).count()
        });
        assert_eq!(found.sum::<usize>(), expected);
        let what = format!("checks of {what}, brought {TOGETHER} at a time");
        rate(&what, keys.len(), start.elapsed());
    }
}

/// Bytes of memory that this process has, as Linux counts them: pages of 4 KiB.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|text| text.parse::<usize>().ok());
    pages.unwrap_or_default() * 4_096
}
