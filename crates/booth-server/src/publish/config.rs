//! A publisher's configuration file.
//!
//! ```text
//! listen = "127.0.0.1:8090"
//! listen_internal = "127.0.0.1:9190"         # optional: /healthz, /metrics, /status.json
//! internal_private_network = false           # optional: listen_internal beyond this machine
//! campaign = "campaign.toml"
//! election_id = "county-2026"                # default: the campaign's name
//! state = "state"                            # the lists, and the record of all snapshots
//! snapshot_s = 120                           # seconds from one snapshot to the next
//! interim = "sizes"                          # or "full": results before the close
//! pass = { file = "publisher-pass" }         # or { env = "NAME" }; so is the next one
//! snapshot_salt = { file = "snapshot-salt" }
//! edges = ["http://127.0.0.1:9180"]          # optional: each edge's listen_internal
//! stamps_pass = { file = "stamps-pass" }     # what edges are shown
//! stamps_s = 900                             # seconds between two figures of stamps
//! origin_tls = { roots = "instances.pem" }   # see service::tls
//! private_network = false                    # http to instances on other machines
//!
//! [[shards]]                                 # one a shard, in their order
//! instances = ["http://127.0.0.1:9100"]
//!
//! [log]                                      # optional: where snapshots are committed
//! url = "https://log.example"
//! charter = "charter.json"                   # by which promises are judged
//! key = "platform.pem"                       # encrypted
//! passphrase = { file = "platform-passphrase" }
//! deployment_map = "field.yml"               # optional: its digest is committed
//! reveal = "reveal.json"                     # what is put there after the close is revealed
//! answer_ms = 10000
//!
//! [tls]                                      # see service::tls
//! [limits]                                   # see service::limits
//! [origin]                                   # see crate::edge::OriginLimits
//!
//! [barrier]
//! records = 1_000_000                        # the most votes that one barrier takes
//! bytes = 536_870_912                        # and the most bytes of lines, of both lists
//! shard_ms = 60_000                          # for a shard's cuts, and again for their lines
//! ```
//!
//! Paths are taken from the file's own folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use artifact::charter::Purpose;
use artifact::id::{CampaignName, ElectionId};
use booth::campaign::Campaign;
use booth::publish::{Share, SnapshotSalt};
use canon::Digest;
use serde::Deserialize;
use service::config::{self, Override, Secret};
use service::limits::Limits;
use service::tls::{ClientTls, ServerTls};
use zeroize::Zeroizing;

use super::edges::Edges;
use super::error::{Faults, PublishError};
use super::log::{LogEntry, LogParts, LogTarget};
use crate::campaign::{CampaignError, read_campaign};
use crate::edge::open::instances::{Entries, is_local, of_shards};
use crate::edge::origin::InstanceEntry;
use crate::edge::{CampaignEntryFault, OriginLimits, ShardEntry};

/// What is shown before the close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interim {
    /// The number of records, and commitments to the lists.
    Sizes,
    /// The lists and the counts.
    Full,
}

/// Bounds on what one barrier takes, in memory and in time: the table `[barrier]`.
///
/// Each shard has an equal part of records and bytes, and at least one cut; the rest comes at the
/// next barrier, which follows at once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BarrierLimits {
    /// The most votes.
    pub records: u64,
    /// The most bytes of lines, of both lists.
    pub bytes: u64,
    /// Time for all that a shard is asked of its cuts, and as long for their lines, milliseconds.
    /// Who is not done by then is as good as away.
    pub shard_ms: u64,
}

impl Default for BarrierLimits {
    fn default() -> Self {
        Self { records: 1_000_000, bytes: 512 << 20, shard_ms: 60_000 }
    }
}

