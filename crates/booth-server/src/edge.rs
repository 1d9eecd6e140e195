//! The edge as a server: what voters reach, and all that they reach.
//!
//! ```text
//! GET /stamp     TOTP: six digits; Station where each has a seed of its own
//! GET /list      the options
//! GET /<nonce>   a vote
//! anything else  400, without a body
//! ```
//!
//! The rules are [`booth::edge`]; here are their network, clock and randomness. Specified in
//! `docs/spec/booth.md`, operated by `docs/operate/edge.md`.
//!
//! Invariant: whatever arrives, an instance gets from one edge at most one question a second for
//! the options and for the codes of each station, and of votes only those that have shown work,
//! stamps and a valid mandate, each once at a time. No lock is held while anything is waited for,
//! and every table has a bound.

mod alarm;
mod cache;
mod claims;
mod config;
mod error;
mod figures;
mod front;
mod internal;
mod ledgers;
mod memory;
pub(crate) mod open;
pub(crate) mod origin;
mod places;
pub(crate) mod pool;
mod seeds;
mod site;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use service::clock::{Clock, SystemClock};
use service::http::{self, Drained, Entrance};
use service::limits::Limits;
use service::stop::Stop;
use tokio::net::TcpListener;

pub use config::{CampaignEntry, EdgeConfig, ShardEntry};
pub use error::{CampaignEntryFault, EdgeError, EdgeFault, EdgeFaults};
use figures::Figures;
use front::Front;
pub use places::Examinations;
pub use pool::OriginLimits;
use site::Site;

/// An edge whose configuration holds, before it listens.
pub struct EdgeServer {
    front: Front,
    sites: Arc<[Arc<Site>]>,
    figures: Figures,
    tls: Option<Arc<ServerConfig>>,
    limits: Limits,
    listen: String,
    listen_internal: Option<String>,
}

/// An edge that listens; nothing is served before [`Listening::run`].
pub struct Listening {
    edge: EdgeServer,
    listener: TcpListener,
    internal: Option<TcpListener>,
}

impl EdgeServer {
    /// Reads all that a configuration names and checks it as a whole, which is what
    /// `--check-config` does.
    pub fn open(config: &EdgeConfig) -> Result<Self, EdgeError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Self::with_clock(config, &clock)
    }

    /// The same, with another clock.
    pub fn with_clock(config: &EdgeConfig, clock: &Arc<dyn Clock>) -> Result<Self, EdgeError> {
        let figures = Figures::new();
        let tls = config.tls.as_ref().map(|tls| tls.read(&config.base)).transpose();
        let sites = open::sites(config, clock, &figures);
        let (tls, sites) = match (tls, sites) {
            (Ok(tls), Ok(sites)) => (tls, sites),
            (tls, sites) => {
                let tls = tls.err().map(EdgeFault::Tls).into_iter();
                let rest = sites.err().map(|faults| faults.0).unwrap_or_default();
                return Err(EdgeError::Faults(EdgeFaults(tls.chain(rest).collect())));
            }
        };
        let front = Front::new(&sites, figures.clone());
        Ok(Self {
            front,
            sites: sites.into_iter().map(|(site, _)| site).collect(),
            figures,
            tls,
            limits: config.limits(),
            listen: config.listen.clone(),
            listen_internal: config.listen_internal.clone(),
        })
    }

    /// The names of the campaigns.
    pub fn campaigns(&self) -> impl Iterator<Item = &str> {
        self.sites.iter().map(|site| site.campaign().name())
    }

    /// Listens on the configured addresses.
    pub async fn bind(self) -> Result<Listening, EdgeError> {
        let listener = bind(&self.listen).await?;
        let internal = match &self.listen_internal {
            Some(listen) => Some(bind(listen).await?),
            None => None,
        };
        Ok(Listening { edge: self, listener, internal })
    }
}

async fn bind(listen: &str) -> Result<TcpListener, EdgeError> {
    let bound = TcpListener::bind(listen).await;
    bound.map_err(|source| EdgeError::Listen { listen: listen.to_owned(), source })
}

impl Listening {
    /// The address for voters, with the port that the system gave for port 0.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The address of `/healthz` and `/metrics`, if there is one.
    pub fn internal_address(&self) -> Option<io::Result<SocketAddr>> {
        self.internal.as_ref().map(TcpListener::local_addr)
    }

    /// Serves until asked to stop, and then lets running requests end.
    pub async fn run(self, stop: Stop) -> Drained {
        let Self { edge, listener, internal } = self;
        let EdgeServer { front, sites, figures, tls, limits, .. } = edge;
        let alarm = tokio::spawn(alarm::watch(Arc::clone(&sites), stop.clone()));
        let watching = internal.map(|listener| {
            let (router, stop) = (internal::router(sites, figures), stop.clone());
            tokio::spawn(async move { http::run(listener, router, &Limits::default(), stop).await })
        });
        let entrance = match tls {
            None => Entrance::plain(listener),
            Some(tls) => Entrance::tls(listener, tls),
        };
        let drained = http::serve(entrance, front, &limits, stop).await;
        let _ = alarm.await;
        if let Some(watching) = watching {
            let _ = watching.await;
        }
        drained
    }
}

/// Opens an edge and serves it until asked to stop.
pub async fn serve(config: &EdgeConfig, stop: Stop) -> Result<Drained, EdgeError> {
    let edge = EdgeServer::open(config)?;
    let campaigns = edge.campaigns().collect::<Vec<_>>().join(", ");
    let listening = edge.bind().await?;
    match listening.address() {
        Ok(address) => tracing::info!(%address, campaigns, "the edge listens"),
        Err(error) => tracing::warn!(%error, campaigns, "the edge listens"),
    }
    Ok(listening.run(stop).await)
}
