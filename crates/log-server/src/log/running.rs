//! A running log: its parts put together.

use std::sync::Arc;
use std::thread::JoinHandle;

use bytes::Bytes;
use canon::Digest;
use service::clock::Clock;
use service::disk::Disk;
use service::metrics::Metrics;
use service::store::Store;
use tlog::proof::TlogProof;
use tokio::sync::{mpsc, oneshot};
use tokio::task;

use super::aside::Aside;
use super::clock;
use super::commit::Committer;
use super::cosign::Reach;
use super::error::LogError;
use super::figures::Figures;
use super::keys::LogKeys;
use super::left_over;
use super::publish::sizes::Sizes;
use super::publish::witness::judge;
use super::publish::{Publication, Publisher, Wish};
use super::read::{self, Inclusion, ReadError, Wanted};
use super::recover::{Found, recover};
use super::state::{Beginning, Published, Settings, Shared};
use super::storer::{self, Progress, Stores, ToStore};
use super::submit::{Desk, Receipt, Submission, SubmitError};
use super::watch::{self, OnThread};
use super::witnesses::Witnesses;

/// What a log is made of. A test gives other parts than a server does.
pub struct Parts {
    /// The three keys.
    pub keys: LogKeys,
    /// The charter's envelope: entry 0.
    pub charter: Bytes,
    /// Where the write-ahead log stands.
    pub disk: Arc<dyn Disk>,
    /// Where everything is published.
    pub store: Store,
    /// Where artifacts and raw files stand that the charter withholds.
    pub withheld: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where witnesses are reached: those of the charter and of amendments, as they come.
    pub reach: Arc<dyn Reach>,
    /// Bounds and times.
    pub settings: Settings,
    /// Where figures are registered.
    pub metrics: Metrics,
}

/// A running log. Must be closed within the tokio runtime that opened it.
pub struct Log {
    desk: Desk,
    wishes: mpsc::Sender<Wish>,
    committer: JoinHandle<()>,
    publisher: task::JoinHandle<()>,
    storer: task::JoinHandle<()>,
}

impl Log {
    /// Recovers the log's state and starts it. A new log begins with its charter.
    pub async fn open(parts: Parts) -> Result<Self, LogError> {
        let stores = Stores { public: parts.store, withheld: parts.withheld };
        let witnesses = Witnesses::new(parts.reach);
        let found = Found {
            keys: &parts.keys,
            charter: &parts.charter,
            disk: &parts.disk,
            stores: &stores,
            witnesses: &witnesses,
            settings: &parts.settings,
        };
        let known = recover(found).await?;
        let here = clock::Here { keys: &parts.keys, stores: &stores, witnesses: &witnesses };
        if !parts.settings.clock_checked {
            here.check(parts.clock.now(), &known.sequencer, &known.register).await?;
        }
        let is_new = known.sequencer.accepted() == 0;
        let progress = Progress::new(&*parts.disk, known.edge.size(), known.sequencer.accepted())?;
        let shared = Arc::new(Shared::new(Beginning {
            keys: parts.keys,
            settings: parts.settings,
            clock: parts.clock,
            stores: stores.clone(),
            figures: Figures::new(parts.metrics),
            sequencer: known.sequencer,
            index: known.index,
            tail: known.tail,
            register: known.register,
        }));
        serve_again(&shared, known.published)?;
        let left_over = left_over::sizes(&shared.stores.public, &progress.unsettled).await?;
        let sizes = Sizes::mend(&shared.stores.public).await?;
        let (jobs, queue) = mpsc::channel(shared.settings.queue.max(1));
        let (to_storer, backlog) = mpsc::unbounded_channel::<Vec<ToStore>>();
        // Its receiver is given away in the next line, so this cannot fail.
        let _ = to_storer.send(known.to_store);
        let storing = storer::run(stores, Arc::clone(&progress), backlog);
        let storing = watch::spawn(&shared, "storer", storing);
        let committer = Committer::new(Arc::clone(&shared), known.wal, queue, to_storer);
        let committer = start(committer, &shared)?;
        let publisher = Publisher {
            shared: Arc::clone(&shared),
            witnesses,
            sizes,
            edge: known.edge,
            left_over,
            pending: vec![known.pending],
            progress,
            statements: known.statements,
            jobs: jobs.clone(),
        };
        let (wishes, asked) = mpsc::channel(16);
        let publisher = watch::spawn(&shared, "publisher", publisher.run(asked));
        let desk = Desk { shared, jobs, aside: Aside::new() };
        let log = Self { desk, wishes, committer, publisher, storer: storing };
        if is_new {
            log.begin(parts.charter).await?;
        }
        Ok(log)
    }

    /// Places the charter as entry 0.
    async fn begin(&self, charter: Bytes) -> Result<(), LogError> {
        let submission = Submission { artifact: charter, files: Vec::new() };
        match self.submit(submission).await {
            Ok(_) => Ok(()),
            Err(SubmitError::Refused(refusal)) => Err(LogError::Charter(Box::new(refusal))),
            Err(error) => {
                let reason = self.desk.shared.stopped().map(str::to_owned);
                Err(LogError::Stopped(reason.unwrap_or_else(|| error.to_string())))
            }
        }
    }

