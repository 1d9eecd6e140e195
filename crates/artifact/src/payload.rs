//! Typed payloads of every kind (section 6.1), and the one way to read them.
//!
//! Reading has two parts. The *form* (members, types, grammars) is what the JSON Schema of the
//! same name in `schemas/` states, and both judge every instance alike. The *rules* are what a
//! schema cannot say about one payload: numbers that must run on, names that must differ. What
//! payloads mean together is the business of higher floors.

pub mod audit;
pub mod ballot;
pub mod check_ins;
pub mod definition;
pub mod office;
pub mod platform;
pub mod promise;
pub mod result;
pub(crate) mod rule;

use canon::envelope::sign_to_bytes;
use canon::json::Fault;
use canon::{Digest, EnvelopeError, JsonError, Signer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use crate::charter::{Amendment, Charter, Close};
use crate::id::ElectionId;
use crate::kind::ArtifactKind;
pub use crate::manifest::Manifest;

pub use audit::{
    AuditPlan, Determination, Discrepancy, Escalation, Sample, SeedCommit, SeedReveal,
};
pub use ballot::{BallotRecordBatch, CvrBatch};
pub use check_ins::CheckIns;
pub use definition::BallotDefinition;
pub use office::{CustodyEvent, DeviceAttestation, Software};
pub use platform::{Campaign, Reveal, Snapshot};
pub use promise::Promise;
pub use result::ElectionResult;
pub use rule::Broken;

/// A type that is the payload of one kind.
pub trait PayloadType: Serialize + DeserializeOwned {
    /// The kind, with its version.
    const KIND: ArtifactKind;

    /// The election it belongs to.
    fn election_id(&self) -> &ElectionId;

    /// The rules beyond the form that this payload breaks; all of them at once.
    fn rules(&self) -> Vec<Broken> {
        Vec::new()
    }
}

/// A head that an artifact cites: it was made after that head was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CitedHead {
    /// The root of the tree.
    pub root_hash: Digest,
    /// Its entries, at least one.
    pub tree_size: u64,
}

impl CitedHead {
    pub(crate) fn rules(&self, member: &'static str) -> Vec<Broken> {
        match self.tree_size {
            0 => vec![Broken::new(member, "tree_size at least 1", 0)],
            _ => Vec::new(),
        }
    }
}

/// A payload that does not follow its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The form is wrong: not strict JSON, or not what the schema says.
    #[error("the payload does not have the form of {kind}: {fault}")]
    Form {
        /// The kind.
        kind: ArtifactKind,
        /// What is wrong, with its place.
        fault: JsonError,
    },
    /// The form is right and a rule is broken.
    #[error("the payload breaks {} of {kind}: {}", rule::count(broken), rule::join(broken))]
    Rules {
        /// The kind.
        kind: ArtifactKind,
        /// Every rule that is broken.
        broken: Vec<Broken>,
    },
}

impl PayloadError {
    /// The kind that the payload was to have.
    pub const fn kind(&self) -> ArtifactKind {
        match self {
            Self::Form { kind, .. } | Self::Rules { kind, .. } => *kind,
        }
    }

    /// What is wrong, without the kind.
    pub fn detail(&self) -> String {
        match self {
            Self::Form { fault, .. } => fault.to_string(),
            Self::Rules { broken, .. } => rule::join(broken),
        }
    }

    /// The form error behind an envelope's complaint about its payload.
    pub(crate) fn form(kind: ArtifactKind, error: EnvelopeError) -> Self {
        let fault = match error {
            EnvelopeError::Json(fault) => fault,
            other => JsonError { fault: Fault::Type { message: other.to_string() }, at: None },
        };
        Self::Form { kind, fault }
    }
}

/// Why an artifact could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignPayloadError {
    /// The payload itself is wrong; nothing was signed.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The envelope could not be made.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
}

