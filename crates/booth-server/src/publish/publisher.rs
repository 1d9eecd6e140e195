//! A barrier from its questions to what is shown.

use std::sync::{Arc, PoisonError, RwLock};

use booth::campaign::{Campaign, Shard};
use booth::publish::{Added, Barrier, ShardReport, barrier, merge};
use canon::Timestamp;
use service::clock::Clock;
use service::disk::Disk;
use tokio::sync::{Mutex, watch};

use super::config::{Parts, PublishConfig, Rules};
use super::edges::Edges;
use super::error::PublishError;
use super::fetch::{Fetched, Heard, fetch_all};
use super::figures::Figures;
use super::intake::{Intake, Lie, parts};
use super::origin::Origin;
use super::record::{Boots, Record, Taken};
use super::store::{Addition, Store};
use super::view::View;
use crate::edge::origin::InstanceEntry;

/// What came of a barrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A snapshot was taken.
    Taken {
        /// Its number.
        number: u64,
        /// Shards that added nothing because they were not reached.
        away: Vec<Shard>,
    },
    /// Some shards have closed; the remainders wait for these.
    Waits {
        /// Shards that were not reached or have not closed.
        shards: Vec<Shard>,
    },
    /// The campaign has not begun, or the last snapshot is taken.
    Nothing,
}

/// A publisher of one campaign, without its timer.
pub struct Publisher {
    rules: Rules,
    origins: Vec<Origin>,
    edges: Edges,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    figures: Figures,
    inner: Mutex<Inner>,
    trouble: std::sync::Mutex<Option<String>>,
    shown: RwLock<Arc<View>>,
    /// Moves when something else is shown.
    changes: watch::Sender<()>,
}

struct Inner {
    /// None after a write has failed: what is on the disk has to be read again.
    store: Option<Store>,
    intakes: Vec<Intake>,
    /// Whether nothing is published any more.
    is_stopped: bool,
}

