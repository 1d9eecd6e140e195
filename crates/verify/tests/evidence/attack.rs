//! Every object of a small bundle flipped, dropped, doubled, reordered and truncated by program,
//! and a wholly forged election: each must be found, and none may panic.
//!
//! In its usual length it runs for about a minute. `SCRUTINEER_ATTACK=all cargo test -p verify`
//! flips every bit of every file.

use std::sync::atomic::{AtomicUsize, Ordering};

use artifact::anchor::Anchor;
use artifact::bundle::{MemorySink, Source, ZipLimits, ZipSource, export};
use testkit::election::{Bundle, Election, Plan};
use verify::{Options, Report, Silent, Verdict, replay};

use crate::stage::{anchor, memory};

/// A bundle as it is exported, and its anchor.
///
/// The first head is cited by nobody; two hours pass after it, so that without it the charter
/// would be covered too late.
fn target() -> (Election, Bundle, Anchor) {
    let mut election = Election::new(Plan::default());
    election.wait(7200);
    let election = election.complete();
    let anchor = anchor(&election);
    let mut sink = MemorySink::new();
    export(&memory(&election.bundle()), &mut sink).unwrap();
    let files = sink.into_source();
    let files = files.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
    (election, Bundle { files }, anchor)
}

/// Works through a list on all cores. Each thread has a replay of its own.
fn on_all_cores<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(item);
                }
            });
        }
    });
}

/// The files of a bundle as a list.
fn listed(bundle: &Bundle) -> Vec<(&str, &[u8])> {
    bundle.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

fn is_long() -> bool {
    std::env::var("SCRUTINEER_ATTACK").is_ok_and(|length| length == "all")
}

fn report(source: &dyn Source, anchor: &Anchor) -> Report {
    let options = Options { anchor: Some(anchor.clone()), threads: 1, ..Options::default() };
    replay(source, &options, &Silent).unwrap()
}

/// A damaged bundle must not hold, and must say why.
fn must_be_found(what: &str, bundle: &Bundle, anchor: &Anchor) {
    let report = report(&memory(bundle), anchor);
    assert_ne!(report.exit_code, 0, "{what} was not found");
    assert!(!report.findings.is_empty(), "{what} has no finding");
}

/// A bundle after a change to one file.
fn with(bundle: &Bundle, path: &str, change: impl FnOnce(&mut Vec<u8>)) -> Bundle {
    let mut bundle = bundle.clone();
    change(bundle.file(path));
    bundle
}

#[test]
fn the_target_holds() {
    let (_, bundle, anchor) = target();
    let report = report(&memory(&bundle), &anchor);
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert!(bundle.files.len() > 20);
}

#[test]
fn every_flipped_byte_is_found() {
    let (_, bundle, anchor) = target();
    let mut flips: Vec<(&str, usize, u8)> = Vec::new();
    for (path, bytes) in &bundle.files {
        // Every byte of heads and leaves, whose form is looser than a digest; elsewhere a
        // sample that reaches both ends.
        let loose = path.starts_with("checkpoint") || path.starts_with("leaf/");
        let step = if loose || is_long() { 1 } else { 1 + bytes.len() / 24 };
        let masks: &[u8] =
            if is_long() { &[1, 2, 4, 8, 16, 32, 64, 128] } else { &[1, 0x20, 0x80] };
        for at in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let some = if is_long() { masks } else { &masks[at % masks.len()..][..1] };
            flips.extend(some.iter().map(|mask| (path.as_str(), at, *mask)));
        }
    }
    assert!(flips.len() > 5000, "{}", flips.len());
    on_all_cores(&flips, |&(path, at, mask)| {
        let flipped = with(&bundle, path, |bytes| bytes[at] ^= mask);
        let report = report(&memory(&flipped), &anchor);
        assert_eq!(report.verdict, Verdict::Fails, "{path}: byte {at} xor {mask:#04x}");
    });
}

