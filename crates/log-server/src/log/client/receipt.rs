//! A receipt, held against everything that its submitter knows.

use std::fmt::Display;

use artifact::kind::{self, ArtifactKind};
use artifact::leaf::{Leaf, entry_of};
use artifact::payload::Promise;
use artifact::register::{Register, Standing};
use artifact::role::Role;
use canon::{Digest, SignedBytes, Timestamp};
use serde::Deserialize;
use tlog::merkle::leaf_hash;

use super::{Fault, History};
use crate::log::submit::{Receipt, Submission};

/// Seconds that the log's clock may be ahead of ours. A log that dates its leaves later than that
/// puts off its own deadlines.
const MAX_AHEAD_S: i64 = 300;

/// What every payload says, whatever else it holds.
#[derive(Deserialize)]
struct Belongs {
    election_id: String,
}

fn same<T: PartialEq + Display>(
    member: &'static str,
    expected: &T,
    found: &T,
) -> Result<(), Fault> {
    if expected == found {
        return Ok(());
    }
    Err(Fault::Receipt { member, expected: expected.to_string(), found: found.to_string() })
}

/// Checks a receipt for a submission that was sent a moment ago.
pub(super) fn check(
    receipt: &Receipt,
    submission: &Submission,
    history: Option<&History>,
    now: Timestamp,
) -> Result<(), Fault> {
    let leaf = Leaf::parse(&receipt.leaf).map_err(|error| Fault::Receipt {
        member: "leaf",
        expected: "canonical".to_owned(),
        found: error.to_string(),
    })?;
    check_leaf(receipt, &leaf, submission)?;
    let envelope =
        SignedBytes::parse(&receipt.promise).map_err(|error| Fault::Promise(error.to_string()))?;
    let promise = check_promise(receipt, &leaf, &envelope)?;
    if let Some(history) = history {
        check_place(receipt, history)?;
        check_originator(receipt, &leaf, submission, &history.register)?;
        check_terms(&leaf, &promise, &history.register)?;
        check_signatures(&envelope, receipt.index, &history.register)?;
    }
    if leaf.timestamp.seconds_since(now) > MAX_AHEAD_S {
        return Err(Fault::Ahead { leaf: leaf.timestamp, now });
    }
    Ok(())
}

/// The leaf is the artifact's, and the leaf hash the leaf's.
fn check_leaf(receipt: &Receipt, leaf: &Leaf, submission: &Submission) -> Result<(), Fault> {
    let artifact = &submission.artifact;
    let digest = Digest::of(artifact);
    same("artifact_sha256", &digest, &receipt.artifact)?;
    same("leaf.artifact_sha256", &digest, &leaf.artifact_sha256)?;
    same("leaf.artifact_size", &(artifact.len() as u64), &leaf.artifact_size)?;
    let refused = |why: String| Fault::Receipt {
        member: "the answer",
        expected: format!("a refusal ({why})"),
        found: "a receipt".to_owned(),
    };
    let envelope = SignedBytes::parse(artifact).map_err(|error| refused(error.to_string()))?;
    let kind = kind::recognise(envelope.kind).map_err(|error| refused(error.to_string()))?;
    let entry_type = kind.entry_type().ok_or_else(|| refused(format!("{kind} is never logged")))?;
    same("leaf.entry_type", &entry_type, &leaf.entry_type)?;
    let Belongs { election_id } =
        envelope.payload_as().map_err(|error| refused(error.to_string()))?;
    same("leaf.election_id", &election_id, &leaf.election_id.to_string())?;
    same("leaf_hash", &leaf_hash(&entry_of(&receipt.leaf)), &receipt.leaf_hash)
}

/// The promise is one, and for this entry.
fn check_promise(
    receipt: &Receipt,
    leaf: &Leaf,
    envelope: &SignedBytes<'_>,
) -> Result<Promise, Fault> {
    same("promise.kind", &ArtifactKind::Promise.as_str(), &envelope.kind)?;
    let promise: Promise =
        envelope.payload_as().map_err(|error| Fault::Promise(error.to_string()))?;
    same("promise.artifact_sha256", &receipt.artifact, &promise.artifact_sha256)?;
    same("promise.leaf_hash", &receipt.leaf_hash, &promise.leaf_hash)?;
    same("promise.index", &receipt.index, &promise.index)?;
    same("promise.timestamp", &leaf.timestamp, &promise.timestamp)?;
    same("promise.election_id", &leaf.election_id, &promise.election_id)?;
    Ok(promise)
}

/// The index is not one that a head covers with another leaf.
fn check_place(receipt: &Receipt, history: &History) -> Result<(), Fault> {
    let Some(hash) = history.hash(receipt.index) else {
        return Ok(());
    };
    same("the leaf hash under the published head", hash, &receipt.leaf_hash)?;
    if receipt.is_duplicate {
        return Ok(());
    }
    Err(Fault::Receipt {
        member: "duplicate",
        expected: format!("true: a head covered entry {} before", receipt.index),
        found: "false".to_owned(),
    })
}

/// The leaf stands in the name of whoever signed first, as far as that key is known.
fn check_originator(
    receipt: &Receipt,
    leaf: &Leaf,
    submission: &Submission,
    register: &Register,
) -> Result<(), Fault> {
    let envelope = SignedBytes::parse(&submission.artifact).ok();
    let first = envelope.and_then(|envelope| envelope.signatures.first().map(|one| one.key_id));
    // A key that no published amendment names may come into force by one that is not yet.
    let Some(Standing::InForce(key)) = first.map(|id| register.key_at(&id, receipt.index)) else {
        return Ok(());
    };
    let originator = key.originator();
    same("leaf.originator.id", &originator.id, &leaf.originator.id)?;
    same("leaf.originator.role", &originator.role, &leaf.originator.role)
}

/// Election, log and deadline are those of the charter.
fn check_terms(leaf: &Leaf, promise: &Promise, register: &Register) -> Result<(), Fault> {
    let charter = register.charter();
    same("leaf.election_id", &charter.election_id, &leaf.election_id)?;
    let log_id = Digest::of(register.log_keys().checkpoint.public_key().bytes());
    same("promise.log_id", &log_id, &promise.log_id)?;
    let deadline = leaf.timestamp.saturating_plus_seconds(charter.log.promise_s);
    same("promise.deadline", &deadline, &promise.deadline)
}

/// Every signature is by the key that it names, which is the log's at that index.
fn check_signatures(
    envelope: &SignedBytes<'_>,
    index: u64,
    register: &Register,
) -> Result<(), Fault> {
    for (at, signature) in envelope.signatures.iter().enumerate() {
        let id = signature.key_id;
        let key = match register.key_at(&id, index) {
            Standing::InForce(key) if key.role == Role::Log => key,
            Standing::InForce(key) => {
                return Err(Fault::Promise(format!("key {id} has the role {}", key.role)));
            }
            Standing::NotYet(key) => {
                let from = key.from;
                return Err(Fault::Promise(format!("key {id} is in force from entry {from} on")));
            }
            Standing::Revoked(_) => {
                return Err(Fault::Promise(format!("key {id} is revoked at entry {index}")));
            }
            Standing::Unknown => return Err(Fault::UnknownKey(id)),
        };
        envelope.verify(at, &key.key).map_err(|error| Fault::Promise(error.to_string()))?;
    }
    Ok(())
}
