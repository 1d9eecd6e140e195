//! A log that holds every key of its own and lies: about its time, its promises, and to each
//! reader in another way.

use std::sync::atomic::{AtomicU64, Ordering};

use artifact::bundle::{MemorySource, Source, SourceError};
use canon::{Digest, Timestamp};
use testkit::election::{Bundle, Election, HeadPlan, Plan};
use testkit::source::Unlisted;
use verify::report::Anchored;
use verify::{Options, Report, Silent, Verdict, replay};

use crate::stage::{Fickle, anchor, memory, replayed, whole};

fn anchored(election: &Election) -> Options {
    Options { anchor: Some(anchor(election)), ..Options::default() }
}

fn ids(report: &Report) -> Vec<(&str, u64)> {
    report.finding_counts.iter().map(|(id, count)| (*id, *count)).collect()
}

/// The log shows its honest head first, and then a larger one over leaves that nobody has read.
#[test]
fn the_head_in_the_report_is_the_one_that_was_replayed() {
    let election = whole();
    let forged = HeadPlan { root: Some(Digest([7; 32])), ..HeadPlan::at(1000, election.now) };
    let forged = election.head_bytes(&forged);
    let size = election.size();
    let source = Fickle::new(&election.bundle(), move |path, times, bytes| {
        if path == "checkpoint" && times > 0 {
            bytes.clone_from(&forged);
        }
    });
    let report = replay(&source, &anchored(&election), &Silent).unwrap();
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(report.counts.entries, size);
    let head = report.head.unwrap();
    assert_eq!((head.tree_size, head.root_hash), (size, election.root(size)));
    assert_eq!(source.times("checkpoint"), 1);
}

/// An older head between the two sizes must not be said to be a part of this log.
#[test]
fn an_older_head_is_held_against_the_leaves_that_were_read() {
    let mut election = whole();
    let size = election.size();
    let bundle = election.bundle();
    election.software("one");
    election.software("two");
    let options = anchored(&election);
    let older = HeadPlan { root: Some(Digest([7; 32])), ..HeadPlan::at(size + 1, election.now) };
    let since = Some(election.head_bytes(&older));
    let larger = election.head_bytes(&HeadPlan::at(size + 2, election.now));
    let source = Fickle::new(&bundle, move |path, times, bytes| {
        if path == "checkpoint" && times > 0 {
            bytes.clone_from(&larger);
        }
    });
    let report = replay(&source, &Options { since, ..options }, &Silent).unwrap();
    assert_eq!(ids(&report), [("LOG-024", 1)]);
    assert_eq!(report.verdict, Verdict::CouldNotCheck);
}

/// A head of a size whose leaves are missing shows nothing, and neither does an older one.
#[test]
fn what_was_not_held_against_the_leaves_is_said() {
    let election = whole();
    let since = Some(election.head_bytes(&election.heads[1]));
    let mut bundle = election.bundle();
    bundle.files.retain(|path, _| !path.starts_with("leaf/000.p/") || path.ends_with(".p/1"));
    let size = election.size();
    bundle.files.insert(format!("leaf/000.p/{size}"), b"nothing\n".to_vec());
    let first = bundle.files["leaf/000.p/1"].clone();
    bundle.file(&format!("leaf/000.p/{size}")).splice(0..0, first);
    let report = replay(&memory(&bundle), &Options { since, ..anchored(&election) }, &Silent);
    let report = report.unwrap();
    assert_eq!(report.verdict, Verdict::Fails);
    assert!(report.has("LOG-031") && report.has("LOG-032"), "{:?}", report.finding_counts);
    let line = report.checks.iter().find(|line| line.what.starts_with("growth from")).unwrap();
    assert_eq!(line.because.as_deref(), Some("LOG-032"));
}

/// The log sits on its entries for a day and then signs heads as if it had not.
#[test]
fn a_log_that_dates_its_heads_back_is_found() {
    let mut election = whole();
    let promise = election.promise(3, election.leaf_hash(3), election.charter.created);
    election.date_back(1.., 86_400);
    let options = Options { promises: vec![promise], ..anchored(&election) };
    let report = replay(&memory(&election.bundle()), &options, &Silent).unwrap();
    let late = u64::try_from(election.heads.len()).unwrap() - 1;
    // The head at `checkpoint` is one more.
    assert_eq!(ids(&report), [("LOG-012", late), ("LOG-028", 1), ("LOG-034", late + 1)]);
    assert_eq!(report.verdict, Verdict::Fails);
}

