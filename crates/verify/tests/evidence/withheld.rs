//! What the charter withholds, and what a log could hide behind that.

use artifact::charter::Publication;
use artifact::leaf::Originator;
use artifact::role::{EntryType, Role};
use canon::Digest;
use testkit::election::{Bundle, Election, Plan};
use verify::report::Status;
use verify::terminal::{Style, render};
use verify::{Options, Report, Silent, Verdict, replay};

use crate::stage::{anchor, memory};

fn plan() -> Plan {
    Plan { cvrs: Publication::Withheld, ..Plan::default() }
}

/// The bundle without the artifact of an entry.
fn without(election: &Election, index: u64) -> Bundle {
    let mut bundle = election.bundle();
    bundle.files.remove(&format!("artifact/{}", digest(election, index))).unwrap();
    bundle
}

fn digest(election: &Election, index: u64) -> Digest {
    election.entries[usize::try_from(index).unwrap()].digest
}

fn artifact(election: &Election, index: u64) -> Vec<u8> {
    election.entries[usize::try_from(index).unwrap()].artifact.clone()
}

fn report(election: &Election, bundle: &Bundle, artifacts: &[Vec<u8>]) -> Report {
    let options = Options {
        anchor: Some(anchor(election)),
        artifacts: artifacts.to_vec(),
        ..Options::default()
    };
    replay(&memory(bundle), &options, &Silent).unwrap()
}

fn ids(report: &Report) -> Vec<&str> {
    report.finding_counts.keys().copied().collect()
}

/// The one batch of the testkit's whole election.
const CVRS: u64 = 3;

#[test]
fn what_the_charter_withholds_is_not_missed() {
    let election = Election::new(plan()).complete();
    let report = report(&election, &without(&election, CVRS), &[]);
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!(report.counts.withheld, 1);
    assert!(report.not_checked.iter().any(|text| text.contains("withholds")));
    let text = render(&report, Style::default());
    assert!(text.contains("The evidence holds (1 artifact not seen).\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_withheld_artifact_that_is_given_is_judged() {
    let election = Election::new(plan()).complete();
    let bundle = without(&election, CVRS);
    let mut bytes = artifact(&election, CVRS);
    bytes.push(b'\n');
    let report = report(&election, &bundle, &[bytes]);
    assert_eq!(report.verdict, Verdict::Holds, "{:?}", report.findings);
    assert_eq!((report.counts.withheld, report.counts.artifacts), (0, election.size()));
    let line = report.checks.iter().find(|line| line.what.contains("beside the bundle")).unwrap();
    assert_eq!(line.status, Status::Holds);
}

/// A log that gives the leaf of a revocation another type, and another originator if one is named.
fn hidden(originator: Option<Originator>) -> (Election, u64) {
    let holders = [plan().holders, vec![("maker-2", "vendor", Role::Supply)]].concat();
    let mut election = Election::new(Plan { holders, ..plan() });
    let index = election.revoke_key("maker-2").index;
    election.change_leaf(index, |leaf| {
        leaf.entry_type = EntryType::Cvr;
        if let Some(originator) = originator {
            leaf.originator = originator;
        }
    });
    (election.complete(), index)
}

fn named(id: &str, role: Role) -> Originator {
    Originator { id: id.parse().unwrap(), role }
}

/// The log hides a revocation: its leaf says that it is a batch of votes, and votes are withheld.
#[test]
fn an_amendment_hidden_as_a_withheld_batch_is_found() {
    let (election, index) = hidden(None);
    let careless = report(&election, &without(&election, index), &[]);
    assert_eq!(ids(&careless), ["ROL-005"]);
    assert_eq!(careless.findings[0].index, Some(index));
    // It names a scanner, then: that nobody can see. The artifact's submitter can.
    let (election, index) = hidden(Some(named("scanner-1", Role::Scanning)));
    let bundle = without(&election, index);
    let unseen = report(&election, &bundle, &[]);
    assert_eq!((unseen.verdict, unseen.counts.withheld), (Verdict::Holds, 1));
    let text = render(&unseen, Style::default());
    assert!(text.contains("The evidence holds (1 artifact not seen)."), "{text}");
    let seen = report(&election, &bundle, &[artifact(&election, index)]);
    assert_eq!(ids(&seen), ["ART-009", "ROL-006"]);
    assert!(seen.findings.iter().all(|finding| finding.index == Some(index)));
    assert_eq!(seen.verdict, Verdict::Fails);
}

/// What is found when one of two withheld leaves, before and after a revocation, names somebody.
fn naming(which: usize, originator: Originator) -> (Vec<&'static str>, Option<u64>) {
    let holders = [plan().holders, vec![("scanner-2", "county", Role::Scanning)]].concat();
    let mut election = Election::new(Plan { holders, phases: Vec::new(), ..plan() });
    let definition = election.definition();
    let early = election.cvrs(&definition.digest, "1").index;
    election.revoke_key("scanner-2");
    let late = election.cvrs(&definition.digest, "2").index;
    let index = [early, late][which];
    election.change_leaf(index, |leaf| leaf.originator = originator);
    election.add_key("scanner-3", Role::Scanning);
    election.head();
    election.close();
    let report = report(&election, &without(&election, index), &[]);
    let index = report.findings.first().and_then(|finding| finding.index);
    (report.finding_counts.into_keys().collect(), index)
}

#[test]
fn a_withheld_leaf_names_a_key_in_force() {
    let scanner = |id: &str| named(id, Role::Scanning);
    assert_eq!(naming(0, scanner("scanner-1")), (vec![], None));
    assert_eq!(naming(0, scanner("scanner-2")), (vec![], None));
    assert_eq!(naming(0, scanner("scanner-9")), (vec!["ROL-002"], Some(2)));
    let of_another_role = named("scanner-1", Role::Authority);
    assert_eq!(naming(0, of_another_role), (vec!["ROL-002"], Some(2)));
    assert_eq!(naming(0, scanner("scanner-3")), (vec!["ROL-003"], Some(2)));
    assert_eq!(naming(0, named("clerk", Role::Authority)), (vec!["ROL-005"], Some(2)));
    assert_eq!(naming(1, scanner("scanner-1")), (vec![], None));
    assert_eq!(naming(1, scanner("scanner-2")), (vec!["ROL-004"], Some(4)));
}

#[test]
fn a_withheld_leaf_after_the_close_is_found() {
    let mut election = Election::new(plan()).complete();
    let definition = election.entries[1].digest;
    let index = election.cvrs(&definition, "late").index;
    election.head();
    let report = report(&election, &without(&election, index), &[]);
    assert_eq!(ids(&report), ["CHA-008"]);
}

/// Nobody can say that a leaf is what it calls itself, so it satisfies nothing that is owed.
#[test]
fn what_was_not_seen_is_still_owed() {
    let phases = vec![("votes", vec![EntryType::Cvr])];
    let election = Election::new(Plan { phases, ..plan() }).complete();
    let bundle = without(&election, CVRS);
    let unseen = report(&election, &bundle, &[]);
    assert_eq!(ids(&unseen), ["CHA-011"]);
    assert!(unseen.findings[0].found.contains("not seen"));
    let seen = report(&election, &bundle, &[artifact(&election, CVRS)]);
    assert_eq!(seen.verdict, Verdict::Holds, "{:?}", seen.findings);
}
