//! One head: is it a checkpoint of this log, signed by it, timed by it, and witnessed?

use std::collections::BTreeMap;

use artifact::register::{CountedWitness, Register, WitnessPolicy};
use canon::{Digest, Timestamp};
use tlog::checkpoint::Checkpoint;
use tlog::note::{Note, NoteSignature, VerifierKey};

use crate::finding::{Finding, Rule, log};
use crate::report::Cosigner;

/// The rules that a head by itself can break.
pub(crate) static RULES: &[&Rule] = &[
    &log::HEAD_MISSING,
    &log::HEAD_MALFORMED,
    &log::HEAD_ORIGIN,
    &log::HEAD_UNSIGNED,
    &log::HEAD_UNTIMED,
    &log::OWN_LINE,
    &log::SIZE_DIFFERS,
];

/// The rules about its cosignatures.
pub(crate) static WITNESS_RULES: &[&Rule] =
    &[&log::HEAD_UNWITNESSED, &log::WITNESS_LINE, &log::STRANGE_LINE];

/// The keys that may stand on a head.
#[derive(Debug, Clone)]
pub(crate) struct LogKeys {
    /// The origin line.
    pub(crate) origin: String,
    /// The log's key of type 0x01.
    pub(crate) checkpoint: VerifierKey,
    /// The log's key of type 0x04.
    pub(crate) timestamp: VerifierKey,
    /// The key of every witness that the charter or an amendment ever named.
    pub(crate) witnesses: Vec<VerifierKey>,
}

impl LogKeys {
    /// The keys of a register, which has made its policies anew for heads of these sizes.
    pub(crate) fn of(register: &Register, policy_sizes: &[u64]) -> Self {
        let mut witnesses: Vec<VerifierKey> = Vec::new();
        for policy in policy_sizes.iter().filter_map(|size| register.witness_policy_at(*size)) {
            for witness in &policy.witnesses {
                if !witnesses.contains(&witness.key) {
                    witnesses.push(witness.key.clone());
                }
            }
        }
        Self {
            origin: register.charter().log.origin.to_string(),
            checkpoint: register.log_keys().checkpoint.clone(),
            timestamp: register.log_keys().timestamp.clone(),
            witnesses,
        }
    }

    /// SHA-256 of the raw key of the log's plain signature.
    pub(crate) fn log_id(&self) -> Digest {
        Digest::of(self.checkpoint.public_key().bytes())
    }
}

/// A witness line that holds. Who it counts for depends on the policy in force: a name may have
/// passed to another key, and a key that was removed counts for nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WitnessLine {
    /// The key that signed.
    pub(crate) key: VerifierKey,
    /// When, by its own clock.
    pub(crate) timestamp: Timestamp,
}

/// A head that could be read, with the signatures on it that hold.
#[derive(Debug, Clone)]
pub(crate) struct HeadRead {
    /// Where it stands.
    pub(crate) path: String,
    /// Number of leaves.
    pub(crate) size: u64,
    /// The root it states.
    pub(crate) root: Digest,
    /// The origin it states.
    pub(crate) origin: String,
    /// The log's plain signature holds and the origin is right.
    pub(crate) signed: bool,
    /// How many lines of the log's own keys do not hold.
    own_failures: u64,
    /// The log's own time, if that line holds.
    pub(crate) time: Option<Timestamp>,
    /// The witness lines that hold, of every witness that was ever named.
    pub(crate) lines: Vec<WitnessLine>,
    /// As many organisations have signed as are needed.
    pub(crate) witnessed: bool,
    /// It could not be compared with the leaves; a finding says so.
    pub(crate) unheld: bool,
    /// When the first witness in force signed, by its own clock.
    pub(crate) first_witness: Option<Timestamp>,
    /// When as many organisations as are needed had signed, by the witnesses' clocks.
    pub(crate) threshold_met: Option<Timestamp>,
}

/// Reads the head at `path` and judges its signatures.
///
/// `strict` says that the head stands in a bundle, where no line of a stranger belongs.
pub(crate) fn read(
    path: &str,
    bytes: &[u8],
    keys: &LogKeys,
    strict: bool,
    findings: &mut Vec<Finding>,
) -> Option<HeadRead> {
    let (checkpoint, note) = match Checkpoint::parse_signed(bytes) {
        Ok(read) => read,
        Err(error) => {
            let expected = "a signed checkpoint";
            findings.push(Finding::new(&log::HEAD_MALFORMED, path, expected, error.to_string()));
            return None;
        }
    };
    let mut head = HeadRead {
        path: path.to_owned(),
        size: checkpoint.size,
        root: checkpoint.root,
        origin: checkpoint.origin.clone(),
        signed: false,
        own_failures: 0,
        time: None,
        lines: Vec::new(),
        witnessed: false,
        unheld: false,
        first_witness: None,
        threshold_met: None,
    };
    let right_origin = checkpoint.origin == keys.origin;
    if !right_origin {
        findings.push(Finding::new(&log::HEAD_ORIGIN, path, &keys.origin, &checkpoint.origin));
    }
    for line in note.signatures() {
        head.line(&note, line, keys, strict, findings);
    }
    if !head.signed {
        let key = format!("a signature by {}", keys.checkpoint);
        findings.push(Finding::new(&log::HEAD_UNSIGNED, path, key, "none that holds"));
    }
    if head.time.is_none() {
        let key = format!("a cosignature by {}", keys.timestamp);
        findings.push(Finding::new(&log::HEAD_UNTIMED, path, key, "none that holds"));
    }
    // Without one that holds, that was said above.
    if head.own_failures > 0 && head.signed && head.time.is_some() {
        let expected = format!("lines of {} that verify", keys.origin);
        findings.push(Finding::new(&log::OWN_LINE, path, expected, "one that does not"));
    }
    head.signed = head.signed && right_origin;
    Some(head)
}

