//! The checks of a charter.

use core::fmt::Display;
use std::collections::HashSet;

use tlog::note::{KeyType, VerifierKey};
use tlog::policy::Policy;

use super::parties::Parties;
use super::{Charter, Fault, MAX_CUSTODY_DELAY_S, MAX_HEAD_INTERVAL_S, MAX_PROMISE_S, Place};
use crate::id::VkeyText;
use crate::role::{Role, may_submit};

/// The log's two verifier keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKeys {
    /// Type 0x01: the plain signature.
    pub checkpoint: VerifierKey,
    /// Type 0x04: the timestamped signature.
    pub timestamp: VerifierKey,
}

/// What a charter without faults makes up.
pub(crate) struct Opened {
    pub(crate) parties: Parties,
    pub(crate) log: LogKeys,
    pub(crate) policy: Policy,
}

/// Opens a charter, or says everything that is wrong with it.
pub(crate) fn open(charter: &Charter) -> Result<Opened, Vec<Fault>> {
    let (parties, mut faults) = Parties::of_charter(charter);
    parties.standing(charter, &mut faults);
    phases(charter, &mut faults);
    terms(charter, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let log = log_keys(charter).map_err(|fault| vec![fault])?;
    let policy = parties.policy(&log).map_err(|fault| vec![fault])?;
    Ok(Opened { parties, log, policy })
}

fn phases(charter: &Charter, faults: &mut Vec<Fault>) {
    let roles: HashSet<Role> = charter.keys.iter().map(|key| key.role).collect();
    let mut names = HashSet::new();
    for phase in &charter.phases {
        if !names.insert(&phase.name) {
            faults.push(Fault::PhaseTwice { name: phase.name.clone() });
        }
        let mut owed = HashSet::new();
        for entry_type in phase.owes.iter().copied() {
            if !owed.insert(entry_type) {
                faults.push(Fault::OwedTwice { phase: phase.name.clone(), entry_type });
            } else if !roles.iter().any(|role| may_submit(*role, entry_type)) {
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

/// The log's keys of a charter.
fn log_keys(charter: &Charter) -> Result<LogKeys, Fault> {
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
