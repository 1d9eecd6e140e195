//! Seeds: committed, then revealed once, then used; and the results that stand before them.

use std::collections::{BTreeMap, BTreeSet};

use artifact::payload::SeedReveal;
use artifact::register::Register;
use artifact::role::EntryType;
use canon::Digest;
use paper::audit::seed;

use super::Audited;
use crate::finding::{Finding, Findings, audit};
use crate::replay::ledger::{Ledger, Placed};

/// What the reveals show of the seeds.
#[derive(Debug, Default)]
pub(super) struct Seeds<'a> {
    /// The index of the commitment that each reveal opens, by the reveal's digest.
    opened: BTreeMap<Digest, u64>,
    /// The entry from which on somebody knows a seed: the first that commits to it or reveals it,
    /// whatever reveal a sample cites.
    known: BTreeMap<&'a str, u64>,
}

impl Seeds<'_> {
    /// The entry from which on the seed of a reveal is known to somebody.
    pub(super) fn known(&self, reveal: &Placed<SeedReveal>) -> u64 {
        self.known.get(reveal.what.seed.as_str()).copied().unwrap_or(reveal.index)
    }
}

/// Holds each reveal against its commitment.
pub(super) fn check<'a>(
    register: &Register,
    ledger: &'a Ledger,
    audited: &mut Audited,
    findings: &mut Findings,
) -> Seeds<'a> {
    let mut seeds = Seeds::default();
    // The commitment that the first reveal of each seed opens.
    let mut first: BTreeMap<&str, u64> = BTreeMap::new();
    let commits: BTreeMap<Digest, &Placed<Digest>> =
        ledger.commits.iter().map(|commit| (commit.digest, commit)).collect();
    let mut revealed: BTreeSet<Digest> = BTreeSet::new();
    for reveal in &ledger.reveals {
        let commit = commits.get(&reveal.what.commit).filter(|commit| commit.index < reveal.index);
        let seed = reveal.what.seed.as_str();
        let told = commit.map_or(reveal.index, |commit| commit.index);
        let known = seeds.known.entry(seed).or_insert(told);
        *known = told.min(*known);
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
        let earlier = *first.entry(seed).or_insert(commit.index);
        if earlier != commit.index {
            let expected = format!("a seed that no reveal of entry {earlier} told");
            let finding = Finding::entry(&audit::SEED_AGAIN, reveal.index, expected, seed);
            findings.push(finding);
        }
        one_seed(register, commit, reveal, findings);
        seeds.opened.insert(reveal.digest, commit.index);
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
    seeds
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
    let opened = seed::commitment(election_id, salt.as_bytes(), seed.as_str()).ok();
    if opened != Some(commit.what) {
        let expected = commit.what.to_string();
        let found = opened.map_or_else(|| "none".to_owned(), |opened| opened.to_string());
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
    seeds: &Seeds<'_>,
    findings: &mut Findings,
) {
    let Some(commit) = seeds.opened.values().min() else {
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
