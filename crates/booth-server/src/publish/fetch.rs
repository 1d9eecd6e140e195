//! What a shard adds to a snapshot: its fresh cuts, and their lines.

use booth::campaign::Shard;
use booth::publish::Cut;

use super::intake::Intake;
use super::origin::Origin;
use crate::collect::LedgerId;
use crate::wire;

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
    let spans = intake.spans(&heard.fresh);
    let votes = origin.range(heard.instance, wire::CUT_VOTES_PATH, spans.votes);
    let voters = origin.range(heard.instance, wire::CUT_VOTERS_PATH, spans.voters);
    let (votes, voters) = futures::future::join(votes, voters).await;
    let (votes, voters) = (votes?, voters?);
    Some(Fetched { at, shard: origin.shard(), heard, votes, voters })
}
