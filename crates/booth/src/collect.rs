//! The collecting instance: which votes are recorded, and in what form.
//!
//! It judges again what the edge has judged, for edges can be broken into: 485, 484, 483, 421
//! (another shard), 482, then 481. What it writes never holds a vote and its voter together, but in
//! the spool, which the server seals:
//!
//! ```text
//! VoteRequest --examine--> Checked --Collector::step--> Store, Cut, Answer
//!             485 ... 482                   481, 487
//!
//! Store  one record for the sealed spool: number, batch, vote's line, voter's line
//! Cut    a batch for the two lists, each sorted; the batch's key is destroyed after it
//! ```
//!
//! Where there are several shards, an edge first **claims** the stamp of a vote at all the others:
//! each refuses it if it has recorded it or granted it to another shard, and takes no vote with it
//! later. So no stamp is recorded by two.
//!
//! [`examine`] runs on all cores, and makes what is the same for whoever asks later: lines and
//! digests. [`Collector`] decides one request after the other.

use canon::Timestamp;

use crate::answer::Refusal;
use crate::batch::Halves;
use crate::campaign::{Campaign, Shard};
use crate::request::VoteRequest;

mod claims;
mod pass;
mod register;
mod state;

pub use claims::CLAIMS;
pub use pass::PassHeader;
pub use register::{Memory, Register, Standing};
pub use state::{Collector, Input, Output, Reply};

/// A request that is good in itself: what is left is whether it has been seen. Clones share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    halves: Halves,
    repeat_only: bool,
}

impl Checked {
    /// The vote and its voter.
    pub const fn halves(&self) -> &Halves {
        &self.halves
    }

    /// The same, where nothing new may be recorded by it: an edge found its voter stamp too old, or
    /// none of its campaign's. What is recorded is answered as ever, all else is 487.
    #[must_use]
    pub fn repeat_only(self) -> Self {
        Self { repeat_only: true, ..self }
    }
}

/// Judges what does not depend on earlier requests: 485, 484, 483, 421, 482, in this order.
///
/// The close is judged by [`Collector::step`], since receipts are given after it.
pub fn examine(
    campaign: &Campaign,
    shard: Shard,
    request: VoteRequest,
    now: Timestamp,
) -> Result<Checked, Refusal> {
    if !campaign.has_begun(request.vote.platform.period, now) {
        return Err(Refusal::Time);
    }
    campaign.authorities().check(&request.mandate)?;
    let halves = Halves::from(request);
    if campaign.shard_of_digest(halves.voter.id()) != shard {
        return Err(Refusal::OtherShard);
    }
    if campaign.position(&halves.vote.vote().say).is_none() {
        return Err(Refusal::NotOnBallot);
    }
    Ok(Checked { halves, repeat_only: false })
}

#[cfg(test)]
mod tests;
