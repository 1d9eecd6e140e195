//! What can be wrong with a charter or an amendment.

use core::fmt;

use canon::key::KeyId;

use crate::id::{ElectionId, HolderId, KeyName, OrganisationId, PhaseName};
use crate::payload::Broken;
use crate::role::{EntryType, Role};

/// Where in a charter or amendment a key stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Among the keys with a role.
    Key {
        /// Its holder.
        holder: HolderId,
        /// Its role.
        role: Role,
    },
    /// The log's checkpoint key.
    LogCheckpoint,
    /// The log's timestamp key.
    LogTimestamp,
    /// A witness's key.
    Witness {
        /// The witness.
        name: KeyName,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { holder, role } => write!(out, "the {role} key of {holder}"),
            Self::LogCheckpoint => out.write_str("the log's checkpoint key"),
            Self::LogTimestamp => out.write_str("the log's timestamp key"),
            Self::Witness { name } => write!(out, "the key of witness {name}"),
        }
    }
}

/// One thing that is wrong with a charter or an amendment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Two organisations share an id.
    #[error("organisation {id} is listed twice")]
    OrganisationTwice {
        /// The id.
        id: OrganisationId,
    },
    /// Something names an organisation that is not listed.
    #[error("{place} names organisation {id}, which is not listed")]
    UnknownOrganisation {
        /// The id.
        id: OrganisationId,
        /// Who names it.
        place: Place,
    },
    /// One raw key stands in two places, whatever its name or role there.
    #[error("{second} is the same key as {first}")]
    KeyTwice {
        /// Where it stood first.
        first: Place,
        /// Where it stands again.
        second: Place,
    },
    /// One holder answers to two organisations.
    #[error("holder {holder} belongs to {first} and to {second}")]
    HolderOfTwo {
        /// The holder.
        holder: HolderId,
        /// One organisation.
        first: OrganisationId,
        /// The other.
        second: OrganisationId,
    },
    /// A verifier key cannot be read or has the wrong type.
    #[error("{place} is not usable: {why}")]
    Vkey {
        /// Which key.
        place: Place,
        /// What is wrong with it.
        why: String,
    },
    /// One holder has two duties that are to be apart.
    #[error("holder {holder} has the duties {first} and {second}, which are to be apart")]
    DutiesOfOne {
        /// The holder.
        holder: HolderId,
        /// One duty.
        first: Role,
        /// The other.
        second: Role,
    },
    /// A key of role `log` that is not of the organisation that runs the log.
    #[error("the log key of {holder} belongs to {organisation}, which does not run the log")]
    LogKeyElsewhere {
        /// The holder.
        holder: HolderId,
        /// Its organisation.
        organisation: OrganisationId,
    },
    /// More parties than an election may have.
    #[error("{found} {what}, at most {most} are allowed")]
    TooMany {
        /// What there is too many of.
        what: &'static str,
        /// How many are allowed.
        most: usize,
        /// How many there are.
        found: usize,
    },
    /// A key of the log is named otherwise than the log.
    #[error("the log's origin is {origin}, {place} is named {found}")]
    Origin {
        /// Which key.
        place: Place,
        /// The origin.
        origin: KeyName,
        /// The key's name.
        found: String,
    },
    /// No key of a role that every election needs.
    #[error("no key of role {role} would be in force")]
    NoKey {
        /// The role.
        role: Role,
    },
    /// A phase owes what no key may submit.
    #[error("phase {phase} owes {entry_type}, which no listed key may submit")]
    NobodyMaySubmit {
        /// The phase.
        phase: PhaseName,
        /// What it owes.
        entry_type: EntryType,
    },
    /// Two phases share a name.
    #[error("phase {name} is listed twice")]
    PhaseTwice {
        /// The name.
        name: PhaseName,
    },
    /// A phase owes one entry type twice.
    #[error("phase {phase} owes {entry_type} twice")]
    OwedTwice {
        /// The phase.
        phase: PhaseName,
        /// What it owes.
        entry_type: EntryType,
    },
    /// Two witnesses share a name.
    #[error("witness {name} is listed twice")]
    WitnessTwice {
        /// The name.
        name: KeyName,
    },
    /// Two witnesses sign under one name, or one under the log's.
    #[error("witness {name} signs as {signs_as:?}, which another key has taken")]
    WitnessKeyName {
        /// The witness.
        name: KeyName,
        /// The name of its key.
        signs_as: String,
    },
    /// A witness's organisation is one that witnesses must watch.
    #[error("witness {name} is run by {organisation}, which {because}")]
    WitnessBarred {
        /// The witness.
        name: KeyName,
        /// Who runs it.
        organisation: OrganisationId,
        /// Why it cannot count.
        because: &'static str,
    },
    /// The threshold is nought: any head would do.
    #[error("the witness threshold is 0, it must be at least 1")]
    ThresholdZero,
    /// The threshold cannot be reached.
    #[error("the witness threshold is {threshold}, only {organisations} organisations run one")]
    ThresholdUnreachable {
        /// Organisations needed.
        threshold: u64,
        /// Organisations that run a witness.
        organisations: usize,
    },
    /// The keys and witnesses do not make a policy.
    #[error("the witness policy cannot be made: {why}")]
    Policy {
        /// What is wrong with it.
        why: String,
    },
    /// A term lies outside its bounds.
    #[error("{member} must be from {least} to {most}, found {found}")]
    Term {
        /// The member.
        member: &'static str,
        /// The least value.
        least: u64,
        /// The greatest value.
        most: u64,
        /// What it is.
        found: u64,
    },
    /// The risk limit is not a risk.
    #[error("risk_limit must be above 0 and below 1, found {found}")]
    RiskLimit {
        /// What it is.
        found: String,
    },
    /// An amendment of another election.
    #[error("the amendment is for election {found}, this is {expected}")]
    OtherElection {
        /// This election.
        expected: ElectionId,
        /// The amendment's.
        found: ElectionId,
    },
    /// An amendment out of turn.
    #[error("amendment {expected} is due, found {found}")]
    Sequence {
        /// The number due.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// An amendment or close where the log's order does not admit one.
    #[error("entry {index} cannot follow entry {last}")]
    Order {
        /// Where it would stand.
        index: u64,
        /// The latest change of the register.
        last: u64,
    },
    /// Something is to be revoked that was never in force.
    #[error("key {key_id} is to be revoked and is not in force")]
    RevokedUnknown {
        /// The key.
        key_id: KeyId,
    },
    /// A witness is to be removed that is not listed.
    #[error("witness {name} is to be removed and is not listed")]
    RemovedUnknown {
        /// The witness.
        name: KeyName,
    },
    /// A close that counts the entries before it wrongly.
    #[error("the close says {found} entries stand before it, there are {expected}")]
    CloseCount {
        /// Entries before it.
        expected: u64,
        /// What it says.
        found: u64,
    },
    /// Nothing follows a close.
    #[error("the election was closed at entry {closed_at}")]
    Closed {
        /// The index of the close.
        closed_at: u64,
    },
}

