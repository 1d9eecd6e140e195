//! An instance from its configuration to its end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use artifact::charter::Purpose;
use booth::campaign::Campaign;
use service::clock::{Clock, SystemClock};
use service::disk::{Disk, FolderDisk};
use service::http::{self, Drained, Entrance};
use service::limits::Limits;
use service::lock::FolderLock;
use service::stop::{self, Stop};
use tokio::net::TcpListener;

use super::config::{CollectConfig, Secrets};
use super::embedded::{Disks, Embedded, Opening};
use super::engine::{Engine, Parts};
use super::error::CollectError;
use super::figures::Figures;
use super::ledger::{Ledger, LedgerError, Recovered};
use super::links::Links;
use super::server::{Instance, Shared};
use super::watch::Watch;

/// How long cuts wait for others: each group of them costs three syncs.
const GATHER: Duration = Duration::from_millis(50);

/// An instance that listens.
pub struct Server {
    entrance: Entrance,
    address: SocketAddr,
    instance: Instance,
    engine: Engine,
    limits: Limits,
    /// Held until the end.
    locks: Vec<FolderLock>,
}

/// Opens the instance of a configuration and serves it until asked to stop.
pub async fn serve(config: &CollectConfig, stop: Stop) -> Result<Drained, CollectError> {
    let server = Server::open(config, Arc::new(SystemClock)).await?;
    tracing::info!(address = %server.address, shard = config.shard, "the instance listens");
    server.run(stop).await
}

impl Server {
    /// Opens the embedded ledger and listens; nothing is served before [`Server::run`].
    pub async fn open(config: &CollectConfig, clock: Arc<dyn Clock>) -> Result<Self, CollectError> {
        let (ledger, recovered, locks) = open_ledger(config, &config.campaign()?)?;
        let server = Self::over(config, clock, ledger, recovered).await?;
        Ok(Self { locks, ..server })
    }

