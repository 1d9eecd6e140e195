//! The folder of a platform, with all its secrets.
//!
//! ```text
//! solar/                      0700
//!     campaign.toml           public: the file that was given, with the keys that were drawn
//!     passphrase              opens the receipt keys
//!     secrets/                0700, each file 0600
//!         totp-seed stamp-seed decoy-seed edge-key draw-key     base64 of 32 bytes, LF
//!         pass-header                                           text, LF
//!         receipt-0.pem ...                                     encrypted, one a shard
//!     collect-0.toml ...      one a shard
//!     edge.toml
//! ```

use std::fmt::Write as _;
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
    made.folder("secrets")?;
    let passphrase = text_of(&service::random::bytes());
    made.private("passphrase", &passphrase)?;
    let receipts = made.receipt_keys(checked.shards(), passphrase.trim_end().as_bytes())?;
    let stamps = made.seeds()?;
    let whole = with_keys(&text, &receipts, &stamps);
    let campaign = made.public("campaign.toml", &whole)?;
    // What was written is what will be read.
    check(&campaign, &whole)?;
    let mut instances = Vec::new();
    for shard in 0..checked.shards() {
        let name = format!("collect-{shard}.toml");
        instances.push(made.public(&name, &instance(shard))?);
    }
    let edge = made.public("edge.toml", &edge(checked.shards()))?;
    Ok(Platform { folder: folder.to_path_buf(), campaign, instances, edge })
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
    fn folder(&self, name: &str) -> Result<(), CollectError> {
        for path in [self.folder.to_path_buf(), self.folder.join(name)] {
            disk::make_private_folder(&path)
                .map_err(|source| CollectError::File { path, source })?;
        }
        Ok(())
    }

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

    /// Draws the receipt keys; their public halves.
    fn receipt_keys(&self, shards: u16, passphrase: &[u8]) -> Result<Vec<PublicKey>, CollectError> {
        let mut random = service::random::system();
        let mut keys = Vec::new();
        for shard in 0..shards {
            let name = format!("secrets/receipt-{shard}.pem");
            let failed = |source| CollectError::Key { path: self.folder.join(&name), source };
            let key = PrivateKey::generate(Algorithm::Ed25519, &mut random).map_err(failed)?;
            let pem = key.to_encrypted_pem(passphrase, &mut random).map_err(failed)?;
            self.private(&name, &pem)?;
            keys.push(key.public().clone());
        }
        Ok(keys)
    }

    /// Draws everything else; the digests of the keys of stamps and decoys.
    fn seeds(&self) -> Result<[Digest; 2], CollectError> {
        for name in ["totp-seed", "edge-key", "draw-key", "pass-header"] {
            self.private(&format!("secrets/{name}"), &text_of(&service::random::bytes()))?;
        }
        let [stamp, decoy] = [(); 2].map(|()| Zeroizing::new(service::random::bytes::<32>()));
        self.private("secrets/stamp-seed", &text_of(&stamp))?;
        self.private("secrets/decoy-seed", &text_of(&decoy))?;
        let failed =
            |source: KeyError| CollectError::Key { path: "secrets/stamp-seed".into(), source };
        let keys = StampKeys::new(&stamp, &decoy).map_err(failed)?;
        Ok([keys.stamp_key(), keys.decoy_key()].map(|key| Digest::of(key.bytes())))
    }
}

/// 32 bytes as they stand in a file.
fn text_of(bytes: &[u8; 32]) -> Zeroizing<String> {
    let text = Zeroizing::new(base64::encode(bytes));
    Zeroizing::new(format!("{}\n", text.as_str()))
}

/// The campaign file with the keys that were drawn.
fn with_keys(text: &str, receipts: &[PublicKey], [stamp, decoy]: &[Digest; 2]) -> String {
    let mut whole = text.trim_end().to_owned();
    whole.push_str("\n\n# Drawn by `scrutineer collect init`.\nreceipt_keys = [\n");
    for key in receipts {
        let _ = writeln!(whole, "    \"{}\",", key.to_base64());
    }
    let _ = write!(whole, "]\nstamp_key_sha256 = \"{stamp}\"\ndecoy_key_sha256 = \"{decoy}\"\n");
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
         state = \"collect-{shard}\"\n\
         receipt_key = \"secrets/receipt-{shard}.pem\"\n\
         passphrase = {{ file = \"passphrase\" }}\n\
         totp_seed = {{ file = \"secrets/totp-seed\" }}\n\
         draw_key = {{ file = \"secrets/draw-key\" }}\n\
         pass = {{ file = \"secrets/pass-header\" }}\n",
        port(shard)
    )
}

fn edge(shards: u16) -> String {
    let mut text = "listen = \"127.0.0.1:8080\"\n\n\
         [[campaigns]]\n\
         file = \"campaign.toml\"\n\
         stamp_seed = { file = \"secrets/stamp-seed\" }\n\
         decoy_seed = { file = \"secrets/decoy-seed\" }\n\
         edge_key = { file = \"secrets/edge-key\" }\n\
         pass = { file = \"secrets/pass-header\" }\n"
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
