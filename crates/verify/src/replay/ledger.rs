//! What is remembered of the entries: little of each, more of the few that others rest on.

use std::collections::{BTreeMap, BTreeSet};

use artifact::admit::Admitted;
use artifact::kind::ArtifactKind;
use artifact::payload::{AuditPlan, CitedHead, Payload, SeedReveal};
use artifact::role::EntryType;
use canon::{Digest, KeyId};

use crate::checks::entry::{Statement, cited, signers};
use crate::finding::{Finding, Findings, Rule, artifact as art};

use super::platform::Platform;

/// The file type of a ballot manifest.
pub(crate) const BALLOT_MANIFEST: &str = "ballot_manifest/csv";

/// What is kept of every entry: 56 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    digest: Digest,
    statement: Option<Statement>,
    index: u64,
}

/// A raw file that a manifest lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawFile {
    /// The entry of the manifest.
    pub(crate) index: u64,
    /// Its name there.
    pub(crate) name: String,
    /// The digest that the manifest states.
    pub(crate) sha256: Digest,
    /// The size that the manifest states.
    pub(crate) size: u64,
    /// What it is.
    pub(crate) file_type: String,
}

/// An entry of the audit, by its place and digest; the payload where it is small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    /// Its index.
    pub(crate) index: u64,
    /// The artifact's digest.
    pub(crate) digest: Digest,
    /// What is kept of it.
    pub(crate) what: T,
}

/// A head that an entry cites.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Citation {
    /// The entry.
    pub(crate) index: u64,
    /// What it is.
    pub(crate) entry_type: EntryType,
    /// The head.
    pub(crate) head: CitedHead,
}

/// Everything that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    seen: Vec<Seen>,
    /// Artifacts that were there, each digest counted once by [`Ledger::reached`].
    absent: BTreeSet<Digest>,
    /// Good entries by kind.
    pub(crate) by_kind: BTreeMap<ArtifactKind, u64>,
    /// Index of the first good entry of each type.
    pub(crate) first: BTreeMap<EntryType, u64>,
    /// Signatures that hold.
    pub(crate) signatures: u64,
    /// Keys that made them.
    pub(crate) keys: BTreeSet<KeyId>,
    /// Entries whose artifact the charter lets withhold and nobody gave, by what their leaves say.
    pub(crate) withheld: BTreeMap<EntryType, u64>,
    /// Digests that artifacts cite, with the first entry that does.
    cited: BTreeMap<Digest, u64>,
    /// Raw files of the window, to be hashed.
    pub(crate) raw_due: Vec<RawFile>,
    /// Raw files that were looked at: whether they were there, and the entry that lists them.
    pub(crate) raw: BTreeMap<Digest, (bool, u64)>,
    /// Ballot manifests by digest, with the entry that commits them and their stated size.
    pub(crate) ballot_manifests: BTreeMap<Digest, (u64, u64)>,
    /// Seed commitments.
    pub(crate) commits: Vec<Placed<Digest>>,
    /// Seed reveals.
    pub(crate) reveals: Vec<Placed<SeedReveal>>,
    /// Audit plans.
    pub(crate) plans: Vec<Placed<AuditPlan>>,
    /// Indexes of results.
    pub(crate) results: Vec<u64>,
    /// Samples; they may be long and are read again when they are drawn again.
    pub(crate) samples: Vec<Placed<()>>,
    /// Heads that entries cite.
    pub(crate) citations: Vec<Citation>,
    /// Campaigns whose auditors can tell who voted how.
    pub(crate) linked: BTreeSet<String>,
    /// What the booth path's platform logged.
    pub(crate) platform: Platform,
}

impl Ledger {
    /// Remembers an entry, judged or not.
    pub(crate) fn saw(&mut self, index: u64, digest: Digest, statement: Option<Statement>) {
        self.seen.push(Seen { digest, statement, index });
    }

    /// Remembers that an artifact is not in the bundle.
    pub(crate) fn not_there(&mut self, digest: Digest) {
        self.absent.insert(digest);
    }

