//! The log's three keys: for the plain line, for the timestamped line, and for promises.
//!
//! ```text
//! keys/checkpoint.pem   Ed25519, type 0x01: the log's line on every head
//! keys/timestamp.pem    Ed25519, type 0x04: the log's own time on every head
//! keys/promise.pem      Ed25519: promises; listed with the role log
//! keys/promise-*.pem    earlier ones, for entries from before an amendment revoked them
//! log.json              the public halves, for whoever writes the charter
//! ```
//!
//! The files are PKCS#8, encrypted under a passphrase, readable by their owner only.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use artifact::register::{Register, Standing};
use artifact::role::Role;
use canon::{Algorithm, Digest, PrivateKey, PublicKey, Signer};
use serde::{Deserialize, Serialize};
use service::disk;
use tlog::checkpoint::{Checkpoint, CheckpointError};
use tlog::cosignature;
use tlog::merkle::Head;
use tlog::note::{KeyType, NoteError, NoteSigner};

use super::config::{self, LogConfig};
use super::error::LogError;

/// The public halves of a log's keys, as `log.json` holds them.
///
/// ```text
/// {"checkpoint_key":"<vkey 0x01>","origin":"…","promise_key":{"alg":"ed25519","key":"<base64>"},
///  "timestamp_key":"<vkey 0x04>"}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The verifier key of the plain line, type 0x01.
    pub checkpoint_key: String,
    /// The log's name: the first line of its checkpoints.
    pub origin: String,
    /// The key of promises; the charter lists it with the role `log`.
    pub promise_key: PublicKey,
    /// The verifier key of the timestamped line, type 0x04.
    pub timestamp_key: String,
}

/// The keys of a running log.
#[derive(Debug)]
pub struct LogKeys {
    /// Signs the plain line.
    pub checkpoint: NoteSigner,
    /// Signs the timestamped line.
    pub timestamp: NoteSigner,
    /// Signs promises.
    pub promise: PrivateKey,
    /// Signed promises before: what stands at an index is promised by a key in force there.
    pub earlier: Vec<PrivateKey>,
}

const NAMES: [&str; 3] = ["checkpoint", "timestamp", "promise"];

fn file_of(keys: &Path, name: &str) -> PathBuf {
    keys.join(format!("{name}.pem"))
}

/// Makes a log's folder: three new keys under this passphrase, their description, and the
/// configuration file `log.toml`.
///
/// Nothing is overwritten. The description goes into the charter; once that is signed and stands
/// where the configuration says, the log can be served.
pub fn init(
    folder: &Path,
    config: &LogConfig,
    origin: &str,
    passphrase: &[u8],
) -> Result<Description, LogError> {
    // A bad origin is found before anything is written.
    Checkpoint::new(origin, 0, Head::empty().root)
        .map_err(|error| LogError::Damaged { what: error.to_string() })?;
    let mut random = service::random::system();
    let mut keys = Vec::new();
    for name in NAMES {
        let wrap = |source| LogError::Key { what: name.to_owned(), source };
        let key = PrivateKey::generate(Algorithm::Ed25519, &mut random).map_err(wrap)?;
        let pem = key.to_encrypted_pem(passphrase, &mut random).map_err(wrap)?;
        keys.push((name, key, pem));
    }
    let publics: Vec<PublicKey> = keys.iter().map(|(_, key, _)| key.public_key()).collect();
    let description = describe(origin, &publics)?;
    let wrap = |path: &Path| {
        let path = path.to_path_buf();
        move |source| LogError::File { path, source }
    };
    let keys_folder = folder.join(&config.keys);
    let config_file = folder.join(config::FILE_NAME);
    if let Some(path) = [&keys_folder, &config_file].into_iter().find(|path| path.exists()) {
        return Err(LogError::Exists { path: path.clone() });
    }
    disk::make_private_folder(&keys_folder).map_err(wrap(&keys_folder))?;
    for (name, _, pem) in &keys {
        let path = file_of(&keys_folder, name);
        disk::write_private(&path, pem.as_bytes()).map_err(wrap(&path))?;
    }
    disk::write_durably(&config_file, config.to_toml().as_bytes()).map_err(wrap(&config_file))?;
    let path = folder.join("log.json");
    let json = canon::json::to_canonical(&description)
        .map_err(|error| LogError::Damaged { what: error.to_string() })?;
    disk::write_durably(&path, &json).map_err(wrap(&path))?;
    Ok(description)
}

/// The names of earlier promise keys, without their ending, in ascending order.
fn earlier(folder: &Path) -> Result<Vec<String>, LogError> {
    let wrap = |source| LogError::File { path: folder.to_path_buf(), source };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrap)? {
        let name = entry.map_err(wrap)?.file_name();
        let name = name.to_str().and_then(|name| name.strip_suffix(".pem"));
        names.extend(name.filter(|name| name.starts_with("promise-")).map(str::to_owned));
    }
    names.sort_unstable();
    Ok(names)
}

