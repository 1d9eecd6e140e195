//! Why an artifact may not stand in the log.

use canon::{Digest, EnvelopeError, KeyId};

use super::join;
use crate::charter::{Fault, Place, Purpose};
use crate::id::{ElectionId, FileType, HolderId, KeyText};
use crate::kind::{ArtifactKind, KindError};
use crate::leaf::Originator;
use crate::payload::PayloadError;
use crate::role::{EntryType, Role};

/// Why an artifact is refused. Each variant is one rule, and keeps its [code](Refusal::code).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More bytes than an envelope may have.
    #[error("the envelope has {found} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
    /// Not an envelope in canonical form.
    #[error("not an envelope in canonical form: {0}")]
    Envelope(#[from] EnvelopeError),
    /// A kind that is not read here.
    #[error(transparent)]
    Kind(KindError),
    /// A signature of an algorithm that this program does not know: made by newer software.
    #[error("signature {index} is of the algorithm {found:?}, which this program does not know")]
    UnknownAlgorithm {
        /// Which signature, from 0.
        index: usize,
        /// The algorithm.
        found: String,
    },
    /// A kind that is signed but never logged.
    #[error("{kind} is never an entry of the log")]
    NotLoggable {
        /// The kind.
        kind: ArtifactKind,
    },
    /// The first entry must be the charter.
    #[error("the first entry must be charter/v1, found {found}")]
    FirstNotCharter {
        /// The kind found.
        found: ArtifactKind,
    },
    /// The first entry is not the charter that the register was opened from.
    #[error("the charter must have digest {expected}, found {found}")]
    OtherCharter {
        /// The register's charter.
        expected: Digest,
        /// The charter found.
        found: Digest,
    },
    /// A charter later than the first entry.
    #[error("a second charter at entry {index}")]
    SecondCharter {
        /// Where it stands or would stand.
        index: u64,
    },
    /// An entry behind the close.
    #[error("the election was closed at entry {closed_at}, entry {index} comes after it")]
    AfterClose {
        /// The close.
        closed_at: u64,
        /// Where the entry stands or would stand.
        index: u64,
    },
    /// The charter cannot be used.
    #[error("the charter cannot be used: {}", join(.0))]
    Charter(Vec<Fault>),
    /// The amendment or close cannot come into force.
    #[error("the change cannot come into force: {}", join(.0))]
    Change(Vec<Fault>),
    /// A key that no charter or amendment names.
    #[error("key {key_id} is not in the charter or its amendments")]
    KeyUnknown {
        /// The key.
        key_id: KeyId,
    },
    /// A key that comes into force later.
    #[error("key {key_id} is in force from entry {from} on, this is entry {index}")]
    KeyNotYet {
        /// The key.
        key_id: KeyId,
        /// The first entry at which it counts.
        from: u64,
        /// Where the artifact stands or would stand.
        index: u64,
    },
    /// A key that was revoked earlier.
    #[error("key {key_id} is revoked from entry {from} on, this is entry {index}")]
    KeyRevoked {
        /// The key.
        key_id: KeyId,
        /// The first entry at which it counts no longer.
        from: u64,
        /// Where the artifact stands or would stand.
        index: u64,
    },
    /// The first signature's role may not submit this.
    #[error("a key of role {found} may not submit {entry_type}, {} may", roles(*entry_type))]
    Role {
        /// The role of the first signature's key.
        found: Role,
        /// What was to be submitted.
        entry_type: EntryType,
    },
    /// The payload does not follow its kind.
    #[error(transparent)]
    Payload(PayloadError),
    /// The payload belongs to another election.
    #[error("the payload is for election {found}, this is {expected}")]
    OtherElection {
        /// This election.
        expected: ElectionId,
        /// The payload's.
        found: ElectionId,
    },
    /// A campaign is held for another purpose than the election.
    #[error("the campaign is for the purpose {found}, the charter's is {expected}")]
    OtherPurpose {
        /// The charter's.
        expected: Purpose,
        /// The campaign's.
        found: Purpose,
    },
    /// A key of a campaign is one of the election's.
    #[error("the campaign lists the key {key}, which is {place}")]
    CampaignKey {
        /// The key.
        key: KeyText,
        /// Where charter or amendments list it.
        place: Place,
    },
    /// The payload names another origin than the first signature.
    #[error(
        "the payload is of {} ({}), the first signature is by {} ({})",
        claimed.id, claimed.role, signed.id, signed.role
    )]
    Origin {
        /// Whom the payload names.
        claimed: Originator,
        /// Who signed.
        signed: Originator,
    },
    /// A manifest lists a file that its origin may not vouch for.
    #[error("a key of role {role} may not vouch for a file of type {file_type}")]
    FileType {
        /// The role of the first signature's key.
        role: Role,
        /// The type of the file.
        file_type: FileType,
    },
    /// A signature that does not hold.
    #[error("the signature of {holder} with key {key_id} does not hold: {error}")]
    Signature {
        /// The key.
        key_id: KeyId,
        /// Its holder.
        holder: HolderId,
        /// What is wrong.
        error: Box<EnvelopeError>,
    },
}