    /// Remembers what other checks need of a good entry.
    pub(crate) fn admit(&mut self, index: u64, admitted: &Admitted) {
        let count = self.by_kind.entry(admitted.kind).or_default();
        *count = count.saturating_add(1);
        self.first.entry(admitted.entry_type).or_insert(index);
        for key in signers(admitted) {
            self.signatures = self.signatures.saturating_add(1);
            self.keys.insert(key);
        }
        for digest in cited(&admitted.payload) {
            self.cited.entry(digest).or_insert(index);
        }
        let placed = |what| Placed { index, digest: admitted.digest, what };
        match &admitted.payload {
            Payload::Manifest(manifest) => {
                for file in &manifest.files {
                    if file.r#type == *BALLOT_MANIFEST {
                        let stated = (index, file.size);
                        self.ballot_manifests.entry(file.sha256).or_insert(stated);
                    }
                    self.raw_due.push(RawFile {
                        index,
                        name: file.name.to_string(),
                        sha256: file.sha256,
                        size: file.size,
                        file_type: file.r#type.to_string(),
                    });
                }
            }
            Payload::SeedCommit(commit) => self.commits.push(Placed {
                index,
                digest: admitted.digest,
                what: commit.commitment,
            }),
            Payload::SeedReveal(reveal) => {
                self.cite(index, admitted.entry_type, reveal.head);
                let what = SeedReveal::clone(reveal);
                self.reveals.push(Placed { index, digest: admitted.digest, what });
            }
            Payload::AuditPlan(plan) => {
                let what = AuditPlan::clone(plan);
                self.plans.push(Placed { index, digest: admitted.digest, what });
            }
            Payload::Result(_) => self.results.push(index),
            Payload::Sample(_) => self.samples.push(placed(())),
            Payload::Close(close) => self.cite(index, admitted.entry_type, close.head),
            other => {
                if let Payload::Campaign(campaign) = &other
                    && !campaign.link_auditors.is_empty()
                {
                    self.linked.insert(campaign.name.to_string());
                }
                self.platform.admit(index, &admitted.originator.id, other);
            }
        }
    }

    /// Remembers an entry whose artifact may not be seen. It satisfies nothing that is owed:
    /// nobody can say that it is what its leaf calls it.
    pub(crate) fn withhold(&mut self, entry_type: EntryType) {
        let count = self.withheld.entry(entry_type).or_default();
        *count = count.saturating_add(1);
    }

    fn cite(&mut self, index: u64, entry_type: EntryType, head: CitedHead) {
        self.citations.push(Citation { index, entry_type, head });
    }

    /// Takes in what was remembered of later entries.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.seen.append(&mut other.seen);
        self.absent.append(&mut other.absent);
        for (kind, count) in other.by_kind {
            let sum = self.by_kind.entry(kind).or_default();
            *sum = sum.saturating_add(count);
        }
        for (entry_type, index) in other.first {
            let first = self.first.entry(entry_type).or_insert(index);
            *first = index.min(*first);
        }
        self.signatures = self.signatures.saturating_add(other.signatures);
        self.keys.append(&mut other.keys);
        for (entry_type, count) in other.withheld {
            let sum = self.withheld.entry(entry_type).or_default();
            *sum = sum.saturating_add(count);
        }
        earliest(&mut self.cited, other.cited);
        self.raw_due.append(&mut other.raw_due);
        earliest(&mut self.ballot_manifests, other.ballot_manifests);
        self.commits.append(&mut other.commits);
        self.reveals.append(&mut other.reveals);
        self.plans.append(&mut other.plans);
        self.results.append(&mut other.results);
        self.samples.append(&mut other.samples);
        self.citations.append(&mut other.citations);
        self.linked.append(&mut other.linked);
        self.platform.append(other.platform);
    }

    /// Finds artifacts and statements that come twice, and leaves what is known sorted by digest.
    pub(crate) fn duplicates(&mut self, findings: &mut Findings) {
        use rayon::slice::ParallelSliceMut as _;
        self.seen.par_sort_unstable_by_key(|seen| (seen.statement, seen.digest, seen.index));
        for pair in self.seen.windows(2) {
            let [one, two] = pair else { continue };
            if one.statement.is_some() && one.statement == two.statement {
                let is_same = one.digest == two.digest;
                let rule = if is_same { &art::TWICE } else { &art::STATEMENT_TWICE };
                let (first, second) = (one.index.min(two.index), one.index.max(two.index));
                let expected = format!("nothing that entry {first} already is");
                findings.push(Finding::entry(rule, second, expected, two.digest.to_string()));
            }
        }
        self.seen.par_sort_unstable_by_key(|seen| (seen.digest, seen.index));
        for pair in self.seen.windows(2) {
            let [one, two] = pair else { continue };
            // Two that were not judged have no statement to compare.
            if one.digest == two.digest && (one.statement.is_none() || two.statement.is_none()) {
                let expected = format!("nothing that entry {} already is", one.index);
                let found = two.digest.to_string();
                findings.push(Finding::entry(&art::TWICE, two.index, expected, found));
            }
        }
    }

    /// Finds what is cited and not in the log before whoever cites it. After
    /// [`Ledger::duplicates`].
    pub(crate) fn dangling(&self, findings: &mut Findings) {
        for (digest, &index) in &self.cited {
            let at = self.seen.partition_point(|seen| seen.digest < *digest);
            let found = match self.seen.get(at).filter(|seen| seen.digest == *digest) {
                Some(seen) if seen.index < index => continue,
                Some(seen) => format!("it stands at entry {}", seen.index),
                None => "it is not in the log".to_owned(),
            };
            let expected = format!("{digest} before entry {index}");
            findings.push(Finding::entry(&art::CITED_MISSING, index, expected, found));
        }
    }

    /// Every digest that leaves and manifests name, in order, and how many of them are there.
    /// After [`Ledger::duplicates`].
    pub(crate) fn reached(&self) -> (Vec<Digest>, u64) {
        let mut reached: Vec<Digest> = self.seen.iter().map(|seen| seen.digest).collect();
        reached.extend(self.raw.keys());
        reached.sort_unstable();
        reached.dedup();
        let is_absent = |digest: &&Digest| {
            self.absent.contains(*digest) || self.raw.get(*digest).is_some_and(|(there, _)| !there)
        };
        let absent = reached.iter().filter(is_absent).count();
        let present = reached.len().saturating_sub(absent);
        (reached, u64::try_from(present).unwrap_or(u64::MAX))
    }
}

fn earliest<T: Copy + Ord>(all: &mut BTreeMap<Digest, T>, more: BTreeMap<Digest, T>) {
    for (digest, place) in more {
        let first = all.entry(digest).or_insert(place);
        *first = place.min(*first);
    }
}

/// The rules about duplicates and citations.
pub(crate) static RULES: &[&Rule] = &[&art::TWICE, &art::STATEMENT_TWICE, &art::CITED_MISSING];
