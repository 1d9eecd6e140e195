//! What the platform of a campaign has committed to about its booths, entry by entry, and the seed
//! that it revealed: what a code that somebody saw is held against.
//!
//! An entry of the campaign may exchange the deployment map until the end. So which map counts is a
//! question of when: a booth that is put on the map in the evening was on none in the morning.

use artifact::id::Salt;
use canon::{Digest, Timestamp};

/// What is known of one campaign's booths.
#[derive(Debug, Clone)]
pub struct Commitment {
    /// The campaign's name.
    pub campaign: String,
    /// The platform that holds it.
    pub holder: String,
    /// The entry that logged it first.
    pub entry: u64,
    /// The maps, in the log's order; the first is that of the campaign's first entry. Never empty.
    pub maps: Vec<MapEntry>,
    /// The seed of the codes, with the entry that revealed it; none where nothing was revealed that
    /// is what was committed to.
    pub totp_seed: Option<(u64, Salt)>,
}

/// An entry of a campaign that names a deployment map, or none any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapEntry {
    /// The entry.
    pub entry: u64,
    /// When it was logged, by the log's clock.
    pub logged_at: Option<Timestamp>,
    /// The digest of the map.
    pub sha256: Option<Digest>,
    /// Whether the campaign had begun.
    pub has_begun: bool,
}

impl Commitment {
    /// The map entry that counted at a time of the log: the latest one by then.
    pub fn map_at(&self, time: Timestamp) -> Option<&MapEntry> {
        self.maps.iter().rev().find(|map| map.logged_at.is_some_and(|logged| logged <= time))
    }
}