impl HeadRead {
    fn line(
        &mut self,
        note: &Note,
        line: &NoteSignature,
        keys: &LogKeys,
        strict: bool,
        findings: &mut Vec<Finding>,
    ) {
        let is_by = |key: &VerifierKey| line.id() == key.id() && line.name() == key.name();
        let holds = |key: &VerifierKey| key.verify(note.text(), line);
        if is_by(&keys.checkpoint) {
            let held = holds(&keys.checkpoint).is_ok();
            self.signed |= held;
            self.own_failures = self.own_failures.saturating_add(u64::from(!held));
        } else if is_by(&keys.timestamp) {
            let time = holds(&keys.timestamp).ok().flatten();
            self.own_failures = self.own_failures.saturating_add(u64::from(time.is_none()));
            self.time = self.time.max(time);
        } else if keys.witnesses.iter().any(is_by) {
            // Key ids have four bytes: two keys may share one, and then either may have signed.
            let by = keys.witnesses.iter().filter(|key| is_by(key));
            let mut held =
                by.filter_map(|key| holds(key).ok().flatten().map(|time| (key.clone(), time)));
            match held.next() {
                Some((key, timestamp)) => self.lines.push(WitnessLine { key, timestamp }),
                None => findings.push(Finding::new(
                    &log::WITNESS_LINE,
                    &self.path,
                    format!("a cosignature of {}", line.name()),
                    "a line that does not verify",
                )),
            }
        } else if strict {
            findings.push(Finding::new(
                &log::STRANGE_LINE,
                &self.path,
                "signature lines of the log and of the charter's witnesses",
                format!("a line of {}+{}", line.name(), line.id()),
            ));
        }
    }

    /// The witnesses in force whose lines hold, each once and at its earliest time, in the
    /// policy's order.
    pub(crate) fn cosigners(&self, policy: &WitnessPolicy) -> Vec<Cosigner> {
        let by = |witness: &CountedWitness| {
            let own = self.lines.iter().filter(|line| line.key == witness.key);
            own.map(|line| line.timestamp).min()
        };
        let signed = policy.witnesses.iter().filter_map(|witness| Some((witness, by(witness)?)));
        signed
            .map(|(witness, timestamp)| Cosigner {
                name: witness.name.to_string(),
                organisation: witness.organisation.to_string(),
                timestamp,
            })
            .collect()
    }

    /// The organisations that the cosigners in force count for, and when each signed first.
    fn by_organisation(&self, policy: &WitnessPolicy) -> BTreeMap<String, Timestamp> {
        let mut first: BTreeMap<String, Timestamp> = BTreeMap::new();
        for Cosigner { organisation, timestamp, .. } in self.cosigners(policy) {
            let known = first.entry(organisation).or_insert(timestamp);
            *known = timestamp.min(*known);
        }
        first
    }

    /// How many organisations the cosigners in force count for.
    pub(crate) fn organisations(&self, policy: &WitnessPolicy) -> u64 {
        u64::try_from(self.by_organisation(policy).len()).unwrap_or(u64::MAX)
    }

    /// By when the head existed and was witnessed: not before the witnesses said so, since the log
    /// dates its own line as it likes, nor before the log's own time.
    pub(crate) fn not_after(&self) -> Option<Timestamp> {
        self.threshold_met.max(self.time)
    }

    /// Judges the cosignatures by the witnesses in force at this size.
    pub(crate) fn judge_witnesses(&mut self, register: &Register, findings: &mut Vec<Finding>) {
        let Some(policy) = register.witness_policy_at(self.size) else {
            return;
        };
        let mut times: Vec<Timestamp> = self.by_organisation(policy).into_values().collect();
        times.sort_unstable();
        let found = u64::try_from(times.len()).unwrap_or(u64::MAX);
        let last = policy.threshold.checked_sub(1).and_then(|last| usize::try_from(last).ok());
        self.threshold_met = last.and_then(|last| times.get(last).copied());
        self.first_witness = times.first().copied();
        self.witnessed = self.signed && found >= policy.threshold;
        if found < policy.threshold {
            findings.push(Finding::new(
                &log::HEAD_UNWITNESSED,
                &self.path,
                format!("cosignatures of {} organisations", policy.threshold),
                format!("of {found}"),
            ));
        }
    }
}
