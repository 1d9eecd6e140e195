//! What was drawn from: however a list of paper is written, a batch of it has one seed.
//!
//! The digest of a ballot manifest says which file it is, and a file can be written in many ways:
//! with an empty line, in another order, with another storage place. The batches say which paper.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use canon::{Digest, Hasher};
use paper::audit::{BallotManifest, Batch};

use crate::finding::{Finding, audit};

/// The most batches that are remembered, over all ballot manifests: 2^22. Of each 32 bytes or so
/// are kept.
pub(super) const MAX_BATCHES: usize = 1 << 22;

/// The first half of the digest of a batch's name.
type Name = [u8; 16];

/// The first sample of something: its seed and its entry.
#[derive(Debug, Clone, Copy)]
struct First<'a> {
    seed: &'a str,
    index: u64,
}

/// Ballot manifests and batches that samples were drawn from.
#[derive(Debug, Default)]
pub(super) struct Paper<'a> {
    /// By the ballot manifest's digest.
    manifests: BTreeMap<Digest, First<'a>>,
    /// Samples of manifests that were read.
    samples: Vec<First<'a>>,
    /// The place in `samples` of the first one from each batch.
    batches: HashMap<Name, u32>,
    /// Manifests by their batches and counts, whatever else is in their files.
    lists: BTreeMap<Digest, Digest>,
    /// Manifests whose batches were taken in.
    read: BTreeSet<Digest>,
}

impl<'a> Paper<'a> {
    /// Whatever is drawn from one ballot manifest is drawn with one seed.
    pub(super) fn file(
        &mut self,
        index: u64,
        seed: &'a str,
        manifest: Digest,
        findings: &mut Vec<Finding>,
    ) {
        let first = *self.manifests.entry(manifest).or_insert(First { seed, index });
        if first.seed != seed {
            let expected = format!("the seed {} of entry {}", first.seed, first.index);
            findings.push(Finding::entry(&audit::TWO_SEEDS, index, expected, seed));
        }
    }

    /// The same for every batch, and no two manifests are drawn from that list the same. False if
    /// there are too many batches.
    pub(super) fn batches(
        &mut self,
        index: u64,
        seed: &'a str,
        manifest: &BallotManifest,
        findings: &mut Vec<Finding>,
    ) -> bool {
        let digest = manifest.digest();
        if self.read.contains(&digest) {
            return true;
        }
        if self.batches.len().saturating_add(manifest.batches().len()) > MAX_BATCHES {
            let expected = format!("at most {MAX_BATCHES} batches over all samples");
            let found = format!("{} here", manifest.batches().len());
            findings.push(Finding::entry(&audit::MANIFEST_LARGE, index, expected, found));
            return false;
        }
        self.read.insert(digest);
        let list = *self.lists.entry(list(manifest)).or_insert(digest);
        if list != digest {
            let expected =
                format!("a sample from the ballot manifest {list}, which lists the same");
            let found = digest.to_string();
            findings.push(Finding::entry(&audit::MANIFEST_AGAIN, index, expected, found));
        }
        let own = u32::try_from(self.samples.len()).unwrap_or(u32::MAX);
        self.samples.push(First { seed, index });
        let mut other = None;
        for batch in manifest.batches() {
            let first = *self.batches.entry(name(&batch)).or_insert(own);
            let first = usize::try_from(first).ok().and_then(|first| self.samples.get(first));
            if let Some(first) = first.filter(|first| first.seed != seed) {
                other.get_or_insert((*first, format!("{}-{}", batch.tabulator, batch.name)));
            }
        }
        if let Some((first, batch)) = other {
            let First { seed: expected, index: entry } = first;
            let expected = format!("the seed {expected} of entry {entry}, for batch {batch}");
            findings.push(Finding::entry(&audit::TWO_SEEDS, index, expected, seed));
        }
        true
    }
}

/// A batch by the name that its cards bear.
fn name(batch: &Batch<'_>) -> Name {
    let digest = Digest::of_parts(&[batch.tabulator.as_bytes(), b"-", batch.name.as_bytes()]);
    let mut name = Name::default();
    name.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    name
}

/// The batches of a manifest with their counts, in whatever order they stand.
fn list(manifest: &BallotManifest) -> Digest {
    let mut batches: Vec<(Name, u64)> =
        manifest.batches().map(|batch| (name(&batch), batch.count)).collect();
    batches.sort_unstable();
    let mut hasher = Hasher::new();
    for (name, count) in batches {
        hasher.update(&name);
        hasher.update(&count.to_be_bytes());
    }
    hasher.finish()
}
