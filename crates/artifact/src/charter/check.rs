//! The checks of a charter, and the parties that charter and amendments make up together.

use core::fmt::Display;
use std::collections::{HashMap, HashSet};

use canon::key::KeyId;
use tlog::note::{KeyType, VerifierKey};
use tlog::policy::{self, Policy};

use super::{
    Charter, CharterKey, Fault, MAX_CUSTODY_DELAY_S, MAX_HEAD_INTERVAL_S, MAX_PROMISE_S,
    Organisation, Place, Witness,
};
use crate::id::{HolderId, KeyName, OrganisationId, VkeyText};
use crate::register::{CountedWitness, Key};
use crate::role::{Role, may_submit};

/// The log's two verifier keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeys {
    /// Type 0x01: the plain signature.
    pub checkpoint: VerifierKey,
    /// Type 0x04: the timestamped signature.
    pub timestamp: VerifierKey,
}

/// Everything that is wrong with a charter.
pub(crate) fn charter(charter: &Charter) -> Vec<Fault> {
    let (parties, mut faults) = Parties::of_charter(charter);
    parties.standing(charter, &mut faults);
    phases(charter, &mut faults);
    terms(charter, &mut faults);
    faults
}

fn phases(charter: &Charter, faults: &mut Vec<Fault>) {
    let mut names = HashSet::new();
    for phase in &charter.phases {
        if !names.insert(&phase.name) {
            faults.push(Fault::PhaseTwice { name: phase.name.clone() });
        }
        let mut owed = HashSet::new();
        for entry_type in phase.owes.iter().copied() {
            if !owed.insert(entry_type) {
                faults.push(Fault::OwedTwice { phase: phase.name.clone(), entry_type });
                continue;
            }
            if !charter.keys.iter().any(|key| may_submit(key.role, entry_type)) {
                faults.push(Fault::NobodyMaySubmit { phase: phase.name.clone(), entry_type });
            }
        }
    }
}

fn terms(charter: &Charter, faults: &mut Vec<Fault>) {
    let log = &charter.log;
    let mut within = |member, least, most, found| {
        if !(least..=most).contains(&found) {
            faults.push(Fault::Term { member, least, most, found });
        }
    };
    within("log.head_interval_s", 1, MAX_HEAD_INTERVAL_S, log.head_interval_s);
    // A promise that ends before a head is due could not be kept.
    let least = log.head_interval_s.clamp(1, MAX_HEAD_INTERVAL_S);
    within("log.promise_s", least, MAX_PROMISE_S, log.promise_s);
    within("custody.max_delay_s", 1, MAX_CUSTODY_DELAY_S, charter.custody.max_delay_s);
    if !charter.risk_limit.is_fraction() {
        faults.push(Fault::RiskLimit { found: charter.risk_limit.to_string() });
    }
}

/// The organisations, keys and witnesses as they stand after some entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parties {
    organisations: HashSet<OrganisationId>,
    holders: HashMap<HolderId, OrganisationId>,
    /// Every raw public key that was ever listed, and where.
    raw_keys: HashMap<Vec<u8>, Place>,
    pub(crate) keys: HashMap<KeyId, Key>,
    pub(crate) witnesses: Vec<CountedWitness>,
    pub(crate) threshold: u64,
    /// Witnesses whose key could not be read: told already, but theirs are the organisations.
    unread: usize,
}

impl Parties {
    /// The parties of a charter, and what is wrong with its lists.
    pub(crate) fn of_charter(charter: &Charter) -> (Self, Vec<Fault>) {
        let mut parties = Self { threshold: charter.witnesses.threshold, ..Self::default() };
        let mut faults = Vec::new();
        parties.add_organisations(&charter.organisations, &mut faults);
        parties.add_log(charter, &mut faults);
        parties.add_keys(&charter.keys, 0, &mut faults);
        parties.add_witnesses(&charter.witnesses.list, &mut faults);
        (parties, faults)
    }

    pub(crate) fn add_organisations(&mut self, list: &[Organisation], faults: &mut Vec<Fault>) {
        for organisation in list {
            if !self.organisations.insert(organisation.id.clone()) {
                faults.push(Fault::OrganisationTwice { id: organisation.id.clone() });
            }
        }
    }

