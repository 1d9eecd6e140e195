//! One entry: the artifact behind a leaf, judged by the rules that the log judges by.

use std::collections::BTreeMap;

use artifact::admit::{Admitted, MAX_ENVELOPE_BYTES, Refusal, judge};
use artifact::bundle::Source;
use artifact::kind::KindError;
use artifact::leaf::{Leaf, Originator};
use artifact::payload::Payload;
use artifact::register::{Register, Standing};
use artifact::role::may_submit;
use canon::{Digest, KeyId};

use crate::error::CouldNotCheck;
use crate::finding::{Finding, Findings, Rule, artifact as art, charter, role};
use crate::replay::files::{Got, get};

/// The rules about roles and signatures.
pub(crate) static ROLE_RULES: &[&Rule] = &[
    &role::SIGNATURE,
    &role::KEY_UNKNOWN,
    &role::KEY_EARLY,
    &role::KEY_REVOKED,
    &role::MAY_NOT,
    &role::ORIGINATOR,
    &role::PAYLOAD_ORIGIN,
];

/// The rules about artifacts by themselves.
pub(crate) static ARTIFACT_RULES: &[&Rule] = &[
    &art::MISSING,
    &art::DIGEST,
    &art::SIZE,
    &art::MALFORMED,
    &art::KIND_UNKNOWN,
    &art::VERSION_UNKNOWN,
    &art::PAYLOAD,
    &art::ELECTION,
    &art::PURPOSE,
    &art::CAMPAIGN_KEY,
    &art::ENTRY_TYPE,
];

/// The rules about artifacts that were given beside the bundle.
pub(crate) static GIVEN_RULES: &[&Rule] = &[&art::GIVEN_STRANGE];

/// A statement's digest, cut to 16 bytes: kind and payload, whoever signs.
pub(crate) type Statement = [u8; 16];

/// How an entry came out.
#[derive(Debug)]
pub(crate) enum Judged {
    /// Everything about it holds.
    Good(Box<Admitted>, Statement),
    /// Something does not.
    Bad(Vec<Finding>),
    /// Its artifact is not there, and the charter says that it need not be: only what the leaf
    /// says could be judged.
    Withheld(Vec<Finding>),
}

/// Artifacts that were given beside the bundle, by digest.
pub(crate) type Given<'a> = BTreeMap<Digest, &'a [u8]>;

/// The artifacts given beside a bundle. Files end in a line feed more often than not; no envelope
/// does.
pub(crate) fn given(files: &[Vec<u8>]) -> Given<'_> {
    let bytes = files.iter().map(|file| file.strip_suffix(b"\n").unwrap_or(file));
    bytes.map(|bytes| (Digest::of(bytes), bytes)).collect()
}

/// Finds those that no leaf names. `reached` is sorted.
pub(crate) fn strangers(given: &Given<'_>, reached: &[Digest], findings: &mut Findings) {
    for digest in given.keys().filter(|digest| reached.binary_search(digest).is_err()) {
        let subject = format!("given artifact {digest}");
        let expected = "an artifact that a leaf names";
        findings.push(Finding::new(&art::GIVEN_STRANGE, subject, expected, "no such leaf"));
    }
}

/// By what an entry is judged.
#[derive(Clone, Copy)]
pub(crate) struct Court<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) register: &'a Register,
    /// Artifacts that were given beside the bundle, by digest.
    pub(crate) given: &'a Given<'a>,
    /// The first amendment that this verifier cannot read. What depends on keys after it cannot
    /// be told.
    pub(crate) blind_from: Option<u64>,
}

