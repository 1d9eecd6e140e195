//! The instances of one shard, and whether they record in one ledger.
//!
//! Two instances that do not share a ledger do not know of each other's votes: a mandate could vote
//! at both, and a vote that one of them took slowly would be recorded by the other too. Each
//! ledger has an id, drawn at its beginning, which its instance tells with options and codes. Of a
//! shard with several instances an edge asks each before the first vote, sends none to an instance
//! whose ledger it does not know, and none at all while two ids differ. Each vote names the ledger
//! that it is meant for, and an instance with another one refuses it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join_all;
use prometheus::IntGauge;
use tokio::sync::OnceCell;

use super::origin::{Instance, Origin};
use crate::collect::LedgerId;

/// The instances of one shard, in the order in which this edge asks them.
pub(super) struct Ledgers {
    instances: Vec<Arc<Instance>>,
    /// Done when each was asked once.
    met: OnceCell<()>,
    is_split: AtomicBool,
    gauge: IntGauge,
}

/// Two ledgers are in one shard.
pub(super) struct Split;

impl Ledgers {
    /// `gauge` is 1 while two ledgers differ.
    pub(super) fn new(instances: Vec<Arc<Instance>>, gauge: IntGauge) -> Self {
        Self { instances, met: OnceCell::new(), is_split: AtomicBool::new(false), gauge }
    }

    pub(super) fn instances(&self) -> &[Arc<Instance>] {
        &self.instances
    }

    /// Asks each instance once, before the first vote goes to any of them.
    pub(super) async fn meet(&self, origin: &Origin) {
        let all = || join_all(self.instances.iter().map(|instance| origin.meet(instance)));
        self.met.get_or_init(|| async { drop(all().await) }).await;
    }

    /// The ledger of all instances that have told theirs; none when nobody has.
    pub(super) fn agreed(&self) -> Result<Option<LedgerId>, Split> {
        let mut told = self.instances.iter().filter_map(|instance| instance.ledger());
        let first = told.next();
        let is_split = told.any(|id| Some(id) != first);
        self.gauge.set(i64::from(is_split));
        if self.is_split.swap(is_split, Ordering::Relaxed) != is_split {
            self.tell(is_split);
        }
        if is_split { Err(Split) } else { Ok(first) }
    }

    /// Once for each change.
    fn tell(&self, is_split: bool) {
        let told = self.instances.iter().map(|instance| {
            let ledger =
                instance.ledger().map_or_else(|| "unknown".to_owned(), |id| id.to_string());
            format!("{} {ledger}", instance.address())
        });
        let ledgers = told.collect::<Vec<_>>().join(", ");
        if is_split {
            tracing::error!(
                ledgers,
                "the instances of a shard record in different ledgers; no vote is cast there \
                 until they agree"
            );
        } else {
            tracing::info!(ledgers, "the instances of a shard record in one ledger again");
        }
    }
}