/// The time is that by which enough organisations had signed: one wrong clock changes nothing.
#[test]
fn one_witness_with_a_wrong_clock_does_not_make_a_head_late() {
    let mut election = Election::new(Plan { threshold: 2, ..Plan::default() }).complete();
    election.date_back(.., 86_400);
    for head in &mut election.heads {
        let time = head.time;
        let clocks = head.witness_times.values_mut();
        clocks.skip(1).for_each(|clock| *clock = time);
    }
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    let head = report.head.unwrap();
    assert_eq!(head.witnessed_by, head.timestamp);
    // With two of three it does.
    for head in &mut election.heads {
        let late = head.time.saturating_plus_seconds(86_400);
        head.witness_times.values_mut().take(2).for_each(|clock| *clock = late);
    }
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert!(report.has("LOG-012") && report.has("LOG-034"), "{:?}", report.finding_counts);
}

/// A promise "by the end of days" binds the log all the same.
#[test]
fn a_promise_for_the_end_of_days_is_broken_when_the_charters_term_is_over() {
    let election = whole();
    let long_ago = Timestamp::from_unix(election.charter.created.unix() - 100_000).unwrap();
    let end = "9999-12-31T23:59:59Z".parse().unwrap();
    let promise = election.promise_by(1000, Digest([7; 32]), long_ago, end);
    let options = Options { promises: vec![promise], ..anchored(&election) };
    let report = replay(&memory(&election.bundle()), &options, &Silent).unwrap();
    assert_eq!(ids(&report), [("LOG-028", 1), ("LOG-035", 1)]);
    assert!(report.findings.iter().all(|finding| finding.index == Some(1000)));
}

/// The promised leaf is there, and it is that of another artifact.
#[test]
fn a_promise_for_the_leaf_of_another_artifact_is_broken() {
    let election = whole();
    let mut other = whole();
    other.entry_mut(3).digest = Digest([7; 32]);
    let promise = other.promise(3, election.leaf_hash(3), election.charter.created);
    let options = Options { promises: vec![promise], ..anchored(&election) };
    let report = replay(&memory(&election.bundle()), &options, &Silent).unwrap();
    assert_eq!(ids(&report), [("LOG-028", 1)]);
}

/// Serves a bundle and counts the leaf tiles that are asked for.
struct Counting(MemorySource, AtomicU64);

impl Source for Counting {
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SourceError> {
        if path.starts_with("leaf/") {
            self.1.fetch_add(1, Ordering::Relaxed);
        }
        self.0.read(path, limit)
    }

    fn each_path(&self, _: &mut dyn FnMut(&str)) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn describe(&self) -> String {
        "counting".to_owned()
    }
}

/// Whoever made the charter signs heads of any size; an address can go on with leaves for ever.
#[test]
fn an_address_with_another_charter_than_the_anchors_is_left_at_once() {
    let forged = Election::new(Plan { seed: 666, ..Plan::default() }).complete();
    let source = Counting(memory(&forged.bundle()), AtomicU64::new(0));
    let report = replay(&source, &anchored(&whole()), &Silent).unwrap();
    assert_eq!(ids(&report), [("CHA-003", 1), ("CHA-005", 3)]);
    assert_eq!((report.verdict, report.anchored), (Verdict::Fails, Anchored::Mismatch));
    assert_eq!(report.counts.entries, 0);
    assert_eq!(source.1.load(Ordering::Relaxed), 1, "only the charter's tile");
    assert_eq!(report.election.unwrap().id, "example-2026");
    let log = report.checks.iter().find(|line| line.section == "log").unwrap();
    assert_eq!(log.because.as_deref(), Some("not the anchor's charter"));
}

/// What is listed ends somewhere and is judged to its end.
#[test]
fn a_listed_bundle_with_another_charter_is_still_judged() {
    let forged = Election::new(Plan { seed: 666, ..Plan::default() }).complete();
    let bundle: Bundle = forged.bundle();
    let report = replay(&memory(&bundle), &anchored(&whole()), &Silent).unwrap();
    assert_eq!(report.counts.entries, forged.size());
    let report = replay(&Unlisted(memory(&bundle)), &Options::default(), &Silent).unwrap();
    assert_eq!(report.counts.entries, forged.size());
}