macro_rules! payloads {
    ($( $(#[$doc:meta])* $variant:ident($type:ty), )+) => {
        /// A payload of any kind, read and judged by its own rules.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Payload {
            $( $(#[$doc])* $variant(Box<$type>), )+
        }

        impl Payload {
            /// The kind.
            pub const fn kind(&self) -> ArtifactKind {
                match self { $(Self::$variant(_) => ArtifactKind::$variant,)+ }
            }

            /// The election it belongs to.
            pub fn election_id(&self) -> &ElectionId {
                match self { $(Self::$variant(payload) => payload.election_id(),)+ }
            }

            /// The canonical bytes.
            pub fn to_bytes(&self) -> Result<Vec<u8>, JsonError> {
                match self { $(Self::$variant(payload) => canon::json::to_canonical(&**payload),)+ }
            }

            /// Reads the payload of an envelope whose canonical form is already established.
            pub(crate) fn of_envelope(
                kind: ArtifactKind,
                envelope: &canon::SignedBytes<'_>,
            ) -> Result<Self, PayloadError> {
                match kind {
                    $( ArtifactKind::$variant => {
                        let payload: $type = envelope
                            .payload_as()
                            .map_err(|error| PayloadError::form(kind, error))?;
                        judged(payload).map(|payload| Self::$variant(Box::new(payload)))
                    } )+
                }
            }

            /// Reads canonical payload bytes.
            pub fn decode(kind: ArtifactKind, bytes: &[u8]) -> Result<Self, PayloadError> {
                match kind {
                    $( ArtifactKind::$variant => {
                        decode::<$type>(bytes).map(|payload| Self::$variant(Box::new(payload)))
                    } )+
                }
            }

            /// Reads payload bytes that are strict JSON in any layout, as a person writes them.
            pub fn decode_strict(kind: ArtifactKind, bytes: &[u8]) -> Result<Self, PayloadError> {
                match kind {
                    $( ArtifactKind::$variant => {
                        let payload: $type = canon::json::from_strict(bytes)
                            .map_err(|fault| PayloadError::Form { kind, fault })?;
                        judged(payload).map(|payload| Self::$variant(Box::new(payload)))
                    } )+
                }
            }

            /// Signs the payload: the envelope's canonical bytes.
            pub fn sign(&self, signers: &[&dyn Signer]) -> Result<Vec<u8>, SignPayloadError> {
                match self { $(Self::$variant(payload) => sign(&**payload, signers),)+ }
            }
        }

        $( impl From<$type> for Payload {
            fn from(payload: $type) -> Self {
                Self::$variant(Box::new(payload))
            }
        } )+
    };
}

payloads! {
    /// `charter/v1`
    Charter(Charter),
    /// `amendment/v1`
    Amendment(Amendment),
    /// `close/v1`
    Close(Close),
    /// `ballot_definition/v1`
    BallotDefinition(BallotDefinition),
    /// `device_attestation/v1`
    DeviceAttestation(DeviceAttestation),
    /// `cvr/v1`
    Cvr(CvrBatch),
    /// `ballot_record/v1`
    BallotRecord(BallotRecordBatch),
    /// `result/v1`
    Result(ElectionResult),
    /// `audit_plan/v1`
    AuditPlan(AuditPlan),
    /// `seed_commit/v1`
    SeedCommit(SeedCommit),
    /// `seed_reveal/v1`
    SeedReveal(SeedReveal),
    /// `sample/v1`
    Sample(Sample),
    /// `discrepancy/v1`
    Discrepancy(Discrepancy),
    /// `escalation/v1`
    Escalation(Escalation),
    /// `determination/v1`
    Determination(Determination),
    /// `custody_event/v1`
    CustodyEvent(CustodyEvent),
    /// `software/v1`
    Software(Software),
    /// `campaign/v1`
    Campaign(Campaign),
    /// `snapshot/v1`
    Snapshot(Snapshot),
    /// `reveal/v1`
    Reveal(Reveal),
    /// `check_ins/v1`
    CheckIns(CheckIns),
    /// `manifest/v1`
    Manifest(Manifest),
    /// `promise/v1`
    Promise(Promise),
}

/// Reads canonical payload bytes as one type, form and rules.
pub fn decode<P: PayloadType>(bytes: &[u8]) -> Result<P, PayloadError> {
    let kind = P::KIND;
    let payload: P =
        canon::json::from_canonical(bytes).map_err(|fault| PayloadError::Form { kind, fault })?;
    judged(payload)
}

/// Judges payload bytes of a kind by form and rules.
pub fn check(kind: ArtifactKind, bytes: &[u8]) -> Result<(), PayloadError> {
    Payload::decode(kind, bytes).map(|_| ())
}

/// Signs a payload: the envelope's canonical bytes. A payload that no one would accept is refused
/// before any signer sees it.
pub fn sign<P: PayloadType>(
    payload: &P,
    signers: &[&dyn Signer],
) -> Result<Vec<u8>, SignPayloadError> {
    let kind = P::KIND;
    let form = |fault| PayloadError::Form { kind, fault };
    decode::<P>(&canon::json::to_canonical(payload).map_err(form)?)?;
    let kind = kind.as_str().parse()?;
    Ok(sign_to_bytes(&kind, payload, signers)?)
}

fn judged<P: PayloadType>(payload: P) -> Result<P, PayloadError> {
    let broken = payload.rules();
    if broken.is_empty() { Ok(payload) } else { Err(PayloadError::Rules { kind: P::KIND, broken }) }
}

#[cfg(test)]
mod tests;
