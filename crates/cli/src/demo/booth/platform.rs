//! A platform on loopback: an authority, two instances, an edge, a publisher.
//!
//! ```text
//! booth/
//!     authority.pem       the authority's key, encrypted; its passphrase is the folder's
//!     campaign.toml       the campaign as it was written down
//!     solar/              the platform's folder, as `scrutineer collect init` makes it
//!         publish/state/  both lists as the world gets them, and what the log was told
//! ```

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use booth::campaign::Campaign;
use booth::publish::List;
use booth_server::campaign::read_campaign;
use booth_server::collect::{self, CollectConfig};
use booth_server::edge::{EdgeConfig, EdgeServer};
use canon::{PrivateKey, Timestamp};
use service::clock::SystemClock;
use service::config::Override;
use service::stop::{self, StopHandle};
use tempfile::TempDir;
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinHandle;

use super::election::Election;
use super::publisher::{self, Publisher};
use crate::demo::charter::CAMPAIGN;
use crate::demo::world;

/// What can be voted for: the campaign of the prototype's description.
const OPTIONS: [&str; 9] = [
    "Cross Uranus",
    "Evil Neptune",
    "Firy Mercury",
    "Beauty Venus",
    "Legend Earth",
    "Warriar Mars",
    "Bold Jupiter",
    "Humble Pluto",
    "Shiny Saturn",
];

/// Leading zero bits that a vote has to show: four thousand hashes, so that a crowd of voters can
/// work on one machine.
pub(super) const WORK_BITS: u32 = 12;

/// Votes of a batch, at least. So few only so that a crowd of some thousands sees many batches.
pub(super) const K: u32 = 5;

/// Shards that the mandates are spread over.
pub(super) const SHARDS: u16 = 2;

/// Milliseconds for which the edge waits for a request's headers: so few only so that nobody who
/// watches has to wait for the last of the voters who send half a request.
const HEADER_MS: u64 = 2_000;

/// Seconds for which the campaign is open.
const OPEN_S: u64 = 86_400;

/// The running platform.
pub(in crate::demo) struct Platform {
    runtime: Runtime,
    instances: Vec<Instance>,
    stop: StopHandle,
    edge: JoinHandle<()>,
    url: String,
    /// Where the edge tells how many stamps it has given.
    internal: SocketAddr,
    publisher: Option<Publisher>,
    pub(super) election: Election,
    pub(super) folder: PathBuf,
    /// The batch keys, in memory where there is a folder for it.
    keys: TempDir,
    /// The campaign, as everybody may know it.
    pub(super) campaign: Campaign,
}

/// A collecting instance.
struct Instance {
    config: PathBuf,
    address: SocketAddr,
    stop: StopHandle,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Instance {
    /// Starts one on an address, with its batch keys in a folder.
    async fn start(config: &Path, keys: &Path, listen: &str) -> anyhow::Result<Self> {
        let keys = keys.to_string_lossy().into_owned();
        let flags = [
            Override::new("listen", listen),
            Override::new("batch_keys", keys),
            // After the end an instance asks for somebody's word before it publishes the rest.
            Override::new("clock_checked", true),
        ];
        let config_now = CollectConfig::load(config, &flags)?;
        let server = collect::Server::open(&config_now, Arc::new(SystemClock)).await;
        let server = server.context("an instance does not start")?;
        let address = server.address();
        let (handle, stop) = stop::pair();
        let task = tokio::spawn(async move { Ok(server.run(stop).await.map(drop)?) });
        Ok(Self { config: config.to_path_buf(), address, stop: handle, task })
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.stop.ask();
        self.task.await?
    }
}

impl Platform {
    /// Makes keys and folder, and starts all servers; with it comes the key whose mandates count.
    pub(super) fn start(folder: &Path, election: Election) -> anyhow::Result<(Self, PrivateKey)> {
        let home = folder.join("booth");
        std::fs::create_dir_all(&home)?;
        let passphrase = std::fs::read_to_string(folder.join("passphrase"))?;
        let authority = world::new_key(&home.join("authority.pem"), passphrase.trim_end())?;
        let written = home.join("campaign.toml");
        std::fs::write(&written, campaign(&authority, world::now()?)?)?;
        let made = collect::init(&home.join("solar"), &written)?;
        let campaign = read_campaign(&made.campaign)?;
        let runtime = Runtime::new()?;
        let memory = Path::new("/dev/shm");
        let keys = if memory.is_dir() { memory } else { &home };
        let keys = tempfile::Builder::new().prefix("scrutineer-demo-").tempdir_in(keys)?;
        let mut instances = Vec::new();
        for (shard, config) in made.instances.iter().enumerate() {
            let keys = keys.path().join(shard.to_string());
            let instance = Instance::start(config, &keys, "127.0.0.1:0");
            instances.push(runtime.block_on(instance)?);
        }
        let listen = ["listen", "listen_internal"].map(|key| Override::new(key, "127.0.0.1:0"));
        let mut config = EdgeConfig::load(&made.edge, &listen)?;
        for (shard, instance) in config.campaigns[0].shards.iter_mut().zip(&instances) {
            shard.instances = vec![format!("http://{}", instance.address)];
        }
        config.limits.header_ms = HEADER_MS;
        let edge = runtime.block_on(EdgeServer::open(&config)?.bind()).context("no edge")?;
        let url = format!("http://{}", edge.address()?);
        let internal = edge.internal_address().context("the edge tells of no stamps")??;
        let (stop, asked) = stop::pair();
        let edge = runtime.spawn(async move {
            edge.run(asked).await;
        });
        let (folder, publisher) = (made.folder, None);
        let mut platform = Self {
            runtime,
            instances,
            stop,
            edge,
            url,
            internal,
            publisher,
            election,
            folder,
            keys,
            campaign,
        };
        let runtime = platform.runtime();
        runtime.block_on(platform.publish())?;
        Ok((platform, authority))
    }

