//! The log as a server.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use service::clock::{Clock, SystemClock};
use service::disk::FolderDisk;
use service::http::body::Room;
use service::http::{self, Drained};
use service::limits::Limits;
use service::lock::FolderLock;
use service::metrics::Metrics;
use service::stop::Stop;
use service::store::{Before, Store};
use tokio::net::TcpListener;

use super::api::{self, Api, Packed};
use super::config::LogConfig;
use super::error::LogError;
use super::keys::LogKeys;
use super::running::{Log, Parts};

/// A log that listens.
pub struct Server {
    listener: TcpListener,
    router: Router,
    limits: Limits,
    log: Arc<Log>,
    lock: FolderLock,
}

impl Server {
    /// Locks the log's folder, recovers its state, and listens. Nothing is served or published
    /// before [`Server::run`].
    pub async fn open(config: &LogConfig) -> Result<Self, LogError> {
        Self::with_clock(config, Arc::new(SystemClock)).await
    }

    /// The same, with another clock.
    pub async fn with_clock(config: &LogConfig, clock: Arc<dyn Clock>) -> Result<Self, LogError> {
        let (charter, founded) = config.charter()?;
        let wal = config.path(&config.wal);
        let disk = FolderDisk::open(&wal)
            .map_err(|source| LogError::File { path: wal.clone(), source })?;
        let lock = FolderLock::take(&wal)?;
        let before = if lock.ended_in_order() { Before::EndedInOrder } else { Before::MayBeKilled };
        let passphrase = config.passphrase.read(&config.base)?;
        let origin = founded.register.log_keys().checkpoint.name();
        let keys = LogKeys::load(&config.path(&config.keys), origin, &passphrase)?;
        let listener = TcpListener::bind(&config.listen)
            .await
            .map_err(|source| LogError::Listen { address: config.listen.clone(), source })?;
        let log = Log::open(Parts {
            keys,
            charter,
            disk: Arc::new(disk),
            store: Store::folder(&config.path(&config.store), before)?,
            withheld: Store::private_folder(&config.path(&config.withheld), before)?,
            clock,
            reach: Arc::new(config.addresses()?),
            settings: config.settings(&founded.register)?,
            metrics: Metrics::new(),
        })
        .await?;
        let log = Arc::new(log);
        let limits = config.limits.clone();
        let room = Room::new(&limits);
        let packed = Packed::new();
        let router =
            api::router(Api { log: Arc::clone(&log), limits: limits.clone(), room, packed });
        Ok(Self { listener, router, limits, log, lock })
    }

    /// The address, with the port that the system gave for port 0.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The log, for whoever wants a head before the next interval.
    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// Serves until asked to stop; then running requests end, what was accepted is published,
    /// and the log is closed. An error says why the log had stopped before.
    pub async fn run(self, stop: Stop) -> Result<Drained, LogError> {
        let Self { listener, router, limits, log, lock } = self;
        let publishing = Arc::clone(&log);
        // A log that starts has something to say at once: that it is there.
        let first = tokio::spawn(async move {
            let _ = publishing.publish().await;
        });
        let drained = http::run(listener, router, &limits, stop).await;
        let _ = first.await;
        match Arc::try_unwrap(log) {
            Ok(log) => {
                log.close().await?;
                lock.end_in_order();
                Ok(drained)
            }
            // Whoever still holds the log closes it by dropping it.
            Err(log) => log.settle().await.map(|()| drained),
        }
    }
}

/// Opens a log and serves it until asked to stop.
pub async fn serve(config: &LogConfig, stop: Stop) -> Result<Drained, LogError> {
    let server = Server::open(config).await?;
    match server.address() {
        Ok(address) => tracing::info!(%address, origin = server.log.origin(), "the log listens"),
        Err(error) => tracing::warn!(%error, "the log listens"),
    }
    server.run(stop).await
}
