//! What a campaign committed to before it opened, and what it told after its end.

use artifact::id::{KeyText, Salt};
use artifact::payload::Reveal;
use artifact::payload::platform::Commitments;
use booth::Secret;
use booth::publish::SnapshotSalt;
use canon::{Algorithm, Digest, PublicKey, base64};

use super::campaign::{Campaigns, Held};
use crate::finding::{Finding, Findings, booth as rules};
use crate::replay::platform::{Logged, Platform};
use crate::replay::times::Times;

/// What was revealed: only what is what was committed to.
#[derive(Debug, Default)]
pub(crate) struct Revealed {
    /// Whether there is a reveal at all.
    pub(crate) is_there: bool,
    /// The key of genuine stamps.
    pub(crate) stamp_key: Option<PublicKey>,
    /// The key of the decoys.
    pub(crate) decoy_key: Option<PublicKey>,
    /// What commitments to lists are salted from.
    pub(crate) salt: Option<SnapshotSalt>,
    /// The seed of the codes, with the entry that tells it.
    pub(crate) totp_seed: Option<(u64, Salt)>,
}

/// Holds each reveal against its campaign's commitments.
pub(super) fn hold(
    all: &mut Campaigns,
    platform: &Platform,
    times: &Times,
    findings: &mut Findings,
) {
    for logged in &platform.reveals {
        let Some(held) = all.of(&logged.what.campaign, logged, findings) else {
            continue;
        };
        if !held.was_over(logged.index, times) {
            let expected = format!("a reveal at {} or later", held.end_at(logged.index));
            let at = times.at(logged.index);
            let found = at.map_or_else(|| "no time".to_owned(), |time| time.to_string());
            findings.push(Finding::entry(&rules::REVEAL_EARLY, logged.index, expected, found));
        }
        one(held, logged, findings);
    }
}

fn one(held: &mut Held, logged: &Logged<Reveal>, findings: &mut Findings) {
    let Reveal { decoy_key, snapshot_salt, stamp_key, totp_seed, .. } = &logged.what;
    let Commitments {
        decoy_key: decoys,
        snapshot_salt: salts,
        stamp_key: stamps,
        totp_seed: seeds,
    } = &held.published.commitments;
    let mut holds = |what: &str, committed: &Digest, told: &[u8]| {
        let found = Digest::of(told);
        if found != *committed {
            let expected = format!("a {what} with digest {committed}");
            let found = format!("one with {found}");
            findings.push(Finding::entry(&rules::COMMITMENT, logged.index, expected, found));
        }
        found == *committed
    };
    let bytes = |key: &KeyText| base64::decode(key.as_str().as_bytes()).unwrap_or_default();
    let (stamp, decoy) = (bytes(stamp_key), bytes(decoy_key));
    let stamp_holds = holds("stamp key", stamps, &stamp);
    let decoy_holds = holds("decoy key", decoys, &decoy);
    let salt_holds = holds("snapshot salt", salts, snapshot_salt.as_bytes());
    let seed_holds = holds("seed of the codes", seeds, totp_seed.as_bytes());
    let mut key = |holds: bool, what: &str, bytes: &[u8]| {
        let key = PublicKey::from_parts(Algorithm::Ed25519, bytes);
        if let (true, Err(error)) = (holds, &key) {
            let expected = format!("a {what} that can verify");
            let found = error.to_string();
            findings.push(Finding::entry(&rules::COMMITMENT, logged.index, expected, found));
        }
        key.ok().filter(|_| holds)
    };
    let revealed = &mut held.revealed;
    revealed.is_there = true;
    revealed.stamp_key = key(stamp_holds, "stamp key", &stamp).or(revealed.stamp_key.take());
    revealed.decoy_key = key(decoy_holds, "decoy key", &decoy).or(revealed.decoy_key.take());
    if seed_holds {
        revealed.totp_seed.get_or_insert((logged.index, *totp_seed));
    }
    if salt_holds {
        revealed.salt = Some(SnapshotSalt::new(Secret::new(snapshot_salt.as_bytes())));
    }
}
