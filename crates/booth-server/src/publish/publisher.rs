//! A barrier from its questions to what is shown.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use artifact::charter::Purpose;
use booth::campaign::{Campaign, Shard};
use booth::publish::{Added, Barrier, Share, barrier, merge};
use canon::Timestamp;
use service::clock::Clock;
use service::disk::Disk;
use tokio::sync::{Mutex, watch};

use super::close::{self, Without};
use super::config::{Parts, PublishConfig, Rules};
use super::edges::Edges;
use super::error::PublishError;
use super::fetch::{Asking, Fetched, fetch_all};
use super::figures::Figures;
use super::inner::Inner;
use super::intake::{self, Lie, parts};
use super::origin::{self, Origin};
use super::record::{Boots, LeftOut, Record, Taken};
use super::store::{Addition, Store};
use super::view::View;

/// Seconds after its end for which nothing is taken of an official campaign.
const SETTLE_S: u64 = 60;

/// What came of a barrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A snapshot was taken.
    Taken {
        /// Its number.
        number: u64,
        /// Shards that added nothing because they were not reached.
        away: Vec<Shard>,
        /// Whether more is cut than one barrier takes: another one can be taken at once.
        is_more: bool,
    },
    /// Some shards have closed; the remainders wait for these.
    Waits {
        /// Shards that were not reached or have not closed.
        shards: Vec<Shard>,
    },
    /// The campaign has not begun, or the last snapshot is taken.
    Nothing,
}

/// Whom a publisher asks.
pub(super) struct Asked {
    pub(super) origins: Vec<Origin>,
    pub(super) edges: Edges,
    /// What a barrier takes of each shard.
    pub(super) share: Share,
}

/// A publisher of one campaign, without its timer.
pub struct Publisher {
    rules: Rules,
    origins: Vec<Origin>,
    edges: Edges,
    /// What a barrier takes of each shard.
    share: Share,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    figures: Figures,
    inner: Mutex<Inner>,
    trouble: std::sync::Mutex<Option<String>>,
    shown: RwLock<Arc<View>>,
    /// Moves when something else is shown.
    changes: watch::Sender<()>,
}

impl Publisher {
    /// The publisher of a configuration whose lists lie on this disk. Nobody is asked yet.
    pub fn new(
        config: &PublishConfig,
        clock: Arc<dyn Clock>,
        disk: Arc<dyn Disk>,
    ) -> Result<Self, PublishError> {
        let Parts { rules, shards, edges, .. } = config.parts()?;
        let asked = Asked {
            origins: origin::of_shards(shards, config),
            edges,
            share: config.share(&rules),
        };
        Self::open(rules, asked, disk, clock, Figures::new())
    }

