//! The audit: the seed committed before it was revealed, and the samples drawn again.

use std::collections::{BTreeMap, BTreeSet};

use artifact::admit::MAX_ENVELOPE_BYTES;
use artifact::bundle::Source;
use artifact::payload::audit::Generator;
use artifact::payload::{Sample, SeedReveal};
use artifact::register::Register;
use artifact::role::EntryType;
use canon::{Digest, SignedBytes};
use paper::audit::{BallotManifest, seed};

use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, audit};
use crate::replay::files::{Got, get};
use crate::replay::ledger::{Ledger, Placed};

use super::raw::MAX_RAW_BYTES;

mod redraw;

/// The rules about the seed.
pub(crate) static SEED_RULES: &[&Rule] = &[
    &audit::COMMIT_MISSING,
    &audit::COMMITMENT,
    &audit::NOT_BEFORE,
    &audit::HEAD_SHORT,
    &audit::CHOICE_OF_SEEDS,
    &audit::REVEALED_TWICE,
    &audit::RESULT_LATE,
];

/// The rules about samples.
pub(crate) static SAMPLE_RULES: &[&Rule] = &[
    &audit::REVEAL_MISSING,
    &audit::MANIFEST_MISSING,
    &audit::MANIFEST_LATE,
    &audit::MANIFEST_FAULTY,
    &audit::CARDS,
    &audit::DRAW,
];

/// How much of the audit was looked at.
#[derive(Debug, Default)]
pub(crate) struct Audited {
    /// Index of each commitment with that of its reveal.
    pub(crate) seeds: Vec<(u64, u64)>,
    /// Cards drawn again.
    pub(crate) draws: u64,
    /// Samples drawn again.
    pub(crate) samples: u64,
    /// Samples whose seed or manifest is not there.
    pub(crate) not_drawn: u64,
}

/// Checks seeds and samples.
pub(crate) fn check(
    source: &dyn Source,
    register: &Register,
    ledger: &Ledger,
    findings: &mut Findings,
) -> Result<Audited, CouldNotCheck> {
    let mut audited = Audited::default();
    seeds(register, ledger, &mut audited, findings);
    let mut bench = Bench { source, register, ledger, manifest: None };
    for placed in &ledger.samples {
        let mut own = Vec::new();
        let drawn = bench.sample(placed, &mut own)?;
        findings.extend(own);
        match drawn {
            Some(cards) => {
                audited.samples = audited.samples.saturating_add(1);
                audited.draws = audited.draws.saturating_add(cards);
            }
            None => audited.not_drawn = audited.not_drawn.saturating_add(1),
        }
    }
    Ok(audited)
}

fn seeds(register: &Register, ledger: &Ledger, audited: &mut Audited, findings: &mut Findings) {
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
    results_first(register, ledger, findings);
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

/// Results stand before the first reveal, if the phase that owes the reveal owes them too.
fn results_first(register: &Register, ledger: &Ledger, findings: &mut Findings) {
    let owed = register.charter().phases.iter().any(|phase| {
        phase.owes.contains(&EntryType::SeedReveal) && phase.owes.contains(&EntryType::Result)
    });
    let first = |entry_type| ledger.first.get(&entry_type).copied();
    if let (true, Some(result), Some(reveal)) =
        (owed, first(EntryType::Result), first(EntryType::SeedReveal))
        && result > reveal
    {
        let expected = format!("results before entry {reveal}");
        let found = format!("the first at entry {result}");
        findings.push(Finding::entry(&audit::RESULT_LATE, reveal, expected, found));
    }
}

/// Where samples are drawn again, with the ballot manifest that was read last.
struct Bench<'a> {
    source: &'a dyn Source,
    register: &'a Register,
    ledger: &'a Ledger,
    manifest: Option<BallotManifest>,
}

impl Bench<'_> {
    /// Draws one sample again; how many cards, or none if it cannot be drawn.
    fn sample(
        &mut self,
        placed: &Placed<()>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<u64>, CouldNotCheck> {
        let index = placed.index;
        let limit = u64::try_from(MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX);
        let Some(bytes) = self.again(&placed.digest, limit)? else {
            return Ok(None);
        };
        let read = SignedBytes::parse(&bytes).and_then(|envelope| envelope.payload_as::<Sample>());
        // It was read before; a source that answers otherwise now has been caught by its digest.
        let Ok(sample) = read else { return Ok(None) };
        let reveal = self.ledger.reveals.iter().find(|reveal| reveal.digest == sample.reveal);
        let reveal = reveal.filter(|reveal| reveal.index < index);
        if reveal.is_none() {
            let expected = format!("a reveal {} before it", sample.reveal);
            findings.push(Finding::entry(&audit::REVEAL_MISSING, index, expected, "none"));
        }
        let committed = self.ledger.ballot_manifests.get(&sample.ballot_manifest).copied();
        let Some(committed) = committed else {
            let expected = format!("the ballot manifest {}", sample.ballot_manifest);
            findings.push(Finding::entry(&audit::MANIFEST_MISSING, index, expected, "none"));
            return Ok(None);
        };
        let Some(reveal) = reveal else {
            return Ok(None);
        };
        if committed >= reveal.index {
            let expected = format!("a ballot manifest before entry {}", reveal.index);
            let found = format!("one at entry {committed}");
            findings.push(Finding::entry(&audit::MANIFEST_LATE, index, expected, found));
        }
        let seed = reveal.what.seed.as_str();
        let election_id = self.register.election_id().as_str();
        let Some(manifest) = self.manifest(&sample.ballot_manifest, committed, findings)? else {
            return Ok(None);
        };
        if sample.cards != manifest.total() {
            let expected = format!("{} cards", manifest.total());
            let found = format!("{} cards", sample.cards);
            findings.push(Finding::entry(&audit::CARDS, index, expected, found));
        }
        redraw::compare(index, &sample, manifest, seed, election_id, findings);
        Ok(Some(sample.count))
    }

    /// The ballot manifest of a digest; read again only if it is not the last one.
    fn manifest(
        &mut self,
        digest: &Digest,
        entry: u64,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<&BallotManifest>, CouldNotCheck> {
        let kept = self.manifest.as_ref().is_some_and(|manifest| manifest.digest() == *digest);
        if !kept {
            self.manifest = None;
            let Some(bytes) = self.again(digest, MAX_RAW_BYTES)? else {
                return Ok(None);
            };
            match BallotManifest::read(&bytes) {
                Ok(manifest) => self.manifest = Some(manifest),
                Err(error) => {
                    let expected = "a ballot manifest without faults";
                    let found = error.to_string();
                    let finding = Finding::entry(&audit::MANIFEST_FAULTY, entry, expected, found);
                    findings.push(finding);
                }
            }
        }
        Ok(self.manifest.as_ref())
    }

    /// Reads an artifact a second time. What is not the same any more is not taken.
    fn again(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, CouldNotCheck> {
        let path = format!("artifact/{digest}");
        // What is wrong with the file was found the first time.
        Ok(match get(self.source, &path, limit, &mut Vec::new())? {
            Got::Bytes(bytes) if Digest::of(&bytes) == *digest => Some(bytes),
            Got::Bytes(_) | Got::Unreadable | Got::Nothing => None,
        })
    }
}
