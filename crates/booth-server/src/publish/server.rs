//! A publisher from its configuration to its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use service::clock::{Clock, SystemClock};
use service::disk::{Disk, FolderDisk};
use service::http::{self, Drained, Entrance};
use service::limits::Limits;
use service::lock::FolderLock;
use service::stop::Stop;
use tokio::net::TcpListener;

use super::committer::Committer;
use super::config::{Parts, PublishConfig};
use super::error::PublishError;
use super::figures::Figures;
use super::internal;
use super::log::{Log, LogFault};
use super::origin;
use super::page::Page;
use super::publisher::{Asked, Outcome, Publisher};
use super::site::{Shared, Site};

/// How often the edges are asked.
const BETWEEN: Duration = Duration::from_secs(5);

/// A publisher that listens.
pub struct Server {
    entrance: Entrance,
    address: SocketAddr,
    internal: Option<TcpListener>,
    site: Site,
    limits: Limits,
    _lock: FolderLock,
}

/// When the next snapshot is due.
pub(super) struct Timer {
    period_s: u32,
    /// Whether everything is shown before the close.
    pub(super) is_full: bool,
    /// Seconds of the clock that nobody sets.
    due: AtomicU64,
}

impl Timer {
    /// Seconds from one snapshot to the next.
    pub(super) const fn period_s(&self) -> u32 {
        self.period_s
    }

    /// Seconds until the next snapshot, at least one.
    pub(super) fn left_s(&self, clock: &dyn Clock) -> u32 {
        let left = self.due.load(Ordering::Relaxed).saturating_sub(clock.uptime_s());
        u32::try_from(left).unwrap_or(u32::MAX).clamp(1, self.period_s)
    }
}

/// Opens the publisher of a configuration and serves it until asked to stop.
/// What speaks to the log of the configuration is handed in.
pub async fn serve(
    config: &PublishConfig,
    log: Option<Arc<dyn Log>>,
    stop: Stop,
) -> Result<Drained, PublishError> {
    let server = Server::open(config, log, Arc::new(SystemClock)).await?;
    if let Some(internal) = server.internal_address() {
        tracing::info!(%internal, "figures stand on an address that is not for the world");
    }
    tracing::info!(address = %server.address, "the publisher listens");
    Ok(server.run(stop).await)
}

