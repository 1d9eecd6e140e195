//! The folder of a platform: a folder for every role, each with what that role needs and no more,
//! ready to be carried to a machine of its own.
//!
//! ```text
//! solar/                      0700
//!     campaign.toml           public: the file that was given, with the keys that were drawn
//!     edge/                   0700, each secret 0600
//!         edge.toml campaign.toml
//!         stamp-seed decoy-seed edge-key          base64 of 32 bytes, LF
//!         pass-header stamps-pass                 text, LF
//!     collect-0/ ...          0700, one a shard
//!         collect.toml campaign.toml
//!         receipt.pem                             encrypted
//!         passphrase                              opens it, and nothing else
//!         totp-seed draw-key pass-header publisher-pass
//!     publish/                0700
//!         publish.toml campaign.toml
//!         publisher-pass stamps-pass snapshot-salt    base64 of 32 bytes, LF
//!     booth/                  0700
//!         totp-seed                               for the devices that show codes
//! ```

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use booth::campaign::{Campaign, Draft};
use booth::stamp::StampKeys;
use canon::{Algorithm, Digest, KeyError, PrivateKey, PublicKey, base64};
use service::disk;
use zeroize::Zeroizing;

use super::error::CollectError;
use crate::campaign::{CampaignError, read_campaign};

/// The port of the first instance; the next ones follow.
const FIRST_PORT: u16 = 9_100;

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The folder.
    pub folder: PathBuf,
    /// The campaign file to publish.
    pub campaign: PathBuf,
    /// The configurations of the instances, one a shard.
    pub instances: Vec<PathBuf>,
    /// The configuration of an edge.
    pub edge: PathBuf,
    /// The configuration of the publisher.
    pub publisher: PathBuf,
}

/// Makes the folder of a platform for the campaign of a file. Nothing is overwritten.
pub fn init(folder: &Path, campaign: &Path) -> Result<Platform, CollectError> {
    let checked = read_campaign(campaign)?;
    let has_keys = checked.stamp_key_sha256().is_some() || checked.decoy_key_sha256().is_some();
    if has_keys || checked.receipt_key(booth::campaign::Shard(0)).is_some() {
        return Err(CollectError::HasKeys { path: campaign.to_path_buf() });
    }
    if folder.exists() {
        return Err(CollectError::Exists { path: folder.to_path_buf() });
    }
    let text = std::fs::read_to_string(campaign)
        .map_err(|source| CollectError::File { path: campaign.to_path_buf(), source })?;
    let made = Making { folder };
    let shards = 0..checked.shards();
    // Remote votes take no code, so no device shows one.
    let booth = checked.remote_of().is_none().then_some("booth");
    let others = ["edge", "publish"].into_iter().chain(booth).map(str::to_owned);
    let roles = shards.clone().map(role).chain(others);
    for path in std::iter::once(folder.to_path_buf()).chain(roles.map(|role| folder.join(role))) {
        disk::make_private_folder(&path).map_err(|source| CollectError::File { path, source })?;
    }
    let receipts = shards.clone().map(|shard| made.receipt_key(shard)).collect::<Result<_, _>>()?;
    let stamps = made.edge_keys()?;
    let shared = made.shared(shards.clone(), booth)?;
    let whole = with_keys(&text, receipts, &stamps, &shared);
    let campaign = made.public("campaign.toml", &whole)?;
    // What was written is what will be read.
    check(&campaign, &whole)?;
    let mut instances = Vec::new();
    for shard in shards {
        made.public(&format!("{}/campaign.toml", role(shard)), &whole)?;
        let name = format!("{}/collect.toml", role(shard));
        instances.push(made.public(&name, &instance(shard))?);
    }
    made.public("edge/campaign.toml", &whole)?;
    let edge = made.public("edge/edge.toml", &edge(checked.shards()))?;
    made.public("publish/campaign.toml", &whole)?;
    let publisher = made.public("publish/publish.toml", &publisher(checked.shards()))?;
    Ok(Platform { folder: folder.to_path_buf(), campaign, instances, edge, publisher })
}

/// The folder of a shard's instance.
fn role(shard: u16) -> String {
    format!("collect-{shard}")
}

/// Whether the completed campaign holds as a whole.
fn check(path: &Path, text: &str) -> Result<Campaign, CollectError> {
    let draft: Draft = service::config::decode(path, text, &[])?;
    let faulty = |faults| CampaignError::Faults { path: path.to_path_buf(), faults };
    Ok(Campaign::check(draft).map_err(faulty)?)
}

struct Making<'a> {
    folder: &'a Path,
}

