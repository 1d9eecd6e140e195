//! Promises that the log made, held against what it published.

use std::collections::BTreeMap;

use artifact::kind::ArtifactKind;
use artifact::leaf::Leaf;
use artifact::payload::{self, Promise};
use artifact::register::{Register, Standing};
use artifact::role::Role;
use canon::{Digest, SignedBytes, Timestamp};

use super::head::{HeadRead, LogKeys};
use super::heads::Heads;
use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, log};

/// The rules about promises.
pub(crate) static RULES: &[&Rule] =
    &[&log::PROMISE_FOREIGN, &log::PROMISE_BROKEN, &log::PROMISE_OPEN, &log::PROMISE_FAR];

/// What stands at an index that a promise speaks of.
#[derive(Debug, Clone)]
pub(crate) struct PromisedLeaf {
    /// Its leaf hash.
    pub(crate) hash: Digest,
    /// The leaf; none if the line is not one.
    pub(crate) leaf: Option<Leaf>,
}

/// What promises are held against.
pub(crate) struct Against<'a> {
    pub(crate) register: &'a Register,
    pub(crate) keys: &'a LogKeys,
    /// What stands at promised indexes; none where nothing was read.
    pub(crate) leaves: &'a BTreeMap<u64, Option<PromisedLeaf>>,
    pub(crate) heads: &'a Heads,
}

/// A promise as it was given.
#[derive(Debug)]
pub(crate) struct Given<'a> {
    number: usize,
    envelope: SignedBytes<'a>,
    promise: Promise,
}

/// Reads the promises; what is none is an error of whoever gave it.
pub(crate) fn read(all: &[Vec<u8>]) -> Result<Vec<Given<'_>>, CouldNotCheck> {
    (1_usize..).zip(all).map(|(number, bytes)| Given::parse(number, bytes)).collect()
}

impl<'a> Given<'a> {
    fn parse(number: usize, bytes: &'a [u8]) -> Result<Self, CouldNotCheck> {
        let wrong = |why: String| CouldNotCheck::Promise { number, why };
        // Files end in a line feed more often than not.
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let envelope = SignedBytes::parse(bytes).map_err(|error| wrong(error.to_string()))?;
        if envelope.kind != ArtifactKind::Promise.as_str() {
            return Err(wrong(format!("it is of kind {}", envelope.kind)));
        }
        let promise =
            payload::decode(envelope.payload).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { number, envelope, promise })
    }
}

impl Given<'_> {
    /// The index that was promised.
    pub(crate) fn index(&self) -> u64 {
        self.promise.index
    }

    /// Holds the promise against the log: the leaves at promised indexes, and the heads.
    pub(crate) fn check(&self, against: &Against<'_>, findings: &mut Findings) {
        let subject = format!("promise {}", self.number);
        let promise = &self.promise;
        if let Err(found) = self.foreign(against.register, against.keys) {
            let expected = "a promise of this log, signed by its key of role log";
            findings.push(Finding::new(&log::PROMISE_FOREIGN, subject, expected, found));
            return;
        }
        let index = promise.index;
        let leaf = against.leaves.get(&index).and_then(Option::as_ref);
        let latest = self.latest(against.register, leaf);
        if promise.deadline > latest {
            let (expected, found) = (format!("{latest} or earlier"), promise.deadline.to_string());
            let finding = Finding::new(&log::PROMISE_FAR, &subject, expected, found);
            findings.push(Finding { index: Some(index), ..finding });
        }
        let deadline = promise.deadline.min(latest);
        let wanted = format!(
            "leaf {} of artifact {} at index {index} under a head by {deadline}",
            promise.leaf_hash, promise.artifact_sha256
        );
        let (rule, found) = match (against.heads.first_over(index), leaf) {
            (Some((head, time)), Some(leaf)) => match self.differs(leaf) {
                Some(what) => (&log::PROMISE_BROKEN, format!("{what} under {}", head.path)),
                None if time > deadline && against.heads.are_all => {
                    let found = format!("the first head over it is {} of {time}", head.path);
                    (&log::PROMISE_BROKEN, found)
                }
                None if time > deadline => {
                    let found = format!("{} of {time}; earlier ones are not told", head.path);
                    (&log::PROMISE_OPEN, found)
                }
                None => return,
            },
            (Some((head, _)), None) => {
                let found = format!("{} covers it, the leaf is not in the bundle", head.path);
                (&log::PROMISE_OPEN, found)
            }
            (None, _) => {
                let passed = against.heads.witnessed().find(|head| is_after(head, deadline));
                let open = "no witnessed head after the deadline or over the index";
                passed.map_or_else(
                    || (&log::PROMISE_OPEN, open.to_owned()),
                    |head| {
                        let found = format!("{} has {} entries", head.path, head.size);
                        (&log::PROMISE_BROKEN, found)
                    },
                )
            }
        };
        let finding = Finding::new(rule, subject, wanted, found);
        findings.push(Finding { index: Some(index), ..finding });
    }

    /// The latest deadline that the charter allows: by the leaf's time if the promised one is
    /// there, else by the time that the promise states.
    fn latest(&self, register: &Register, leaf: Option<&PromisedLeaf>) -> Timestamp {
        let promised = leaf.filter(|leaf| leaf.hash == self.promise.leaf_hash);
        let made = promised.and_then(|promised| Some(promised.leaf.as_ref()?.timestamp));
        let term = register.charter().log.promise_s;
        made.unwrap_or(self.promise.timestamp).saturating_plus_seconds(term)
    }

    /// What stands at the promised index, if it is not what was promised.
    fn differs(&self, there: &PromisedLeaf) -> Option<String> {
        let PromisedLeaf { hash, leaf } = there;
        if *hash != self.promise.leaf_hash {
            return Some(format!("leaf {hash}"));
        }
        let artifact = leaf.as_ref()?.artifact_sha256;
        let is_other = artifact != self.promise.artifact_sha256;
        is_other.then(|| format!("leaf {hash} of artifact {artifact}"))
    }

    /// Why the promise does not bind this log, if it does not.
    fn foreign(&self, register: &Register, keys: &LogKeys) -> Result<(), String> {
        if self.promise.election_id != *register.election_id() {
            return Err(format!("a promise for election {}", self.promise.election_id));
        }
        if self.promise.log_id != keys.log_id() {
            return Err(format!("a promise of log {}", self.promise.log_id));
        }
        for (at, signature) in self.envelope.signatures.iter().enumerate() {
            let key = match register.key_at(&signature.key_id, self.promise.index) {
                Standing::InForce(key) if key.role == Role::Log => key,
                _ => return Err(format!("a signature by key {}", signature.key_id)),
            };
            self.envelope.verify(at, &key.key).map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

/// Whether a head was made after a time: by the log's own word, or because no witness had signed
/// it by then.
fn is_after(head: &HeadRead, time: Timestamp) -> bool {
    head.time.is_some_and(|own| own > time) || head.first_witness.is_some_and(|first| first > time)
}
