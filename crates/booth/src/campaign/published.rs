//! A campaign as its platform published it, on the log.

use artifact::payload;

use super::{Campaign, CampaignFault, Draft};

impl Campaign {
    /// The campaign of a `campaign/v1`, or everything that is wrong with its rules.
    ///
    /// What only the platform's servers need is not published, and nothing here rests on it: how
    /// many stamps a code is good for.
    pub fn from_published(published: &payload::Campaign) -> Result<Self, Vec<CampaignFault>> {
        let shards = u16::try_from(published.receipt_keys.len()).unwrap_or(u16::MAX);
        let texts = |keys: &[artifact::id::KeyText]| keys.iter().map(ToString::to_string).collect();
        Self::check(Draft {
            name: published.name.to_string(),
            purpose: published.purpose,
            options: published.options.iter().map(ToString::to_string).collect(),
            authorities: texts(&published.authorities),
            start: published.start,
            end: published.end,
            stamp_period_s: published.stamp_period_s,
            // Whatever is beyond these bounds is beyond every campaign's.
            k: u32::try_from(published.k).unwrap_or(u32::MAX),
            work_bits: u32::try_from(published.work_bits).unwrap_or(u32::MAX),
            shards,
            stations: published.stations.iter().map(ToString::to_string).collect(),
            // Remote votes have no codes that this could be a number of.
            stamps_per_code: published.remote_of.is_none().then_some(1),
            receipt_keys: texts(&published.receipt_keys),
            stamp_key_sha256: Some(published.commitments.stamp_key.to_string()),
            decoy_key_sha256: Some(published.commitments.decoy_key.to_string()),
            totp_seed_sha256: Some(published.commitments.totp_seed.to_string()),
            snapshot_salt_sha256: Some(published.commitments.snapshot_salt.to_string()),
            link_auditors: published.link_auditors.iter().map(ToString::to_string).collect(),
            remote_of: published.remote_of.as_ref().map(ToString::to_string),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn vector(name: &str) -> payload::Campaign {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/artifacts/campaign");
        serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
    }

    #[test]
    fn published_campaigns_are_campaigns() {
        for name in ["official", "demonstration", "trial", "remote"] {
            let published = vector(&format!("valid-{name}.json"));
            let campaign = Campaign::from_published(&published).unwrap();
            assert_eq!(campaign.name(), published.name.as_str());
            assert_eq!(usize::from(campaign.shards()), published.receipt_keys.len());
            assert_eq!(campaign.authorities().keys().len(), published.authorities.len());
            assert_eq!(u64::from(campaign.k()), published.k);
        }
    }

    #[test]
    fn rules_of_a_demonstration_are_no_rules_of_an_election() {
        let official = vector("valid-official.json");
        let faulty = payload::Campaign { k: 1, stamp_period_s: 60, ..official };
        let faults = Campaign::from_published(&faulty).unwrap_err();
        assert!(matches!(
            faults[..],
            [CampaignFault::ShortPeriod { .. }, CampaignFault::OneByOne { k: 1, .. }]
        ));
    }
}
