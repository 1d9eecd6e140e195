//! Admission: what the log accepts and every verifier accepts again, by the same code.
//!
//! An artifact is judged against the register of keys at the index where it stands or would stand:
//! canonical envelope, known kind and algorithms, place in the log's order, keys in force, role,
//! every signature, then form and rules of the payload, its election, purpose and origin. Nothing
//! of a payload is decoded before its signatures hold: key ids are public, so a stranger gets that
//! far, and no further.
//!
//! The charter founds its own register ([`found`]): it is signed by an authority key that it names
//! itself. Nothing within the log says that it is the right charter; that is what the
//! [anchor](crate::anchor) is for.

mod hashed;
mod refusal;

use canon::key::{Algorithm, PublicKey};
use canon::{Digest, EnvelopeError, KeyId, SignedBytes};

use crate::charter::{Charter, Fault};
use crate::kind::{self, ArtifactKind};
use crate::leaf::Originator;
use crate::manifest::Manifest;
use crate::payload::{Campaign, Payload, PayloadError};
use crate::register::{Key, Register, Standing};
use crate::role::{EntryType, Role, may_submit, may_vouch};

pub use hashed::Hashed;
pub use refusal::{Blame, Refusal};

/// The largest envelope, in bytes: 16 MiB. Raw files have limits of their own.
pub const MAX_ENVELOPE_BYTES: usize = 16 * 1024 * 1024;

/// One signature that holds, and whose key was in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBy {
    /// The key.
    pub key_id: KeyId,
    /// Its holder and role.
    pub originator: Originator,
}

/// An artifact that may stand in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Its kind.
    pub kind: ArtifactKind,
    /// What the leaf calls it.
    pub entry_type: EntryType,
    /// On whose authority it stands: the first signature's.
    pub originator: Originator,
    /// SHA-256 of the envelope's bytes.
    pub digest: Digest,
    /// The digest of kind and payload, whoever signs: [`SignedBytes::statement`].
    pub statement: Digest,
    /// The envelope's bytes, counted.
    pub size: u64,
    /// Every signature, in the envelope's order.
    pub signers: Vec<SignedBy>,
    /// The payload.
    pub payload: Payload,
}

/// A charter that may open a log, and the register that it opens.
#[derive(Clone, Debug)]
pub struct Founded {
    /// The charter.
    pub charter: Charter,
    /// Its artifact.
    pub admitted: Admitted,
    /// Keys and witnesses, as of entry 0.
    pub register: Register,
}

impl Founded {
    /// Judges an artifact without the log: by the keys that count after the charter and those
    /// amendments that were [enacted](Founded::enact). Where it stands in the log is not known
    /// here, so a key that was revoked since does not count, however early it has signed.
    pub fn judge(&self, bytes: &[u8]) -> Result<Admitted, Refusal> {
        judge(bytes, &self.register, self.next())
    }

    /// The same, and an amendment or a close changes the register. To be called in the order in
    /// which they stand in the log; amendments are numbered, so none can be left out in between.
    pub fn enact(&mut self, bytes: &[u8]) -> Result<Admitted, Refusal> {
        let next = self.next();
        enact(bytes, &mut self.register, next)
    }

    /// The index after the latest change: the least at which all of them are in force.
    fn next(&self) -> u64 {
        self.register.last_change().saturating_add(1)
    }
}

/// Judges the bytes of a charter's envelope and opens the register from it.
///
/// Whether it is the right charter only an anchor can tell.
pub fn found(bytes: &[u8]) -> Result<Founded, Refusal> {
    let envelope = parse(bytes)?;
    let kind = recognise(&envelope)?;
    if kind != ArtifactKind::Charter {
        return Err(Refusal::FirstNotCharter { found: kind });
    }
    let charter: Charter =
        envelope.payload_as().map_err(|error| Refusal::Payload(PayloadError::form(kind, error)))?;
    let hashed = Hashed::of(bytes);
    let register = Register::open(&charter, hashed.digest()).map_err(Refusal::Charter)?;
    let admitted = judge_hashed(hashed, &register, 0)?;
    Ok(Founded { charter, admitted, register })
}

/// Judges an artifact at `index`: its bytes against the register as of that index.
///
/// The register may know later changes; they do not bear on the judgement. Whether an amendment or
/// a close may change the register is for [`enact`].
pub fn judge(bytes: &[u8], register: &Register, index: u64) -> Result<Admitted, Refusal> {
    within_bounds(bytes)?;
    judge_hashed(Hashed::of(bytes), register, index)
}

/// [`judge`] for a caller that has hashed the bytes already.
pub fn judge_hashed(
    hashed: Hashed<'_>,
    register: &Register,
    index: u64,
) -> Result<Admitted, Refusal> {
    let (bytes, digest) = (hashed.bytes(), hashed.digest());
    let envelope = parse(bytes)?;
    let kind = recognise(&envelope)?;
    let entry_type = kind.entry_type().ok_or(Refusal::NotLoggable { kind })?;
    if let Some((index, found)) = envelope.unknown_algorithm() {
        return Err(Refusal::UnknownAlgorithm { index, found: found.to_owned() });
    }
    place(kind, digest, register, index)?;
    let keys = keys_in_force(&envelope, register, index)?;
    let originator = keys.first().map(|key| key.originator());
    // The envelope has at least one signature; without one there is nobody to name.
    let originator = originator.ok_or(EnvelopeError::Count { found: 0 })?;
    if !may_submit(originator.role, entry_type) {
        return Err(Refusal::Role { found: originator.role, entry_type });
    }
    for (at, key) in keys.iter().enumerate() {
        envelope.verify(at, &key.key).map_err(|error| Refusal::Signature {
            key_id: key.key.id(),
            holder: key.holder.clone(),
            error: Box::new(error),
        })?;
    }
    let payload = Payload::of_envelope(kind, &envelope).map_err(Refusal::Payload)?;
    belongs(&payload, register, index, &originator)?;
    vouched_for(&payload, originator.role)?;
    let signers =
        keys.iter().map(|key| SignedBy { key_id: key.key.id(), originator: key.originator() });
    Ok(Admitted {
        kind,
        entry_type,
        originator,
        digest,
        statement: envelope.statement(),
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        signers: signers.collect(),
        payload,
    })
}

