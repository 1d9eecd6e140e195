//! An instance's configuration file.
//!
//! ```text
//! listen = "127.0.0.1:9100"
//! campaign = "campaign.toml"
//! shard = 0
//! state = "state"                                 # spool and lists
//! batch_keys = "/run/scrutineer/solar-0"          # default: in memory, one a state folder
//! batch_keys_on_disk = false                      # whether they may lie on another disk instead
//! receipt_key = "receipt.pem"
//! passphrase = { file = "passphrase" }            # or { env = "NAME" }; so are the next three
//! totp_seed = { file = "totp-seed" }
//! draw_key = { file = "draw-key" }
//! pass = { file = "pass-header" }                 # none: [tls] with client_roots
//! publisher_pass = { file = "publisher-pass" }    # none: nothing is published
//! queue = 4096                                    # votes that may wait for the disk
//! claims = 12_000_000                             # stamps claimed for other shards, 40 minutes
//! clock_step_s = 60                               # how far the clock may step
//! clock_checked = false                           # start although the clock is past the end
//! pending_votes_are_lost = false                  # give up votes whose batch keys are gone
//!
//! [tls]                                           # see service::tls
//! [limits]                                        # see service::limits
//! ```
//!
//! Paths are taken from the file's own folder.

use std::path::{Path, PathBuf};

use booth::Secret as Seed;
use booth::campaign::{Campaign, Shard};
use booth::collect::{CLAIMS, PassHeader};
use canon::{Digest, PrivateKey};
use serde::Deserialize;
use service::config::{self, Override, Secret};
use service::folder::is_ours;
use service::limits::Limits;
use service::tls::ServerTls;
use zeroize::Zeroizing;

use super::error::CollectError;
use super::folders::memory;
use crate::campaign::read_campaign;

/// What an instance is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CollectConfig {
    /// The address to listen on.
    pub listen: String,
    /// The campaign file.
    pub campaign: PathBuf,
    /// The shard, from 0.
    pub shard: u16,
    /// The folder of spool and lists.
    pub state: PathBuf,
    /// The folder of the batch keys, apart from the spool.
    #[serde(default)]
    pub batch_keys: Option<PathBuf>,
    /// Whether the batch keys may lie on a disk, which has to be another than the spool's.
    #[serde(default)]
    pub batch_keys_on_disk: bool,
    /// The encrypted key that signs acceptances and receipts.
    pub receipt_key: PathBuf,
    /// Its passphrase.
    pub passphrase: Secret,
    /// The seed of the booths' codes.
    pub totp_seed: Secret,
    /// The key by which receipts are drawn.
    pub draw_key: Secret,
    /// What edges show.
    #[serde(default)]
    pub pass: Option<Secret>,
    /// What the publisher shows.
    #[serde(default)]
    pub publisher_pass: Option<Secret>,
    /// Votes that may wait for the disk.
    #[serde(default = "queue")]
    pub queue: usize,
    /// Stamps claimed for other shards that are remembered.
    #[serde(default = "claims")]
    pub claims: usize,
    /// Seconds that the clock may step before nothing is taken.
    #[serde(default = "clock_step_s")]
    pub clock_step_s: u64,
    /// Whether somebody has compared the clock with another one.
    #[serde(default)]
    pub clock_checked: bool,
    /// Whether votes whose batch keys are gone are given up.
    #[serde(default)]
    pub pending_votes_are_lost: bool,
    /// Certificates.
    #[serde(default)]
    pub tls: Option<ServerTls>,
    /// Bounds on connections and requests.
    #[serde(default)]
    pub limits: Limits,
    /// The folder from which paths are taken.
    #[serde(skip)]
    base: PathBuf,
}

const fn queue() -> usize {
    4_096
}

const fn claims() -> usize {
    CLAIMS
}

const fn clock_step_s() -> u64 {
    60
}

/// The secrets of an instance.
pub(super) struct Secrets {
    pub(super) receipt_key: PrivateKey,
    pub(super) totp_seed: Seed,
    pub(super) draw_key: Seed,
    pub(super) pass: Option<PassHeader>,
    pub(super) publisher_pass: Option<PassHeader>,
}

impl CollectConfig {
    /// Reads the file, with flags in the place of its values.
    pub fn load(path: &Path, flags: &[Override]) -> Result<Self, CollectError> {
        let mut config: Self = config::load(path, flags)?;
        config.base = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let by_certificate = config.tls.as_ref().is_some_and(|tls| tls.client_roots.is_some());
        if config.pass.is_none() && !by_certificate {
            return Err(CollectError::Open);
        }
        Ok(config)
    }

    /// Bounds on connections. All edges may come from one address.
    pub(super) fn limits(&self) -> Limits {
        let limits = self.limits.clone();
        let all = limits.connections;
        Limits { connections_per_peer: Some(limits.connections_per_peer.unwrap_or(all)), ..limits }
    }