#[test]
fn every_dropped_file_is_found() {
    let (_, bundle, anchor) = target();
    // The list of the heads' sizes is for those who cannot list files, and may be absent.
    let mut files = listed(&bundle);
    files.retain(|(path, _)| *path != "checkpoints/sizes");
    on_all_cores(&files, |&(path, _)| {
        let mut dropped = bundle.clone();
        dropped.files.remove(path);
        must_be_found(&format!("{path} dropped"), &dropped, &anchor);
    });
}

#[test]
fn every_cut_or_lengthened_file_is_found() {
    let (_, bundle, anchor) = target();
    on_all_cores(&listed(&bundle), |&(path, bytes)| {
        let step = if is_long() { 1 } else { 1 + bytes.len() / 12 };
        for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let cut = with(&bundle, path, |bytes| bytes.truncate(length));
            must_be_found(&format!("{path} cut to {length}"), &cut, &anchor);
        }
        for more in [b"\n", b" ", b"\0", bytes] {
            let long = with(&bundle, path, |bytes| bytes.extend_from_slice(more));
            must_be_found(&format!("{path} and {} bytes", more.len()), &long, &anchor);
        }
    });
}

#[test]
fn every_doubled_file_is_found() {
    let (_, bundle, anchor) = target();
    let all = listed(&bundle);
    on_all_cores(&all, |&(path, bytes)| {
        // The same bytes again, and other bytes, before and after the right ones.
        for twin in [bytes, &b"other"[..]] {
            for first in [true, false] {
                let twin = [(path, twin)];
                let files: Vec<(&str, &[u8])> = if first {
                    twin.into_iter().chain(all.iter().copied()).collect()
                } else {
                    all.iter().copied().chain(twin).collect()
                };
                let zip = Bundle::zip_of(files);
                let zip = ZipSource::from_bytes("x.zip", zip, ZipLimits::default()).unwrap();
                let report = report(&zip, &anchor);
                assert!(report.has("BUN-003"), "{path} twice: {:?}", report.finding_counts);
                assert_eq!(report.exit_code, 1);
            }
        }
    });
}

#[test]
fn every_file_too_many_is_found() {
    let (_, bundle, anchor) = target();
    on_all_cores(&listed(&bundle), |&(path, bytes)| {
        let digest = canon::Digest::of(path.as_bytes());
        let names = [
            format!("{path}.old"),
            format!("copy/{path}"),
            path.to_uppercase(),
            format!("artifact/{digest}"),
            "checkpoints/999".to_owned(),
            "checkpoints/2".to_owned(),
            "tile/0/001".to_owned(),
            "tile/1/000.p/1".to_owned(),
            "tile/entries/000".to_owned(),
            "leaf/000".to_owned(),
            "leaf/000.p/3".to_owned(),
            "tile/7/x999/000".to_owned(),
        ];
        for name in names {
            let mut more = bundle.clone();
            more.files.insert(name.clone(), bytes.to_vec());
            must_be_found(&format!("{path} as {name}"), &more, &anchor);
        }
    });
}

#[test]
fn every_swap_is_found() {
    let (election, bundle, anchor) = target();
    let paths: Vec<&String> = bundle.files.keys().collect();
    let pairs: Vec<(usize, usize)> =
        (0..paths.len()).flat_map(|one| (0..one).map(move |other| (one, other))).collect();
    on_all_cores(&pairs, |&(one, other)| {
        let (one, other) = (paths[one], paths[other]);
        let (first, second) = (bundle.files[one].clone(), bundle.files[other].clone());
        if first == second {
            return;
        }
        let mut swapped = bundle.clone();
        *swapped.file(one) = second;
        *swapped.file(other) = first;
        must_be_found(&format!("{one} for {other}"), &swapped, &anchor);
    });
    let leaf = bundle.files.keys().find(|path| path.starts_with("leaf/")).unwrap();
    let indexes: Vec<usize> = (0..election.entries.len()).collect();
    on_all_cores(&indexes, |&one| {
        for other in 0..one {
            let what = format!("leaf {one} for {other}");
            let swapped = with(&bundle, leaf, |bytes| {
                let mut lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
                lines.swap(one, other);
                *bytes = lines.concat();
            });
            must_be_found(&what, &swapped, &anchor);
        }
    });
}

