//! An instance from its configuration to its end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use booth::campaign::Campaign;
use service::clock::{Clock, SystemClock};
use service::disk::{Disk, FolderDisk};
use service::http::{self, Drained, Entrance};
use service::limits::Limits;
use service::stop::{self, Stop};
use tokio::net::TcpListener;

use super::config::{CollectConfig, Secrets};
use super::engine::{Engine, Parts};
use super::error::CollectError;
use super::figures::Figures;
use super::folders::{Held, open_ledger};
use super::ledger::{Ledger, LedgerError, Recovered};
use super::links::Links;
use super::published::Published;
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
    /// Of the embedded ledger.
    held: Option<Held>,
}

/// Opens the instance of a configuration and serves it until asked to stop.
pub async fn serve(config: &CollectConfig, stop: Stop) -> Result<Drained, CollectError> {
    #[cfg(target_os = "linux")]
    super::pages::look();
    let server = Server::open(config, Arc::new(SystemClock)).await?;
    tracing::info!(address = %server.address, shard = config.shard, "the instance listens");
    server.run(stop).await
}

impl Server {
    /// Opens the embedded ledger and listens; nothing is served before [`Server::run`].
    pub async fn open(config: &CollectConfig, clock: Arc<dyn Clock>) -> Result<Self, CollectError> {
        let (ledger, recovered, held) = open_ledger(config, &config.campaign()?)?;
        let server = Self::over(config, clock, ledger, recovered).await?;
        Ok(Self { held: Some(held), ..server })
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
        Ok(Self { entrance, address, instance, engine, limits, held: None })
    }

    /// The address, with the port that the system gave for port 0.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until asked to stop or until the disk fails; then lets running requests end. What is
    /// not cut stays in the spool for the next start.
    pub async fn run(self, mut stop: Stop) -> Result<Drained, CollectError> {
        let Self { entrance, instance, engine, limits, held, .. } = self;
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
        drop(held);
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
    let Secrets { receipt_key, totp_seed, draw_key, pass, publisher_pass } = secrets;
    let figures = Arc::new(Figures::new());
    let shard = config.shard();
    // With k = 0 the voter waits for the cut.
    let gather = if campaign.k() == 0 { Duration::ZERO } else { GATHER };
    let state = config.state();
    let opened = FolderDisk::open(&state);
    let lists = opened.map_err(|source| CollectError::File { path: state, source })?;
    let lists: Arc<dyn Disk> = Arc::new(lists);
    let ledger_id = ledger.id();
    let published = Published { ledger: Arc::clone(&ledger), pass: publisher_pass };
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
        claims: config.claims,
        gather,
    };
    let engine = Engine::start(parts).map_err(CollectError::Thread)?;
    let desk = engine.desk();
    let shared = Shared {
        campaign,
        shard,
        ledger_id,
        receipt_key,
        totp_seed,
        pass,
        published,
        desk,
        watch,
        figures,
    };
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
