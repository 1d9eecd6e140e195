//! Verifying the two lists of a campaign, beside what their signatures alone take.
//!
//! Prepares N votes with their voters, in 20 snapshots; then, in one run and on all cores, measures
//!
//! - the baseline: two `verify_strict` of `ed25519_dalek` a record, of mandate and platform stamp,
//!   already parsed and in memory;
//! - the same with this project's own check of signatures, which has tables for busy keys;
//! - `verify` of the log's small bundle with both lists, read from files.
//!
//! and prints the ratios. N is 50,000, or `SCRUTINEER_BENCH_VOTES`.

use std::io::{Write as _, stdout};
use std::time::{Duration, Instant};

use artifact::anchor::Anchor;
use artifact::bundle::{FolderSource, MemorySource};
use artifact::charter::Purpose;
use artifact::role::Role;
use canon::{Algorithm, Digest, PublicKey};
use ed25519_dalek::{Signature, VerifyingKey};
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};
use testkit::election::{Election, Plan};
use testkit::platform::{END, Platform, Told};
use verify::{Lists, Options, Silent, replay};

/// Rounds of which the fastest counts.
const ROUNDS: usize = 3;

/// Snapshots that the votes come in.
const SNAPSHOTS: usize = 20;

/// A signature, with its message and the place of its key.
struct Signed {
    key: usize,
    message: Vec<u8>,
    signature: [u8; 64],
}

fn main() {
    let votes: usize = std::env::var("SCRUTINEER_BENCH_VOTES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(50_000);
    let (election, platform) = day(votes);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("solar-vote.log"), &platform.votes).unwrap();
    std::fs::write(folder.path().join("solar-auth.log"), &platform.voters).unwrap();
    let (keys, signed) = signatures(&platform);
    let mut bundle = MemorySource::new();
    for (path, bytes) in &election.bundle().files {
        bundle.insert(path.clone(), bytes.clone());
    }
    let charter = &election.entries[0].artifact;
    let read = canon::SignedBytes::parse(charter).unwrap().payload_as().unwrap();
    let options = Options {
        anchor: Some(Anchor::from_charter(&read, Digest::of(charter))),
        lists: Some(Lists::new(FolderSource::open(folder.path()).unwrap())),
        ..Options::default()
    };
    let mut least = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        keep(&mut least[0], || baseline(&keys, &signed));
        keep(&mut least[1], || baseline_own(&keys, &signed));
        keep(&mut least[2], || {
            let report = replay(&bundle, &options, &Silent).unwrap();
            assert_eq!(report.exit_code, 0, "{:?}", report.findings);
            let lists = report.campaigns[0].lists.as_ref().unwrap();
            assert_eq!((lists.votes, lists.voters), (votes as u64, votes as u64));
        });
    }
    let [base, own, verified] = least.map(|time| time.as_secs_f64());
    let cores = rayon::current_num_threads();
    let mut out = stdout();
    let _ = writeln!(out, "{votes} votes and voters in {SNAPSHOTS} snapshots, {cores} cores");
    for (what, seconds) in [
        ("two verify_strict a record", base),
        ("the same, tables of keys", own),
        ("verify with both lists", verified),
    ] {
        #[expect(clippy::cast_precision_loss, reason = "some millions of votes")]
        let each = seconds * 1e6 / votes as f64;
        let (of_base, of_own) = (seconds / base, seconds / own);
        let line = format!("{each:6.1} us each  {of_base:5.2}  {of_own:5.2} of tables");
        let _ = writeln!(out, "{what:<30} {seconds:8.2} s  {line}");
    }
}

fn keep(least: &mut Duration, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    *least = begun.elapsed().min(*least);
}

/// A campaign with so many votes, from its opening to the close.
fn day(votes: usize) -> (Election, Platform) {
    let mut plan = Plan { phases: Vec::new(), ..Plan::default() };
    plan.holders.push(("platform-1", "county", Role::Platform));
    let mut election = Election::new(plan);
    let mut platform = Platform::new("solar").of(&election.charter.election_id, Purpose::Test);
    let holder = ["platform-1"];
    election.submit(&platform.campaign, &holder);
    election.head();
    election.now = platform.campaign.start;
    for taken in 1..SNAPSHOTS {
        platform.crowd(votes * taken / SNAPSHOTS - platform.cast.len());
        let snapshot = platform.snapshot(Told::Digests, false);
        election.submit(&snapshot, &holder);
    }
    election.head();
    election.now = END.parse().unwrap();
    platform.crowd(votes - platform.cast.len());
    let last = platform.snapshot(Told::Digests, true);
    election.submit(&last, &holder);
    election.submit(&platform.reveal(), &holder);
    election.head();
    election.close();
    (election, platform)
}

/// The keys of stamps and mandates, and every signature.
fn signatures(platform: &Platform) -> (Vec<PublicKey>, Vec<Signed>) {
    let keys = [&platform.reveal().stamp_key, &platform.campaign.authorities[0]];
    let keys = keys.map(|key| PublicKey::from_base64(Algorithm::Ed25519, key.as_str()).unwrap());
    let both = platform.cast.iter().flat_map(|(vote, mandate)| {
        let message = vote.platform.period.to_string().into_bytes();
        let stamp = Signed { key: 0, message, signature: vote.platform.signature };
        let message = mandate.id().id.to_vec();
        [stamp, Signed { key: 1, message, signature: *mandate.signature() }]
    });
    (keys.to_vec(), both.collect())
}

fn baseline(keys: &[PublicKey], signed: &[Signed]) {
    let keys: Vec<_> =
        keys.iter().map(|key| VerifyingKey::try_from(key.bytes()).unwrap()).collect();
    signed.par_iter().for_each(|Signed { key, message, signature }| {
        keys[*key].verify_strict(message, &Signature::from_bytes(signature)).unwrap();
    });
}

/// The same with the keys of `canon`.
fn baseline_own(keys: &[PublicKey], signed: &[Signed]) {
    signed.par_iter().for_each(|Signed { key, message, signature }| {
        keys[*key].verify(message, signature).unwrap();
    });
}