impl Court<'_> {
    /// Judges the artifact of a leaf; with it, whether there was a file at all.
    pub(crate) fn judge(&self, index: u64, leaf: &Leaf) -> Result<(Judged, bool), CouldNotCheck> {
        let path = format!("artifact/{}", leaf.artifact_sha256);
        let mut findings = Vec::new();
        let limit = u64::try_from(MAX_ENVELOPE_BYTES).unwrap_or(u64::MAX);
        let bytes = match get(self.source, &path, limit, &mut findings)? {
            Got::Bytes(bytes) => bytes,
            Got::Unreadable => return Ok((Judged::Bad(findings), true)),
            Got::Nothing if self.register.charter().publication.withhold(leaf.entry_type) => {
                let judged = match self.given.get(&leaf.artifact_sha256) {
                    Some(bytes) => self.judge_bytes(index, leaf, bytes),
                    None => Judged::Withheld(self.unseen(index, leaf)),
                };
                return Ok((judged, false));
            }
            Got::Nothing => {
                let found = "no file";
                findings.push(Finding::entry(&art::MISSING, index, path, found));
                return Ok((Judged::Bad(findings), false));
            }
        };
        Ok((self.judge_bytes(index, leaf, &bytes), true))
    }

    fn judge_bytes(&self, index: u64, leaf: &Leaf, bytes: &[u8]) -> Judged {
        let admitted = match judge(bytes, self.register, index) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                let found = Digest::of(bytes);
                let finding = if found == leaf.artifact_sha256 {
                    self.refused(index, &refusal)
                } else {
                    changed(index, leaf, found)
                };
                return Judged::Bad(vec![finding]);
            }
        };
        if admitted.digest != leaf.artifact_sha256 {
            return Judged::Bad(vec![changed(index, leaf, admitted.digest)]);
        }
        let findings = contradictions(index, leaf, &admitted);
        if !findings.is_empty() {
            return Judged::Bad(findings);
        }
        let mut statement = Statement::default();
        statement.copy_from_slice(admitted.statement.as_bytes().split_at(16).0);
        Judged::Good(Box::new(admitted), statement)
    }

    /// The finding for what the log would have refused.
    fn refused(&self, index: u64, refusal: &Refusal) -> Finding {
        let after_blindness = self.blind_from.filter(|from| index > *from);
        if let (Some(from), Refusal::KeyUnknown { key_id }) = (after_blindness, refusal) {
            let expected = format!("a key known before the amendment at entry {from}");
            return Finding::entry(&art::VERSION_UNKNOWN, index, expected, format!("key {key_id}"));
        }
        Finding::entry(rule_of(refusal), index, refusal.expected(), refusal.found())
    }

    /// Judges a leaf by itself, where its artifact may not be seen: whoever it names must hold a
    /// key of that role then, and the role must be one that submits this.
    fn unseen(&self, index: u64, leaf: &Leaf) -> Vec<Finding> {
        let Originator { id, role } = &leaf.originator;
        let mut refusals = Vec::new();
        if let Some(closed_at) = self.register.closed_at().filter(|closed_at| index > *closed_at) {
            refusals.push(Refusal::AfterClose { closed_at, index });
        }
        if !may_submit(*role, leaf.entry_type) {
            refusals.push(Refusal::Role { found: *role, entry_type: leaf.entry_type });
        }
        let keys = self.register.keys().filter(|(_, key)| key.originator() == leaf.originator);
        let mut standings: Vec<_> =
            keys.map(|(key_id, _)| (*key_id, self.register.key_at(key_id, index))).collect();
        standings.sort_unstable_by_key(|(key_id, _)| *key_id);
        let in_force = standings.iter().any(|(_, key)| matches!(key, Standing::InForce(_)));
        match standings.first() {
            _ if in_force => {}
            Some((key_id, Standing::NotYet(key))) => {
                refusals.push(Refusal::KeyNotYet { key_id: *key_id, from: key.from, index });
            }
            Some((key_id, Standing::Revoked(key))) => {
                let from = key.revoked_from.unwrap_or_default();
                refusals.push(Refusal::KeyRevoked { key_id: *key_id, from, index });
            }
            _ => {
                let blind = self.blind_from.is_some_and(|from| index > from);
                let rule = if blind { &art::VERSION_UNKNOWN } else { &role::KEY_UNKNOWN };
                let expected = format!("a key of {id} ({role})");
                return vec![Finding::entry(rule, index, expected, "none")];
            }
        }
        refusals.iter().map(|refusal| self.refused(index, refusal)).collect()
    }
}

