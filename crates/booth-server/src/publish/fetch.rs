//! What a shard adds to a snapshot: its fresh cuts, and their lines.

use std::collections::BTreeSet;

use booth::campaign::{Campaign, Shard};
use booth::publish::{Cut, ShardReport, Share};
use canon::Timestamp;

use super::intake::{Intake, Lie, Spans};
use super::liars::Liars;
use super::origin::Origin;
use crate::collect::LedgerId;

/// What a shard has to add.
pub(super) struct Heard {
    pub(super) ledger: LedgerId,
    /// Which of its instances said it.
    pub(super) instance: usize,
    pub(super) fresh: Vec<Cut>,
}

/// A shard's fresh cuts with their lines.
pub(super) struct Fetched {
    pub(super) at: usize,
    pub(super) shard: Shard,
    pub(super) heard: Heard,
    pub(super) votes: Vec<u8>,
    pub(super) voters: Vec<u8>,
}

/// Whom to ask, and how what they say is judged.
pub(super) struct Asking<'a> {
    pub(super) origins: &'a [Origin],
    pub(super) campaign: &'a Campaign,
    /// What a barrier takes of each shard.
    pub(super) share: Share,
    /// Those that nobody asks any more.
    pub(super) left_out: &'a BTreeSet<Shard>,
    /// Those that nobody believes any more.
    pub(super) liars: &'a Liars,
    pub(super) now: Timestamp,
}

/// What came of asking a shard.
#[derive(Default)]
pub(super) struct Answered {
    /// What can be taken; none where no instance was reached, or none that is believed.
    pub(super) heard: Option<(ShardReport, Heard)>,
    /// The instances that lied.
    pub(super) lies: Vec<(usize, Lie)>,
}

impl Asking<'_> {
    /// Asks all shards at once but those that are left out, and judges what they say.
    pub(super) async fn hear(&self, intakes: &mut [Intake]) -> Vec<Answered> {
        let asked = intakes.iter_mut().zip(self.origins).map(async |(intake, origin)| {
            let is_asked = !self.left_out.contains(&origin.shard());
            if is_asked { self.hear_one(intake, origin).await } else { Answered::default() }
        });
        futures::future::join_all(asked).await
    }

    /// Asks the instances of a shard one after the other, up to one whose word can be taken.
    async fn hear_one(&self, intake: &mut Intake, origin: &Origin) -> Answered {
        let mut lies = Vec::new();
        let believed = |at: &usize| !self.liars.has(origin.shard(), *at);
        for instance in (0..origin.instances()).filter(believed) {
            let Some(said) = origin.cuts(instance, intake.from(), intake.most()).await else {
                continue;
            };
            let ledger = said.ledger;
            match intake.hear(&said, self.campaign, self.share, self.now) {
                Ok(report) => {
                    let heard = report.map(|report| {
                        let fresh = report.fresh.clone();
                        (report, Heard { ledger, instance, fresh })
                    });
                    return Answered { heard, lies };
                }
                Err(lie) => lies.push((instance, lie)),
            }
        }
        Answered { heard: None, lies }
    }
}

/// The lines of what was heard, of all shards at once, and the shards that add nothing: nothing was
/// heard of them, or the instance has gone meanwhile.
pub(super) async fn fetch_all(
    origins: &[Origin],
    intakes: &[Intake],
    heard: Vec<Option<Heard>>,
) -> (Vec<Fetched>, Vec<Shard>) {
    let each = origins.iter().zip(intakes).zip(heard).enumerate();
    let parts = each.map(|(at, ((origin, intake), heard))| async move {
        match heard {
            Some(heard) => fetch(origin, intake, at, heard).await,
            None => None,
        }
    });
    let parts = futures::future::join_all(parts).await;
    let (mut fetched, mut away) = (Vec::new(), Vec::new());
    for (part, origin) in parts.into_iter().zip(origins) {
        match part {
            Some(part) => fetched.push(part),
            None => away.push(origin.shard()),
        }
    }
    (fetched, away)
}

/// The lines of a shard's fresh cuts; `None` where the instance has gone meanwhile.
async fn fetch(origin: &Origin, intake: &Intake, at: usize, heard: Heard) -> Option<Fetched> {
    let Spans { votes, voters } = intake.spans(&heard.fresh);
    let [votes, voters] = origin.ranges(heard.instance, [votes, voters]).await?;
    Some(Fetched { at, shard: origin.shard(), heard, votes, voters })
}