impl Making<'_> {
    fn private(&self, name: &str, text: &str) -> Result<(), CollectError> {
        let path = self.folder.join(name);
        disk::write_private(&path, text.as_bytes())
            .map_err(|source| CollectError::File { path, source })
    }

    fn public(&self, name: &str, text: &str) -> Result<PathBuf, CollectError> {
        let path = self.folder.join(name);
        match disk::write_durably(&path, text.as_bytes()) {
            Ok(()) => Ok(path),
            Err(source) => Err(CollectError::File { path, source }),
        }
    }

    /// Draws the receipt key of a shard, and what opens it; its public half.
    fn receipt_key(&self, shard: u16) -> Result<PublicKey, CollectError> {
        let role = role(shard);
        let passphrase = text_of(&service::random::bytes());
        self.private(&format!("{role}/passphrase"), &passphrase)?;
        let name = format!("{role}/receipt.pem");
        let failed = |source| CollectError::Key { path: self.folder.join(&name), source };
        let mut random = service::random::system();
        let key = PrivateKey::generate(Algorithm::Ed25519, &mut random).map_err(failed)?;
        let passphrase = passphrase.trim_end().as_bytes();
        let pem = key.to_encrypted_pem(passphrase, &mut random).map_err(failed)?;
        self.private(&name, &pem)?;
        Ok(key.public().clone())
    }

    /// Draws what only an edge has; the digests of the keys of stamps and decoys.
    fn edge_keys(&self) -> Result<[Digest; 2], CollectError> {
        self.private("edge/edge-key", &text_of(&service::random::bytes()))?;
        let [stamp, decoy] = [(); 2].map(|()| Zeroizing::new(service::random::bytes::<32>()));
        self.private("edge/stamp-seed", &text_of(&stamp))?;
        self.private("edge/decoy-seed", &text_of(&decoy))?;
        let failed =
            |source: KeyError| CollectError::Key { path: "edge/stamp-seed".into(), source };
        let keys = StampKeys::new(&stamp, &decoy).map_err(failed)?;
        Ok([keys.stamp_key(), keys.decoy_key()].map(|key| Digest::of(key.bytes())))
    }

    /// Draws what several roles have, and the keys by which each instance draws receipts; the
    /// digests of the seed of the codes and of the salt of snapshots.
    fn shared(&self, shards: Range<u16>, booth: Option<&str>) -> Result<[Digest; 2], CollectError> {
        let [totp, salt] = [(); 2].map(|()| Zeroizing::new(service::random::bytes::<32>()));
        let digests = [&totp, &salt].map(|secret| Digest::of(&**secret));
        let [totp, salt] = [text_of(&totp), text_of(&salt)];
        let [pass, publisher, stamps] = [(); 3].map(|()| text_of(&service::random::bytes()));
        if let Some(booth) = booth {
            self.private(&format!("{booth}/totp-seed"), &totp)?;
        }
        self.private("edge/pass-header", &pass)?;
        self.private("edge/stamps-pass", &stamps)?;
        self.private("publish/stamps-pass", &stamps)?;
        self.private("publish/publisher-pass", &publisher)?;
        self.private("publish/snapshot-salt", &salt)?;
        for role in shards.map(role) {
            self.private(&format!("{role}/totp-seed"), &totp)?;
            self.private(&format!("{role}/pass-header"), &pass)?;
            self.private(&format!("{role}/publisher-pass"), &publisher)?;
            self.private(&format!("{role}/draw-key"), &text_of(&service::random::bytes()))?;
        }
        Ok(digests)
    }
}

/// 32 bytes as they stand in a file.
fn text_of(bytes: &[u8; 32]) -> Zeroizing<String> {
    let text = Zeroizing::new(base64::encode(bytes));
    Zeroizing::new(format!("{}\n", text.as_str()))
}

/// The campaign file with the keys that were drawn.
fn with_keys(
    text: &str,
    receipts: Vec<PublicKey>,
    [stamp, decoy]: &[Digest; 2],
    [totp, salt]: &[Digest; 2],
) -> String {
    let mut whole = text.trim_end().to_owned();
    whole.push_str("\n\n# Drawn by `scrutineer collect init`.\nreceipt_keys = [\n");
    for key in receipts {
        let _ = writeln!(whole, "    \"{}\",", key.to_base64());
    }
    let _ = write!(whole, "]\nstamp_key_sha256 = \"{stamp}\"\ndecoy_key_sha256 = \"{decoy}\"\n");
    let _ = write!(whole, "totp_seed_sha256 = \"{totp}\"\nsnapshot_salt_sha256 = \"{salt}\"\n");
    whole
}

fn port(shard: u16) -> u16 {
    FIRST_PORT.saturating_add(shard)
}

fn instance(shard: u16) -> String {
    format!(
        "listen = \"127.0.0.1:{}\"\n\
         campaign = \"campaign.toml\"\n\
         shard = {shard}\n\
         state = \"state\"\n\
         receipt_key = \"receipt.pem\"\n\
         passphrase = {{ file = \"passphrase\" }}\n\
         totp_seed = {{ file = \"totp-seed\" }}\n\
         draw_key = {{ file = \"draw-key\" }}\n\
         pass = {{ file = \"pass-header\" }}\n\
         publisher_pass = {{ file = \"publisher-pass\" }}\n",
        port(shard)
    )
}

fn edge(shards: u16) -> String {
    let mut text = "listen = \"127.0.0.1:8080\"\n\
         # listen_internal = \"127.0.0.1:9180\"    # /healthz, /metrics, /stamps\n\n\
         [[campaigns]]\n\
         file = \"campaign.toml\"\n\
         stamp_seed = { file = \"stamp-seed\" }\n\
         decoy_seed = { file = \"decoy-seed\" }\n\
         edge_key = { file = \"edge-key\" }\n\
         pass = { file = \"pass-header\" }\n\
         stamps_pass = { file = \"stamps-pass\" }\n"
        .to_owned();
    for shard in 0..shards {
        let _ = write!(
            text,
            "\n[[campaigns.shards]]\ninstances = [\"http://127.0.0.1:{}\"]\n",
            port(shard)
        );
    }
    text
}

fn publisher(shards: u16) -> String {
    let mut text = "listen = \"127.0.0.1:8090\"\n\
         # listen_internal = \"127.0.0.1:9190\"    # /healthz, /metrics, /status.json\n\
         campaign = \"campaign.toml\"\n\
         state = \"state\"\n\
         pass = { file = \"publisher-pass\" }\n\
         snapshot_salt = { file = \"snapshot-salt\" }\n\
         stamps_pass = { file = \"stamps-pass\" }\n\
         # edges = [\"http://127.0.0.1:9180\"]     # each edge's listen_internal\n"
        .to_owned();
    for shard in 0..shards {
        let _ = write!(text, "\n[[shards]]\ninstances = [\"http://127.0.0.1:{}\"]\n", port(shard));
    }
    text
}
