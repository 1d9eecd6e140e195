//! One mutation for each id of the table: an election in which everything holds but one thing.

use std::collections::BTreeSet;

use artifact::bundle::Source;
use testkit::election::{Bundle, Election};
use verify::finding::{Effect, table};
use verify::{Options, Report, Silent, replay};

use crate::stage::{anchor, memory, replayed, whole};

/// What a mutation gives to the verifier.
pub(crate) struct Case {
    pub(crate) source: Box<dyn Source>,
    pub(crate) options: Options,
}

impl Case {
    /// A bundle that is not the election's own, with the election's anchor.
    pub(crate) fn of(election: &Election, bundle: &Bundle) -> Self {
        let options = Options { anchor: Some(anchor(election)), ..Options::default() };
        Self { source: Box::new(memory(bundle)), options }
    }

    /// An election's own bundle.
    pub(crate) fn whole(election: &Election) -> Self {
        Self::of(election, &election.bundle())
    }

    /// The bundle of a good election after a change.
    pub(crate) fn changed(change: impl FnOnce(&mut Bundle)) -> Self {
        let election = whole();
        let mut bundle = election.bundle();
        change(&mut bundle);
        Self::of(&election, &bundle)
    }

    /// The same with another source.
    pub(crate) fn reading(mut self, source: impl Source + 'static) -> Self {
        self.source = Box::new(source);
        self
    }

    /// The same with other options.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }
}

/// Every finding of each mutation, by the mutation's name.
const EXPECTED: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/evidence/mutations/expected.txt");

/// Replays a case, which has to show this finding, and besides it only what stands in the list.
fn exactly(name: &str, id: &str, case: &Case) -> Report {
    let report = find(id, case);
    let found: Vec<String> = report
        .findings
        .iter()
        .map(|finding| format!("    {} {}", finding.rule.id, short(&finding.subject)))
        .collect();
    let expected = std::fs::read_to_string(EXPECTED).unwrap();
    let blocks = expected.split("\n\n").map(|block| block.trim_end().split_once('\n'));
    let expected = blocks.flatten().find(|(title, _)| *title == name).map(|(_, lines)| lines);
    let found = found.join("\n");
    assert_eq!(Some(found.as_str()), expected, "expected.txt has to have:\n\n{name}\n{found}\n");
    report
}

/// A subject without its digest, which says nothing to a reader.
fn short(subject: &str) -> String {
    let digest = subject.len().checked_sub(64).and_then(|at| subject.split_at_checked(at));
    match digest {
        Some((rest, digest)) if digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            format!("{rest}…")
        }
        _ => subject.to_owned(),
    }
}

/// Replays a case, which has to show this finding.
pub(crate) fn find(id: &str, case: &Case) -> Report {
    let report = replay(&*case.source, &case.options, &Silent).unwrap();
    let found: Vec<_> = report.finding_counts.keys().collect();
    assert!(report.has(id), "{id} is not among {found:?}");
    let finding = report.findings.iter().find(|finding| finding.rule.id == id).unwrap();
    let fails = report.findings.iter().any(|finding| finding.rule.effect == Effect::Fails);
    assert_eq!(report.exit_code, if fails { 1 } else { 2 }, "{id}");
    assert_ne!(finding.expected, finding.found, "{id}");
    assert!(report.checks.iter().any(|line| {
        line.because.as_ref().is_some_and(|because| because.contains(id))
            || (id == "CHA-012" && line.section == "anchor")
    }));
    report
}

/// Declares a test for each id of a family, and `IDS`, the list of them.
macro_rules! mutations {
    ($($name:ident: $id:literal, $case:expr;)*) => {
        $(
            #[test]
            fn $name() {
                crate::mutations::exactly(stringify!($name), $id, &$case);
            }
        )*
        pub(super) const IDS: &[&str] = &[$($id),*];
    };
}

mod artifacts;
mod audit;
mod booth;
mod bundle;
mod charter;
mod lists;
mod log;
mod receipts;
mod results;
mod role;

#[test]
fn the_unchanged_election_has_no_finding() {
    let election = whole();
    let report = replayed(&election.bundle(), Some(anchor(&election)));
    assert!(report.finding_counts.is_empty(), "{:?}", report.findings);
}

#[test]
fn every_id_of_the_table_has_its_mutation() {
    let families = [
        bundle::IDS,
        log::IDS,
        charter::IDS,
        role::IDS,
        artifacts::IDS,
        audit::IDS,
        booth::IDS,
        lists::IDS,
        receipts::IDS,
        results::IDS,
    ];
    let tested: Vec<&str> = families.concat();
    let distinct: BTreeSet<&str> = tested.iter().copied().collect();
    assert_eq!(tested.len(), distinct.len(), "an id is tested twice under one name");
    assert_eq!(distinct, table().map(|rule| rule.id).collect());
}
