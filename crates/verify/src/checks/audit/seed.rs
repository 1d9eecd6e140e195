//! Seeds: committed, then revealed once, then used; and the results that stand before them.

use std::collections::{BTreeMap, BTreeSet};

use artifact::payload::SeedReveal;
use artifact::register::Register;
use artifact::role::EntryType;
use canon::Digest;
use paper::audit::seed;

use super::{Audited, Opened};
use crate::finding::{Finding, Findings, audit};
use crate::replay::ledger::{Ledger, Placed};

/// Holds each reveal against its commitment.
pub(super) fn check(
    register: &Register,
    ledger: &Ledger,
    audited: &mut Audited,
    findings: &mut Findings,
) -> Opened {
    let mut opened = Opened::new();
    let commits: BTreeMap<Digest, &Placed<Digest>> =
        ledger.commits.iter().map(|commit| (commit.digest, commit)).collect();
    let mut revealed: BTreeSet<Digest> = BTreeSet::new();
    for reveal in &ledger.reveals {
        let commit = commits.get(&reveal.what.commit).filter(|commit| commit.index < reveal.index);
        let Some(commit) = commit else {
            let expected = format!("a commitment {} before it", reveal.what.commit);
            findings.push(Finding::entry(&audit::COMMIT_MISSING, reveal.index, expected, "none"));
            continue;
        };
        if !revealed.insert(commit.digest) {
            let expected = format!("one reveal of entry {}", commit.index);
            let finding =
                Finding::entry(&audit::REVEALED_TWICE, reveal.index, expected, "another one");
            findings.push(finding);
        }
        one_seed(register, commit, reveal, findings);
        opened.insert(reveal.digest, commit.index);
        audited.seeds.push((commit.index, reveal.index));
    }
    // Before the close a commitment may still be revealed.
    let chosen = register.closed_at().is_some() && !revealed.is_empty();
    for commit in ledger.commits.iter().filter(|commit| !revealed.contains(&commit.digest)) {
        if chosen {
            let finding = Finding::entry(&audit::CHOICE_OF_SEEDS, commit.index, "a reveal", "none");
            findings.push(finding);
        }
    }
    opened
}

fn one_seed(
    register: &Register,
    commit: &Placed<Digest>,
    reveal: &Placed<SeedReveal>,
    findings: &mut Findings,
) {
    let index = reveal.index;
    let election_id = register.election_id().as_str();
    let SeedReveal { salt, seed, head, .. } = &reveal.what;
    let opened = seed::commitment(election_id, salt.as_bytes(), seed.as_str());
    // What is of these types can always be hashed; what could not would match nothing.
    let opened = opened.unwrap_or_default();
    if opened != commit.what {
        let (expected, found) = (commit.what.to_string(), opened.to_string());
        findings.push(Finding::entry(&audit::COMMITMENT, index, expected, found));
    }
    let covers = head.tree_size > commit.index && head.tree_size <= index;
    if !covers {
        let expected = format!("a head of {} to {index} entries", commit.index.saturating_add(1));
        let found = format!("a head of {}", head.tree_size);
        findings.push(Finding::entry(&audit::HEAD_SHORT, index, expected, found));
    }
}

/// Every result stands before the first commitment whose seed was revealed.
///
/// A charter whose phases owe results only after the seed has its results certified after the
/// audit; of such an election nothing is asked here.
pub(super) fn results_first(
    register: &Register,
    ledger: &Ledger,
    opened: &Opened,
    findings: &mut Findings,
) {
    let Some(commit) = opened.values().min() else {
        return;
    };
    if only_later_phases_owe_results(register) {
        return;
    }
    for result in ledger.results.iter().filter(|result| *result > commit) {
        let expected = format!("results before entry {commit}");
        let found = format!("one at entry {result}");
        findings.push(Finding::entry(&audit::RESULT_LATE, *result, expected, found));
    }
}

fn only_later_phases_owe_results(register: &Register) -> bool {
    let owing = |entry_type| {
        register.charter().phases.iter().position(move |phase| phase.owes.contains(&entry_type))
    };
    match (owing(EntryType::Result), owing(EntryType::SeedReveal)) {
        (Some(result), Some(reveal)) => result > reveal,
        _ => false,
    }
}

/// After the close a sample was drawn with every seed that was revealed: nobody reveals several and
/// draws with the best.
pub(super) fn all_used(
    register: &Register,
    ledger: &Ledger,
    used: &BTreeSet<Digest>,
    findings: &mut Findings,
) {
    if register.closed_at().is_none() {
        return;
    }
    for reveal in ledger.reveals.iter().filter(|reveal| !used.contains(&reveal.digest)) {
        let finding = Finding::entry(&audit::REVEAL_UNUSED, reveal.index, "a sample", "none");
        findings.push(finding);
    }
}
