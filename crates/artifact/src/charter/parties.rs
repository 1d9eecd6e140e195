//! The parties that charter and amendments make up together: organisations, keys, witnesses.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use canon::key::KeyId;
use tlog::note::{KeyType, VerifierKey};
use tlog::policy::{self, Policy};

use super::check::{LogKeys, read_vkey};
use super::{
    Charter, CharterKey, Fault, MAX_KEYS_EVER, MAX_ORGANISATIONS_EVER, MAX_WITNESSES, Organisation,
    Place, Witness,
};
use crate::id::{HolderId, KeyName, OrganisationId};
use crate::register::{CountedWitness, Key};
use crate::role::Role;

/// The organisations, keys and witnesses as they stand after some entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parties {
    organisations: HashSet<OrganisationId>,
    holders: HashMap<HolderId, OrganisationId>,
    /// Of the duties that are to be apart, the one that a holder has or had.
    duties: HashMap<HolderId, Role>,
    /// Who runs the log.
    operator: Option<OrganisationId>,
    /// Every raw public key that was ever listed, where, and from which entry on.
    raw_keys: HashMap<Vec<u8>, (Place, u64)>,
    /// The entry from which on counts what is listed now.
    pub(crate) from: u64,
    pub(crate) keys: HashMap<KeyId, Key>,
    pub(crate) witnesses: Vec<CountedWitness>,
    pub(crate) threshold: u64,
    /// Witnesses whose key could not be read: told already, but theirs are the organisations.
    unread: usize,
}

impl Parties {
    /// The parties of a charter, and what is wrong with its lists.
    pub(crate) fn of_charter(charter: &Charter) -> (Self, Vec<Fault>) {
        let mut parties = Self {
            operator: Some(charter.log.organisation.clone()),
            threshold: charter.witnesses.threshold,
            ..Self::default()
        };
        let mut faults = Vec::new();
        parties.add_organisations(&charter.organisations, &mut faults);
        parties.add_log(charter, &mut faults);
        parties.add_keys(&charter.keys, &mut faults);
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
        for (text, kind, place) in [
            (&log.checkpoint_key, KeyType::Ed25519, Place::LogCheckpoint),
            (&log.timestamp_key, KeyType::Cosignature, Place::LogTimestamp),
        ] {
            let Some(key) = keep(read_vkey(text, kind, &place), faults) else {
                continue;
            };
            // Under another name the log's own timestamp would pass for a witness's.
            if key.name() != log.origin.as_str() {
                let (origin, found) = (log.origin.clone(), key.name().to_owned());
                faults.push(Fault::Origin { place: place.clone(), origin, found });
            }
            self.claim(key.public_key().bytes(), place, faults);
        }
    }