/// In what a refusal lies, for whoever has to choose a status or a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// Too many bytes.
    Size,
    /// Bytes that are no canonical envelope.
    Form,
    /// A kind, version or algorithm that this program does not read.
    Kind,
    /// An artifact out of its place in the log's order.
    Order,
    /// A key, a role or a signature.
    Authority,
    /// The payload itself.
    Content,
}

impl Refusal {
    /// A stable word for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::Envelope(EnvelopeError::Json(_)) => "not_canonical",
            Self::Envelope(_) => "not_an_envelope",
            Self::Kind(KindError::UnknownName { .. }) => "unknown_kind",
            Self::Kind(KindError::UnknownVersion { .. }) => "unknown_version",
            Self::NotLoggable { .. } => "not_loggable",
            Self::UnknownAlgorithm { .. } => "unknown_algorithm",
            Self::FirstNotCharter { .. } => "first_not_charter",
            Self::OtherCharter { .. } => "other_charter",
            Self::SecondCharter { .. } => "second_charter",
            Self::AfterClose { .. } => "after_close",
            Self::Charter(_) => "charter_faults",
            Self::Change(_) => "change_refused",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::KeyNotYet { .. } => "key_not_yet",
            Self::KeyRevoked { .. } => "key_revoked",
            Self::Role { .. } => "wrong_role",
            Self::Payload(PayloadError::Form { .. }) => "payload_form",
            Self::Payload(PayloadError::Rules { .. }) => "payload_rules",
            Self::OtherElection { .. } => "other_election",
            Self::OtherPurpose { .. } => "other_purpose",
            Self::CampaignKey { .. } => "campaign_key",
            Self::Origin { .. } => "other_origin",
            Self::FileType { .. } => "wrong_file_type",
            Self::Signature { .. } => "bad_signature",
        }
    }

    /// In what the refusal lies.
    pub const fn blame(&self) -> Blame {
        match self {
            Self::TooLarge { .. } => Blame::Size,
            Self::Envelope(_) => Blame::Form,
            Self::Kind(_) | Self::NotLoggable { .. } | Self::UnknownAlgorithm { .. } => Blame::Kind,
            Self::FirstNotCharter { .. }
            | Self::OtherCharter { .. }
            | Self::SecondCharter { .. }
            | Self::AfterClose { .. } => Blame::Order,
            Self::KeyUnknown { .. }
            | Self::KeyNotYet { .. }
            | Self::KeyRevoked { .. }
            | Self::Role { .. }
            | Self::Origin { .. }
            | Self::FileType { .. }
            | Self::Signature { .. } => Blame::Authority,
            Self::Charter(_)
            | Self::Change(_)
            | Self::Payload(_)
            | Self::OtherElection { .. }
            | Self::OtherPurpose { .. }
            | Self::CampaignKey { .. } => Blame::Content,
        }
    }

    /// What the rule asks for.
    pub fn expected(&self) -> String {
        match self {
            Self::TooLarge { limit, .. } => format!("at most {limit} bytes"),
            Self::Envelope(EnvelopeError::Json(_)) => "canonical JSON (RFC 8785)".into(),
            Self::Envelope(_) => "an envelope of kind, payload and signatures".into(),
            Self::Kind(KindError::UnknownName { .. }) => "a kind of section 6.1".into(),
            Self::Kind(KindError::UnknownVersion { known, .. }) => (*known).into(),
            Self::NotLoggable { .. } => "a kind that is logged".into(),
            Self::UnknownAlgorithm { .. } => "signatures of ed25519 or ecdsa-p256".into(),
            Self::FirstNotCharter { .. } => "charter/v1".into(),
            Self::OtherCharter { expected, .. } => format!("the charter {expected}"),
            Self::SecondCharter { .. } => "one charter, at entry 0".into(),
            Self::AfterClose { closed_at, .. } => {
                format!("no entry after the close at {closed_at}")
            }
            Self::Charter(_) => "a charter without faults".into(),
            Self::Change(_) => "a change that the register admits".into(),
            Self::KeyUnknown { .. } => "a key of the charter or its amendments".into(),
            Self::KeyNotYet { from, .. } => format!("entry {from} or later"),
            Self::KeyRevoked { from, .. } => format!("an entry before {from}"),
            Self::Role { entry_type, .. } => format!("a key of role {}", roles(*entry_type)),
            Self::Payload(error) => format!("a payload of {}", error.kind()),
            Self::OtherElection { expected, .. } => expected.to_string(),
            Self::OtherPurpose { expected, .. } => format!("the purpose {expected}"),
            Self::CampaignKey { .. } => "keys that charter and amendments do not list".into(),
            Self::Origin { claimed, .. } => {
                format!("a first signature by {} ({})", claimed.id, claimed.role)
            }
            Self::FileType { role, .. } => format!("files that a key of role {role} vouches for"),
            Self::Signature { holder, .. } => format!("a signature by {holder}"),
        }
    }

    /// What was found instead.
    pub fn found(&self) -> String {
        match self {
            Self::TooLarge { found, .. } => format!("{found} bytes"),
            Self::Envelope(error) => error.to_string(),
            Self::FileType { file_type, .. } => format!("a file of type {file_type}"),
            Self::Signature { error, .. } => error.to_string(),
            Self::Kind(
                KindError::UnknownName { found } | KindError::UnknownVersion { found, .. },
            ) => found.clone(),
            Self::NotLoggable { kind } => kind.to_string(),
            Self::UnknownAlgorithm { found, .. } => format!("a signature of {found}"),
            Self::FirstNotCharter { found } => found.to_string(),
            Self::OtherCharter { found, .. } => format!("the charter {found}"),
            Self::SecondCharter { index } => format!("a charter at entry {index}"),
            Self::AfterClose { index, .. } => format!("entry {index}"),
            Self::Charter(faults) | Self::Change(faults) => join(faults),
            Self::KeyUnknown { key_id } => format!("key {key_id}"),
            Self::KeyNotYet { key_id, index, .. } | Self::KeyRevoked { key_id, index, .. } => {
                format!("key {key_id} at entry {index}")
            }
            Self::Role { found, .. } => format!("a key of role {found}"),
            Self::Payload(error) => error.detail(),
            Self::OtherElection { found, .. } => found.to_string(),
            Self::OtherPurpose { found, .. } => format!("the purpose {found}"),
            Self::CampaignKey { key, place } => format!("{place}: {key}"),
            Self::Origin { signed, .. } => format!("{} ({})", signed.id, signed.role),
        }
    }
}

/// `audit`, or `supply or authority`.
fn roles(entry_type: EntryType) -> String {
    entry_type.submitters().map(Role::as_str).collect::<Vec<_>>().join(" or ")
}
