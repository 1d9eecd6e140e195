//! Samples: held against reveal, manifest and plan, then drawn again.

use std::collections::{BTreeMap, BTreeSet};

use artifact::admit::MAX_ENVELOPE_BYTES;
use artifact::bundle::Source;
use artifact::payload::Sample;
use artifact::payload::audit::Generator;
use artifact::register::Register;
use canon::{Digest, SignedBytes};
use paper::audit::BallotManifest;

use super::paper::Paper;
use super::seed::Seeds;
use super::{plan, redraw};
use crate::error::CouldNotCheck;
use crate::finding::{Finding, audit};
use crate::replay::files::{Got, get};
use crate::replay::ledger::{Ledger, Placed};

/// The largest ballot manifest that is read, in bytes: 64 MiB, more than a million batches.
const MAX_MANIFEST_BYTES: u64 = 64 * 1024 * 1024;

/// Cards whose tickets are computed, over all samples: 2^28, more than all ballots of the United
/// States in one election. They take minutes; what a manifest could claim takes for ever.
const MAX_TICKETS: u64 = 1 << 28;

/// Bytes of ballot manifests that are read again, over all samples: 2^32.
const MAX_READ: u64 = 1 << 32;

/// What may still be spent on samples, all together.
#[derive(Debug, Clone, Copy)]
struct Budget {
    tickets: u64,
    bytes: u64,
}

impl Budget {
    const WHOLE: Self = Self { tickets: MAX_TICKETS, bytes: MAX_READ };
}

/// Takes so much of what is left, or nothing if there is not as much.
fn take(left: &mut u64, much: u64) -> bool {
    let rest = left.checked_sub(much);
    *left = rest.unwrap_or(*left);
    rest.is_some()
}

/// Where samples are drawn again, with the ballot manifest that was read last.
pub(super) struct Bench<'a> {
    source: &'a dyn Source,
    register: &'a Register,
    ledger: &'a Ledger,
    seeds: &'a Seeds<'a>,
    /// Whether anything is drawn again.
    redraw: bool,
    manifest: Option<BallotManifest>,
    budget: Budget,
    paper: Paper<'a>,
    /// By reveal and ballot manifest, the generators of samples for which no plan names one.
    free: BTreeMap<(Digest, Digest), BTreeSet<Generator>>,
    /// Reveals that samples cite.
    pub(super) used: BTreeSet<Digest>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(
        source: &'a dyn Source,
        register: &'a Register,
        ledger: &'a Ledger,
        seeds: &'a Seeds<'a>,
        redraw: bool,
    ) -> Self {
        Self {
            source,
            register,
            ledger,
            seeds,
            redraw,
            manifest: None,
            budget: Budget::WHOLE,
            paper: Paper::default(),
            free: BTreeMap::new(),
            used: BTreeSet::new(),
        }
    }

    /// Samples by a second generator, where no plan says which one counts.
    pub(super) fn choices(&self) -> u64 {
        let more = self.free.values().map(|generators| generators.len().saturating_sub(1));
        u64::try_from(more.fold(0, usize::saturating_add)).unwrap_or(u64::MAX)
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
        let seed = reveal.what.seed.as_str();
        let known = self.seeds.known(reveal);
        self.paper.file(index, seed, sample.ballot_manifest, findings);
        if !plan::check(&self.ledger.plans, known, index, &sample, findings) {
            let free = self.free.entry((reveal.digest, sample.ballot_manifest)).or_default();
            free.insert(sample.generator);
        }
        let Some(manifest) = manifest else {
            return Ok(None);
        };
        let (entry, _) = manifest;
        if entry >= known {
            let expected = format!("a ballot manifest before entry {known}");
            let found = format!("one at entry {entry}");
            findings.push(Finding::entry(&audit::MANIFEST_LATE, index, expected, found));
        }
        if !self.redraw {
            return Ok(None);
        }
        self.drawn(index, &sample, manifest, seed, findings)
    }

    fn drawn(
        &mut self,
        index: u64,
        sample: &Sample,
        stated: (u64, u64),
        seed: &'a str,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<u64>, CouldNotCheck> {
        self.manifest(index, &sample.ballot_manifest, stated, findings)?;
        let Some(manifest) = &self.manifest else {
            return Ok(None);
        };
        if !self.paper.batches(index, seed, manifest, findings) {
            return Ok(None);
        }
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
        if !take(&mut self.budget.tickets, cards) {
            let expected = format!("at most {MAX_TICKETS} tickets over all samples");
            let found = format!("{} left, and {cards} cards", self.budget.tickets);
            findings.push(Finding::entry(&audit::MANIFEST_LARGE, index, expected, found));
            return Ok(None);
        }
        let election_id = self.register.election_id().as_str();
        redraw::compare(index, sample, manifest, seed, election_id, findings);
        Ok(Some(sample.count))
    }

    /// Has the ballot manifest of a digest at hand, or none; it is read again only if it is not the
    /// last one. It is listed by an entry, with a size.
    fn manifest(
        &mut self,
        index: u64,
        digest: &Digest,
        (entry, size): (u64, u64),
        findings: &mut Vec<Finding>,
    ) -> Result<(), CouldNotCheck> {
        if self.manifest.as_ref().is_some_and(|manifest| manifest.digest() == *digest) {
            return Ok(());
        }
        self.manifest = None;
        let large = size > MAX_MANIFEST_BYTES;
        if large || !take(&mut self.budget.bytes, size) {
            let (most, whose) = if large {
                (MAX_MANIFEST_BYTES, "a ballot manifest")
            } else {
                (MAX_READ, "the ballot manifests of all samples")
            };
            let expected = format!("at most {most} bytes in {whose}");
            let found = format!("{size} bytes more");
            findings.push(Finding::entry(&audit::MANIFEST_LARGE, index, expected, found));
            return Ok(());
        }
        let Some(bytes) = self.again(digest, size)? else {
            return Ok(());
        };
        match BallotManifest::read(&bytes) {
            Ok(manifest) => self.manifest = Some(manifest),
            Err(error) => {
                let expected = "a ballot manifest without faults";
                let found = error.to_string();
                findings.push(Finding::entry(&audit::MANIFEST_FAULTY, entry, expected, found));
            }
        }
        Ok(())
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
        let mut left = MAX_TICKETS;
        assert!(!take(&mut left, MAX_TICKETS + 1));
        assert!(take(&mut left, MAX_TICKETS - 5) && !take(&mut left, 6) && take(&mut left, 5));
        assert!(take(&mut left, 0) && !take(&mut left, 1));
    }
}
