//! An edge's configuration file.
//!
//! ```text
//! listen = "0.0.0.0:443"
//! listen_internal = "127.0.0.1:9180"         # optional: /healthz, /metrics, /stamps
//! internal_private_network = false           # optional: listen_internal beyond this machine
//! behind_proxy = false                       # optional: all clients have the proxy's address
//! clock_step_s = 60                          # optional: how far the clock may step
//!
//! [tls]                                      # optional, see service::tls
//! certificates = "tls/chain.pem"
//! key = "tls/key.pem"
//!
//! [[campaigns]]
//! file = "campaign.toml"
//! hosts = ["solar.example.org"]              # optional, see docs/operate/edge.md
//! stamp_seed = { file = "stamp-seed" }     # or { env = "NAME" }
//! decoy_seed = { file = "decoy-seed" }
//! edge_key = { file = "edge-key" }
//! pass = { file = "pass-header" }          # or certificates in origin_tls, or both
//! stamps_pass = { file = "stamps-pass" }   # optional: the publisher is told of stamps
//! origin_tls = { roots = "tls/instances.pem" }    # optional, see service::tls
//! private_network = false                    # optional: http to instances on other machines
//!
//! [[campaigns.shards]]                       # one a shard, in their order
//! instances = ["http://127.0.0.1:9100"]
//!
//! [limits]                                   # optional, see service::limits
//! [origin]                                   # optional, see OriginLimits
//! [examinations]                             # optional, see Examinations
//! [tables]                                   # optional, see booth::edge::Limits
//! ```
//!
//! Paths are taken from the file's own folder.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use service::config::{self, Override, Secret};
use service::limits::Limits;
use service::tls::{ClientTls, ServerTls};

use super::EdgeError;
use super::places::Examinations;
use super::pool::OriginLimits;

/// What an edge is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeConfig {
    /// The address for voters.
    pub listen: String,
    /// The address for `/healthz`, `/metrics` and `/stamps`, which are not for voters.
    #[serde(default)]
    pub listen_internal: Option<String>,
    /// Whether `listen_internal` may be an address beyond this machine, because nobody but the
    /// operators reaches it: the figures help to tell whether a code was right.
    #[serde(default)]
    pub internal_private_network: bool,
    /// Whether every client comes with one proxy's address, so that no address has a share only.
    #[serde(default)]
    pub behind_proxy: bool,
    /// Seconds by which the clock may step before nothing is judged until it is back.
    #[serde(default = "minute")]
    pub clock_step_s: u64,
    /// Certificate and key; connections in the clear where there is none.
    #[serde(default)]
    pub tls: Option<ServerTls>,
    /// Bounds on connections and requests.
    #[serde(default)]
    pub limits: Limits,
    /// Bounds on the questions to one instance.
    #[serde(default)]
    pub origin: OriginLimits,
    /// Bounds on examinations.
    #[serde(default)]
    pub examinations: Examinations,
    /// Bounds on what is remembered for each campaign.
    #[serde(default)]
    pub tables: booth::edge::Limits,
    /// The campaigns.
    #[serde(default)]
    pub campaigns: Vec<CampaignEntry>,
    /// The folder from which paths are taken.
    #[serde(skip)]
    pub(super) base: PathBuf,
}

const fn minute() -> u64 {
    60
}

/// What an edge is told about one campaign.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignEntry {
    /// The campaign file.
    pub file: PathBuf,
    /// The hosts that it is asked under. None: its name is the first label of the host, or, where
    /// it is the only campaign, any host will do.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The private key of the stamps: base64 of 32 bytes.
    pub stamp_seed: Secret,
    /// The private key of the decoys.
    pub decoy_seed: Secret,
    /// The key that binds voter stamps.
    pub edge_key: Secret,
    /// The pass header.
    #[serde(default)]
    pub pass: Option<Secret>,
    /// What the publisher shows to be told how many stamps were given; another than `pass`.
    #[serde(default)]
    pub stamps_pass: Option<Secret>,
    /// Whom the edge believes, and what it shows, where instances are asked over https.
    #[serde(default)]
    pub origin_tls: Option<ClientTls>,
    /// Whether `http` may be spoken to instances on other machines, because nobody can listen
    /// between: mandates and votes go there together.
    #[serde(default)]
    pub private_network: bool,
    /// The shards.
    #[serde(default)]
    pub shards: Vec<ShardEntry>,
}

/// The instances of one shard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardEntry {
    /// `http://HOST:PORT` or `https://HOST:PORT`.
    pub instances: Vec<String>,
}

impl EdgeConfig {
    /// Reads the file. What it names is read when an edge is made of it:
    /// [`EdgeServer::open`](super::EdgeServer::open).
    pub fn load(path: &Path, flags: &[Override]) -> Result<Self, EdgeError> {
        let mut config: Self = config::load(path, flags)?;
        config.base = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        Ok(config)
    }

    /// The limits on connections, behind a proxy without shares.
    pub fn limits(&self) -> Limits {
        let mut limits = self.limits.clone();
        if self.behind_proxy && limits.connections_per_peer.is_none() {
            limits.connections_per_peer = Some(limits.connections);
        }
        limits
    }

    /// The bounds on what is remembered, behind a proxy without shares.
    pub fn tables(&self) -> booth::edge::Limits {
        let mut tables = self.tables;
        if self.behind_proxy && tables.repeats_per_peer.is_none() {
            tables.repeats_per_peer = Some(tables.repeats);
        }
        tables
    }
}