    fn add_log(&mut self, charter: &Charter, faults: &mut Vec<Fault>) {
        let log = &charter.log;
        self.known_organisation(&log.organisation, &Place::LogCheckpoint, faults);
        let checkpoint = read_vkey(&log.checkpoint_key, KeyType::Ed25519, &Place::LogCheckpoint);
        if let Some(key) = keep(checkpoint, faults) {
            if key.name() != log.origin.as_str() {
                let found = key.name().to_owned();
                faults.push(Fault::Origin { origin: log.origin.clone(), found });
            }
            self.claim(key.public_key().bytes(), Place::LogCheckpoint, faults);
        }
        let timestamp = read_vkey(&log.timestamp_key, KeyType::Cosignature, &Place::LogTimestamp);
        if let Some(key) = keep(timestamp, faults) {
            self.claim(key.public_key().bytes(), Place::LogTimestamp, faults);
        }
    }

    /// Lists keys that are in force from an index on.
    pub(crate) fn add_keys(&mut self, list: &[CharterKey], from: u64, faults: &mut Vec<Fault>) {
        for listed in list {
            let place = Place::Key { holder: listed.holder.clone(), role: listed.role };
            self.known_organisation(&listed.organisation, &place, faults);
            let home = self.holders.entry(listed.holder.clone());
            let home = home.or_insert_with(|| listed.organisation.clone());
            if *home != listed.organisation {
                faults.push(Fault::HolderOfTwo {
                    holder: listed.holder.clone(),
                    first: home.clone(),
                    second: listed.organisation.clone(),
                });
            }
            if self.claim(listed.key.bytes(), place, faults) {
                self.keys.insert(listed.id(), Key::listed(listed, from));
            }
        }
    }

    /// Takes keys out of force from an index on.
    pub(crate) fn revoke_keys(&mut self, list: &[KeyId], from: u64, faults: &mut Vec<Fault>) {
        for key_id in list {
            match self.keys.get_mut(key_id).filter(|key| key.revoked_from.is_none()) {
                Some(key) => key.revoked_from = Some(from),
                None => faults.push(Fault::RevokedUnknown { key_id: *key_id }),
            }
        }
    }

    pub(crate) fn add_witnesses(&mut self, list: &[Witness], faults: &mut Vec<Fault>) {
        for listed in list {
            let place = Place::Witness { name: listed.name.clone() };
            self.known_organisation(&listed.organisation, &place, faults);
            if self.witnesses.iter().any(|witness| witness.name == listed.name) {
                faults.push(Fault::WitnessTwice { name: listed.name.clone() });
            }
            let Some(key) = keep(read_vkey(&listed.key, KeyType::Cosignature, &place), faults)
            else {
                self.unread = self.unread.saturating_add(1);
                continue;
            };
            if self.witnesses.iter().any(|witness| witness.key.name() == key.name()) {
                let signs_as = key.name().to_owned();
                faults.push(Fault::WitnessKeyName { name: listed.name.clone(), signs_as });
            }
            self.claim(key.public_key().bytes(), place, faults);
            self.witnesses.push(CountedWitness {
                name: listed.name.clone(),
                organisation: listed.organisation.clone(),
                key,
            });
        }
    }

    pub(crate) fn remove_witnesses(&mut self, list: &[KeyName], faults: &mut Vec<Fault>) {
        for name in list {
            let before = self.witnesses.len();
            self.witnesses.retain(|witness| witness.name != *name);
            if self.witnesses.len() == before {
                faults.push(Fault::RemovedUnknown { name: name.clone() });
            }
        }
    }

