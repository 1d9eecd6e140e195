//! The edge: what reaches a collecting instance, and what a voter learns on the way.
//!
//! The order of the checks is part of the protocol: 400, 486, 489, 484, 483, and only then 488. So
//! whether a platform stamp was good is told to a valid mandate alone, after work, and five times
//! at most.
//!
//! ```text
//! bytes --parse--> VoteRequest --examine--> Examined --Edge::step--> Forward, or an answer
//!        400, 486               489, 484,              429, 488, 487,
//!                               483                    reservation, answers kept
//! ```
//!
//! A voter stamp that is too old, or none of this campaign's, is good for no new vote. But somebody
//! may ask for the receipt of a vote that is recorded, hours later; so such a request goes on,
//! marked so that an instance records nothing by it: [`Output::Forward`].
//!
//! Where a campaign has several shards, a request first asks those that are not its own, whatever
//! it is: [`Output::Forward`] names them, and [`go_on`] says what becomes of it.
//!
//! [`examine`] is a function of its arguments and runs on all cores; [`Edge`] is the small rest
//! that remembers. Everything remembered is bounded and ends by itself: by the seconds that have
//! passed, never by the time of day, which may step.

use canon::Timestamp;

use crate::Secret;
use crate::answer::Refusal;
use crate::campaign::Campaign;
use crate::request::VoteRequest;
use crate::stamp::StampKeys;

mod claims;
mod desk;
mod kept;
mod reserved;
mod shares;
mod state;
mod table;
mod tag;

pub use claims::{AWAY_S, Claimed, Reach, SILENCE_S, go_on};
pub use desk::{Desk, Judged, StampAnswer};
pub use reserved::RESERVATIONS;
pub use state::{Edge, FAILURES, Input, KEEP_S, KEEP_UNKNOWN_S, LOCK_S, Limits, Output};
pub use table::Table;
pub use tag::{RequestTag, Tagged, Tags};

/// What a campaign delegates to its edges. All edges of a campaign have the same.
#[derive(Debug)]
pub struct EdgeSecrets {
    /// The keys of stamps and decoys.
    pub stamps: StampKeys,
    /// The key that binds voter stamps.
    pub edge_key: Secret,
}

/// A request that has shown work and a valid mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// The request, with its tags.
    tagged: Tagged,
    /// Whether the platform stamp is genuine. Told only by [`Edge::step`].
    genuine: bool,
    /// Whether the voter stamp is one of the last half hour.
    is_fresh: bool,
}

/// Judges what does not depend on earlier requests: 489, 484, 483, in this order; and the stamps,
/// of which nothing is told here.
pub fn examine(
    campaign: &Campaign,
    secrets: &EdgeSecrets,
    tagged: Tagged,
    now: Timestamp,
) -> Result<Examined, Refusal> {
    let VoteRequest { vote, mandate } = &tagged.request;
    if vote.score() < campaign.work_bits() {
        return Err(Refusal::Work);
    }
    campaign.authorities().check(mandate)?;
    let is_fresh = vote.stamp.is_genuine(&secrets.edge_key, &vote.platform, now);
    let genuine = vote.platform.is_genuine(secrets.stamps.stamp_key());
    Ok(Examined { tagged, genuine, is_fresh })
}

#[cfg(test)]
mod tests;