impl Server {
    /// Opens the lists and listens; nothing is served before [`Server::run`].
    pub async fn open(
        config: &PublishConfig,
        log: Option<Arc<dyn Log>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, PublishError> {
        let path = config.state();
        let disk = FolderDisk::open(&path)
            .map_err(|source| PublishError::Folder { path: path.clone(), source })?;
        let lock = FolderLock::take(&path)?;
        let disk: Arc<dyn Disk> = Arc::new(disk);
        let Parts { rules, shards, edges, tls } = config.parts()?;
        let figures = Figures::new();
        let (campaign, end) = (rules.campaign.name().to_owned(), rules.campaign.end());
        let timer = Timer {
            period_s: config.snapshot_s,
            is_full: rules.salt.is_none(),
            due: AtomicU64::new(0),
        };
        let parts = match (config.log_parts()?, log) {
            (Some(_), None) => return Err(LogFault::NoClient.into()),
            (Some(parts), Some(log)) => Some((parts, log)),
            (None, _) => None,
        };
        let share = config.share(&rules);
        let asked = Asked { origins: origin::of_shards(shards, config), edges, share };
        let own = figures.clone();
        let clocked = Arc::clone(&clock);
        // Everything that was published is read.
        let opening = move || {
            let (ours, their_disk) = (rules.clone(), Arc::clone(&disk));
            let opened = Publisher::open(rules, asked, disk, Arc::clone(&clocked), own.clone());
            let publisher = Arc::new(opened?);
            let told = parts.map(|parts| {
                let publisher = Arc::clone(&publisher);
                Committer::open(parts, ours, publisher, their_disk, clocked, own).map(Arc::new)
            });
            Ok::<_, PublishError>((publisher, told.transpose()?))
        };
        let opened = tokio::task::spawn_blocking(opening).await;
        let (publisher, committer) = opened.map_err(|_| PublishError::Ended)??;
        let listener = bind(&config.listen).await?;
        let failed = |source| PublishError::Listen { listen: config.listen.clone(), source };
        let address = listener.local_addr().map_err(failed)?;
        let internal = match &config.listen_internal {
            Some(listen) => Some(bind(listen).await?),
            None => None,
        };
        let entrance = match tls {
            Some(tls) => Entrance::tls(listener, tls),
            None => Entrance::plain(listener),
        };
        let timer = Arc::new(timer);
        let folder = path;
        let map = committer.as_ref().and_then(|one| one.map().cloned()).map(Page::of_bytes);
        let shared =
            Shared { publisher, committer, campaign, end, folder, clock, timer, figures, map };
        let limits = config.limits.clone();
        let site = Site(Arc::new(shared));
        Ok(Self { entrance, address, internal, site, limits, _lock: lock })
    }

    /// The address, with the port that the system gave for port 0.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of `/metrics`, if there is one.
    pub fn internal_address(&self) -> Option<SocketAddr> {
        self.internal.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// What takes the snapshots.
    pub fn publisher(&self) -> Arc<Publisher> {
        Arc::clone(&self.site.0.publisher)
    }

    /// What tells the log, where there is one.
    pub fn committer(&self) -> Option<Arc<Committer>> {
        self.site.0.committer.clone()
    }

    /// Serves, and takes a snapshot at once and each time one is due, until asked to stop.
    pub async fn run(self, stop: Stop) -> Drained {
        let taking = tokio::spawn(take(Arc::clone(&self.site.0), stop.clone()));
        let shared = Arc::clone(&self.site.0);
        let telling = shared.committer.clone().map(|one| tokio::spawn(one.run(stop.clone())));
        let hearing = shared
            .publisher
            .has_edges()
            .then(|| tokio::spawn(hear(Arc::clone(&shared.publisher), stop.clone())));
        let drained = self.run_by_hand(stop).await;
        // A snapshot that is being written is written whole.
        let _ = taking.await;
        for task in [telling, hearing].into_iter().flatten() {
            let _ = task.await;
        }
        drained
    }

    /// Serves, and leaves it to the caller to take snapshots.
    pub async fn run_by_hand(self, stop: Stop) -> Drained {
        let watching = self.internal.map(|listener| {
            let (router, stop) = (internal::router(Arc::clone(&self.site.0)), stop.clone());
            tokio::spawn(async move { http::run(listener, router, &Limits::default(), stop).await })
        });
        let drained = http::serve(self.entrance, self.site, &self.limits, stop).await;
        if let Some(watching) = watching {
            let _ = watching.await;
        }
        drained
    }
}

async fn bind(listen: &str) -> Result<TcpListener, PublishError> {
    let bound = TcpListener::bind(listen).await;
    bound.map_err(|source| PublishError::Listen { listen: listen.to_owned(), source })
}

/// Takes snapshots until asked to stop.
async fn take(shared: Arc<Shared>, mut stop: Stop) {
    let period = Duration::from_secs(u64::from(shared.timer.period_s));
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.asked() => return,
            _ = ticks.tick() => {}
        }
        let due = shared.clock.uptime_s().saturating_add(period.as_secs());
        shared.timer.due.store(due, Ordering::Relaxed);
        // A backlog that is larger than what one barrier takes does not wait for the timer.
        while shared.take().await && !stop.is_asked() {}
    }
}

/// Asks the edges until asked to stop: what an edge gives after it was asked last is lost with it.
async fn hear(publisher: Arc<Publisher>, mut stop: Stop) {
    let mut ticks = tokio::time::interval(BETWEEN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.asked() => return,
            _ = ticks.tick() => drop(publisher.hear_edges().await),
        }
    }
}

impl Shared {
    /// Takes a snapshot, and tells how that went; whether another one can be taken at once.
    async fn take(&self) -> bool {
        let taken = self.publisher.snapshot().await;
        let is_more = matches!(taken, Ok(Outcome::Taken { is_more: true, .. }));
        match taken {
            Ok(outcome) => tracing::info!(?outcome, "a barrier"),
            // It was told when it came to that.
            Err(PublishError::Stopped) => {}
            Err(error) => tracing::error!(%error, hint = error.hint(), "no snapshot is taken"),
        }
        is_more
    }
}