fn describe(origin: &str, publics: &[PublicKey]) -> Result<Description, LogError> {
    let [checkpoint, timestamp, promise] = publics else { unreachable!("three keys were made") };
    let vkey = |kind, key: &PublicKey| {
        tlog::note::VerifierKey::new(origin, kind, key.bytes()).map(|key| key.to_string())
    };
    Ok(Description {
        checkpoint_key: vkey(KeyType::Ed25519, checkpoint)?,
        origin: origin.to_owned(),
        promise_key: promise.clone(),
        timestamp_key: vkey(KeyType::Cosignature, timestamp)?,
    })
}

impl LogKeys {
    /// Reads the keys in `folder`. The journal says if others can read them.
    pub fn load(folder: &Path, origin: &str, passphrase: &[u8]) -> Result<Self, LogError> {
        disk::warn_of_others(folder)
            .map_err(|source| LogError::File { path: folder.to_path_buf(), source })?;
        let read = |name: &str| {
            let path = file_of(folder, name);
            let pem = std::fs::read_to_string(&path)
                .map_err(|source| LogError::File { path: path.clone(), source })?;
            let pem = zeroize::Zeroizing::new(pem);
            PrivateKey::from_encrypted_pem(&pem, passphrase)
                .map_err(|source| LogError::Key { what: path.display().to_string(), source })
        };
        let note = |name: &str, kind| {
            let key = Arc::new(read(name)?);
            NoteSigner::from_key(origin, kind, key).map_err(LogError::Note)
        };
        Ok(Self {
            checkpoint: note("checkpoint", KeyType::Ed25519)?,
            timestamp: note("timestamp", KeyType::Cosignature)?,
            promise: read("promise")?,
            earlier: earlier(folder)?.iter().map(|name| read(name)).collect::<Result<_, _>>()?,
        })
    }

    /// Refuses keys that the charter does not name, or that are not in force for promises at this
    /// index.
    pub fn check(&self, register: &Register, index: u64) -> Result<(), LogError> {
        self.check_heads(register)?;
        match self.promise_at(register, index) {
            Some(_) => Ok(()),
            None => Err(LogError::OtherKey { which: "promise" }),
        }
    }

    /// Refuses keys for heads that the charter does not name.
    pub(crate) fn check_heads(&self, register: &Register) -> Result<(), LogError> {
        let named = register.log_keys();
        if named.checkpoint != *self.checkpoint.verifier() {
            return Err(LogError::OtherKey { which: "checkpoint" });
        }
        if named.timestamp != *self.timestamp.verifier() {
            return Err(LogError::OtherKey { which: "timestamp" });
        }
        Ok(())
    }

    /// The key that is in force for the promise of the entry at this index, if we have it.
    pub(crate) fn promise_at(&self, register: &Register, index: u64) -> Option<&PrivateKey> {
        let is_in_force = |key: &&PrivateKey| {
            let standing = register.key_at(&key.public_key().id(), index);
            matches!(standing, Standing::InForce(key) if key.role == Role::Log)
        };
        [&self.promise].into_iter().chain(&self.earlier).find(is_in_force)
    }

    /// The log's id: SHA-256 of the raw key of the plain line.
    pub fn log_id(&self) -> Digest {
        Digest::of(self.checkpoint.verifier().public_key().bytes())
    }

    /// Signs a head: the plain line, then the timestamped one.
    pub(crate) fn sign(
        &self,
        head: &Head,
        time: canon::Timestamp,
    ) -> Result<Vec<u8>, CheckpointError> {
        let origin = self.checkpoint.verifier().name();
        let mut note = Checkpoint::new(origin, head.size, head.root)?.to_note()?;
        let text = note.text().to_owned();
        note.add(self.checkpoint.sign(&text)?)?;
        note.add(cosignature::sign(&self.timestamp, &text, time)?)?;
        Ok(note.to_bytes())
    }

    /// Reads a checkpoint that carries our plain line, as witnesses keep it: its head.
    pub(crate) fn read_plain(&self, bytes: &[u8]) -> Result<Head, CheckpointError> {
        let (checkpoint, note) = Checkpoint::parse_signed(bytes)?;
        note.verify(&[self.checkpoint.verifier()])?;
        if checkpoint.origin == self.checkpoint.verifier().name() {
            Ok(checkpoint.head())
        } else {
            Err(NoteError::Unverified.into())
        }
    }

    /// Reads a checkpoint that carries both of our own lines: its head and its time.
    pub(crate) fn read_own(
        &self,
        bytes: &[u8],
    ) -> Result<(Head, canon::Timestamp), CheckpointError> {
        let head = self.read_plain(bytes)?;
        let (_, note) = Checkpoint::parse_signed(bytes)?;
        let ours = [self.checkpoint.verifier(), self.timestamp.verifier()];
        let lines = note.verify(&ours)?;
        let time = lines.iter().filter_map(|line| line.time).max();
        Ok((head, time.ok_or(NoteError::Unverified)?))
    }
}