    /// Takes a submission: judges it, makes it durable, and answers with a signed promise.
    pub async fn submit(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        let result = self.desk.submit(submission).await;
        if let Err(error) = &result {
            let outcome = match error {
                SubmitError::Busy => "busy",
                SubmitError::Stopped
                | SubmitError::NoPromiseKey { .. }
                | SubmitError::Clock(_)
                | SubmitError::Internal(_) => "failed",
                _ => "refused",
            };
            self.desk.shared.figures.submissions.with_label_values(&[outcome]).inc();
        }
        result
    }

    /// Publishes a head now rather than at the next interval.
    pub async fn publish(&self) -> Result<Publication, LogError> {
        let ended = || LogError::Stopped("the publisher has ended".to_owned());
        let (wish, answer) = oneshot::channel();
        self.wishes.send(wish).await.map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    /// The last head that met its threshold.
    pub fn published(&self) -> Option<Arc<Published>> {
        self.desk.shared.published()
    }

    /// Entries that are durable.
    pub fn size(&self) -> u64 {
        self.desk.shared.durable()
    }

    /// Why the log accepts and signs nothing now, if that is so: it has stopped, or its clock has
    /// stepped.
    pub fn idle(&self) -> Option<String> {
        let shared = &self.desk.shared;
        let stopped = shared.stopped().map(str::to_owned);
        stopped.or_else(|| shared.clocks.now().err().map(|refusal| refusal.to_string()))
    }

    /// Why the log has stopped, if it has.
    pub fn stopped(&self) -> Option<&str> {
        self.desk.shared.stopped()
    }

    /// The log's id.
    pub fn log_id(&self) -> Digest {
        self.desk.shared.log_id
    }

    /// The first line of its checkpoints.
    pub fn origin(&self) -> &str {
        self.desk.shared.keys.checkpoint.verifier().name()
    }

    /// The inclusion of an entry in the tree of `size` entries, or of the published head.
    pub async fn inclusion(
        &self,
        wanted: Wanted,
        size: Option<u64>,
    ) -> Result<Inclusion, ReadError> {
        read::inclusion(&self.desk.shared, wanted, size).await
    }

    /// The same as a C2SP tlog-proof.
    pub async fn tlog_proof(
        &self,
        wanted: Wanted,
        size: Option<u64>,
    ) -> Result<TlogProof, ReadError> {
        read::tlog_proof(&self.desk.shared, wanted, size).await
    }

    /// The consistency of two sizes, the later one at most that of the published head.
    pub async fn consistency(&self, from: u64, to: u64) -> Result<Vec<Digest>, ReadError> {
        read::consistency(&self.desk.shared, from, to).await
    }

    /// The public store.
    pub(crate) fn store(&self) -> &Store {
        &self.desk.shared.stores.public
    }

    /// All figures, for `/metrics`.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.desk.shared.figures.all
    }

    /// Publishes what no witnessed head covers yet, as [`Log::close`] does, for whoever cannot
    /// close the log because others hold it too. An error says why the log has stopped.
    pub(crate) async fn settle(&self) -> Result<(), LogError> {
        if self.published().map_or(0, |published| published.head.size) < self.size() {
            // A store or witness that is away now is no reason to end with an error.
            let _ = self.publish().await;
        }
        match self.stopped() {
            Some(reason) => Err(LogError::Stopped(reason.to_owned())),
            None => Ok(()),
        }
    }

    /// Ends the log: what was accepted is published if the store can take it. An error says why
    /// the log had stopped before.
    pub async fn close(self) -> Result<(), LogError> {
        let Self { desk: Desk { shared, jobs, .. }, wishes, committer, publisher, storer } = self;
        drop(wishes);
        let _ = publisher.await;
        drop(jobs);
        let _ = task::spawn_blocking(move || committer.join()).await;
        let _ = storer.await;
        match shared.stopped() {
            Some(reason) => Err(LogError::Stopped(reason.to_owned())),
            None => Ok(()),
        }
    }
}

/// Starts the committer on a thread of its own.
fn start(committer: Committer, shared: &Arc<Shared>) -> Result<JoinHandle<()>, LogError> {
    let watched = OnThread { shared: Arc::clone(shared), name: "committer" };
    let work = move || {
        let _watched = watched;
        committer.run();
    };
    std::thread::Builder::new()
        .name("committer".to_owned())
        .spawn(work)
        .map_err(|source| LogError::File { path: "committer".into(), source })
}

/// Judges the stored checkpoint again and serves it.
fn serve_again(shared: &Shared, checkpoint: Option<Bytes>) -> Result<(), LogError> {
    let Some(checkpoint) = checkpoint else {
        return Ok(());
    };
    let damaged = |what: String| LogError::Damaged { what: format!("checkpoint: {what}") };
    let epoch = shared.epoch();
    let (head, _) = shared.keys.read_own(&checkpoint).map_err(|e| damaged(e.to_string()))?;
    let policy = epoch.register.witness_policy_at(head.size);
    let policy = policy.ok_or_else(|| damaged("no witness policy is for its size".to_owned()))?;
    match judge(shared, policy, checkpoint).map_err(damaged)? {
        Some(published) => {
            shared.set_published(published);
            Ok(())
        }
        None => Err(damaged("it does not meet the charter's threshold".to_owned())),
    }
}
