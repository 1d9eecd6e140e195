//! A whole small election, verified from memory, from a folder and from a zip.

use artifact::bundle::{
    FolderSource, MemorySink, MemorySource, Source, ZipLimits, ZipSource, export,
};
use artifact::charter::Purpose;
use artifact::payload::Campaign;
use artifact::role::EntryType;
use testkit::election::{Election, Plan};
use testkit::source::Unlisted;
use verify::report::{Anchored, Status};
use verify::terminal::{Style, render};
use verify::{Options, Report, Silent, Verdict, replay};

use crate::stage::{anchor, memory, of_election, replayed, whole, with_platform};

#[test]
fn a_whole_election_holds() {
    let election = Election::new(Plan::default()).complete();
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    let text = render(&report, Style::default());
    assert_eq!(report.verdict, Verdict::Holds, "{text}");
    assert_eq!(report.exit_code, 0);
    assert_eq!(report.anchored, Anchored::Yes);
    assert_eq!(report.counts.entries, election.size());
    assert_eq!(report.counts.artifacts, election.size());
    assert_eq!(report.counts.signatures, election.size());
    assert_eq!(report.counts.raw_files, 1);
    assert_eq!(report.counts.draws, 24);
    let head = report.head.as_ref().unwrap();
    assert_eq!((head.organisations, head.threshold, head.organisations_in_force), (3, 3, 3));
    assert!(report.checks.iter().all(|line| line.status != Status::Fails));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(text.contains("The evidence holds."));
    assert!(text.contains("This does not show"));
    let joined = "that definition and scanning and aggregation are apart: county has keys of each";
    assert!(report.does_not_show.iter().any(|text| text == joined), "{text}");
}

/// Nobody who reads a report of such a trial takes its votes for secret.
#[test]
fn a_trial_with_a_list_of_links_is_headlined() {
    let of = |auditors: bool| {
        let mut plan = with_platform();
        plan.purpose = Purpose::Trial;
        let mut election = Election::new(plan);
        let mut campaign: Campaign = of_election(&election, "valid-trial");
        if !auditors {
            campaign.link_auditors.clear();
        }
        election.submit(&campaign, &["platform-1"]);
        let election = election.complete();
        let report = replayed(&election.bundle(), Some(anchor(&election)));
        let text = render(&report, Style { colour: false, elapsed: None });
        let headline = "not secret  solar: this was a trial: its auditors can tell who voted how";
        (report.linked, text.lines().nth(2) == Some(headline))
    };
    assert_eq!(of(true), (vec!["solar".to_owned()], true));
    assert_eq!(of(false), (Vec::new(), false));
}

fn report(source: &dyn Source, threads: usize) -> Report {
    let anchor = Some(anchor(&whole()));
    replay(source, &Options { anchor, threads, ..Options::default() }, &Silent).unwrap()
}

#[test]
fn folder_zip_and_export_are_one_bundle() {
    let bundle = whole().bundle();
    let folder = tempfile::tempdir().unwrap();
    bundle.write_to(folder.path());
    let folder = FolderSource::open(folder.path()).unwrap();
    let zip = ZipSource::from_bytes("x.zip", bundle.to_zip(), ZipLimits::default()).unwrap();
    let memory = memory(&bundle);
    let mut sink = MemorySink::new();
    export(&memory, &mut sink).unwrap();
    let exported = sink.into_source();
    let first = report(&memory, 0);
    assert_eq!(first.exit_code, 0);
    for source in [&folder as &dyn Source, &zip] {
        let other = report(source, 0);
        assert_eq!(other.bundle, source.describe());
        assert_eq!(Report { bundle: first.bundle.clone(), ..other }, first);
    }
    let other = report(&exported, 0);
    assert_eq!(other.verdict, Verdict::Holds, "{:?}", other.findings);
    assert_eq!(other.head, first.head);
}

#[test]
fn the_report_does_not_depend_on_the_number_of_threads() {
    let mut bundle = whole().bundle();
    let paths: Vec<String> = bundle.files.keys().cloned().collect();
    for path in paths.iter().filter(|path| path.starts_with("artifact/")).skip(1).step_by(2) {
        bundle.file(path).push(b' ');
    }
    let source = memory(&bundle);
    let one = report(&source, 1).to_json().unwrap();
    for threads in [2, 3, 8] {
        assert!(report(&source, threads).to_json().unwrap() == one);
    }
}

#[test]
fn an_election_over_many_tiles_holds() {
    let mut election = Election::new(Plan { phases: Vec::new(), ..Plan::default() });
    for number in 0..700 {
        election.custody(&format!("S-{number}"));
        if number % 90 == 0 {
            election.head();
        }
    }
    election.head();
    election.close();
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(report.counts.entries, 702);
}

#[test]
fn a_witness_added_later_counts_from_the_next_head_on() {
    let mut election = Election::new(Plan::default());
    election.add_witness("witness.example/radio", 4);
    // The head over the amendment itself is judged by the rules before it.
    election.head();
    election.software("after");
    election.head();
    let election = election.complete();
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(report.head.unwrap().threshold, 4);
}