    /// Opens the lists; nobody is asked yet.
    pub(super) fn open(
        rules: Rules,
        Asked { origins, edges, share }: Asked,
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
        figures: Figures,
    ) -> Result<Self, PublishError> {
        let store = Store::open(&disk, &rules.campaign)?;
        edges.begin(store.records());
        let view = Arc::new(View::of(&rules, &store));
        let intakes = intake::of_records(&rules.campaign, store.records());
        figures.show(&view);
        let inner = Mutex::new(Inner::new(store, intakes));
        let (trouble, shown) = (std::sync::Mutex::default(), RwLock::new(view));
        let changes = watch::Sender::new(());
        Ok(Self {
            rules,
            origins,
            edges,
            share,
            disk,
            clock,
            figures,
            inner,
            trouble,
            shown,
            changes,
        })
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
    /// After a [`Lie`] or damage nothing is published any more until the next start, or, after a
    /// lie, until the campaign is closed without the shard; after a write that failed the lists are
    /// read again at the next barrier.
    pub async fn snapshot(&self) -> Result<Outcome, PublishError> {
        let mut inner = self.inner.lock().await;
        let now = self.clock.now();
        let result = match self.without(now) {
            Ok(without) if inner.goes_on(&without) => self.attempt(&mut inner, &without, now).await,
            Ok(_) => return Err(PublishError::Stopped),
            Err(error) => Err(error),
        };
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
                inner.stop(error);
                Some("no snapshot could be taken: the publisher's journal says why".to_owned())
            }
        };
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
        result
    }

    /// The shards that the campaign is closed without; nobody is before its end.
    fn without(&self, now: Timestamp) -> Result<Vec<Without>, PublishError> {
        if now < self.rules.campaign.end() || self.view().is_last() {
            return Ok(Vec::new());
        }
        Ok(close::read(&*self.disk, &self.rules.campaign)?)
    }

    /// How the last barrier went, where something was wrong: for anybody.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether an official campaign ended so shortly ago that the log, by its clock, may not think
    /// so yet. It would date the last snapshot before the end, and `verify` would find that for
    /// ever.
    fn is_settling(&self, now: Timestamp) -> bool {
        let (end, purpose) = (self.rules.campaign.end(), self.rules.campaign.purpose());
        purpose == Purpose::Official && end <= now && now < end.saturating_plus_seconds(SETTLE_S)
    }

    async fn attempt(
        &self,
        inner: &mut Inner,
        without: &[Without],
        now: Timestamp,
    ) -> Result<Outcome, PublishError> {
        self.reopen(inner)?;
        let is_over = self.view().is_last();
        if is_over || now < self.rules.campaign.start() || self.is_settling(now) {
            return Ok(Outcome::Nothing);
        }
        let left_out: BTreeSet<Shard> = without.iter().map(Without::shard).collect();
        let asking = Asking {
            origins: &self.origins,
            campaign: &self.rules.campaign,
            share: self.share,
            left_out: &left_out,
            now,
        };
        let (reports, mut heard) = asking.hear(&mut inner.intakes).await?;
        let (is_last, is_more, cuts) = match barrier(&reports, &left_out) {
            Barrier::Wait { shards } => {
                tracing::info!(?shards, "the last snapshot waits for shards");
                return Ok(Outcome::Waits { shards });
            }
            Barrier::Take { is_last, is_more, cuts } => (is_last, is_more, cuts),
        };
        for (heard, cuts) in heard.iter_mut().zip(cuts) {
            if let Some(heard) = heard {
                heard.fresh.truncate(cuts);
            }
        }
        let is_heard: Vec<bool> = heard.iter().map(Option::is_some).collect();
        let (fetched, mut away) = fetch_all(&self.origins, &inner.intakes, heard).await;
        for (intake, _) in inner.intakes.iter_mut().zip(is_heard).filter(|(_, heard)| *heard) {
            let shard = intake.shard();
            intake.fetched(!away.contains(&shard));
        }
        away.retain(|shard| !left_out.contains(shard));
        if is_last && !away.is_empty() {
            return Ok(Outcome::Waits { shards: away });
        }
        self.figures.away.set(i64::try_from(away.len()).unwrap_or(i64::MAX));
        let stamps = self.stamps(now, is_last).await;
        let without = if is_last { without } else { &[] };
        // What adds nothing is not repeated at once, whatever an instance says that it has.
        let is_more = is_more && fetched.iter().any(|one| !one.voters.is_empty());
        let number = self.add(inner, fetched, stamps, (now, is_last, without)).await?;
        Ok(Outcome::Taken { number, away, is_more })
    }

    /// Reads the lists again after a write that failed.
    fn reopen(&self, inner: &mut Inner) -> Result<(), PublishError> {
        if inner.store.is_none() {
            let store = Store::open(&self.disk, &self.rules.campaign)?;
            inner.intakes = intake::of_records(&self.rules.campaign, store.records());
            self.show(&store);
            inner.store = Some(store);
        }
        Ok(())
    }

    /// Puts the parts together, adds them durably, and shows them.
    async fn add(
        &self,
        inner: &mut Inner,
        fetched: Vec<Fetched>,
        stamps: Boots,
        (taken_at, is_last, without): (Timestamp, bool, &[Without]),
    ) -> Result<u64, PublishError> {
        let mut shards: Vec<Taken> = inner.intakes.iter().map(|one| one.taken().clone()).collect();
        let without: Vec<LeftOut> = without
            .iter()
            .map(|one| {
                let taken = shards.get(usize::from(one.shard().0));
                one.with(taken.map_or(0, |taken| taken.records))
            })
            .collect();
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
            let result =
                store.add(Addition { added, salt, stamps, shards, taken_at, is_last, without });
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

fn named(shards: &[Shard]) -> String {
    shards.iter().map(|shard| format!("shard {shard}")).collect::<Vec<_>>().join(", ")
}
