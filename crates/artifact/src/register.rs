//! The register: which keys and witnesses count at which index.
//!
//! Opened from the charter, moved on by every amendment and by the close. A change at entry `i`
//! is in force for entries after `i` and for heads of more than `i + 1` entries: the head that
//! first covers an amendment is still judged by the rules before it.
//!
//! Lookups take `&self`, are one hash table access, and may be made from any number of threads;
//! changes take `&mut self` and are made in the log's order.

use std::collections::HashSet;

use canon::Digest;
use canon::key::{KeyId, PublicKey};
use tlog::note::VerifierKey;
use tlog::policy::{Cosigned, JudgeError, Judgement, Policy};

use crate::charter::{
    Amendment, Charter, CharterKey, Close, Fault, LogKeys, Opened, Parties, Place, open,
};
use crate::id::{ElectionId, HolderId, KeyName, OrganisationId};
use crate::leaf::Originator;
use crate::role::Role;

/// A key of the election, with the entries at which it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Who or what holds it.
    pub holder: HolderId,
    /// The public key, ready to verify.
    pub key: PublicKey,
    /// The organisation that answers for the holder.
    pub organisation: OrganisationId,
    /// What it is for.
    pub role: Role,
    /// The first index at which it counts.
    pub from: u64,
    /// The first index at which it counts no longer.
    pub revoked_from: Option<u64>,
}

impl Key {
    pub(crate) fn listed(listed: &CharterKey, from: u64) -> Self {
        Self {
            holder: listed.holder.clone(),
            key: listed.key.clone(),
            organisation: listed.organisation.clone(),
            role: listed.role,
            from,
            revoked_from: None,
        }
    }

    /// As whose an artifact stands whose first signature is by this key.
    pub fn originator(&self) -> Originator {
        Originator { id: self.holder.clone(), role: self.role }
    }
}

/// How a key stands at an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It counts.
    InForce(&'a Key),
    /// It counts from a later index on.
    NotYet(&'a Key),
    /// It counts no longer.
    Revoked(&'a Key),
    /// No charter or amendment names it.
    Unknown,
}

/// A witness whose cosignature counts for its organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedWitness {
    /// Its name in reports.
    pub name: KeyName,
    /// Who runs it.
    pub organisation: OrganisationId,
    /// Its verifier key.
    pub key: VerifierKey,
}

/// The witnesses that count for heads of certain sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessPolicy {
    /// The smallest head that it is for.
    pub from_size: u64,
    /// Distinct organisations needed.
    pub threshold: u64,
    /// The witnesses.
    pub witnesses: Vec<CountedWitness>,
    /// The same as a C2SP policy, with the log's checkpoint key.
    pub policy: Policy,
}

impl WitnessPolicy {
    /// Judges a signed checkpoint: the log's signature, and whether the witnesses are enough.
    pub fn judge(&self, signed: &[u8]) -> Result<Judgement<'_>, JudgeError> {
        self.policy.judge(signed)
    }

    /// The witness that signs with this key.
    pub fn witness(&self, key: &VerifierKey) -> Option<&CountedWitness> {
        self.witnesses.iter().find(|witness| witness.key == *key)
    }

    /// The organisations behind some cosignatures, each once.
    pub fn organisations<'a>(&'a self, cosigned: &[Cosigned<'_>]) -> Vec<&'a OrganisationId> {
        let mut seen = HashSet::new();
        cosigned
            .iter()
            .filter_map(|line| self.witness(&line.witness.key))
            .map(|witness| &witness.organisation)
            .filter(|id| seen.insert(*id))
            .collect()
    }
}

/// Keys and witnesses of one election over the whole log.
#[derive(Clone, Debug)]
pub struct Register {
    charter: Charter,
    charter_digest: Digest,
    log: LogKeys,
    parties: Parties,
    /// Ascending by `from_size`; the first is the charter's.
    policies: Vec<WitnessPolicy>,
    amendments: u64,
    /// The index of the latest charter, amendment or close.
    last: u64,
    closed_at: Option<u64>,
}

impl Register {
    /// Opens the register of a charter; its faults if it has any.
    ///
    /// `charter_digest` is the digest of the charter's artifact, signatures included.
    pub fn open(charter: &Charter, charter_digest: Digest) -> Result<Self, Vec<Fault>> {
        let Opened { parties, log, policy } = open(charter)?;
        let first = WitnessPolicy {
            from_size: 0,
            threshold: parties.threshold,
            witnesses: parties.witnesses.clone(),
            policy,
        };
        Ok(Self {
            charter: charter.clone(),
            charter_digest,
            log,
            parties,
            policies: vec![first],
            amendments: 0,
            last: 0,
            closed_at: None,
        })
    }