/// Judges an artifact at `index` and lets it change the register if it is an amendment or a close.
///
/// For use in the log's order. Where it refuses, the register is as before.
pub fn enact(bytes: &[u8], register: &mut Register, index: u64) -> Result<Admitted, Refusal> {
    let admitted = judge(bytes, register, index)?;
    match &admitted.payload {
        Payload::Amendment(amendment) => register.apply(amendment, index),
        Payload::Close(close) => register.close(close, index),
        _ => Ok(()),
    }
    .map_err(Refusal::Change)?;
    Ok(admitted)
}

fn within_bounds(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > MAX_ENVELOPE_BYTES {
        return Err(Refusal::TooLarge { limit: MAX_ENVELOPE_BYTES, found: bytes.len() });
    }
    Ok(())
}

fn parse(bytes: &[u8]) -> Result<SignedBytes<'_>, Refusal> {
    within_bounds(bytes)?;
    Ok(SignedBytes::parse(bytes)?)
}

fn recognise(envelope: &SignedBytes<'_>) -> Result<ArtifactKind, Refusal> {
    kind::recognise(envelope.kind).map_err(Refusal::Kind)
}

/// The charter stands first and nowhere else, and nothing stands behind the close.
fn place(
    kind: ArtifactKind,
    digest: Digest,
    register: &Register,
    index: u64,
) -> Result<(), Refusal> {
    match (index, kind) {
        (0, ArtifactKind::Charter) if digest == register.charter_digest() => Ok(()),
        (0, ArtifactKind::Charter) => {
            Err(Refusal::OtherCharter { expected: register.charter_digest(), found: digest })
        }
        (0, found) => Err(Refusal::FirstNotCharter { found }),
        (_, ArtifactKind::Charter) => Err(Refusal::SecondCharter { index }),
        _ => match register.closed_at().filter(|closed_at| index > *closed_at) {
            Some(closed_at) => Err(Refusal::AfterClose { closed_at, index }),
            None => Ok(()),
        },
    }
}

fn keys_in_force<'r>(
    envelope: &SignedBytes<'_>,
    register: &'r Register,
    index: u64,
) -> Result<Vec<&'r Key>, Refusal> {
    let standing = |key_id: KeyId| match register.key_at(&key_id, index) {
        Standing::InForce(key) => Ok(key),
        Standing::NotYet(key) => Err(Refusal::KeyNotYet { key_id, from: key.from, index }),
        Standing::Revoked(key) => {
            let from = key.revoked_from.unwrap_or_default();
            Err(Refusal::KeyRevoked { key_id, from, index })
        }
        Standing::Unknown => Err(Refusal::KeyUnknown { key_id }),
    };
    envelope.signatures.iter().map(|entry| standing(entry.key_id)).collect()
}

/// What the payload says about itself must agree with the register and the first signature.
fn belongs(
    payload: &Payload,
    register: &Register,
    index: u64,
    originator: &Originator,
) -> Result<(), Refusal> {
    if payload.election_id() != register.election_id() {
        return Err(Refusal::OtherElection {
            expected: register.election_id().clone(),
            found: payload.election_id().clone(),
        });
    }
    let claimed = match payload {
        Payload::Campaign(campaign) => {
            of_purpose(campaign, register)?;
            return apart(campaign, register, index);
        }
        Payload::Manifest(manifest) => {
            let Manifest { origin, .. } = &**manifest;
            origin.clone()
        }
        Payload::DeviceAttestation(statement) => {
            Originator { id: statement.device.clone(), role: statement.role }
        }
        Payload::Cvr(batch) => Originator { id: batch.scanner.clone(), role: Role::Scanning },
        Payload::BallotRecord(batch) => {
            Originator { id: batch.scanner.clone(), role: Role::Scanning }
        }
        _ => return Ok(()),
    };
    if claimed == *originator {
        return Ok(());
    }
    Err(Refusal::Origin { claimed, signed: originator.clone() })
}

/// What is held for one purpose never counts for another.
fn of_purpose(campaign: &Campaign, register: &Register) -> Result<(), Refusal> {
    let (expected, found) = (register.charter().purpose, campaign.purpose);
    if found == expected { Ok(()) } else { Err(Refusal::OtherPurpose { expected, found }) }
}

/// No key is in two roles: those of a campaign are not in the register, nor were they ever.
fn apart(campaign: &Campaign, register: &Register, index: u64) -> Result<(), Refusal> {
    for text in campaign.keys() {
        // The rules of the payload have found it to be a key.
        let Ok(key) = PublicKey::from_base64(Algorithm::Ed25519, text.as_str()) else { continue };
        if let Some(place) = register.place_of(key.bytes(), index) {
            return Err(Refusal::CampaignKey { key: text.clone(), place: place.clone() });
        }
    }
    Ok(())
}

/// A manifest lists only files that its origin may vouch for.
fn vouched_for(payload: &Payload, role: Role) -> Result<(), Refusal> {
    let Payload::Manifest(manifest) = payload else { return Ok(()) };
    match manifest.files.iter().find(|file| !may_vouch(role, &file.r#type)) {
        Some(file) => Err(Refusal::FileType { role, file_type: file.r#type.clone() }),
        None => Ok(()),
    }
}

/// Every fault in one line.
pub(crate) fn join(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