/// An election in which a witness got another key under its old name.
fn rotated() -> Election {
    let mut election = Election::new(Plan::default());
    election.rotate_witness("witness.example/herald");
    election.complete()
}

#[test]
fn a_witness_with_a_new_key_counts() {
    let election = rotated();
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(report.head.unwrap().witnesses.len(), 3);
}

/// The key was stolen, and its witness has another one under the same name.
#[test]
fn the_revoked_key_of_a_witness_whose_name_is_used_again_does_not_count() {
    let mut election = rotated();
    election.heads.last_mut().unwrap().old_keys = true;
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert_eq!(report.finding_counts.into_iter().collect::<Vec<_>>(), [("LOG-006", 2)]);
    let head = report.head.unwrap();
    assert_eq!((head.organisations, head.threshold), (2, 3));
    assert!(head.witnesses.iter().all(|witness| witness.name != "witness.example/herald"));
}

/// An authority may lower the threshold. The anchor says nothing of that, so the report does.
#[test]
fn a_report_says_that_the_witnesses_are_not_the_anchors_any_more() {
    let mut election = Election::new(Plan::default());
    election.software("before");
    let mut amendment = election.amendment();
    amendment.remove_witnesses = vec!["witness.example/herald".parse().unwrap()];
    amendment.threshold = Some(1);
    let placed = election.submit(&amendment, &["clerk"]);
    let election = election.complete();
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    let amended = report.witnesses_amended.as_ref().unwrap();
    assert_eq!((amended.index, amended.threshold, amended.organisations), (placed.index, 1, 2));
    assert_eq!((amended.charter_threshold, amended.charter_organisations), (3, 3));
    let text = render(&report, Style::default());
    let said = "witnesses   amended at 2: 1 of 2 organisations, the anchor has 3 of 3";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("and log keys as the anchor has them"), "{text}");
    let plain = replayed(&whole().bundle(), Some(anchor(&whole())));
    assert_eq!(plain.witnesses_amended, None);
}

#[test]
fn nothing_at_all_is_an_error_and_not_a_finding() {
    let empty = memory(&testkit::election::Bundle::default());
    let error = replay(&empty, &Options::default(), &Silent).unwrap_err();
    assert!(error.to_string().contains("no bundle"), "{error}");
}

#[test]
fn a_source_without_a_list_is_followed_as_far_as_the_log_signed() {
    let bundle = whole().bundle();
    let first = report(&Unlisted(memory(&bundle)), 0);
    assert_eq!(first.verdict, Verdict::Holds, "{:?}", first.findings);
    assert_eq!(first.counts.files, None);
    let mut unsigned = whole();
    unsigned.heads.last_mut().unwrap().signed = false;
    let other = report(&Unlisted(memory(&unsigned.bundle())), 0);
    assert!(other.has("LOG-004"));
    assert_eq!(other.counts.entries, 0);
    let nothing = Unlisted(MemorySource::new());
    assert!(replay(&nothing, &Options::default(), &Silent).is_err());
}

/// A log may drop partial tiles when the full one is there (C2SP tlog-tiles).
#[test]
fn full_tiles_stand_in_for_partial_ones_at_an_address() {
    let mut election = Election::new(Plan { phases: Vec::new(), ..Plan::default() });
    for number in 0..98 {
        election.custody(&format!("S-{number}"));
    }
    election.head();
    election.close();
    let size = election.size();
    let early = election.bundle();
    for number in 100..300 {
        election.software(&format!("later {number}"));
    }
    election.head();
    // What the log serves later, with the head that the reader fetched before.
    let mut later = election.bundle();
    for path in ["checkpoint".to_owned(), format!("checkpoints/{size}")] {
        later.files.insert(path.clone(), early.files[&path].clone());
    }
    later.files.retain(|path, _| !path.contains("000.p/"));
    let anchor = Some(anchor(&election));
    let source = Unlisted(memory(&later));
    let report = replay(&source, &Options { anchor, ..Options::default() }, &Silent).unwrap();
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(report.counts.entries, size);
}

/// Nobody can say which keys count after an amendment that this verifier cannot read.
#[test]
fn an_amendment_of_a_later_version_could_not_be_checked() {
    let mut election = Election::new(Plan::default());
    let amendment = election.amendment();
    let bytes = election.sign("amendment/v2", &amendment, &["clerk"]);
    election.append(bytes, EntryType::Amendment, "clerk");
    election.software("by a key that it may have added");
    let entry = election.entries.pop().unwrap();
    let envelope = canon::SignedBytes::parse(&entry.artifact).unwrap();
    let payload: serde_json::Value = envelope.payload_as().unwrap();
    let bytes = election.sign("software/v1", &payload, &["newcomer"]);
    election.append(bytes, EntryType::Software, "newcomer");
    let election = election.complete();
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert_eq!(report.verdict, Verdict::CouldNotCheck, "{:?}", report.findings);
    assert_eq!(report.finding_counts["ART-006"], 2);
}