    /// Puts an amendment at `index` into force; nothing changes if it has any fault.
    pub fn apply(&mut self, amendment: &Amendment, index: u64) -> Result<(), Vec<Fault>> {
        let mut faults = self.order(&amendment.election_id, index);
        let due = self.amendments.saturating_add(1);
        if amendment.sequence != due {
            faults.push(Fault::Sequence { expected: due, found: amendment.sequence });
        }
        let mut parties = self.parties.clone();
        parties.from = index.saturating_add(1);
        parties.add_organisations(&amendment.add_organisations, &mut faults);
        parties.revoke_keys(&amendment.revoke_keys, &mut faults);
        parties.add_keys(&amendment.add_keys, &mut faults);
        parties.remove_witnesses(&amendment.remove_witnesses, &mut faults);
        parties.add_witnesses(&amendment.add_witnesses, &mut faults);
        parties.threshold = amendment.threshold.unwrap_or(parties.threshold);
        parties.standing(&self.charter, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        let same = parties.threshold == self.parties.threshold
            && parties.witnesses == self.parties.witnesses;
        if !same {
            let policy = parties.policy(&self.log).map_err(|fault| vec![fault])?;
            self.policies.push(WitnessPolicy {
                from_size: index.saturating_add(2),
                threshold: parties.threshold,
                witnesses: parties.witnesses.clone(),
                policy,
            });
        }
        self.parties = parties;
        self.amendments = due;
        self.last = index;
        Ok(())
    }

    /// Puts the close at `index` into force.
    pub fn close(&mut self, close: &Close, index: u64) -> Result<(), Vec<Fault>> {
        let mut faults = self.order(&close.election_id, index);
        if close.entries != index {
            faults.push(Fault::CloseCount { expected: index, found: close.entries });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        self.closed_at = Some(index);
        self.last = index;
        Ok(())
    }

    fn order(&self, election_id: &ElectionId, index: u64) -> Vec<Fault> {
        let mut faults = Vec::new();
        if *election_id != self.charter.election_id {
            faults.push(Fault::OtherElection {
                expected: self.charter.election_id.clone(),
                found: election_id.clone(),
            });
        }
        if let Some(closed_at) = self.closed_at {
            faults.push(Fault::Closed { closed_at });
        } else if index <= self.last {
            faults.push(Fault::Order { index, last: self.last });
        }
        faults
    }

    /// How a key stands for the entry at `index`.
    pub fn key_at(&self, key_id: &KeyId, index: u64) -> Standing<'_> {
        match self.parties.keys.get(key_id) {
            None => Standing::Unknown,
            Some(key) if index < key.from => Standing::NotYet(key),
            Some(key) if key.revoked_from.is_some_and(|from| index >= from) => {
                Standing::Revoked(key)
            }
            Some(key) => Standing::InForce(key),
        }
    }

    /// Where the charter or an amendment before `index` lists a raw public key, in force or not: as
    /// somebody's, the log's or a witness's.
    pub fn place_of(&self, raw: &[u8], index: u64) -> Option<&Place> {
        self.parties.place_of(raw, index)
    }

    /// The witnesses that count for a head of `size` entries.
    pub fn witness_policy_at(&self, size: u64) -> Option<&WitnessPolicy> {
        let after = self.policies.partition_point(|policy| policy.from_size <= size);
        self.policies.get(after.checked_sub(1)?)
    }

    /// The index of the close, if there is one.
    pub fn closed_at(&self) -> Option<u64> {
        self.closed_at
    }

    /// The election.
    pub fn election_id(&self) -> &ElectionId {
        &self.charter.election_id
    }

    /// The charter.
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The digest of the charter's artifact.
    pub fn charter_digest(&self) -> Digest {
        self.charter_digest
    }

    /// The log's verifier keys.
    pub fn log_keys(&self) -> &LogKeys {
        &self.log
    }

    /// The number of amendments so far; the next one has the number after it.
    pub fn amendments(&self) -> u64 {
        self.amendments
    }

    /// Every key that was ever listed, in no order.
    pub fn keys(&self) -> impl Iterator<Item = (&KeyId, &Key)> {
        self.parties.keys.iter()
    }

    /// Organisations that have or had more than one of the duties that section 14.2 keeps apart:
    /// definition, scanning, aggregation and audit; each with its duties.
    pub fn joined_duties(&self) -> Vec<(OrganisationId, Vec<Role>)> {
        self.parties.joined_duties()
    }

    /// The index of the latest charter, amendment or close.
    pub fn last_change(&self) -> u64 {
        self.last
    }
}

#[cfg(test)]
mod tests;
