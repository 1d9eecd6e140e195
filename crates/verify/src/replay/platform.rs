//! What is remembered of the booth path's entries: a campaign logs one every two minutes.
//!
//! Who forges a log can put as many campaigns into it as it has entries, each as large as an
//! artifact may be. So whole rules are kept up to a bound, and of all others what tells amendments
//! apart.

use artifact::id::{CampaignName, HolderId};
use artifact::payload::{Campaign, CheckIns, Payload, Reveal, Snapshot};
use canon::{Digest, Timestamp};

/// Bytes of rules that are kept whole. An election has a handful of campaigns, of some kilobytes.
pub(crate) const RULES_BYTES: usize = 16 << 20;

/// An entry of a platform, or of an authority about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged<T> {
    /// Its index.
    pub(crate) index: u64,
    /// Who signed it first.
    pub(crate) holder: HolderId,
    /// What it says.
    pub(crate) what: T,
}

/// A `campaign/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rules {
    /// The campaign.
    pub(crate) name: CampaignName,
    /// The two that may change.
    pub(crate) changing: Changing,
    /// SHA-256 of all others.
    pub(crate) lasting: Digest,
    /// All of them, where that many are kept.
    pub(crate) whole: Option<Box<Campaign>>,
    /// Bytes of them all.
    bytes: usize,
}

/// What an amendment of a campaign may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changing {
    /// The end.
    pub(crate) end: Timestamp,
    /// The digest of the deployment map.
    pub(crate) deployment_map: Option<Digest>,
}

impl Rules {
    fn of(campaign: &Campaign) -> Self {
        let changing = Changing { end: campaign.end, deployment_map: campaign.deployment_map };
        let lasting =
            Campaign { end: Timestamp::MIN, deployment_map: None, ..Campaign::clone(campaign) };
        // It came from canonical JSON.
        let bytes = canon::json::to_canonical(&lasting).unwrap_or_default();
        Self {
            name: campaign.name.clone(),
            changing,
            lasting: Digest::of(&bytes),
            whole: Some(Box::new(campaign.clone())),
            bytes: bytes.len(),
        }
    }
}

/// The good entries about all campaigns, in the log's order.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    /// Campaigns, amended ones too.
    pub(crate) campaigns: Vec<Logged<Rules>>,
    /// Bytes of those that are kept whole.
    kept: usize,
    /// Snapshots.
    pub(crate) snapshots: Vec<Logged<Snapshot>>,
    /// Reveals.
    pub(crate) reveals: Vec<Logged<Reveal>>,
    /// Check-ins, the authority's.
    pub(crate) check_ins: Vec<Logged<CheckIns>>,
}

impl Platform {
    /// Remembers an entry, if it is about a campaign.
    pub(crate) fn admit(&mut self, index: u64, holder: &HolderId, payload: &Payload) {
        let holder = holder.clone();
        match payload {
            Payload::Campaign(campaign) => {
                self.campaign(Logged { index, holder, what: Rules::of(campaign) });
            }
            Payload::Snapshot(snapshot) => {
                let what = Snapshot::clone(snapshot);
                self.snapshots.push(Logged { index, holder, what });
            }
            Payload::Reveal(reveal) => {
                let what = Reveal::clone(reveal);
                self.reveals.push(Logged { index, holder, what });
            }
            Payload::CheckIns(check_ins) => {
                // Nothing is held against the places: those with few voters come and go.
                let what = CheckIns { places: Vec::new(), ..CheckIns::clone(check_ins) };
                self.check_ins.push(Logged { index, holder, what });
            }
            _ => {}
        }
    }

    fn campaign(&mut self, mut logged: Logged<Rules>) {
        if logged.what.whole.is_some() {
            let kept = self.kept.saturating_add(logged.what.bytes);
            if kept > RULES_BYTES {
                logged.what.whole = None;
            } else {
                self.kept = kept;
            }
        }
        self.campaigns.push(logged);
    }

    /// Takes in what was remembered of later entries.
    pub(crate) fn append(&mut self, mut later: Self) {
        later.campaigns.into_iter().for_each(|logged| self.campaign(logged));
        self.snapshots.append(&mut later.snapshots);
        self.reveals.append(&mut later.reveals);
        self.check_ins.append(&mut later.check_ins);
    }
}