    /// Lists keys that are in force from now on.
    pub(crate) fn add_keys(&mut self, list: &[CharterKey], faults: &mut Vec<Fault>) {
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
            self.apart(listed, faults);
            if self.claim(listed.key.bytes(), place, faults) {
                self.keys.insert(listed.id(), Key::listed(listed, self.from));
            }
        }
    }

    /// The log's promises are signed for the log alone, and no holder has two of the duties that
    /// section 14.2 keeps apart, not even one after the other.
    fn apart(&mut self, listed: &CharterKey, faults: &mut Vec<Fault>) {
        if listed.role == Role::Log && self.operator.as_ref() != Some(&listed.organisation) {
            let (holder, organisation) = (listed.holder.clone(), listed.organisation.clone());
            faults.push(Fault::LogKeyElsewhere { holder, organisation });
        }
        if !listed.role.is_kept_apart() {
            return;
        }
        let first = *self.duties.entry(listed.holder.clone()).or_insert(listed.role);
        if first != listed.role {
            let (holder, second) = (listed.holder.clone(), listed.role);
            faults.push(Fault::DutiesOfOne { holder, first, second });
        }
    }

    /// Organisations that have or had more than one of the duties that section 14.2 keeps apart.
    pub(crate) fn joined_duties(&self) -> Vec<(OrganisationId, Vec<Role>)> {
        let mut duties: BTreeMap<&OrganisationId, BTreeSet<Role>> = BTreeMap::new();
        for key in self.keys.values().filter(|key| key.role.is_kept_apart()) {
            duties.entry(&key.organisation).or_default().insert(key.role);
        }
        let joined = duties.into_iter().filter(|(_, roles)| roles.len() > 1);
        joined.map(|(id, roles)| (id.clone(), roles.into_iter().collect())).collect()
    }

    /// Takes keys out of force from now on.
    pub(crate) fn revoke_keys(&mut self, list: &[KeyId], faults: &mut Vec<Fault>) {
        for key_id in list {
            match self.keys.get_mut(key_id).filter(|key| key.revoked_from.is_none()) {
                Some(key) => key.revoked_from = Some(self.from),
                None => faults.push(Fault::RevokedUnknown { key_id: *key_id }),
            }
        }
    }

    pub(crate) fn add_witnesses(&mut self, list: &[Witness], faults: &mut Vec<Fault>) {
        let mut names: HashSet<KeyName> = self.witnesses.iter().map(|w| w.name.clone()).collect();
        let mut signing: HashSet<String> =
            self.witnesses.iter().map(|witness| witness.key.name().to_owned()).collect();
        for listed in list {
            let place = Place::Witness { name: listed.name.clone() };
            self.known_organisation(&listed.organisation, &place, faults);
            if !names.insert(listed.name.clone()) {
                faults.push(Fault::WitnessTwice { name: listed.name.clone() });
            }
            let Some(key) = keep(read_vkey(&listed.key, KeyType::Cosignature, &place), faults)
            else {
                self.unread = self.unread.saturating_add(1);
                continue;
            };
            if !signing.insert(key.name().to_owned()) {
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
        let mut leaving: HashSet<&KeyName> = list.iter().collect();
        self.witnesses.retain(|witness| !leaving.remove(&witness.name));
        for name in list.iter().filter(|name| leaving.contains(*name)) {
            faults.push(Fault::RemovedUnknown { name: name.clone() });
        }
    }

    /// What must hold of the parties as a whole, after a charter or an amendment.
    pub(crate) fn standing(&self, charter: &Charter, faults: &mut Vec<Fault>) {
        for (what, most, found) in [
            ("organisations", MAX_ORGANISATIONS_EVER, self.organisations.len()),
            ("keys", MAX_KEYS_EVER, self.keys.len()),
            ("witnesses", MAX_WITNESSES, self.witnesses.len()),
        ] {
            if found > most {
                faults.push(Fault::TooMany { what, most, found });
            }
        }
        for role in [Role::Authority, Role::Log] {
            if !self.in_force().any(|key| key.role == role) {
                faults.push(Fault::NoKey { role });
            }
        }
        let barred = self.barred(charter);
        for witness in &self.witnesses {
            if let Some(because) = barred.get(&witness.organisation).copied() {
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
        let mut keys: HashMap<&OrganisationId, Vec<VerifierKey>> = HashMap::new();
        for witness in &self.witnesses {
            keys.entry(&witness.organisation).or_default().push(witness.key.clone());
        }
        let organisation = |id: &OrganisationId| policy::Organisation {
            name: id.to_string(),
            witnesses: keys.remove(id).unwrap_or_default(),
        };
        let organisations: Vec<_> = self.counted().into_iter().map(organisation).collect();
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

    /// The organisations whose witnesses cannot count, and why.
    ///
    /// Whoever once held a key of the authority, the platform or the log filled the log that
    /// witnesses watch; a key that was revoked since changes nothing about that.
    fn barred<'p>(&'p self, charter: &'p Charter) -> HashMap<&'p OrganisationId, &'static str> {
        let mut barred = HashMap::new();
        for (role, because) in [
            (Role::Log, "holds or held a key of the log"),
            (Role::Platform, "holds or held a key of the platform"),
            (Role::Authority, "holds or held a key of the authority"),
        ] {
            let of_role = self.keys.values().filter(|key| key.role == role);
            barred.extend(of_role.map(|key| (&key.organisation, because)));
        }
        barred.insert(&charter.log.organisation, "runs the log");
        barred
    }

    fn known_organisation(&self, id: &OrganisationId, place: &Place, faults: &mut Vec<Fault>) {
        if !self.organisations.contains(id) {
            faults.push(Fault::UnknownOrganisation { id: id.clone(), place: place.clone() });
        }
    }

    /// Takes a raw key for one place; a key that has a place already keeps it.
    fn claim(&mut self, raw: &[u8], place: Place, faults: &mut Vec<Fault>) -> bool {
        if let Some((first, _)) = self.raw_keys.get(raw) {
            faults.push(Fault::KeyTwice { first: first.clone(), second: place });
            return false;
        }
        self.raw_keys.insert(raw.to_vec(), (place, self.from));
        true
    }

    /// Where a raw public key was listed by the entries before `index`, in force or not.
    pub(crate) fn place_of(&self, raw: &[u8], index: u64) -> Option<&Place> {
        let (place, from) = self.raw_keys.get(raw)?;
        (*from <= index).then_some(place)
    }
}

fn keep<T>(result: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}
