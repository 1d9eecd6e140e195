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
use artifact::anchor::Anchor;
use artifact::charter::Charter;
use artifact::payload;
use canon::{Algorithm, PrivateKey, Signer, Timestamp};
use getrandom::SysRng;
use log_server::log::{self, Description, LogConfig};
use log_server::witness::{self, LogEntry, WitnessConfig};
use service::config::Secret;
use service::disk;
use tlog::note::VerifierKey;

use super::charter::{self, Publics, WITNESSES};

/// The name of the audit's log.
const ORIGIN: &str = "log.localhost/demo";

/// The folder of an election, and its charter.
pub(super) struct Ground {
    pub(super) folder: PathBuf,
    pub(super) charter: Founded,
}

/// Whoever takes part in the audit, and the charter that names them.
pub(super) struct World {
    pub(super) ground: Ground,
    pub(super) clerk: PrivateKey,
    pub(super) totals: PrivateKey,
    pub(super) auditor: PrivateKey,
}

impl Ground {
    /// Makes a log of this name and its witnesses in a folder, and has the clerk sign the charter
    /// that is drawn up.
    pub(super) fn make(
        folder: &Path,
        origin: &str,
        (passphrase, clerk): (&str, &PrivateKey),
        draw_up: impl FnOnce(&Description, &[VerifierKey]) -> anyhow::Result<Charter>,
    ) -> anyhow::Result<Self> {
        private(&folder.join("passphrase"), passphrase.as_bytes())?;
        let secret = Secret::File(folder.join("passphrase"));
        let config = LogConfig::new("127.0.0.1:0", secret);
        let log = log::init(&folder.join("log"), &config, origin, passphrase.as_bytes())?;
        let witnesses = make_witnesses(folder, &log, passphrase)?;
        let signed = payload::sign(&draw_up(&log, &witnesses)?, &[clerk as &dyn Signer])?;
        fs::write(folder.join("charter.json"), &signed)?;
        Ok(Self { folder: folder.to_path_buf(), charter: admit::found(&signed)? })
    }

    /// What a verifier gets from outside.
    pub(super) fn anchor(&self) -> Anchor {
        Anchor::from_charter(&self.charter.charter, self.charter.register.charter_digest())
    }

    /// Where the passphrase of every key file stands.
    pub(super) fn secret(&self) -> Secret {
        Secret::File(self.folder.join("passphrase"))
    }
}

impl World {
    /// Makes everything anew in an empty folder.
    pub(super) fn make(folder: &Path) -> anyhow::Result<Self> {
        let folder = std::path::absolute(folder)?;
        fs::create_dir_all(folder.join("keys"))?;
        let passphrase = passphrase();
        let key = |name: &str| new_key(&folder.join(format!("keys/{name}.pem")), &passphrase);
        let (clerk, totals, auditor) = (key("clerk")?, key("totals")?, key("auditor")?);
        let ground = Ground::make(&folder, ORIGIN, (&passphrase, &clerk), |log, witnesses| {
            let publics = Publics {
                clerk: clerk.public(),
                totals: totals.public(),
                auditor: auditor.public(),
                log,
                witnesses,
            };
            charter::of_audit(now()?, &publics)
        })?;
        Ok(Self { ground, clerk, totals, auditor })
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

/// A new key, in memory only.
pub(super) fn fresh_key() -> anyhow::Result<PrivateKey> {
    Ok(PrivateKey::generate(Algorithm::Ed25519, &mut SysRng)?)
}

/// A new key in a new file, encrypted.
pub(super) fn new_key(path: &Path, passphrase: &str) -> anyhow::Result<PrivateKey> {
    let key = fresh_key()?;
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

/// A passphrase that nobody has to remember.
pub(super) fn passphrase() -> String {
    canon::Digest(random()).to_string()
}

/// The present instant.
pub(super) fn now() -> anyhow::Result<Timestamp> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(Timestamp::from_unix(i64::try_from(seconds)?)?)
}
