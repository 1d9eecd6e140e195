//! A publisher of one campaign: when it takes a snapshot, what it shows, and how it is.

use std::sync::{Arc, PoisonError, RwLock};

use artifact::charter::Purpose;
use booth::campaign::{Campaign, Shard};
use booth::publish::Share;
use canon::Timestamp;
use service::clock::Clock;
use service::disk::Disk;
use tokio::sync::{Mutex, watch};

use super::close::{self, Without};
use super::condition::Condition;
use super::config::{Parts, PublishConfig, Rules};
use super::edges::Edges;
use super::error::PublishError;
use super::figures::Figures;
use super::inner::Inner;
use super::intake::{self, Lie};
use super::liars::Liars;
use super::origin::{self, Origin};
use super::record::{Boots, Record};
use super::store::Store;
use super::texts::Texts;
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
        /// Shards that added nothing: they were not reached, or are stopped for what they told.
        away: Vec<Shard>,
        /// Whether more is cut than one barrier takes: another one can be taken at once.
        is_more: bool,
    },
    /// Some shards have closed; the remainders wait for these.
    Waits {
        /// Shards that were not reached, have not closed, or are stopped for what they told.
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
    pub(super) rules: Rules,
    pub(super) origins: Vec<Origin>,
    pub(super) edges: Edges,
    /// What a barrier takes of each shard.
    pub(super) share: Share,
    pub(super) disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    pub(super) figures: Figures,
    inner: Mutex<Inner>,
    condition: std::sync::Mutex<Condition>,
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
        let mut texts = Texts::new();
        let view = Arc::new(View::of(&rules, &store, &mut texts, clock.now()));
        let intakes = intake::of_records(&rules.campaign, store.records());
        figures.show(&view);
        let inner = Mutex::new(Inner::new(store, intakes, texts));
        let (condition, shown) = (std::sync::Mutex::default(), RwLock::new(view));
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
            condition,
            shown,
            changes,
        })
    }

    /// The campaign.
    pub(super) const fn campaign(&self) -> &Campaign {
        &self.rules.campaign
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
    pub(super) async fn stamps(&self, now: Timestamp, is_last: bool) -> Boots {
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
    /// Of an instance that told what cannot be nothing more is taken until the next start. Its
    /// shard goes on with the others that it has; one that has none left is stopped, as one that is
    /// away, and the campaign can be closed without it. After damage nothing is published any more
    /// until the next start; after a write that failed the lists are read again at the next
    /// barrier.
    pub async fn snapshot(&self) -> Result<Outcome, PublishError> {
        let mut inner = self.inner.lock().await;
        if !inner.goes_on() {
            return Err(PublishError::Stopped);
        }
        let now = self.clock.now();
        let result = match self.without(now) {
            Ok(without) => self.take(&mut inner, &without, now).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            self.figures.failures.inc();
            inner.stop(error);
        }
        let condition = self.condition_after(&result, &inner.liars);
        let count = |shards: &[Shard]| i64::try_from(shards.len()).unwrap_or(i64::MAX);
        self.figures.stopped.set(count(&condition.stopped));
        if matches!(result, Ok(Outcome::Taken { .. })) {
            self.figures.away.set(count(&condition.away));
        }
        if !condition.stopped.is_empty() {
            let shards = &condition.stopped;
            tracing::error!(?shards, hint = Lie::HINT, "nothing is taken of shards that lied");
        }
        *self.condition.lock().unwrap_or_else(PoisonError::into_inner) = condition;
        result
    }

    /// What the barrier that ended like this says of shards. What an instance said may tell sizes,
    /// and strangers read this.
    fn condition_after(&self, result: &Result<Outcome, PublishError>, liars: &Liars) -> Condition {
        let (away, awaited) = match result {
            Ok(Outcome::Taken { away, .. }) => (away.clone(), Vec::new()),
            Ok(Outcome::Waits { shards }) => (Vec::new(), shards.clone()),
            _ => Default::default(),
        };
        let lies = liars.lies().cloned().collect();
        let mut condition =
            Condition { away, awaited, has_failed: result.is_err(), lies, ..Condition::default() };
        // Of shards that the last snapshot is without everything is said there.
        if !self.view().is_last() {
            for origin in &self.origins {
                let (shard, lied) = (origin.shard(), liars.of(origin.shard()));
                if lied > 0 && lied == origin.instances() {
                    condition.stopped.push(shard);
                } else if lied > 0 {
                    condition.doubted.push(shard);
                }
            }
        }
        let Condition { away, stopped, .. } = &mut condition;
        away.retain(|shard| !stopped.contains(shard));
        condition
    }

    /// What instances said since the start that cannot be.
    pub fn lies(&self) -> Vec<Lie> {
        self.condition().lies
    }

    /// How the last barrier went: for anybody.
    pub(super) fn condition(&self) -> Condition {
        self.condition.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The shards that the campaign is closed without; nobody is before its end.
    fn without(&self, now: Timestamp) -> Result<Vec<Without>, PublishError> {
        if now < self.rules.campaign.end() || self.view().is_last() {
            return Ok(Vec::new());
        }
        Ok(close::read(&*self.disk, &self.rules.campaign)?)
    }

    /// Whether an official campaign ended so shortly ago that the log, by its clock, may not think
    /// so yet. It would date the last snapshot before the end, and `verify` would find that for
    /// ever.
    pub(super) fn is_settling(&self, now: Timestamp) -> bool {
        let (end, purpose) = (self.rules.campaign.end(), self.rules.campaign.purpose());
        purpose == Purpose::Official && end <= now && now < end.saturating_plus_seconds(SETTLE_S)
    }

    pub(super) fn show(&self, store: &Store, texts: &mut Texts) {
        let view = View::of(&self.rules, store, texts, self.clock.now());
        self.figures.show(&view);
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
        self.changes.send_replace(());
    }
}