/// The log's operator rewrites its tree and signs again; the witnesses' lines stay the old ones.
#[test]
fn a_rewritten_log_is_found() {
    let (election, bundle, anchor) = target();
    let indexes: Vec<usize> = (1..election.entries.len()).collect();
    on_all_cores(&indexes, |&index| {
        let mut forged = target().0;
        forged.entries.remove(index);
        for head in &mut forged.heads {
            head.size = head.size.min(forged.entries.len() as u64);
            head.witnesses = Some(Vec::new());
        }
        let mut files = forged.bundle();
        must_be_found(&format!("entry {index} left out"), &files, &anchor);
        // With the old heads, witnesses and all.
        for (path, bytes) in bundle.files.iter().filter(|(path, _)| path.starts_with("check")) {
            files.files.insert(path.clone(), bytes.clone());
        }
        must_be_found(&format!("entry {index} left out, old heads"), &files, &anchor);
    });
}

#[test]
fn a_forged_election_is_refused_with_the_anchor_and_never_authenticated_without() {
    let (_, _, anchor) = target();
    let forged = Election::new(Plan { seed: 666, ..Plan::default() }).complete();
    let source = memory(&forged.bundle());
    let with = report(&source, &anchor);
    assert_eq!(with.verdict, Verdict::Fails);
    assert!(with.has("CHA-003") && with.has("CHA-005"));
    let without = replay(&source, &Options::default(), &Silent).unwrap();
    assert_eq!(without.verdict, Verdict::NotAuthenticated);
    assert_eq!(without.exit_code, 2);
    assert_eq!(without.finding_counts.keys().collect::<Vec<_>>(), [&"CHA-012"]);
}

/// A zip is a form of its own: a flipped bit may damage the zip, or change what no reader reads.
#[test]
fn a_damaged_zip_never_passes_for_other_contents() {
    let (_, bundle, anchor) = target();
    let zip = bundle.to_zip();
    let step = if is_long() { 1 } else { 1 + zip.len() / 1500 };
    let places: Vec<usize> = (0..zip.len()).step_by(step).collect();
    on_all_cores(&places, |&at| {
        let mut bytes = zip.clone();
        bytes[at] ^= 1 << (at % 8);
        let Ok(source) = ZipSource::from_bytes("x.zip", bytes, ZipLimits::default()) else {
            return;
        };
        let options = Options { anchor: Some(anchor.clone()), threads: 1, ..Options::default() };
        let Ok(report) = replay(&source, &options, &Silent) else {
            return;
        };
        if report.exit_code != 0 {
            return;
        }
        for (path, right) in &bundle.files {
            let found = source.read(path, 1 << 20).unwrap().unwrap();
            assert!(found == *right, "{path} after byte {at} of the zip");
        }
    });
}

/// Several kinds of damage at once, in an order that follows from a seed.
#[test]
fn random_damage_is_found() {
    let (_, bundle, anchor) = target();
    // The list of the heads' sizes may be absent.
    let mut without_list = bundle.clone();
    without_list.files.remove("checkpoints/sizes");
    let rounds: Vec<u64> = (0..if is_long() { 50_000 } else { 1_000 }).collect();
    on_all_cores(&rounds, |&seed| {
        let mut state = seed;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005);
            state = state.wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut damaged = bundle.clone();
        for _ in 0..=next(4) {
            let path = damaged.files.keys().nth(next(damaged.files.len())).unwrap().clone();
            let other = damaged.files.keys().nth(next(damaged.files.len())).unwrap().clone();
            let bytes = damaged.files[&path].clone();
            let at = next(bytes.len().max(1));
            match next(5) {
                0 => drop(damaged.files.remove(&path)),
                1 => damaged.file(&path).truncate(at),
                2 => drop(damaged.files.insert(other, bytes)),
                3 => damaged.file(&path).splice(at.., bytes).for_each(drop),
                _ => {
                    let file = damaged.file(&path);
                    if let Some(byte) = file.get_mut(at) {
                        *byte ^= 1 << next(8);
                    }
                }
            }
        }
        if damaged != bundle && damaged != without_list {
            must_be_found(&format!("damage of seed {seed}"), &damaged, &anchor);
        }
    });
}