impl Fault {
    /// A stable word for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OrganisationTwice { .. } => "organisation_twice",
            Self::UnknownOrganisation { .. } => "unknown_organisation",
            Self::KeyTwice { .. } => "key_twice",
            Self::HolderOfTwo { .. } => "holder_of_two",
            Self::DutiesOfOne { .. } => "duties_of_one",
            Self::LogKeyElsewhere { .. } => "log_key_elsewhere",
            Self::TooMany { .. } => "too_many",
            Self::Vkey { .. } => "vkey",
            Self::Origin { .. } => "origin",
            Self::NoKey { .. } => "no_key",
            Self::NobodyMaySubmit { .. } => "nobody_may_submit",
            Self::PhaseTwice { .. } => "phase_twice",
            Self::OwedTwice { .. } => "owed_twice",
            Self::WitnessTwice { .. } => "witness_twice",
            Self::WitnessKeyName { .. } => "witness_key_name",
            Self::WitnessBarred { .. } => "witness_barred",
            Self::ThresholdZero => "threshold_zero",
            Self::ThresholdUnreachable { .. } => "threshold_unreachable",
            Self::Policy { .. } => "policy",
            Self::Term { .. } => "term",
            Self::RiskLimit { .. } => "risk_limit",
            Self::OtherElection { .. } => "other_election",
            Self::Sequence { .. } => "sequence",
            Self::Order { .. } => "order",
            Self::RevokedUnknown { .. } => "revoked_unknown",
            Self::RemovedUnknown { .. } => "removed_unknown",
            Self::CloseCount { .. } => "close_count",
            Self::Closed { .. } => "closed",
        }
    }

    /// The fault as a broken rule of the payload.
    pub(crate) fn as_broken(&self) -> Broken {
        let member = match self {
            Self::OrganisationTwice { .. } => "organisations",
            Self::PhaseTwice { .. } | Self::OwedTwice { .. } | Self::NobodyMaySubmit { .. } => {
                "phases"
            }
            Self::Origin { .. } => "log",
            Self::WitnessTwice { .. }
            | Self::WitnessKeyName { .. }
            | Self::WitnessBarred { .. }
            | Self::ThresholdZero
            | Self::ThresholdUnreachable { .. }
            | Self::Policy { .. } => "witnesses",
            Self::Term { member, .. } => member,
            Self::RiskLimit { .. } => "risk_limit",
            Self::UnknownOrganisation { place, .. }
            | Self::Vkey { place, .. }
            | Self::KeyTwice { second: place, .. } => match place {
                Place::Key { .. } => "keys",
                Place::LogCheckpoint | Place::LogTimestamp => "log",
                Place::Witness { .. } => "witnesses",
            },
            Self::HolderOfTwo { .. }
            | Self::DutiesOfOne { .. }
            | Self::LogKeyElsewhere { .. }
            | Self::NoKey { .. }
            | Self::RevokedUnknown { .. } => "keys",
            Self::TooMany { what, .. } => what,
            Self::RemovedUnknown { .. } => "remove_witnesses",
            Self::OtherElection { .. } => "election_id",
            Self::Sequence { .. } => "sequence",
            Self::Order { .. } | Self::CloseCount { .. } | Self::Closed { .. } => "entries",
        };
        Broken::new(member, "a charter that can be used", self)
    }
}
