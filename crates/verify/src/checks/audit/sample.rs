//! Samples: held against reveal, manifest and plan, then drawn again.

use std::collections::{BTreeMap, BTreeSet};

use artifact::admit::MAX_ENVELOPE_BYTES;
use artifact::bundle::Source;
use artifact::payload::audit::Generator;
use artifact::payload::{Sample, SeedReveal};
use artifact::register::Register;
use canon::{Digest, SignedBytes};
use paper::audit::{BallotManifest, MAX_TICKETS};

use super::{Opened, plan, redraw};
use crate::error::CouldNotCheck;
use crate::finding::{Finding, audit};
use crate::replay::files::{Got, get};
use crate::replay::ledger::{Ledger, Placed};

/// The largest ballot manifest that is read, in bytes: 64 MiB, more than a million batches.
const MAX_MANIFEST_BYTES: u64 = 64 * 1024 * 1024;

/// Cards whose tickets may still be computed, over all samples.
#[derive(Debug, Clone, Copy)]
struct Budget {
    tickets: u64,
}

impl Budget {
    /// Takes the tickets of so many cards, or none if there are not as many left.
    fn take(&mut self, cards: u64) -> bool {
        let left = self.tickets.checked_sub(cards);
        self.tickets = left.unwrap_or(self.tickets);
        left.is_some()
    }
}

/// Where samples are drawn again, with the ballot manifest that was read last.
pub(super) struct Bench<'a> {
    source: &'a dyn Source,
    register: &'a Register,
    ledger: &'a Ledger,
    opened: &'a Opened,
    manifest: Option<BallotManifest>,
    budget: Budget,
    /// The seed of the first sample of each ballot manifest, with that sample's entry.
    seeds: BTreeMap<Digest, (&'a str, u64)>,
    /// Reveals that samples cite.
    pub(super) used: BTreeSet<Digest>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        source: &'a dyn Source,
        register: &'a Register,
        ledger: &'a Ledger,
        opened: &'a Opened,
    ) -> Self {
        let (seeds, used) = (BTreeMap::new(), BTreeSet::new());
        let (manifest, budget) = (None, Budget { tickets: MAX_TICKETS });
        Self { source, register, ledger, opened, manifest, budget, seeds, used }
    }

    /// Draws one sample again; how many cards, or none if it cannot be drawn.
    pub(super) fn sample(
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
        let manifest = self.ledger.ballot_manifests.get(&sample.ballot_manifest).copied();
        if manifest.is_none() {
            let expected = format!("the ballot manifest {}", sample.ballot_manifest);
            findings.push(Finding::entry(&audit::MANIFEST_MISSING, index, expected, "none"));
        }
        let Some(reveal) = reveal else {
            return Ok(None);
        };
        self.used.insert(reveal.digest);
        self.one_seed(index, &sample, reveal, findings);
        let commit = self.opened.get(&reveal.digest).copied();
        if let Some(commit) = commit {
            plan::check(&self.ledger.plans, commit, index, &sample, findings);
        }
        let Some(manifest) = manifest else {
            return Ok(None);
        };
        // Without a commitment at least the reveal, which is all the order that there is then.
        let known = commit.unwrap_or(reveal.index);
        let (entry, _) = manifest;
        if entry >= known {
            let expected = format!("a ballot manifest before entry {known}");
            let found = format!("one at entry {entry}");
            findings.push(Finding::entry(&audit::MANIFEST_LATE, index, expected, found));
        }
        self.drawn(index, &sample, manifest, reveal.what.seed.as_str(), findings)
    }

    /// Whatever is drawn from one ballot manifest is drawn with one seed.
    fn one_seed(
        &mut self,
        index: u64,
        sample: &Sample,
        reveal: &'a Placed<SeedReveal>,
        findings: &mut Vec<Finding>,
    ) {
        let seed = reveal.what.seed.as_str();
        let (first, entry) = *self.seeds.entry(sample.ballot_manifest).or_insert((seed, index));
        if first != seed {
            let expected = format!("the seed {first} of entry {entry}");
            findings.push(Finding::entry(&audit::TWO_SEEDS, index, expected, seed));
        }
    }

    fn drawn(
        &mut self,
        index: u64,
        sample: &Sample,
        stated: (u64, u64),
        seed: &str,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<u64>, CouldNotCheck> {
        let mut budget = self.budget;
        let election_id = self.register.election_id().as_str();
        let Some(manifest) = self.manifest(index, &sample.ballot_manifest, stated, findings)?
        else {
            return Ok(None);
        };
        if sample.cards != manifest.total() {
            let expected = format!("{} cards", manifest.total());
            let found = format!("{} cards", sample.cards);
            findings.push(Finding::entry(&audit::CARDS, index, expected, found));
            // Whatever the draws are, they are of other cards.
            return Ok(None);
        }
        let cards = match sample.generator {
            Generator::ColoradoV1 => 0,
            Generator::HkdfV1 => manifest.total(),
        };
        if !budget.take(cards) {
            let expected = format!("at most {MAX_TICKETS} tickets over all samples");
            let found = format!("{} left, and {cards} cards", budget.tickets);
            findings.push(Finding::entry(&audit::MANIFEST_LARGE, index, expected, found));
            return Ok(None);
        }
        redraw::compare(index, sample, manifest, seed, election_id, findings);
        self.budget = budget;
        Ok(Some(sample.count))
    }

    /// The ballot manifest of a digest; read again only if it is not the last one. It is listed by
    /// an entry, with a size.
    fn manifest(
        &mut self,
        index: u64,
        digest: &Digest,
        (entry, size): (u64, u64),
        findings: &mut Vec<Finding>,
    ) -> Result<Option<&BallotManifest>, CouldNotCheck> {
        let kept = self.manifest.as_ref().is_some_and(|manifest| manifest.digest() == *digest);
        if !kept {
            self.manifest = None;
            if size > MAX_MANIFEST_BYTES {
                let expected = format!("a ballot manifest of at most {MAX_MANIFEST_BYTES} bytes");
                let found = format!("one of {size} bytes");
                findings.push(Finding::entry(&audit::MANIFEST_LARGE, index, expected, found));
                return Ok(None);
            }
            let Some(bytes) = self.again(digest, size)? else {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_samples_together_cost_no_more_than_one() {
        let mut budget = Budget { tickets: MAX_TICKETS };
        assert!(!budget.take(MAX_TICKETS + 1));
        assert!(budget.take(MAX_TICKETS - 5) && !budget.take(6) && budget.take(5));
        assert!(budget.take(0) && !budget.take(1));
    }
}