/// What a publisher is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishConfig {
    /// The address for the world.
    pub listen: String,
    /// The address for `/healthz`, `/metrics` and `/status.json`, which is not for the world.
    #[serde(default)]
    pub listen_internal: Option<String>,
    /// Whether `listen_internal` may be an address beyond this machine, because nobody but the
    /// operators reaches it.
    #[serde(default)]
    pub internal_private_network: bool,
    /// The campaign file.
    pub campaign: PathBuf,
    /// The election that the campaign belongs to.
    #[serde(default)]
    pub election_id: Option<ElectionId>,
    /// The folder of the lists.
    pub state: PathBuf,
    /// Seconds from one snapshot to the next.
    #[serde(default = "two_minutes")]
    pub snapshot_s: u32,
    /// What is shown before the close. By default a demonstration shows everything, and every
    /// other campaign sizes.
    #[serde(default)]
    pub interim: Option<Interim>,
    /// What the instances are shown.
    pub pass: Secret,
    /// What hides digests before the close.
    #[serde(default)]
    pub snapshot_salt: Option<Secret>,
    /// The edges' internal addresses; without, no snapshot tells of stamps.
    #[serde(default)]
    pub edges: Vec<String>,
    /// What edges are shown.
    #[serde(default)]
    pub stamps_pass: Option<Secret>,
    /// Seconds between two snapshots that tell of stamps; by default a quarter of an hour, and for
    /// a demonstration none.
    #[serde(default)]
    pub stamps_s: Option<u64>,
    /// The log that is told.
    #[serde(default)]
    pub log: Option<LogEntry>,
    /// Whom the publisher believes, and what it shows, where instances are asked over https.
    #[serde(default)]
    pub origin_tls: Option<ClientTls>,
    /// Whether `http` may be spoken to instances on other machines.
    #[serde(default)]
    pub private_network: bool,
    /// The shards.
    #[serde(default)]
    pub shards: Vec<ShardEntry>,
    /// Certificate and key; connections in the clear where there is none.
    #[serde(default)]
    pub tls: Option<ServerTls>,
    /// Bounds on connections and requests.
    #[serde(default)]
    pub limits: Limits,
    /// Bounds on the questions to one instance.
    #[serde(default = "patient")]
    pub origin: OriginLimits,
    /// Bounds on one barrier.
    #[serde(default)]
    pub barrier: BarrierLimits,
    /// The folder from which paths are taken.
    #[serde(skip)]
    base: PathBuf,
}

/// As seldom as an edge's own figures of stamps move.
const QUARTER_S: u64 = 900;

const fn two_minutes() -> u32 {
    120
}

/// An answer has up to 16 MiB.
fn patient() -> OriginLimits {
    OriginLimits { answer_ms: 60_000, ..OriginLimits::default() }
}

/// What a configuration names, read and checked.
pub(super) struct Parts {
    pub(super) rules: Rules,
    pub(super) shards: Vec<Vec<InstanceEntry>>,
    pub(super) edges: Edges,
    pub(super) tls: Option<Arc<rustls::ServerConfig>>,
}

/// The campaign, and what is shown of it when.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) campaign: Campaign,
    pub(super) name: CampaignName,
    pub(super) election_id: ElectionId,
    /// What hides the digests before the close; none where everything is shown at once.
    pub(super) salt: Option<SnapshotSalt>,
}

impl PublishConfig {
    /// Reads the file, with flags in the place of its values.
    pub fn load(path: &Path, flags: &[Override]) -> Result<Self, PublishError> {
        let mut config: Self = config::load(path, flags)?;
        config.base = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Ok(config)
    }

    /// The folder of the lists.
    pub(super) fn state(&self) -> PathBuf {
        self.base.join(&self.state)
    }

    /// Reads all that is named; the campaign.
    pub fn check(&self) -> Result<Campaign, PublishError> {
        let campaign = self.parts()?.rules.campaign;
        self.log_parts()?;
        Ok(campaign)
    }

    /// What a barrier takes of each shard.
    pub(super) fn share(&self, rules: &Rules) -> Share {
        let part = |all: u64| all / u64::from(rules.campaign.shards().max(1));
        Share { records: part(self.barrier.records), bytes: part(self.barrier.bytes) }
    }

