//! A platform on loopback: an authority, two instances, an edge.
//!
//! ```text
//! booth/
//!     authority.pem       the authority's key, encrypted; its passphrase is the folder's
//!     campaign.toml       the campaign as it was written down
//!     solar/              the platform's folder, as `scrutineer collect init` makes it
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use booth::campaign::Campaign;
use booth_server::campaign::read_campaign;
use booth_server::collect::{self, CollectConfig};
use booth_server::edge::{EdgeConfig, EdgeServer};
use canon::{PrivateKey, Timestamp};
use service::clock::SystemClock;
use service::config::Override;
use service::stop::{self, StopHandle};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

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

/// Leading zero bits that a vote has to show: some thousand hashes, so that a crowd of voters can
/// work on one machine.
pub(super) const WORK_BITS: u32 = 12;

/// Shards that the mandates are spread over.
pub(super) const SHARDS: u16 = 2;

/// Seconds for which the campaign is open.
const OPEN_S: u64 = 86_400;

/// The running platform.
pub(in crate::demo) struct Platform {
    runtime: Runtime,
    stop: StopHandle,
    tasks: Vec<JoinHandle<anyhow::Result<()>>>,
    folder: PathBuf,
    edge: String,
    /// The campaign, as everybody may know it.
    pub(super) campaign: Campaign,
}

impl Platform {
    /// Makes keys and folder, and starts three servers; with it comes the key whose mandates count.
    pub(super) fn start(folder: &Path) -> anyhow::Result<(Self, PrivateKey)> {
        let home = folder.join("booth");
        std::fs::create_dir_all(&home)?;
        let passphrase = std::fs::read_to_string(folder.join("passphrase"))?;
        let authority = world::new_key(&home.join("authority.pem"), passphrase.trim_end())?;
        let written = home.join("campaign.toml");
        std::fs::write(&written, campaign(&authority, world::now()?)?)?;
        let made = collect::init(&home.join("solar"), &written)?;
        let campaign = read_campaign(&made.campaign)?;
        let runtime = Runtime::new()?;
        let (handle, stop) = stop::pair();
        let mut tasks = Vec::new();
        let mut instances = Vec::new();
        for (shard, config) in made.instances.iter().enumerate() {
            let keys = home.join(format!("batch-keys-{shard}"));
            let flags = [
                Override::new("listen", "127.0.0.1:0"),
                Override::new("batch_keys", keys.to_string_lossy().into_owned()),
            ];
            let config = CollectConfig::load(config, &flags)?;
            let server = collect::Server::open(&config, Arc::new(SystemClock));
            let server = runtime.block_on(server).context("an instance does not start")?;
            instances.push(format!("http://{}", server.address()));
            let stop = stop.clone();
            tasks.push(runtime.spawn(async move { Ok(server.run(stop).await.map(drop)?) }));
        }
        let mut config = EdgeConfig::load(&made.edge, &[Override::new("listen", "127.0.0.1:0")])?;
        for (shard, url) in config.campaigns[0].shards.iter_mut().zip(instances) {
            shard.instances = vec![url];
        }
        let edge = runtime.block_on(EdgeServer::open(&config)?.bind()).context("no edge")?;
        let url = format!("http://{}", edge.address()?);
        tasks.push(runtime.spawn(async move {
            edge.run(stop).await;
            Ok(())
        }));
        let folder = made.folder;
        let platform = Self { runtime, stop: handle, tasks, folder, edge: url, campaign };
        Ok((platform, authority))
    }

    /// Where voters find it.
    pub(in crate::demo) fn edge(&self) -> &str {
        &self.edge
    }

    /// Where a secret of the platform stands.
    pub(super) fn secret(&self, name: &str) -> PathBuf {
        self.folder.join("secrets").join(name)
    }

    /// The two lists of all instances: votes, voters.
    pub(super) fn lists(&self) -> anyhow::Result<[String; 2]> {
        let mut lists = [String::new(), String::new()];
        for shard in 0..SHARDS {
            let state = self.folder.join(format!("collect-{shard}"));
            for (list, name) in lists.iter_mut().zip(["solar-vote.log", "solar-auth.log"]) {
                list.push_str(&std::fs::read_to_string(state.join(name))?);
            }
        }
        Ok(lists)
    }

    /// What drives the voters.
    pub(super) const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Ends all three.
    pub(in crate::demo) fn stop(self) -> anyhow::Result<()> {
        self.stop.ask();
        for task in self.tasks {
            self.runtime.block_on(task)??;
        }
        Ok(())
    }
}

/// The campaign file, as somebody would write it by hand.
fn campaign(authority: &PrivateKey, now: Timestamp) -> anyhow::Result<String> {
    let options: Vec<String> =
        OPTIONS.iter().map(|option| format!("    \"{option}\",\n")).collect();
    let end = now.plus_seconds(OPEN_S).context("the end of time")?;
    Ok(format!(
        "name = \"solar\"\npurpose = \"demonstration\"\noptions = [\n{}]\n\
         authorities = [\"{}\"]\nstart = \"{now}\"\nend = \"{end}\"\n\
         k = 0\nwork_bits = {WORK_BITS}\nshards = {SHARDS}\n",
        options.concat(),
        authority.public().to_base64(),
    ))
}
