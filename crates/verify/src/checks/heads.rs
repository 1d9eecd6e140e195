//! All heads of a bundle together: their roots, their times, and the heads that entries cite.

use std::collections::BTreeMap;

use artifact::bundle::Source;
use artifact::register::Register;
use artifact::role::EntryType;
use canon::{Digest, Timestamp};
use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use tlog::note::MAX_NOTE_BYTES;

use super::head::{HeadRead, LogKeys, read};
use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, artifact as art, audit, bundle, charter, log};
use crate::replay::files::{Files, Got, get};
use crate::replay::ledger::Citation;
use crate::replay::times::Times;

/// The rules about heads beside one another and beside the leaves.
pub(crate) static ROOT_RULES: &[&Rule] =
    &[&log::ROOT_DIFFERS, &log::CITED_HEAD_MISSING, &log::HEAD_NOT_HELD];

/// The rules about their times.
pub(crate) static TIME_RULES: &[&Rule] =
    &[&log::HEAD_TIME_BACK, &log::HEAD_BEFORE_LEAF, &log::HEAD_LATE, &log::HEAD_TIME_APART];

/// Seconds that the log's time in a head and the witnesses' may be apart. A log asks its
/// witnesses at once and waits for seconds; the rest is for clocks that are not quite right.
const MAX_APART_S: u64 = 600;

/// What the heads are held against.
pub(crate) struct Frame<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) files: &'a Files,
    /// What was read at `checkpoint`.
    pub(crate) checkpoint: &'a Got,
    pub(crate) register: &'a Register,
    pub(crate) keys: &'a LogKeys,
    pub(crate) roots: &'a BTreeMap<u64, Digest>,
    pub(crate) times: &'a Times,
    /// The first amendment that cannot be read.
    pub(crate) blind_from: Option<u64>,
    /// The size that the last head claims.
    pub(crate) size: u64,
}

/// The heads that could be read, ascending by size and time.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    /// `checkpoint`.
    pub(crate) last: Option<HeadRead>,
    /// `checkpoints/<size>`, by size.
    pub(crate) by_size: BTreeMap<u64, HeadRead>,
    /// Whether these are all that were published, as far as anybody tells: only then is the
    /// first of them over an entry the first there was.
    pub(crate) are_all: bool,
}

impl Frame<'_> {
    /// Reads and judges the head at `checkpoint` and those of these sizes.
    pub(crate) fn judge(
        &self,
        sizes: &[u64],
        findings: &mut Findings,
    ) -> Result<Heads, CouldNotCheck> {
        let mut own = Vec::new();
        let last = self.one("checkpoint", None, self.checkpoint, &mut own);
        findings.extend(own);
        let judged: Vec<(u64, Option<HeadRead>, Vec<Finding>)> = sizes
            .into_par_iter()
            .map(|size| {
                let mut own = Vec::new();
                let path = format!("checkpoints/{size}");
                let limit = u64::try_from(MAX_NOTE_BYTES).unwrap_or(u64::MAX);
                let got = get(self.source, &path, limit, &mut own)?;
                let head = self.one(&path, Some(*size), &got, &mut own);
                Ok((*size, head, own))
            })
            .collect::<Result<_, CouldNotCheck>>()?;
        let mut heads =
            Heads { last, by_size: BTreeMap::new(), are_all: self.files.all_heads_told() };
        for (size, head, own) in judged {
            // One that is told of and cannot be read may be the first over an entry.
            heads.are_all &= head.is_some();
            findings.extend(own);
            heads.by_size.extend(head.map(|head| (size, head)));
        }
        self.times(&heads, findings);
        Ok(heads)
    }

    fn one(
        &self,
        path: &str,
        named: Option<u64>,
        got: &Got,
        findings: &mut Vec<Finding>,
    ) -> Option<HeadRead> {
        let bytes = match got {
            Got::Bytes(bytes) => bytes,
            Got::Unreadable => return None,
            Got::Nothing => {
                // Others are not asked for unless they are listed, told of or cited.
                let told = |size| !self.files.listed && self.files.heads.contains(&size);
                if let Some(size) = named.filter(|size| *size != self.size && told(*size)) {
                    let expected = format!("the head of {size} that checkpoints/sizes names");
                    findings.push(Finding::new(&bundle::SIZES_DIFFER, path, expected, "no file"));
                } else if named.is_none_or(|size| size == self.size) {
                    findings.push(Finding::new(&log::HEAD_MISSING, path, "a head", "no file"));
                }
                return None;
            }
        };
        let mut head = read(path, bytes, self.keys, self.blind_from.is_none(), findings)?;
        if let Some(size) = named.filter(|size| *size != head.size) {
            let found = head.size.to_string();
            findings.push(Finding::new(&log::SIZE_DIFFERS, path, size.to_string(), found));
        }
        self.witnesses(&mut head, findings);
        match self.roots.get(&head.size) {
            Some(root) if *root != head.root => {
                let (expected, found) = (root.to_string(), head.root.to_string());
                findings.push(Finding::new(&log::ROOT_DIFFERS, path, expected, found));
                head.witnessed = false;
            }
            Some(_) => {}
            None => {
                head.witnessed = false;
                head.unheld = true;
                // One of another size than its name was found already.
                if named.is_none_or(|size| size == head.size) {
                    let expected = format!("the root over {} leaves", head.size);
                    let found = "not all of them were read";
                    findings.push(Finding::new(&log::HEAD_NOT_HELD, path, expected, found));
                }
            }
        }
        if let (Some(time), Some(theirs)) = (head.time, head.threshold_met)
            && time.unix().abs_diff(theirs.unix()) > MAX_APART_S
        {
            let expected = format!("a time within {MAX_APART_S} seconds of {theirs}");
            findings.push(Finding::new(&log::HEAD_TIME_APART, path, expected, time.to_string()));
        }
        if let (Some(time), Some(index)) = (head.time, head.size.checked_sub(1))
            && let Some(leaf) = self.times.at(index).filter(|leaf| time < *leaf)
        {
            let expected = format!("{leaf}, the time of entry {index}, or later");
            let found = time.to_string();
            findings.push(Finding::new(&log::HEAD_BEFORE_LEAF, path, expected, found));
        }
        Some(head)
    }

    /// Judges the cosignatures. After an amendment that cannot be read, other witnesses may count.
    fn witnesses(&self, head: &mut HeadRead, findings: &mut Vec<Finding>) {
        let mut own = Vec::new();
        head.judge_witnesses(self.register, &mut own);
        let blind = self.blind_from.filter(|from| head.size > from.saturating_add(1));
        for finding in own {
            findings.push(match blind {
                Some(from) => Finding {
                    rule: &art::VERSION_UNKNOWN,
                    expected: format!("witnesses known before the amendment at entry {from}"),
                    ..finding
                },
                None => finding,
            });
        }
    }

    /// The times of the heads in the order of their sizes.
    fn times(&self, heads: &Heads, findings: &mut Findings) {
        let mut latest: Option<(u64, Timestamp)> = None;
        for head in heads.by_size.values().chain(&heads.last) {
            let Some(time) = head.time else { continue };
            // Heads of one size may be signed in any order: an idle log signs its last one again.
            let smaller = latest.filter(|(size, before)| *size < head.size && time < *before);
            if let Some((size, before)) = smaller {
                let expected = format!("{before}, the time of the head of {size}, or later");
                let found = time.to_string();
                findings.push(Finding::new(&log::HEAD_TIME_BACK, &head.path, expected, found));
            }
            latest = latest.max(Some((head.size, time)));
        }
        if heads.are_all {
            self.late(heads, findings);
        }
    }

    /// Entries that no witnessed head covers in time. The first that a head adds is the oldest.
    fn late(&self, heads: &Heads, findings: &mut Findings) {
        let promised = self.register.charter().log.promise_s;
        let mut covered = 0_u64;
        for (size, time, first) in heads.covering() {
            if size <= covered {
                continue;
            }
            if let Some(leaf) = self.times.at(covered) {
                let deadline = leaf.saturating_plus_seconds(promised);
                if time > deadline {
                    let expected = format!("a witnessed head by {deadline}");
                    let found = format!("the first is {}, witnessed by {time}", first.path);
                    findings.push(Finding::entry(&log::HEAD_LATE, covered, expected, found));
                }
            }
            covered = size;
        }
    }
}

