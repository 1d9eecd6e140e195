//! The campaigns of one log, held against each other and against the keys of the election.

use std::collections::BTreeMap;

use artifact::id::CampaignName;
use artifact::register::Register;
use canon::{Algorithm, PublicKey};

use super::campaign::Held;
use crate::finding::{Finding, Findings, artifact as art, booth as rules};

/// Judges what campaigns share, and the remote votes of those that are complete.
pub(super) fn judge(all: &[Held], register: &Register, findings: &mut Findings) {
    let is_closed = register.closed_at().is_some();
    shared(all, findings);
    taken_up(all, register, findings);
    let by_name: BTreeMap<&CampaignName, &Held> =
        all.iter().map(|held| (held.name(), held)).collect();
    for remote in all {
        // Until then the end of either can still be moved, by an entry each.
        if remote.last().is_some() || is_closed {
            remote_votes(remote, &by_name, findings);
        }
    }
}

/// Finds each key and each committed value that another campaign has too.
fn shared(all: &[Held], findings: &mut Findings) {
    let mut first: BTreeMap<String, &CampaignName> = BTreeMap::new();
    for held in all {
        let commitments = &held.published.commitments;
        let commitments = [
            commitments.decoy_key,
            commitments.snapshot_salt,
            commitments.stamp_key,
            commitments.totp_seed,
        ];
        let keys = held.published.keys().map(ToString::to_string);
        for own in keys.chain(commitments.map(|digest| digest.to_string())) {
            match first.get(&own) {
                Some(name) if *name != held.name() => {
                    let expected = "keys and commitments of its own".to_owned();
                    let found = format!("{own}, also of campaign {name}");
                    let rule = &rules::KEY_SHARED;
                    findings.push(Finding::entry(rule, held.index, expected, found));
                }
                _ => {
                    first.insert(own, held.name());
                }
            }
        }
    }
}

/// Finds each key of a campaign that an amendment has taken up since. What was listed before, its
/// admission has refused; the log does not look back at campaigns when it admits an amendment.
fn taken_up(all: &[Held], register: &Register, findings: &mut Findings) {
    for held in all {
        for text in held.published.keys() {
            let key = PublicKey::from_base64(Algorithm::Ed25519, text.as_str()).ok();
            let place = key.and_then(|key| register.place_of(key.bytes(), u64::MAX));
            if let Some(place) = place {
                let expected = "keys that no amendment takes up later".to_owned();
                let found = format!("{place}: {text}");
                findings.push(Finding::entry(&art::CAMPAIGN_KEY, held.index, expected, found));
            }
        }
    }
}

/// Holds a campaign for remote votes against that of the booths.
fn remote_votes(remote: &Held, by_name: &BTreeMap<&CampaignName, &Held>, findings: &mut Findings) {
    let Some(name) = &remote.published.remote_of else { return };
    let mut find = |expected: String, found: String| {
        findings.push(Finding::entry(&rules::REMOTE_ALONE, remote.index, expected, found));
    };
    let booths = by_name.get(name).filter(|held| held.published.remote_of.is_none());
    let Some(booths) = booths else {
        return find(format!("campaign {name}, of the booths"), "none in the log".to_owned());
    };
    let rules = remote.rules.as_ref().zip(booths.rules.as_ref());
    if let Some(what) = rules.and_then(|(remote, booths)| remote.differs_from(booths)) {
        find(format!("the {what} of campaign {name}"), format!("another {what}"));
    }
}
