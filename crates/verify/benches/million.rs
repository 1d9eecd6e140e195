//! Verifying a large bundle, beside the least that could be done with its artifacts.
//!
//! Builds a bundle of N entries with signed artifacts of about 700 bytes, once, below `target`;
//! then, in one run and on all cores, measures
//!
//! - the baseline: one strict parse, one SHA-256 and one `verify_strict` of `ed25519_dalek` of each
//!   artifact, all of them in memory;
//! - the same with this project's own check of signatures, which has tables for busy keys;
//! - `verify` of the folder and of the zip, from the disk cache.
//!
//! and prints the ratios, and the most memory that `scrutineer-verify` held in a process of its
//! own. N is 100,000, or `SCRUTINEER_BENCH_ENTRIES`.

use std::fs;
use std::hint::black_box;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use artifact::anchor::Anchor;
use artifact::bundle::{FolderSource, Source, ZipLimits, ZipSink, ZipSource, export};
use canon::{Digest, PublicKey, SignedBytes, envelope};
use ed25519_dalek::{Signature, VerifyingKey};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use testkit::election::large;
use verify::{Options, Silent, replay};

/// Rounds of which the fastest counts.
const ROUNDS: usize = 3;

struct Built {
    folder: PathBuf,
    zip: PathBuf,
    anchor: Anchor,
}

fn main() {
    let entries: u64 = std::env::var("SCRUTINEER_BENCH_ENTRIES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(100_000);
    let built = build(entries);
    let folder = FolderSource::open(&built.folder).unwrap();
    let artifacts = load(&built.folder);
    let bytes: usize = artifacts.iter().map(Vec::len).sum();
    let keys = keys(&built);
    let mut least = [Duration::MAX; 4];
    for _ in 0..ROUNDS {
        keep(&mut least[0], || baseline(&artifacts, &keys));
        keep(&mut least[1], || baseline_own(&artifacts, &keys));
        keep(&mut least[2], || verified(&folder, &built.anchor, entries));
        keep(&mut least[3], || {
            let zip = ZipSource::open(&built.zip, ZipLimits::default()).unwrap();
            verified(&zip, &built.anchor, entries);
        });
    }
    let [base, own, folder, zip] = least.map(|time| time.as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "some millions of entries")]
    let each = |seconds: f64| seconds * 1e6 / entries as f64;
    let cores = rayon::current_num_threads();
    let mut out = stdout();
    let mean = bytes / artifacts.len();
    let _ = writeln!(out, "{entries} entries, artifacts of {mean} bytes, {cores} cores");
    for (what, seconds) in [
        ("baseline, verify_strict", base),
        ("baseline, tables of keys", own),
        ("verify, folder", folder),
        ("verify, zip", zip),
    ] {
        let ratio = seconds / base;
        let each = each(seconds);
        let _ = writeln!(out, "{what:<30} {seconds:8.2} s  {each:6.1} us each  {ratio:5.2}");
    }
    for (what, bundle) in [("folder", &built.folder), ("zip", &built.zip)] {
        let _ = writeln!(out, "peak memory of scrutineer-verify, {what}: {}", peak(bundle));
    }
}

fn keep(least: &mut Duration, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    *least = begun.elapsed().min(*least);
}

/// The bundle of so many entries, built at most once.
fn build(entries: u64) -> Built {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("million-{entries}"));
    let built = Built {
        folder: root.join("folder"),
        zip: root.join("bundle.zip"),
        anchor: Anchor {
            election_id: "example-2026".parse().unwrap(),
            charter: Digest([0; 32]),
            title: None,
            log: None,
            witnesses: None,
        },
    };
    let done = root.join("charter");
    if !done.exists() {
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&built.folder).unwrap();
        let _ = writeln!(stdout(), "building {entries} entries below {}", root.display());
        let mut sink = large::FolderSink::new(&built.folder);
        let charter = large::write(entries, &mut sink).unwrap();
        let source = FolderSource::open(&built.folder).unwrap();
        export(&source, &mut ZipSink::create(&built.zip).unwrap()).unwrap();
        fs::write(&done, charter).unwrap();
    }
    let charter = Digest::of(&fs::read(done).unwrap());
    Built { anchor: Anchor { charter, ..built.anchor }, ..built }
}

/// Every artifact, in memory.
fn load(folder: &Path) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder.join("artifact")).unwrap();
    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

/// The keys of the charter by their ids, ready to verify.
fn keys(built: &Built) -> Vec<PublicKey> {
    let path = built.folder.join(format!("artifact/{}", built.anchor.charter));
    let bytes = fs::read(path).unwrap();
    let charter: artifact::charter::Charter =
        SignedBytes::parse(&bytes).unwrap().payload_as().unwrap();
    charter.keys.iter().map(|key| key.key.clone()).collect()
}

/// One strict parse that builds nothing, one hash, one `verify_strict` of each.
fn baseline(artifacts: &[Vec<u8>], keys: &[PublicKey]) {
    let point = |key: &PublicKey| VerifyingKey::try_from(key.bytes()).unwrap();
    let points: Vec<_> = keys.iter().map(|key| (key.id(), point(key))).collect();
    artifacts.par_iter().for_each(|bytes| {
        let signed = SignedBytes::parse(bytes).unwrap();
        black_box(Digest::of(bytes));
        let first = &signed.signatures[0];
        let (_, key) = points.iter().find(|(id, _)| *id == first.key_id).unwrap();
        let message = envelope::message(signed.kind, signed.payload);
        key.verify_strict(&message, &Signature::from_slice(&first.sig).unwrap()).unwrap();
    });
}

/// The same with the keys of `canon`.
fn baseline_own(artifacts: &[Vec<u8>], keys: &[PublicKey]) {
    artifacts.par_iter().for_each(|bytes| {
        let signed = SignedBytes::parse(bytes).unwrap();
        black_box(Digest::of(bytes));
        let id = signed.signatures[0].key_id;
        signed.verify(0, keys.iter().find(|key| key.id() == id).unwrap()).unwrap();
    });
}

fn verified(source: &dyn Source, anchor: &Anchor, entries: u64) {
    let options = Options { anchor: Some(anchor.clone()), ..Options::default() };
    let report = replay(source, &options, &Silent).unwrap();
    assert_eq!(report.exit_code, 0, "{:?}", report.findings);
    assert_eq!(report.counts.artifacts, entries);
}

/// The most memory that `scrutineer-verify` holds over a bundle, as far as the system says so. It
/// only grows, so the last answer before the end is the one.
fn peak(bundle: &Path) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_scrutineer-verify"))
        .args([bundle.as_os_str(), "--json".as_ref()])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = "not known".to_owned();
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        if let Some(line) = text.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
            line.trim().clone_into(&mut peak);
        }
        std::thread::yield_now();
    }
    peak
}
