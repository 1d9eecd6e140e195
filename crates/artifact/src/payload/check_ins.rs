//! What the election authority commits to of the booth path: how many voters have checked in.
//!
//! The platform counts votes, the authority counts people. Committed to under a later head of the
//! log, neither can be fitted to the other: there are never more votes than check-ins.

use std::collections::BTreeSet;

use canon::Timestamp;
use serde::{Deserialize, Serialize};

use super::platform::MAX_PARTS;
use super::{Broken, PayloadType};
use crate::form::{listed_within, present};
use crate::id::{CampaignName, ElectionId, StationId};
use crate::kind::ArtifactKind;

/// Voters of a place that is told by itself, at least: fewer could be counted at its door.
pub const MIN_GROUP: u64 = 10;

/// Voters who have checked in at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceCheckIns {
    /// The place; absent for all others together.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub place: Option<StationId>,
    /// How many.
    pub voters: u64,
}

/// `check_ins/v1`: voters who had checked in at an instant, since the opening.
///
/// ```text
/// {"campaign":"solar","election_id":"…","places":[{"place":"town-hall"?,"voters":412}]?,
///  "time":"…Z","voters":812}
/// ```
///
/// Whoever had checked in at `time` is counted: the time is read before the counting begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckIns {
    /// The campaign.
    pub campaign: CampaignName,
    /// The election.
    pub election_id: ElectionId,
    /// The same by place, where that is told.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "listed_within::<MAX_PARTS, _, _>"
    )]
    pub places: Vec<PlaceCheckIns>,
    /// The instant.
    pub time: Timestamp,
    /// How many at all places.
    pub voters: u64,
}

impl PayloadType for CheckIns {
    const KIND: ArtifactKind = ArtifactKind::CheckIns;

    fn election_id(&self) -> &ElectionId {
        &self.election_id
    }

    fn rules(&self) -> Vec<Broken> {
        let mut broken = Vec::new();
        if self.places.is_empty() {
            return broken;
        }
        let distinct: BTreeSet<_> = self.places.iter().map(|one| one.place.as_ref()).collect();
        if distinct.len() != self.places.len() {
            broken.push(Broken::new("places", "no place twice", self.places.len()));
        }
        let each = self.places.iter().map(|one| one.voters);
        if let Some(few) = each.clone().find(|voters| *voters < MIN_GROUP) {
            broken.push(Broken::new("places", "no place with fewer than 10 voters", few));
        }
        let sum = each.fold(0, u64::saturating_add);
        if sum != self.voters {
            broken.push(Broken::new("voters", "the places add up to it", self.voters));
        }
        broken
    }
}
