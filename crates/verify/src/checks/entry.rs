//! One entry: the artifact behind a leaf, judged by the rules that the log judges by.

use artifact::admit::{Admitted, MAX_ENVELOPE_BYTES, Refusal, judge};
use artifact::bundle::Source;
use artifact::kind::KindError;
use artifact::leaf::Leaf;
use artifact::payload::Payload;
use artifact::register::Register;
use canon::{Digest, KeyId};

use crate::error::CouldNotCheck;
use crate::finding::{Finding, Rule, artifact as art, charter, role};
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
    &art::ENTRY_TYPE,
];

/// A statement's digest, cut to 16 bytes: kind and payload, whoever signs.
pub(crate) type Statement = [u8; 16];

/// How an entry came out.
#[derive(Debug)]
pub(crate) enum Judged {
    /// Everything about it holds.
    Good(Box<Admitted>, Statement),
    /// Something does not.
    Bad(Vec<Finding>),
    /// Its artifact is not there, and the charter says that it need not be.
    Withheld,
}

/// By what an entry is judged.
#[derive(Clone, Copy)]
pub(crate) struct Court<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) register: &'a Register,
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
                return Ok((Judged::Withheld, false));
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
        let shown = |of: &artifact::leaf::Originator| format!("{} ({})", of.id, of.role);
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
