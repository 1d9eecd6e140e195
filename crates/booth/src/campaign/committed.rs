//! What a campaign says of its platform's keys.

use canon::{Algorithm, Digest, PublicKey};

use super::{CampaignFault, Draft};

/// The keys and digests of keys that a campaign commits to before it opens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Committed {
    /// One a shard, or none.
    pub(super) receipt_keys: Vec<PublicKey>,
    pub(super) stamp_key: Option<Digest>,
    pub(super) decoy_key: Option<Digest>,
    pub(super) totp_seed: Option<Digest>,
    pub(super) snapshot_salt: Option<Digest>,
}

/// What a draft commits to; what is wrong with it is added to `faults`.
pub(super) fn check(
    draft: &Draft,
    authorities: &[PublicKey],
    faults: &mut Vec<CampaignFault>,
) -> Committed {
    let mut receipt_keys: Vec<PublicKey> = Vec::new();
    for (number, text) in (1..).zip(&draft.receipt_keys) {
        match PublicKey::from_base64(Algorithm::Ed25519, text) {
            // A receipt that an authority could sign would be no proof against the platform.
            Ok(key) if receipt_keys.contains(&key) || authorities.contains(&key) => {
                faults.push(CampaignFault::SameReceiptKey { number });
            }
            Ok(key) => receipt_keys.push(key),
            Err(reason) => faults.push(CampaignFault::ReceiptKey { number, reason }),
        }
    }
    let found = draft.receipt_keys.len();
    if found != 0 && found != usize::from(draft.shards) {
        faults.push(CampaignFault::ReceiptKeys { found, shards: draft.shards });
    }
    let mut digest = |text: Option<&str>, what: &'static str| {
        let parsed = text.map(str::parse::<Digest>);
        if matches!(parsed, Some(Err(_))) {
            faults.push(CampaignFault::KeyDigest { what });
        }
        parsed.and_then(Result::ok)
    };
    let stamp_key = digest(draft.stamp_key_sha256.as_deref(), "stamp_key_sha256");
    let decoy_key = digest(draft.decoy_key_sha256.as_deref(), "decoy_key_sha256");
    let totp_seed = digest(draft.totp_seed_sha256.as_deref(), "totp_seed_sha256");
    let snapshot_salt = digest(draft.snapshot_salt_sha256.as_deref(), "snapshot_salt_sha256");
    if stamp_key.is_some() && stamp_key == decoy_key {
        faults.push(CampaignFault::SameDigest);
    }
    Committed { receipt_keys, stamp_key, decoy_key, totp_seed, snapshot_salt }
}