    /// Starts the publisher.
    async fn publish(&mut self) -> anyhow::Result<()> {
        let instances: Vec<_> = self.instances.iter().map(|instance| instance.address).collect();
        let folder = self.folder.join("publish");
        let publisher = Publisher::start(&folder, &self.election, &instances, self.internal).await;
        self.publisher = Some(publisher.context("the publisher does not start")?);
        Ok(())
    }

    /// The publisher.
    pub(in crate::demo) fn publisher(&self) -> anyhow::Result<&Publisher> {
        self.publisher.as_ref().context("the publisher is gone")
    }

    /// Closes the campaign: instances and publisher end, the campaign's end is now, and they start
    /// again. What waited for more votes of its kind is cut then, and what was committed to lies
    /// ready to be revealed.
    pub(super) async fn close(&mut self) -> anyhow::Result<()> {
        let now = world::now()?;
        let text = std::fs::read_to_string(self.folder.join("campaign.toml"))?;
        let lines = text.lines().map(|line| match line.strip_prefix("end = ") {
            Some(_) => format!("end = \"{now}\"\n"),
            None => format!("{line}\n"),
        });
        let text: String = lines.collect();
        if let Some(publisher) = self.publisher.take() {
            publisher.stop().await?;
        }
        std::fs::write(self.folder.join("publish/campaign.toml"), &text)?;
        for (shard, instance) in std::mem::take(&mut self.instances).into_iter().enumerate() {
            let (config, address) = (instance.config.clone(), instance.address.to_string());
            instance.stop().await?;
            std::fs::write(config.with_file_name("campaign.toml"), &text)?;
            let keys = self.keys.path().join(shard.to_string());
            self.instances.push(Instance::start(&config, &keys, &address).await?);
        }
        publisher::reveal(&self.folder)?;
        self.publish().await
    }

    /// Where voters find it.
    pub(in crate::demo) fn edge(&self) -> &str {
        &self.url
    }

    /// Where the seed stands that a booth makes its codes from.
    pub(super) fn totp_seed(&self) -> PathBuf {
        self.folder.join("booth/totp-seed")
    }

    /// The two lists as they are published: votes, voters.
    pub(super) fn lists(&self) -> anyhow::Result<[String; 2]> {
        let state = self.folder.join("publish/state");
        let read = |list: List| std::fs::read_to_string(state.join(list.file_name(CAMPAIGN)));
        Ok([read(List::Votes)?, read(List::Voters)?])
    }

    /// What drives the voters.
    pub(super) fn runtime(&self) -> Handle {
        self.runtime.handle().clone()
    }

    /// Ends all servers.
    pub(in crate::demo) fn stop(self) -> anyhow::Result<()> {
        if let Some(publisher) = self.publisher {
            self.runtime.block_on(publisher.stop())?;
        }
        self.stop.ask();
        self.runtime.block_on(self.edge)?;
        for instance in self.instances {
            self.runtime.block_on(instance.stop())?;
        }
        self.election.servers.stop()
    }
}

/// The campaign file, as somebody would write it by hand.
fn campaign(authority: &PrivateKey, now: Timestamp) -> anyhow::Result<String> {
    let options: Vec<String> =
        OPTIONS.iter().map(|option| format!("    \"{option}\",\n")).collect();
    let end = now.plus_seconds(OPEN_S).context("the end of time")?;
    Ok(format!(
        "name = \"{CAMPAIGN}\"\npurpose = \"demonstration\"\noptions = [\n{}]\n\
         authorities = [\"{}\"]\nstart = \"{now}\"\nend = \"{end}\"\n\
         k = {K}\nwork_bits = {WORK_BITS}\nshards = {SHARDS}\n",
        options.concat(),
        authority.public().to_base64(),
    ))
}
