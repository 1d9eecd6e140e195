//! Keys, charter and configuration of the demonstration, in one folder.
//!
//! ```text
//! passphrase            random, for all key files of this folder
//! keys/*.pem            clerk, totals, auditor
//! charter.json          the signed charter
//! anchor.toml           what a verifier gets from outside; poster.txt is the same for a wall
//! log/  witness-1/ …    what the servers keep
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use artifact::admit::{self, Founded};
use artifact::payload;
use canon::{Algorithm, PrivateKey, Signer, Timestamp};
use getrandom::SysRng;
use log_server::log::{self, Description, LogConfig};
use log_server::witness::{self, LogEntry, WitnessConfig};
use service::config::Secret;
use service::disk;
use tlog::note::VerifierKey;

use super::charter::{self, Publics, WITNESSES};

/// The log's name.
const ORIGIN: &str = "log.localhost/demo";

/// Whoever takes part, and the charter that names them.
pub(super) struct World {
    pub(super) folder: PathBuf,
    pub(super) clerk: PrivateKey,
    pub(super) totals: PrivateKey,
    pub(super) auditor: PrivateKey,
    pub(super) charter: Founded,
}

impl World {
    /// Makes everything anew in an empty folder.
    pub(super) fn make(folder: &Path) -> anyhow::Result<Self> {
        let folder = std::path::absolute(folder)?;
        fs::create_dir_all(folder.join("keys"))?;
        let passphrase = hex(&random());
        private(&folder.join("passphrase"), passphrase.as_bytes())?;
        let key = |name: &str| new_key(&folder.join(format!("keys/{name}.pem")), &passphrase);
        let (clerk, totals, auditor) = (key("clerk")?, key("totals")?, key("auditor")?);
        let secret = Secret::File(folder.join("passphrase"));
        let config = LogConfig::new("127.0.0.1:0", secret);
        let log = log::init(&folder.join("log"), &config, ORIGIN, passphrase.as_bytes())?;
        let witnesses = make_witnesses(&folder, &log, &passphrase)?;
        let publics = Publics {
            clerk: clerk.public(),
            totals: totals.public(),
            auditor: auditor.public(),
            log: &log,
            witnesses: &witnesses,
        };
        let charter = charter::draw_up(now()?, &publics)?;
        let signed = payload::sign(&charter, &[&clerk as &dyn Signer])?;
        fs::write(folder.join("charter.json"), &signed)?;
        let charter = admit::found(&signed)?;
        Ok(Self { folder, clerk, totals, auditor, charter })
    }

    /// Where the passphrase of every key file stands.
    pub(super) fn secret(&self) -> Secret {
        Secret::File(self.folder.join("passphrase"))
    }
}

fn make_witnesses(
    folder: &Path,
    log: &Description,
    passphrase: &str,
) -> anyhow::Result<Vec<VerifierKey>> {
    let watched = LogEntry {
        origin: log.origin.clone(),
        keys: vec![log.checkpoint_key.clone()],
        timestamp_key: Some(log.timestamp_key.clone()),
    };
    let mut keys = Vec::new();
    for (number, (name, _)) in (1..).zip(WITNESSES) {
        let secret = Secret::File(folder.join("passphrase"));
        let config = WitnessConfig::new("127.0.0.1:0", name, secret, vec![watched.clone()]);
        let home = witness_folder(folder, number);
        keys.push(witness::init(&home, &config, passphrase.as_bytes())?);
    }
    Ok(keys)
}

/// Where the witness of this number, from 1, keeps its things.
pub(super) fn witness_folder(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("witness-{number}"))
}

/// A new key in a new file, encrypted.
pub(super) fn new_key(path: &Path, passphrase: &str) -> anyhow::Result<PrivateKey> {
    let key = PrivateKey::generate(Algorithm::Ed25519, &mut SysRng)?;
    let pem = key.to_encrypted_pem(passphrase.as_bytes(), &mut SysRng)?;
    private(path, pem.as_bytes())?;
    Ok(key)
}

fn private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    disk::write_private(path, bytes).with_context(|| path.display().to_string())
}

/// 32 random bytes.
pub(super) fn random() -> [u8; 32] {
    service::random::bytes()
}

fn hex(bytes: &[u8; 32]) -> String {
    canon::Digest(*bytes).to_string()
}

/// The present instant.
pub(super) fn now() -> anyhow::Result<Timestamp> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(Timestamp::from_unix(i64::try_from(seconds)?)?)
}