    /// The campaign, which has this shard and names its receipt key.
    pub fn campaign(&self) -> Result<Campaign, CollectError> {
        let campaign = read_campaign(&self.base.join(&self.campaign))?;
        let (shard, shards) = (self.shard(), campaign.shards());
        match campaign.receipt_key(shard) {
            Some(_) => Ok(campaign),
            None => Err(CollectError::NoShard { shard, shards }),
        }
    }

    /// The shard.
    pub const fn shard(&self) -> Shard {
        Shard(self.shard)
    }

    /// The folder of spool and lists.
    pub(super) fn state(&self) -> PathBuf {
        self.base.join(&self.state)
    }

    /// The folder of the batch keys. Two state folders never have the same one by default: one
    /// instance would take the other's keys for leftovers.
    pub(super) fn batch_keys(&self, campaign: &Campaign) -> Result<PathBuf, CollectError> {
        if let Some(path) = &self.batch_keys {
            return Ok(self.base.join(path));
        }
        let state = self.state();
        let whole = std::path::absolute(&state)
            .map_err(|source| CollectError::File { path: state, source })?;
        let digest = Digest::of(whole.as_os_str().as_encoded_bytes()).to_string();
        let (name, shard) = (campaign.name(), self.shard);
        let place = digest.get(..8).unwrap_or_default();
        let ours = |path: &Path| std::fs::metadata(path).is_ok_and(|found| is_ours(&found));
        let memory = memory(|name| std::env::var_os(name).map(PathBuf::from), ours);
        Ok(memory.join(format!("scrutineer-{name}-{shard}-{place}")))
    }

    /// Reads the secrets; the receipt key has to be the campaign's.
    pub(super) fn secrets(&self, campaign: &Campaign) -> Result<Secrets, CollectError> {
        let read = |what, secret: &Secret| {
            secret.read(&self.base).map_err(|source| CollectError::Secret { what, source })
        };
        let passphrase = read("passphrase", &self.passphrase)?;
        let path = self.base.join(&self.receipt_key);
        let receipt_key = open_key(path, &passphrase)?;
        let shard = self.shard();
        if campaign.receipt_key(shard) != Some(receipt_key.public()) {
            return Err(CollectError::OtherKey { shard });
        }
        let header = |what, secret: &Option<Secret>| {
            let Some(secret) = secret else { return Ok(None) };
            let value = read(what, secret)?;
            let text =
                std::str::from_utf8(&value).map_err(|_| CollectError::SecretForm { what })?;
            Ok::<_, CollectError>(Some((PassHeader::new(text), value)))
        };
        let pass = header("pass", &self.pass)?;
        let publisher = header("publisher_pass", &self.publisher_pass)?;
        if let (Some((pass, _)), Some((_, value))) = (&pass, &publisher)
            && pass.accept(value)
        {
            return Err(CollectError::OnePass);
        }
        let totp_seed = read("totp_seed", &self.totp_seed)?;
        let committed = campaign.totp_seed_sha256();
        if committed.is_some_and(|digest| digest_of(&totp_seed) != Some(*digest)) {
            return Err(CollectError::OtherSeed);
        }
        Ok(Secrets {
            receipt_key,
            totp_seed: seed("totp_seed", &totp_seed)?,
            draw_key: seed("draw_key", &read("draw_key", &self.draw_key)?)?,
            pass: pass.map(|(pass, _)| pass),
            publisher_pass: publisher.map(|(pass, _)| pass),
        })
    }

    /// Reads all that is named, and opens the receipt key.
    pub fn check(&self) -> Result<Campaign, CollectError> {
        let campaign = self.campaign()?;
        self.secrets(&campaign)?;
        self.server_tls()?;
        Ok(campaign)
    }

    /// The certificates, if there are any.
    pub(super) fn server_tls(
        &self,
    ) -> Result<Option<std::sync::Arc<rustls::ServerConfig>>, CollectError> {
        self.tls.as_ref().map(|tls| tls.read(&self.base)).transpose().map_err(CollectError::Tls)
    }
}

fn open_key(path: PathBuf, passphrase: &[u8]) -> Result<PrivateKey, CollectError> {
    let pem = match std::fs::read_to_string(&path) {
        Ok(pem) => Zeroizing::new(pem),
        Err(source) => return Err(CollectError::File { path, source }),
    };
    PrivateKey::from_encrypted_pem(&pem, passphrase)
        .map_err(|source| CollectError::Key { path, source })
}

/// The digest of what base64 holds.
fn digest_of(value: &[u8]) -> Option<Digest> {
    canon::base64::decode(value).map(Zeroizing::new).map(|bytes| Digest::of(&bytes))
}

/// 32 bytes in base64.
fn seed(what: &'static str, value: &[u8]) -> Result<Seed, CollectError> {
    let text = std::str::from_utf8(value).ok();
    text.and_then(Seed::from_base64).ok_or(CollectError::SecretForm { what })
}