    /// All that is named, or what is wrong with it.
    pub(super) fn parts(&self) -> Result<Parts, PublishError> {
        if self.snapshot_s == 0 {
            return Err(PublishError::NoPause);
        }
        if let Some(listen) = self.listen_internal.as_deref()
            && !self.internal_private_network
            && !is_local(listen.rsplit_once(':').map_or(listen, |(host, _)| host))
        {
            return Err(PublishError::Internal { listen: listen.to_owned() });
        }
        let campaign = self.campaign_alone()?;
        let rules = self.rules(campaign)?;
        let entries = Entries {
            pass: Some(&self.pass),
            tls: self.origin_tls.as_ref(),
            private_network: self.private_network,
            shards: &self.shards,
        };
        let mut faults = Vec::new();
        let shards = of_shards(&entries, &self.base, &mut faults);
        let (expected, found) = (rules.campaign.shards(), shards.len());
        if usize::from(expected) != found {
            faults.push(CampaignEntryFault::Shards { expected, found });
        }
        let edges = self.edges(&rules, &mut faults);
        if !faults.is_empty() {
            return Err(PublishError::Faults(Faults(faults)));
        }
        let tls = self.tls.as_ref().map(|tls| tls.read(&self.base)).transpose()?;
        Ok(Parts { rules, shards, edges, tls })
    }

    /// The campaign of the file.
    pub(super) fn campaign_alone(&self) -> Result<Campaign, CampaignError> {
        read_campaign(&self.base.join(&self.campaign))
    }

    /// The campaign, and what is shown of it when.
    pub(super) fn rules_alone(&self) -> Result<Rules, PublishError> {
        self.rules(self.campaign_alone()?)
    }

    /// What tells the log; none where nothing is committed.
    pub fn log_parts(&self) -> Result<Option<LogParts>, PublishError> {
        let Some(log) = &self.log else { return Ok(None) };
        Ok(Some(log.parts(&self.rules_alone()?, &self.base)?))
    }

    /// Where the log is; none where nothing is committed.
    pub fn log_target(&self) -> Result<Option<LogTarget>, PublishError> {
        let Some(log) = &self.log else { return Ok(None) };
        Ok(Some(log.target(&self.rules_alone()?, &self.base)?))
    }

    fn edges(&self, rules: &Rules, faults: &mut Vec<CampaignEntryFault>) -> Edges {
        let entries = match &*self.edges {
            [] => Vec::new(),
            addresses => {
                let all = [ShardEntry { instances: addresses.to_vec() }];
                let entries = Entries {
                    pass: self.stamps_pass.as_ref(),
                    tls: self.origin_tls.as_ref(),
                    private_network: self.private_network,
                    shards: &all,
                };
                of_shards(&entries, &self.base, faults).into_iter().flatten().collect()
            }
        };
        let is_shown = rules.campaign.purpose() == Purpose::Demonstration;
        let every_s = self.stamps_s.unwrap_or(if is_shown { 0 } else { QUARTER_S });
        Edges::new(entries, &self.origin, every_s)
    }

    fn rules(&self, campaign: Campaign) -> Result<Rules, PublishError> {
        let name: CampaignName =
            campaign.name().parse().map_err(|_| PublishError::Name("the campaign's name"))?;
        let election_id = match &self.election_id {
            Some(id) => id.clone(),
            None => name.as_ref().parse().map_err(|_| PublishError::Name("election_id"))?,
        };
        let is_full = match (self.interim, campaign.purpose()) {
            (Some(Interim::Full), Purpose::Official) => return Err(PublishError::TooEarly),
            (Some(interim), _) => interim == Interim::Full,
            (None, purpose) => purpose == Purpose::Demonstration,
        };
        let salt = if is_full { None } else { Some(self.salt(&campaign)?) };
        Ok(Rules { campaign, name, election_id, salt })
    }

    fn salt(&self, campaign: &Campaign) -> Result<SnapshotSalt, PublishError> {
        let secret = self.snapshot_salt.as_ref().ok_or(PublishError::NoSalt)?;
        let value = secret.read(&self.base)?;
        let bytes = canon::base64::decode(&value).map(Zeroizing::new);
        let found = bytes.map(|bytes| Digest::of(&bytes));
        if campaign.snapshot_salt_sha256().is_some_and(|digest| found != Some(*digest)) {
            return Err(PublishError::OtherSalt);
        }
        let text = std::str::from_utf8(&value).ok();
        let salt = text.and_then(booth::Secret::from_base64).ok_or(PublishError::SaltForm)?;
        Ok(SnapshotSalt::new(salt))
    }
}