impl Publisher {
    /// The publisher of a configuration whose lists lie on this disk. Nobody is asked yet.
    pub fn new(
        config: &PublishConfig,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, PublishError> {
        let Parts { rules, shards, edges, .. } = config.parts()?;
        Self::open(rules, (origins(shards, config), edges), disk, clock, Figures::new())
    }

    /// Opens the lists; nobody is asked yet.
    pub(super) fn open(
        rules: Rules,
        (origins, edges): (Vec<Origin>, Edges),
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        figures: Figures,
    ) -> Result<Self, PublishError> {
        let store = Store::open(&disk, &rules.campaign)?;
        edges.begin(store.records());
        let view = Arc::new(View::of(&rules, &store));
        let intakes = intakes(&rules, store.records());
        figures.show(&view);
        let inner = Mutex::new(Inner { store: Some(store), intakes, is_stopped: false });
        let (trouble, shown) = (std::sync::Mutex::default(), RwLock::new(view));
        let changes = watch::Sender::new(());
        Ok(Self { rules, origins, edges, disk, clock, figures, inner, trouble, shown, changes })
    }

    /// What is shown now.
    pub(super) fn view(&self) -> Arc<View> {
        Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is told when something else is shown.
    pub(super) fn changed(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Asks the edges how many stamps they have given; of each whether it has answered.
    pub async fn hear_edges(&self) -> Vec<bool> {
        let are_heard = self.edges.ask(&self.rules.campaign, self.clock.now()).await;
        let away = are_heard.iter().filter(|is_heard| !**is_heard).count();
        self.figures.edges_away.set(i64::try_from(away).unwrap_or(i64::MAX));
        are_heard
    }

    /// Whether there are edges to ask.
    pub(super) const fn has_edges(&self) -> bool {
        self.edges.are_some()
    }

    /// What a snapshot tells of stamps. A vote that is published had its stamp before, so the edges
    /// are asked behind the instances; after the end an edge gives none.
    async fn stamps(&self, now: Timestamp, is_last: bool) -> Boots {
        if !self.edges.are_due(now, is_last) {
            return Boots::new();
        }
        let are_heard = self.hear_edges().await;
        let boots = self.edges.boots(&are_heard, self.rules.campaign.end());
        if boots.is_none() {
            tracing::warn!("an edge is away: the snapshot tells of no stamps");
        }
        boots.unwrap_or_default()
    }

    /// The record of the snapshot that is shown now.
    pub fn shown(&self) -> Option<Record> {
        self.view().record().cloned()
    }

    /// Takes a snapshot of what all shards have cut, if one can be taken.
    ///
    /// After a [`Lie`] or damage nothing is published any more until the next start; after a write
    /// that failed the lists are read again at the next barrier.
    pub async fn snapshot(&self) -> Result<Outcome, PublishError> {
        let mut inner = self.inner.lock().await;
        if inner.is_stopped {
            return Err(PublishError::Stopped);
        }
        let result = self.attempt(&mut inner).await;
        let trouble = match &result {
            Ok(Outcome::Taken { away, .. }) if !away.is_empty() => {
                Some(format!("not reached: {}", named(away)))
            }
            Ok(Outcome::Waits { shards }) => {
                Some(format!("the last snapshot waits for: {}", named(shards)))
            }
            Ok(_) => None,
            // What an instance said may tell sizes, and strangers read this.
            Err(error) => {
                self.figures.failures.inc();
                inner.is_stopped |= error.is_final();
                Some("no snapshot could be taken: the publisher's journal says why".to_owned())
            }
        };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        result
    }

    /// Whether nothing is published any more until the next start.
    pub async fn is_stopped(&self) -> bool {
        self.inner.lock().await.is_stopped
    }

    /// How the last barrier went, where something was wrong: for anybody.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn attempt(&self, inner: &mut Inner) -> Result<Outcome, PublishError> {
        self.reopen(inner)?;
        let now = self.clock.now();
        let is_over = self.view().is_last();
        if is_over || now < self.rules.campaign.start() {
            return Ok(Outcome::Nothing);
        }
        let (reports, heard) = self.hear(&mut inner.intakes, now).await?;
        let is_last = match barrier(&reports) {
            Barrier::Wait { shards } => {
                tracing::info!(?shards, "the last snapshot waits for shards");
                return Ok(Outcome::Waits { shards });
            }
            Barrier::Take { is_last } => is_last,
        };
        let (fetched, away) = fetch_all(&self.origins, &inner.intakes, heard).await;
        if is_last && !away.is_empty() {
            return Ok(Outcome::Waits { shards: away });
        }
        self.figures.away.set(i64::try_from(away.len()).unwrap_or(i64::MAX));
        let stamps = self.stamps(now, is_last).await;
        let number = self.add(inner, fetched, stamps, (now, is_last)).await?;
        Ok(Outcome::Taken { number, away })
    }

    /// Reads the lists again after a write that failed.
    fn reopen(&self, inner: &mut Inner) -> Result<(), PublishError> {
        if inner.store.is_none() {
            let store = Store::open(&self.disk, &self.rules.campaign)?;
            inner.intakes = intakes(&self.rules, store.records());
            self.show(&store);
            inner.store = Some(store);
        }
        Ok(())
    }

    /// Asks all shards at once, and judges what they say.
    async fn hear(
        &self,
        intakes: &mut [Intake],
        now: Timestamp,
    ) -> Result<(Vec<Option<ShardReport>>, Vec<Option<Heard>>), Lie> {
        let asked = intakes.iter().zip(&self.origins);
        let asked = asked.map(|(intake, origin)| origin.cuts(intake.from()));
        let said = futures::future::join_all(asked).await;
        let (mut reports, mut heard) = (Vec::new(), Vec::new());
        for (intake, said) in intakes.iter_mut().zip(said) {
            let Some((instance, said)) = said else {
                reports.push(None);
                heard.push(None);
                continue;
            };
            let ledger = said.ledger;
            let report = intake.hear(&said, &self.rules.campaign, now)?;
            let fresh = report.as_ref().map(|report| report.fresh.clone());
            heard.push(fresh.map(|fresh| Heard { ledger, instance, fresh }));
            reports.push(report);
        }
        Ok((reports, heard))
    }

    /// Puts the parts together, adds them durably, and shows them.
    async fn add(
        &self,
        inner: &mut Inner,
        fetched: Vec<Fetched>,
        stamps: Boots,
        (taken_at, is_last): (Timestamp, bool),
    ) -> Result<u64, PublishError> {
        let mut shards: Vec<Taken> = inner.intakes.iter().map(|one| one.taken().clone()).collect();
        let mut fresh = Vec::new();
        for Fetched { at, heard, .. } in &fetched {
            let intake = inner.intakes.get(*at).ok_or(PublishError::Ended)?;
            let taken = intake.with(heard.ledger, &heard.fresh);
            if let Some(place) = shards.get_mut(*at) {
                *place = taken.clone();
            }
            fresh.push((*at, taken, heard.fresh.clone()));
        }
        let mut store = inner.store.take().ok_or(PublishError::Ended)?;
        let campaign = self.rules.campaign.clone();
        // After the close everything is told.
        let salt = self.rules.salt.clone().filter(|_| !is_last);
        let tells = !stamps.is_empty();
        let work = move || {
            // The lines stay where they are until they are written.
            let added = match merged(&campaign, &fetched, is_last) {
                Ok(added) => added,
                Err(lie) => return (Some(store), Err(PublishError::from(lie))),
            };
            let result = store.add(Addition { added, salt, stamps, shards, taken_at, is_last });
            match result.map(|record| record.number) {
                Ok(number) => (Some(store), Ok(number)),
                Err(error) => (None, Err(error.into())),
            }
        };
        let done = tokio::task::spawn_blocking(work).await;
        let (store, result) = done.map_err(|_| PublishError::Ended)?;
        inner.store = store;
        let number = result?;
        for (at, taken, fresh) in fresh {
            if let Some(intake) = inner.intakes.get_mut(at) {
                intake.publish(taken, &fresh);
            }
        }
        if let Some(store) = &inner.store {
            self.show(store);
        }
        if tells {
            self.edges.tell(taken_at);
        }
        self.figures.snapshots.inc();
        Ok(number)
    }

    fn show(&self, store: &Store) {
        let view = View::of(&self.rules, store);
        self.figures.show(&view);
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
        self.changes.send_replace(());
    }
}

/// The lines of all parts, judged and in order.
fn merged<'a>(
    campaign: &Campaign,
    fetched: &'a [Fetched],
    is_last: bool,
) -> Result<Added<'a>, Lie> {
    let mut all = Vec::new();
    for Fetched { shard, heard, votes, voters, .. } in fetched {
        all.extend(parts(*shard, &heard.fresh, votes, voters)?);
    }
    let added = merge(campaign, &all, is_last)?;
    if added.doubled > 0 {
        let doubled = added.doubled;
        tracing::warn!(doubled, "two shards recorded one stamp: both votes are published");
    }
    Ok(added)
}

/// The instances of each shard.
pub(super) fn origins(shards: Vec<Vec<InstanceEntry>>, config: &PublishConfig) -> Vec<Origin> {
    let numbered = (0..).map(Shard).zip(shards);
    numbered.map(|(shard, all)| Origin::new(shard, all, &config.origin)).collect()
}

/// What was taken of each shard, by the last record.
fn intakes(rules: &Rules, records: &[Record]) -> Vec<Intake> {
    let shards = (0..rules.campaign.shards()).map(Shard);
    let taken = |shard: Shard| {
        let taken = records.last().and_then(|last| last.shards.get(usize::from(shard.0)));
        taken.cloned().unwrap_or_default()
    };
    shards.map(|shard| Intake::new(shard, taken(shard))).collect()
}

fn named(shards: &[Shard]) -> String {
    shards.iter().map(|shard| format!("shard {shard}")).collect::<Vec<_>>().join(", ")
}
