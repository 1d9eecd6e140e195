//! The publisher: snapshots of both lists, shown and told to the log while the crowd votes.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use booth_server::publish::{self, Committer, Log, PublishConfig, Server};
use service::clock::SystemClock;
use service::config::Override;
use service::stop::{self, StopHandle};
use tokio::task::{self, JoinHandle};

use super::election::Election;
use crate::commands::publish::log::HttpLog;
use crate::demo::world;

/// Seconds from one snapshot to the next: so few only so that a crowd that votes for seconds sees
/// some.
pub(super) const SNAPSHOT_S: i64 = 2;

/// The pause before shards that have not closed are asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// A running publisher.
pub(in crate::demo) struct Publisher {
    stop: StopHandle,
    task: JoinHandle<()>,
    address: SocketAddr,
    /// What takes snapshots.
    taker: Arc<publish::Publisher>,
    /// What tells the log.
    committer: Arc<Committer>,
}

impl Publisher {
    /// Starts the publisher of a folder behind instances and an edge; it tells the election's log.
    pub(super) async fn start(
        folder: &Path,
        election: &Election,
        instances: &[SocketAddr],
        edge: SocketAddr,
    ) -> anyhow::Result<Self> {
        let ground = &election.ground.folder;
        let path = |path: PathBuf| path.to_string_lossy().into_owned();
        let flags = [
            Override::new("listen", "127.0.0.1:0"),
            Override::new("snapshot_s", SNAPSHOT_S),
            Override::new("edges", vec![format!("http://{edge}")]),
            Override::new("log.url", election.servers.log_url()),
            Override::new("log.charter", path(ground.join("charter.json"))),
            Override::new("log.key", path(election.platform_key())),
            Override::new("log.passphrase.file", path(ground.join("passphrase"))),
        ];
        let mut config = PublishConfig::load(&folder.join("publish.toml"), &flags)?;
        for (shard, address) in config.shards.iter_mut().zip(instances) {
            shard.instances = vec![format!("http://{address}")];
        }
        let target = config.log_target()?.context("no log is configured")?;
        let log: Arc<dyn Log> = Arc::new(HttpLog::new(&target));
        let server = Server::open(&config, Some(log), Arc::new(SystemClock)).await?;
        let (address, taker) = (server.address(), server.publisher());
        let committer = server.committer().context("nothing is told to the log")?;
        let (handle, stop) = stop::pair();
        let task = tokio::spawn(async move {
            server.run(stop).await;
        });
        Ok(Self { stop: handle, task, address, taker, committer })
    }

    /// Where the lists are served.
    pub(in crate::demo) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes a snapshot now, whenever the next one is due.
    pub(super) async fn snapshot(&self) -> anyhow::Result<()> {
        self.taker.snapshot().await?;
        Ok(())
    }

    /// Takes the last snapshot and tells the log of everything; how many snapshots there are then.
    pub(super) async fn finish(&self) -> anyhow::Result<u64> {
        let mut pauses = tokio::time::interval(PAUSE);
        let last = loop {
            pauses.tick().await;
            match self.taker.shown() {
                Some(last) if last.is_last => break last.number,
                _ => self.snapshot().await?,
            }
        };
        loop {
            let committer = Arc::clone(&self.committer);
            if !task::spawn_blocking(move || committer.step()).await?? {
                return Ok(last + 1);
            }
        }
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.stop.ask();
        Ok(self.task.await?)
    }
}

/// Puts what the campaign has committed to where its publisher looks for it.
pub(super) fn reveal(platform: &Path) -> anyhow::Result<()> {
    let reveal = publish::gather(platform, world::now()?)?;
    let text = canon::json::to_canonical(&reveal)?;
    Ok(service::disk::write_private(&platform.join("publish/reveal.json"), &text)?)
}
