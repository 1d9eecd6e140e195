//! The log and its three witnesses, as real servers on loopback.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use artifact::payload::{self, CitedHead, PayloadType};
use bytes::Bytes;
use canon::{Digest, PrivateKey, Signer};
use log_server::log::client::{Client, History};
use log_server::log::{self, Log, LogConfig, Submission, WitnessEntry};
use log_server::witness::{self, Witness, WitnessConfig};
use service::stop::{self, Stop, StopHandle};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::charter::WITNESSES;
use super::world::{Ground, witness_folder};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A head that enough witnesses have cosigned.
pub(super) struct WitnessedHead {
    pub(super) cited: CitedHead,
    /// How many witnesses that count have cosigned it.
    pub(super) cosigned: usize,
}

/// Where an artifact stands in the log.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) index: u64,
    pub(super) digest: Digest,
}

/// Four servers and a client.
pub(super) struct Servers {
    runtime: Runtime,
    stop: StopHandle,
    witnesses: Vec<JoinHandle<()>>,
    server: JoinHandle<anyhow::Result<()>>,
    log: Arc<Log>,
    url: String,
    client: Client,
    policy: artifact::register::WitnessPolicy,
    history: History,
}

impl Servers {
    /// Starts the witnesses, then the log, which takes the charter as its first entry.
    pub(super) fn start(ground: &Ground) -> anyhow::Result<Self> {
        let runtime = Runtime::new()?;
        let (handle, stop) = stop::pair();
        let mut witnesses = Vec::new();
        let mut entries = Vec::new();
        for (number, (name, _)) in (1..).zip(WITNESSES) {
            let home = witness_folder(&ground.folder, number);
            let (url, task) = start_witness(&runtime, &home, stop.clone())
                .with_context(|| format!("witness {number} does not start"))?;
            witnesses.push(task);
            entries.push(WitnessEntry { name: name.to_owned(), url });
        }
        let server = runtime
            .block_on(log::Server::open(&log_config(ground, entries)))
            .context("the log does not start")?;
        let url = format!("http://{}", server.address()?);
        let log = Arc::clone(server.log());
        let server = runtime.spawn(async move {
            server.run(stop).await?;
            Ok(())
        });
        let register = &ground.charter.register;
        let policy = register.witness_policy_at(1).context("the charter has no witnesses")?;
        Ok(Self {
            client: Client::new(&url, PATIENCE),
            policy: policy.clone(),
            history: History::of_charter(&ground.charter),
            runtime,
            stop: handle,
            witnesses,
            server,
            log,
            url,
        })
    }

    /// Where the log answers.
    pub(super) fn log_url(&self) -> &str {
        &self.url
    }

    /// How many entries the log has taken.
    pub(super) fn entries(&self) -> u64 {
        self.log.size()
    }

    /// Signs a payload, submits it, and checks the log's receipt; where it stands.
    pub(super) fn add<P: PayloadType>(
        &self,
        payload: &P,
        key: &PrivateKey,
        files: &[&'static [u8]],
    ) -> anyhow::Result<Entry> {
        let artifact = payload::sign(payload, &[key as &dyn Signer])?;
        let submission = Submission {
            artifact: Bytes::from(artifact),
            files: files.iter().map(|file| Bytes::from_static(file)).collect(),
        };
        let receipt = self
            .client
            .add(&submission, Some(&self.history))
            .with_context(|| format!("the log did not take {}", super::kind_of(payload)))?;
        Ok(Entry { index: receipt.index, digest: receipt.artifact })
    }

    /// Has a head signed over everything so far, and judges what is published.
    pub(super) fn head(&self) -> anyhow::Result<WitnessedHead> {
        self.runtime.block_on(self.log.publish())?;
        let checkpoint = self.client.get("/checkpoint")?;
        let judged = self.policy.judge(&checkpoint)?;
        anyhow::ensure!(judged.quorum_met, "the head is short of its witnesses");
        let head = judged.checkpoint.head();
        Ok(WitnessedHead {
            cited: CitedHead { root_hash: head.root, tree_size: head.size },
            cosigned: judged.cosigned.len(),
        })
    }

    /// Ends all four, the log first of all publishing what it has taken.
    pub(super) fn stop(self) -> anyhow::Result<()> {
        let Self { runtime, stop, witnesses, server, log, .. } = self;
        drop(log);
        stop.ask();
        runtime.block_on(async {
            let ended = server.await;
            for witness in witnesses {
                let _ = witness.await;
            }
            ended
        })?
    }

    /// Waits until the user interrupts.
    pub(super) fn wait_for(&self, mut asked: Stop) {
        self.runtime.block_on(asked.asked());
    }
}

fn start_witness(
    runtime: &Runtime,
    home: &std::path::Path,
    stop: Stop,
) -> anyhow::Result<(String, JoinHandle<()>)> {
    let config = WitnessConfig::load(&home.join("witness.toml"), &[])?;
    let witness = Arc::new(Witness::open(&config)?);
    let server = runtime.block_on(witness::Server::bind(witness, &config))?;
    let url = format!("http://{}", server.address()?);
    let task = runtime.spawn(async move {
        server.run(stop).await;
    });
    Ok((url, task))
}

fn log_config(ground: &Ground, witnesses: Vec<WitnessEntry>) -> LogConfig {
    let home = ground.folder.join("log");
    let mut config = LogConfig::new("127.0.0.1:0", ground.secret());
    config.charter = ground.folder.join("charter.json");
    config.keys = home.join("keys");
    config.wal = home.join("wal");
    config.store = home.join("published");
    config.withheld = home.join("withheld");
    config.witnesses = witnesses;
    config
}
