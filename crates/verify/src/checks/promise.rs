//! Promises that the log made, held against what it published.

use std::collections::BTreeMap;

use artifact::kind::ArtifactKind;
use artifact::payload::{self, Promise};
use artifact::register::{Register, Standing};
use artifact::role::Role;
use canon::{Digest, SignedBytes};

use super::head::LogKeys;
use super::heads::Heads;
use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, log};

/// The rules about promises.
pub(crate) static RULES: &[&Rule] =
    &[&log::PROMISE_FOREIGN, &log::PROMISE_BROKEN, &log::PROMISE_OPEN];

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

    /// Holds the promise against the log: the leaf hashes at promised indexes, and the heads.
    pub(crate) fn check(
        &self,
        register: &Register,
        keys: &LogKeys,
        hashes: &BTreeMap<u64, Digest>,
        heads: &Heads,
        findings: &mut Findings,
    ) {
        let subject = format!("promise {}", self.number);
        let promise = &self.promise;
        if let Err(found) = self.foreign(register, keys) {
            let expected = "a promise of this log, signed by its key of role log";
            findings.push(Finding::new(&log::PROMISE_FOREIGN, subject, expected, found));
            return;
        }
        let wanted = format!(
            "leaf {} at index {} under a head by {}",
            promise.leaf_hash, promise.index, promise.deadline
        );
        let broken = |found: String, findings: &mut Findings| {
            let finding = Finding::new(&log::PROMISE_BROKEN, &subject, &wanted, found);
            findings.push(Finding { index: Some(promise.index), ..finding });
        };
        let covering = heads.first_over(promise.index);
        match (covering, hashes.get(&promise.index)) {
            (Some(head), Some(hash)) if *hash != promise.leaf_hash => {
                broken(format!("leaf {hash} under {}", head.path), findings);
            }
            (Some(head), Some(_)) => {
                let late = head.time.filter(|time| *time > promise.deadline);
                match late {
                    Some(time) if heads.are_all => {
                        broken(
                            format!("the first head over it is {} of {time}", head.path),
                            findings,
                        );
                    }
                    Some(time) => {
                        let found = format!("{} of {time}; earlier ones are not told", head.path);
                        findings.push(Finding::new(&log::PROMISE_OPEN, &subject, &wanted, found));
                    }
                    None => {}
                }
            }
            (Some(head), None) => {
                let found = format!("{} covers it, the leaf is not in the bundle", head.path);
                findings.push(Finding::new(&log::PROMISE_OPEN, &subject, &wanted, found));
            }
            (None, _) => {
                let passed = heads
                    .witnessed()
                    .find(|head| head.time.is_some_and(|time| time > promise.deadline));
                match passed {
                    Some(head) => {
                        broken(format!("{} has {} entries", head.path, head.size), findings);
                    }
                    None => findings.push(Finding::new(
                        &log::PROMISE_OPEN,
                        &subject,
                        &wanted,
                        "no witnessed head after the deadline or over the index",
                    )),
                }
            }
        }
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