/// The rule that a refusal is about.
pub(crate) fn rule_of(refusal: &Refusal) -> &'static Rule {
    match refusal {
        Refusal::TooLarge { .. } | Refusal::Envelope(_) => &art::MALFORMED,
        Refusal::Kind(KindError::UnknownVersion { .. }) | Refusal::UnknownAlgorithm { .. } => {
            &art::VERSION_UNKNOWN
        }
        Refusal::Kind(KindError::UnknownName { .. }) | Refusal::NotLoggable { .. } => {
            &art::KIND_UNKNOWN
        }
        Refusal::FirstNotCharter { .. } | Refusal::OtherCharter { .. } => &charter::MISSING,
        Refusal::SecondCharter { .. } => &charter::SECOND_CHARTER,
        Refusal::AfterClose { .. } => &charter::AFTER_CLOSE,
        Refusal::Charter(_) => &charter::FAULTY,
        Refusal::Change(_) => &charter::AMENDMENT_REFUSED,
        Refusal::KeyUnknown { .. } => &role::KEY_UNKNOWN,
        Refusal::KeyNotYet { .. } => &role::KEY_EARLY,
        Refusal::KeyRevoked { .. } => &role::KEY_REVOKED,
        Refusal::Role { .. } | Refusal::FileType { .. } => &role::MAY_NOT,
        Refusal::Payload(_) => &art::PAYLOAD,
        Refusal::OtherElection { .. } => &art::ELECTION,
        Refusal::OtherPurpose { .. } => &art::PURPOSE,
        Refusal::CampaignKey { .. } => &art::CAMPAIGN_KEY,
        Refusal::Origin { .. } => &role::PAYLOAD_ORIGIN,
        Refusal::Signature { .. } => &role::SIGNATURE,
    }
}

fn changed(index: u64, leaf: &Leaf, found: Digest) -> Finding {
    let expected = leaf.artifact_sha256.to_string();
    Finding::entry(&art::DIGEST, index, expected, found.to_string())
}

/// What a leaf says otherwise than its artifact.
fn contradictions(index: u64, leaf: &Leaf, admitted: &Admitted) -> Vec<Finding> {
    let mut findings = Vec::new();
    if admitted.size != leaf.artifact_size {
        let found = format!("{} bytes", admitted.size);
        let expected = format!("{} bytes", leaf.artifact_size);
        findings.push(Finding::entry(&art::SIZE, index, expected, found));
    }
    if admitted.entry_type != leaf.entry_type {
        let (expected, found) = (leaf.entry_type.to_string(), admitted.entry_type.to_string());
        findings.push(Finding::entry(&art::ENTRY_TYPE, index, expected, found));
    }
    if admitted.originator != leaf.originator {
        let shown = |of: &Originator| format!("{} ({})", of.id, of.role);
        let (expected, found) = (shown(&admitted.originator), shown(&leaf.originator));
        findings.push(Finding::entry(&role::ORIGINATOR, index, expected, found));
    }
    findings
}

/// The keys that signed.
pub(crate) fn signers(admitted: &Admitted) -> impl Iterator<Item = KeyId> {
    admitted.signers.iter().map(|signer| signer.key_id)
}

/// The artifacts that a payload cites by digest.
pub(crate) fn cited(payload: &Payload) -> Vec<Digest> {
    match payload {
        Payload::Result(result) => {
            result.ballot_definition.iter().chain(&result.cvrs).copied().collect()
        }
        Payload::Cvr(batch) => vec![batch.ballot_definition],
        Payload::Discrepancy(discrepancy) => vec![discrepancy.sample],
        Payload::Escalation(escalation) => escalation.plan.into_iter().collect(),
        Payload::Determination(determination) => determination.plan.into_iter().collect(),
        _ => Vec::new(),
    }
}