    /// What must hold of the parties as a whole, after a charter or an amendment.
    pub(crate) fn standing(&self, charter: &Charter, faults: &mut Vec<Fault>) {
        for role in [Role::Authority, Role::Log] {
            if !self.in_force().any(|key| key.role == role) {
                faults.push(Fault::NoKey { role });
            }
        }
        for witness in &self.witnesses {
            if let Some(because) = self.bar(&witness.organisation, charter) {
                faults.push(Fault::WitnessBarred {
                    name: witness.name.clone(),
                    organisation: witness.organisation.clone(),
                    because,
                });
            }
            if witness.key.name() == charter.log.origin.as_str() {
                let signs_as = witness.key.name().to_owned();
                faults.push(Fault::WitnessKeyName { name: witness.name.clone(), signs_as });
            }
        }
        let organisations = self.counted().len();
        if self.threshold == 0 {
            faults.push(Fault::ThresholdZero);
            return;
        }
        let reachable = u64::try_from(organisations.saturating_add(self.unread));
        if reachable.unwrap_or(u64::MAX) < self.threshold {
            faults.push(Fault::ThresholdUnreachable { threshold: self.threshold, organisations });
        }
    }

    /// The policy by which a head is enough: witnesses of so many organisations.
    pub(crate) fn policy(&self, log: &LogKeys) -> Result<Policy, Fault> {
        let organisations: Vec<_> = self
            .counted()
            .into_iter()
            .map(|id| policy::Organisation {
                name: id.to_string(),
                witnesses: self
                    .witnesses
                    .iter()
                    .filter(|witness| witness.organisation == *id)
                    .map(|witness| witness.key.clone())
                    .collect(),
            })
            .collect();
        let threshold = usize::try_from(self.threshold).unwrap_or(usize::MAX);
        Policy::of_organisations(std::slice::from_ref(&log.checkpoint), &organisations, threshold)
            .map_err(|error| Fault::Policy { why: error.to_string() })
    }

    /// The organisations that run a witness, in the order of the list.
    fn counted(&self) -> Vec<&OrganisationId> {
        let mut seen = HashSet::new();
        let organisations = self.witnesses.iter().map(|witness| &witness.organisation);
        organisations.filter(|id| seen.insert(*id)).collect()
    }

    fn in_force(&self) -> impl Iterator<Item = &Key> {
        self.keys.values().filter(|key| key.revoked_from.is_none())
    }

    /// Why an organisation's witnesses cannot count.
    fn bar(&self, id: &OrganisationId, charter: &Charter) -> Option<&'static str> {
        if charter.log.organisation == *id {
            return Some("runs the log");
        }
        let holds = |role| self.in_force().any(|key| key.role == role && key.organisation == *id);
        if holds(Role::Authority) {
            Some("holds a key of the authority")
        } else if holds(Role::Platform) {
            Some("holds a key of the platform")
        } else if holds(Role::Log) {
            Some("holds a key of the log")
        } else {
            None
        }
    }

    fn known_organisation(&self, id: &OrganisationId, place: &Place, faults: &mut Vec<Fault>) {
        if !self.organisations.contains(id) {
            faults.push(Fault::UnknownOrganisation { id: id.clone(), place: place.clone() });
        }
    }

    /// Takes a raw key for one place; a key that has a place already keeps it.
    fn claim(&mut self, raw: &[u8], place: Place, faults: &mut Vec<Fault>) -> bool {
        if let Some(first) = self.raw_keys.get(raw) {
            faults.push(Fault::KeyTwice { first: first.clone(), second: place });
            return false;
        }
        self.raw_keys.insert(raw.to_vec(), place);
        true
    }
}

/// The log's keys of a charter.
pub(crate) fn log_keys(charter: &Charter) -> Result<LogKeys, Fault> {
    Ok(LogKeys {
        checkpoint: read_vkey(
            &charter.log.checkpoint_key,
            KeyType::Ed25519,
            &Place::LogCheckpoint,
        )?,
        timestamp: read_vkey(
            &charter.log.timestamp_key,
            KeyType::Cosignature,
            &Place::LogTimestamp,
        )?,
    })
}

/// Reads a verifier key that must have a type.
pub(crate) fn read_vkey(
    text: &VkeyText,
    wanted: KeyType,
    place: &Place,
) -> Result<VerifierKey, Fault> {
    let fault = |why: &dyn Display| Fault::Vkey { place: place.clone(), why: why.to_string() };
    let key: VerifierKey = text.as_str().parse().map_err(|error| fault(&error))?;
    if key.kind() != wanted {
        return Err(fault(&format_args!("it has type {}, not {wanted}", key.kind())));
    }
    Ok(key)
}

fn keep<T>(result: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}