impl Heads {
    /// Holds the heads that entries cite against those that are there.
    ///
    /// A reveal that cites what is no witnessed head of this log proves nothing about when the
    /// seed was unknown; a close that does states another log.
    pub(crate) fn cited(&self, cited: &[Citation], findings: &mut Findings) {
        for citation in cited {
            let Citation { index, entry_type, head } = *citation;
            let path = format!("checkpoints/{}", head.tree_size);
            let rule = if entry_type == EntryType::Close {
                &charter::CLOSE_DIFFERS
            } else {
                &audit::NOT_BEFORE
            };
            let Some(known) = self.by_size.get(&head.tree_size) else {
                let found = "no head that can be read";
                let finding = Finding::new(&log::CITED_HEAD_MISSING, path, "a head", found);
                findings.push(Finding { index: Some(index), ..finding });
                continue;
            };
            if known.root != head.root_hash {
                let (expected, found) = (known.root.to_string(), head.root_hash.to_string());
                findings.push(Finding::entry(rule, index, expected, found));
            } else if !known.witnessed && !known.unheld {
                let found = format!("{path}, which is none");
                findings.push(Finding::entry(rule, index, "a witnessed head", found));
            }
        }
    }

    /// The heads that show something, ascending by size.
    pub(crate) fn witnessed(&self) -> impl Iterator<Item = &HeadRead> {
        self.by_size.values().chain(&self.last).filter(|head| head.witnessed)
    }

    /// The size of each witnessed head, ascending, with the earliest of the heads that are no
    /// smaller and the time by which that one was witnessed.
    fn covering(&self) -> Vec<(u64, Timestamp, &HeadRead)> {
        let mut heads: Vec<&HeadRead> = self.witnessed().collect();
        heads.sort_by_key(|head| head.size);
        let mut covering: Vec<(u64, Timestamp, &HeadRead)> = Vec::with_capacity(heads.len());
        for head in heads.into_iter().rev() {
            let Some(time) = head.not_after() else { continue };
            let (time, first) = match covering.last() {
                Some((_, earlier, first)) if *earlier < time => (*earlier, *first),
                _ => (time, head),
            };
            covering.push((head.size, time, first));
        }
        covering.reverse();
        covering
    }

    /// The witnessed head that covers an entry first, and when: "not after".
    pub(crate) fn first_over(&self, index: u64) -> Option<(&HeadRead, Timestamp)> {
        let covering = self.witnessed().filter(|head| head.size > index);
        covering.filter_map(|head| Some((head, head.not_after()?))).min_by_key(|(_, time)| *time)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        let last = usize::from(self.last.is_some());
        u64::try_from(self.by_size.len().saturating_add(last)).unwrap_or(u64::MAX)
    }
}