    /// Listens, and records in the ledger that is handed in.
    pub async fn over(
        config: &CollectConfig,
        clock: Arc<dyn Clock>,
        ledger: Arc<dyn Ledger>,
        recovered: Recovered,
    ) -> Result<Self, CollectError> {
        let campaign = config.campaign()?;
        let secrets = config.secrets(&campaign)?;
        let tls = config.server_tls()?;
        if recovered.lost > 0 {
            tracing::error!(votes = recovered.lost, "accepted votes were given up");
        }
        judge_end(config, &campaign, &*clock, &recovered)?;
        let failed = |source| CollectError::Listen { address: config.listen.clone(), source };
        let listener = TcpListener::bind(&config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let entrance = match tls {
            Some(tls) => Entrance::tls(listener, tls),
            None => Entrance::plain(listener),
        };
        let watch = Arc::new(Watch::new(clock, config.clock_step_s));
        let (instance, engine) = start(config, campaign, secrets, ledger, recovered, watch)?;
        let limits = config.limits();
        Ok(Self { entrance, address, instance, engine, limits, locks: Vec::new() })
    }

    /// The address, with the port that the system gave for port 0.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until asked to stop or until the disk fails; then lets running requests end. What is
    /// not cut stays in the spool for the next start.
    pub async fn run(self, mut stop: Stop) -> Result<Drained, CollectError> {
        let Self { entrance, instance, engine, limits, locks, .. } = self;
        let (handle, either) = stop::pair();
        let mut ended = engine.ended();
        let asking = tokio::spawn(async move {
            tokio::select! {
                () = stop.asked() => {}
                () = ended.asked() => {}
            }
            handle.ask();
        });
        let drained = http::serve(entrance, instance, &limits, either).await;
        asking.abort();
        let ended = tokio::task::spawn_blocking(move || engine.stop()).await;
        drop(locks);
        ended.unwrap_or(Err(LedgerError::Stopped))?;
        Ok(drained)
    }
}

fn start(
    config: &CollectConfig,
    campaign: Campaign,
    secrets: Secrets,
    ledger: Arc<dyn Ledger>,
    recovered: Recovered,
    watch: Arc<Watch>,
) -> Result<(Instance, Engine), CollectError> {
    let Secrets { receipt_key, totp_seed, draw_key, pass } = secrets;
    let figures = Arc::new(Figures::new());
    let shard = config.shard();
    // With k = 0 the voter waits for the cut.
    let gather = if campaign.k() == 0 { Duration::ZERO } else { GATHER };
    let state = config.state();
    let opened = FolderDisk::open(&state);
    let lists = opened.map_err(|source| CollectError::File { path: state, source })?;
    let lists: Arc<dyn Disk> = Arc::new(lists);
    let parts = Parts {
        links: Links::open(&lists, &campaign)?,
        campaign: campaign.clone(),
        shard,
        draw_key,
        ledger,
        recovered,
        watch: Arc::clone(&watch),
        figures: Arc::clone(&figures),
        queue: config.queue,
        gather,
    };
    let engine = Engine::start(parts).map_err(CollectError::Thread)?;
    let desk = engine.desk();
    let shared = Shared { campaign, shard, receipt_key, totp_seed, pass, desk, watch, figures };
    Ok((Instance(Arc::new(shared)), engine))
}

/// A start after the end publishes what is pending, and cannot be taken back.
fn judge_end(
    config: &CollectConfig,
    campaign: &Campaign,
    clock: &dyn Clock,
    recovered: &Recovered,
) -> Result<(), CollectError> {
    let pending = recovered.batches.pending();
    if pending > 0 && clock.now() >= campaign.end() && !config.clock_checked {
        return Err(CollectError::Ended { pending });
    }
    Ok(())
}

type Opened = (Arc<dyn Ledger>, Recovered, Vec<FolderLock>);

fn open_ledger(config: &CollectConfig, campaign: &Campaign) -> Result<Opened, CollectError> {
    let (state, keys) = (config.state(), config.batch_keys(campaign)?);
    let folder = |path: &Path| {
        let opened = FolderDisk::open(path).map(Arc::new);
        opened.map_err(|source| CollectError::File { path: path.to_path_buf(), source })
    };
    let spool = state.join("spool");
    let disks = Disks { lists: folder(&state)?, spool: folder(&spool)?, keys: folder(&keys)? };
    let locks = vec![FolderLock::take(&state)?, FolderLock::take(&keys)?];
    if is_one_file_system(&spool, &keys)? {
        if !matches!(campaign.purpose(), Purpose::Demonstration | Purpose::Test) {
            return Err(LedgerError::SameFileSystem.into());
        }
        tracing::warn!("the batch keys lie beside what they seal; not for an election");
    }
    let pending_votes_are_lost = config.pending_votes_are_lost;
    let opening = Opening { pending_votes_are_lost, ..Opening::default() };
    let (ledger, recovered) = Embedded::open(disks, campaign, config.shard(), opening)?;
    let ledger = Arc::new(ledger);
    check_lists(Arc::clone(&ledger)).map_err(CollectError::Thread)?;
    Ok((ledger, recovered, locks))
}

/// Compares the lists with what was cut, while votes are taken.
fn check_lists(ledger: Arc<Embedded>) -> std::io::Result<()> {
    let check = move || {
        if let Err(error) = ledger.check_lists() {
            tracing::error!(error, "a list is not what was cut; nothing is taken any more");
        }
    };
    std::thread::Builder::new().name("lists".into()).spawn(check).map(drop)
}

/// Whether two folders lie on one file system. Outside Unix nobody can tell, so it is taken for so.
fn is_one_file_system(one: &Path, other: &Path) -> Result<bool, CollectError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let device = |path: &Path| match std::fs::metadata(path) {
            Ok(metadata) => Ok(metadata.dev()),
            Err(source) => Err(CollectError::File { path: path.to_path_buf(), source }),
        };
        Ok(device(one)? == device(other)?)
    }
    #[cfg(not(unix))]
    {
        let _ = (one, other);
        Ok(true)
    }
}
