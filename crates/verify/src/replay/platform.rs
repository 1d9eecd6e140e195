//! What is remembered of the booth path's entries: a campaign logs one every two minutes.

use artifact::id::HolderId;
use artifact::payload::{Campaign, Payload, Reveal, Snapshot};

/// An entry of a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged<T> {
    /// Its index.
    pub(crate) index: u64,
    /// Who signed it first.
    pub(crate) holder: HolderId,
    /// What it says.
    pub(crate) what: T,
}

/// The good entries of all platforms, in the log's order.
#[derive(Debug, Default)]
pub(crate) struct Platform {
    /// Campaigns, amended ones too.
    pub(crate) campaigns: Vec<Logged<Campaign>>,
    /// Snapshots.
    pub(crate) snapshots: Vec<Logged<Snapshot>>,
    /// Reveals.
    pub(crate) reveals: Vec<Logged<Reveal>>,
}

impl Platform {
    /// Remembers an entry, if it is a platform's.
    pub(crate) fn admit(&mut self, index: u64, holder: &HolderId, payload: &Payload) {
        let holder = holder.clone();
        match payload {
            Payload::Campaign(campaign) => {
                let what = Campaign::clone(campaign);
                self.campaigns.push(Logged { index, holder, what });
            }
            Payload::Snapshot(snapshot) => {
                let what = Snapshot::clone(snapshot);
                self.snapshots.push(Logged { index, holder, what });
            }
            Payload::Reveal(reveal) => {
                let what = Reveal::clone(reveal);
                self.reveals.push(Logged { index, holder, what });
            }
            _ => {}
        }
    }

    /// Takes in what was remembered of later entries.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.campaigns.append(&mut later.campaigns);
        self.snapshots.append(&mut later.snapshots);
        self.reveals.append(&mut later.reveals);
    }
}
