//! Claims: what an edge asks the other shards before it sends a vote to its own.
//!
//! The rules are those of `booth::edge`; here they are carried out, at all instances of all other
//! shards at once. A claim names the stamp and the shard, and neither vote nor mandate.

use std::sync::{MutexGuard, PoisonError};

use axum::http::{HeaderMap, StatusCode};
use booth::answer::Refusal;
use booth::campaign::Shard;
use booth::edge::{Claimed, Reach, go_on};
use futures::future::join_all;

use super::ledgers::Ledgers;
use super::origin::{Instance, Origin, Useless};
use super::pool::AskError;
use crate::wire::{self, Claim};

const GRANTED: StatusCode = StatusCode::NO_CONTENT;

impl Origin {
    /// Claims the stamp of a vote at other shards: how it goes on, as one that can only be repeated
    /// or not.
    pub(super) async fn claim(&self, claim: &Claim, at: &[Shard]) -> Result<bool, Refusal> {
        let headers = wire::claim_to_headers(claim);
        let shards = at.iter().filter_map(|shard| self.shards.get(usize::from(shard.0)));
        let instances = shards.flat_map(Ledgers::instances);
        let asked = join_all(instances.map(|one| self.claim_at(one, &headers))).await;
        go_on(claim.look_only, asked)
    }

    async fn claim_at(&self, instance: &Instance, headers: &HeaderMap) -> Claimed {
        if !instance.reach().is_asked(self.clock.uptime_s()) {
            self.counters.claims_unasked.inc();
            return Claimed::Away;
        }
        let path = wire::CLAIM_PATH;
        let counters = self.counters.of(path);
        if let Some((asked, _)) = counters {
            asked.inc();
        }
        let useless = match instance.ask(path, headers).await {
            Ok((GRANTED, _)) => {
                instance.reach().judged();
                return Claimed::Granted;
            }
            Ok((status, _)) if status.as_u16() == Refusal::VoterStamp.status() => {
                instance.reach().judged();
                self.counters.claims_refused.inc();
                return Claimed::Refused;
            }
            Ok((status, _)) => Useless::Status(status),
            Err(error) => Useless::Ask(error),
        };
        if let Some((_, failed)) = counters {
            failed.inc();
        }
        let now = self.clock.uptime_s();
        instance.rest(path, &useless, now);
        let mut reach = instance.reach();
        match useless {
            Useless::Ask(AskError::Connect(_)) => reach.away(now),
            _ => reach.silent(now),
        }
    }
}

impl Instance {
    fn reach(&self) -> MutexGuard<'_, Reach> {
        self.reach.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
