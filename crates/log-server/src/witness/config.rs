//! A witness's configuration file.
//!
//! ```text
//! listen = "127.0.0.1:8701"
//! name = "witness.press.example"
//! key = "witness.pem"                       # encrypted, mode 0600
//! passphrase = { file = "passphrase" }      # or { env = "NAME" }
//! state = "state"                           # a folder for the record
//! clock_step_s = 60                         # optional
//! clock_checked = false                     # optional; see docs/operate/witness.md
//!
//! [[logs]]
//! origin = "county.example/log/2026"
//! keys = ["county.example/log/2026+…"]      # type 0x01
//! timestamp_key = "county.example/log/2026+…"   # optional, type 0x04
//!
//! [limits]                                  # optional, see service::limits
//! ```
//!
//! Paths are taken from the file's own folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use service::config::{self, Override, Secret};
use service::limits::Limits;
use tlog::note::{KeyType, NoteSigner, VerifierKey};
use tlog::witness::{ClockRule, KnownLogs, MAX_REQUEST_BYTES};

use super::WitnessError;
use super::init::read_signer;

/// The name of the file in a witness's folder.
pub(super) const FILE_NAME: &str = "witness.toml";

/// What a witness is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// The address to listen on.
    pub listen: String,
    /// The name under which it cosigns.
    pub name: String,
    /// The encrypted private key.
    pub key: PathBuf,
    /// The passphrase of that key.
    pub passphrase: Secret,
    /// The folder of the record.
    pub state: PathBuf,
    /// Seconds that the clock may step before nothing is signed.
    #[serde(default = "default_step")]
    pub clock_step_s: u64,
    /// Whether somebody has checked the clock, so that the first signature needs nothing near it.
    #[serde(default)]
    pub clock_checked: bool,
    /// Bounds on connections and requests.
    #[serde(default)]
    pub limits: Limits,
    /// The logs that it watches.
    #[serde(default)]
    pub logs: Vec<LogEntry>,
    /// The folder from which paths are taken.
    #[serde(skip)]
    base: PathBuf,
}

/// A log that a witness watches.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// The first line of its checkpoints.
    pub origin: String,
    /// Its verifier keys of type 0x01, in text form.
    pub keys: Vec<String>,
    /// Its verifier key of type 0x04, by which it tells its time.
    #[serde(default)]
    pub timestamp_key: Option<String>,
}

fn default_step() -> u64 {
    ClockRule::default().bound_s
}

impl WitnessConfig {
    /// The configuration that [`super::init`] writes for a new witness.
    pub fn new(listen: &str, name: &str, passphrase: Secret, logs: Vec<LogEntry>) -> Self {
        Self {
            listen: listen.to_owned(),
            name: name.to_owned(),
            key: "witness.pem".into(),
            passphrase,
            state: "state".into(),
            clock_step_s: default_step(),
            clock_checked: false,
            limits: Limits::default(),
            logs,
            base: PathBuf::new(),
        }
    }

    /// Reads the file and checks everything that can be checked without key and record, which is
    /// what `--check-config` does.
    pub fn load(path: &Path, flags: &[Override]) -> Result<Self, WitnessError> {
        let mut config: Self = config::load(path, flags)?;
        config.base = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        config.known_logs()?;
        config.timestamp_keys()?;
        Ok(config)
    }

    /// The logs, each with its keys.
    pub fn known_logs(&self) -> Result<KnownLogs, WitnessError> {
        let mut list = Vec::new();
        for log in &self.logs {
            let read = |text: &String| {
                let what = format!("key of log {:?}", log.origin);
                text.parse::<VerifierKey>().map_err(|source| WitnessError::Key { what, source })
            };
            let keys = log.keys.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            list.push((log.origin.clone(), keys));
        }
        let known = KnownLogs::new(list)?;
        // Any key will do: it is the name that is checked here.
        let probe = NoteSigner::from_seed(&self.name, KeyType::Cosignature, &[1; 32]);
        probe.map_err(|source| WitnessError::Key { what: "name".to_owned(), source })?;
        let own = known.keys().map(VerifierKey::name).chain(known.origins());
        if own.into_iter().any(|name| name == self.name) {
            return Err(WitnessError::OwnLog { name: self.name.clone() });
        }
        Ok(known)
    }

    /// The keys by which logs tell their time, by origin.
    pub fn timestamp_keys(&self) -> Result<BTreeMap<String, VerifierKey>, WitnessError> {
        let mut keys = BTreeMap::new();
        for log in &self.logs {
            let Some(text) = &log.timestamp_key else { continue };
            let what = || format!("timestamp key of log {:?}", log.origin);
            let wrong = |source| WitnessError::Key { what: what(), source };
            let key: VerifierKey = text.parse().map_err(wrong)?;
            if key.kind() != KeyType::Cosignature {
                return Err(WitnessError::TimestampKey { origin: log.origin.clone() });
            }
            keys.insert(log.origin.clone(), key);
        }
        Ok(keys)
    }

    /// The key, decrypted.
    pub fn signer(&self) -> Result<NoteSigner, WitnessError> {
        let passphrase = self.passphrase.read(&self.base)?;
        let signer = read_signer(&self.name, &self.base.join(&self.key), &passphrase)?;
        let public = signer.verifier().public_key();
        if self.known_logs()?.keys().any(|key| key.public_key() == public) {
            return Err(WitnessError::OwnLog { name: self.name.clone() });
        }
        Ok(signer)
    }

    /// The folder of the record.
    pub fn state_path(&self) -> PathBuf {
        self.base.join(&self.state)
    }

    /// How far the clock may step.
    pub fn clock_rule(&self) -> ClockRule {
        ClockRule { bound_s: self.clock_step_s }
    }

    /// The limits, with bodies no larger than any submission can be.
    pub fn limits(&self) -> Limits {
        let body_bytes = self.limits.body_bytes.min(MAX_REQUEST_BYTES);
        Limits { body_bytes, ..self.limits.clone() }
    }

    /// The file, without the limits, which keep their defaults.
    pub(super) fn to_toml(&self) -> String {
        let passphrase = match &self.passphrase {
            Secret::File(path) => format!("{{ file = {} }}", quoted(&path.to_string_lossy())),
            Secret::Env(name) => format!("{{ env = {} }}", quoted(name)),
        };
        let head = format!(
            "listen = {}\nname = {}\nkey = {}\npassphrase = {passphrase}\nstate = {}\n\
             clock_step_s = {}\n",
            quoted(&self.listen),
            quoted(&self.name),
            quoted(&self.key.to_string_lossy()),
            quoted(&self.state.to_string_lossy()),
            self.clock_step_s,
        );
        let logs = self.logs.iter().map(|log| {
            let keys: Vec<String> = log.keys.iter().map(|key| quoted(key)).collect();
            let (origin, keys) = (quoted(&log.origin), keys.join(", "));
            let time = log.timestamp_key.as_ref();
            let time = time.map(|key| format!("timestamp_key = {}\n", quoted(key)));
            let time = time.unwrap_or_default();
            format!("\n[[logs]]\norigin = {origin}\nkeys = [{keys}]\n{time}")
        });
        std::iter::once(head).chain(logs).collect()
    }
}

/// A TOML basic string: JSON's strings are a part of them, but for the delete character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
