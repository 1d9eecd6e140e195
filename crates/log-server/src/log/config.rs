//! A log's configuration file.
//!
//! ```text
//! listen = "127.0.0.1:8700"
//! passphrase = { file = "passphrase" }      # or { env = "NAME" }
//! charter = "charter.json"                  # the signed charter: entry 0
//! keys = "keys"                             # the three private keys
//! wal = "wal"                               # the write-ahead log
//! store = "published"                       # what the world may read
//! withheld = "withheld"                     # artifacts that the charter keeps back
//! head_interval_s = 48                      # default: 4/5 of the charter's
//! cosign_wait_s = 10
//! waiting_mib = 512                         # entries in memory that wait for a head
//! ask_all_witnesses = false                 # refuse to start when one cannot be asked
//! start_unasked = false                     # start also when a quorum cannot be asked
//! clock_step_s = 60                         # how far the clock may step
//! clock_checked = false                     # start although witnesses show another time
//!
//! [[witnesses]]
//! name = "witness.example/press"            # as in the charter
//! url = "https://witness.example"
//!
//! [limits]                                  # see service::limits
//! ```
//!
//! Paths are taken from the file's own folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use artifact::admit::{self, Founded};
use artifact::register::{CountedWitness, Register};
use bytes::Bytes;
use serde::Deserialize;
use service::config::{self, ConfigError, Override, Secret};
use service::limits::Limits;
use tlog::witness::ClockRule;

use super::cosign::{Cosigner, Reach};
use super::error::LogError;
use super::state::Settings;
use crate::witness::client::HttpWitness;

/// The name of the file in a log's folder.
pub(super) const FILE_NAME: &str = "log.toml";

/// The most bytes of a submission: half of what a record of the write-ahead log can hold, for
/// what stands before it in its batch.
const MAX_BODY_BYTES: usize = 1 << 31;

/// The most room for waiting entries, in mebibytes: 1 TiB.
const MAX_WAITING_MIB: usize = 1 << 20;

/// What a log is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// The address to listen on.
    pub listen: String,
    /// The passphrase of the keys.
    pub passphrase: Secret,
    /// The signed charter.
    #[serde(default = "defaults::charter")]
    pub charter: PathBuf,
    /// The folder of the private keys.
    #[serde(default = "defaults::keys")]
    pub keys: PathBuf,
    /// The folder of the write-ahead log.
    #[serde(default = "defaults::wal")]
    pub wal: PathBuf,
    /// The folder of everything published.
    #[serde(default = "defaults::store")]
    pub store: PathBuf,
    /// The folder of what the charter withholds.
    #[serde(default = "defaults::withheld")]
    pub withheld: PathBuf,
    /// Seconds between heads; 4/5 of what the charter allows by default.
    pub head_interval_s: Option<u64>,
    /// Seconds that a head waits for its witnesses.
    #[serde(default = "defaults::cosign_wait_s")]
    pub cosign_wait_s: u64,
    /// Mebibytes of entries that may wait for the store and a head, in memory.
    #[serde(default = "defaults::waiting_mib")]
    pub waiting_mib: usize,
    /// Whether to refuse to start when a witness cannot be asked what it last saw.
    #[serde(default)]
    pub ask_all_witnesses: bool,
    /// Whether to start although a quorum of witnesses cannot be asked what it last saw.
    #[serde(default)]
    pub start_unasked: bool,
    /// Seconds that the clock may step before nothing is accepted and signed.
    #[serde(default = "defaults::clock_step_s")]
    pub clock_step_s: u64,
    /// Whether somebody has checked the clock, so that the witnesses' do not count at the start.
    #[serde(default)]
    pub clock_checked: bool,
    /// Where the witnesses are reached.
    #[serde(default)]
    pub witnesses: Vec<WitnessEntry>,
    /// Bounds on connections and requests.
    #[serde(default)]
    pub limits: Limits,
    /// The folder from which paths are taken.
    #[serde(skip)]
    pub(super) base: PathBuf,
}

/// Where a witness of the charter, or of an amendment, is reached.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessEntry {
    /// Its name there.
    pub name: String,
    /// The URL under which `/add-checkpoint` stands.
    pub url: String,
}

mod defaults {
    use std::path::PathBuf;

    pub(super) fn charter() -> PathBuf {
        "charter.json".into()
    }
    pub(super) fn keys() -> PathBuf {
        "keys".into()
    }
    pub(super) fn wal() -> PathBuf {
        "wal".into()
    }
    pub(super) fn store() -> PathBuf {
        "published".into()
    }
    pub(super) fn withheld() -> PathBuf {
        "withheld".into()
    }
    pub(super) fn cosign_wait_s() -> u64 {
        10
    }
    pub(super) fn waiting_mib() -> usize {
        512
    }
    pub(super) fn clock_step_s() -> u64 {
        super::ClockRule::default().bound_s
    }
}

impl LogConfig {
    /// The configuration that [`super::init`] writes for a new log.
    pub fn new(listen: &str, passphrase: Secret) -> Self {
        Self {
            listen: listen.to_owned(),
            passphrase,
            charter: defaults::charter(),
            keys: defaults::keys(),
            wal: defaults::wal(),
            store: defaults::store(),
            withheld: defaults::withheld(),
            head_interval_s: None,
            cosign_wait_s: defaults::cosign_wait_s(),
            waiting_mib: defaults::waiting_mib(),
            ask_all_witnesses: false,
            start_unasked: false,
            clock_step_s: defaults::clock_step_s(),
            clock_checked: false,
            witnesses: Vec::new(),
            limits: Limits::default(),
            base: PathBuf::new(),
        }
    }

    /// Reads the file and checks everything that can be checked without keys and data, which is
    /// what `--check-config` does.
    pub fn load(path: &Path, flags: &[Override]) -> Result<Self, LogError> {
        let mut config: Self = config::load(path, flags)?;
        config.base = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), LogError> {
        let (_, founded) = self.charter()?;
        self.settings(&founded.register)?;
        self.addresses()?;
        self.sizes()
    }

    /// A batch of the write-ahead log is ended by the entry that fills it, and must fit a record.
    fn sizes(&self) -> Result<(), LogError> {
        if self.limits.body_bytes > MAX_BODY_BYTES {
            return Err(self.refuse(format!(
                "limits.body_bytes is {}, a submission has {MAX_BODY_BYTES} at the most",
                self.limits.body_bytes
            )));
        }
        if !(1..=MAX_WAITING_MIB).contains(&self.waiting_mib) {
            return Err(self.refuse(format!(
                "waiting_mib is {}, it must be between 1 and {MAX_WAITING_MIB}",
                self.waiting_mib
            )));
        }
        Ok(())
    }

    /// The charter's bytes, and what they found.
    pub(super) fn charter(&self) -> Result<(Bytes, Founded), LogError> {
        let path = self.path(&self.charter);
        let bytes = std::fs::read(&path).map_err(|source| LogError::File { path, source })?;
        let founded = admit::found(&bytes).map_err(|why| LogError::Charter(Box::new(why)))?;
        Ok((bytes.into(), founded))
    }

    /// The bounds and times, which must keep the charter's terms.
    pub(super) fn settings(&self, register: &Register) -> Result<Settings, LogError> {
        let terms = &register.charter().log;
        // A promise is kept by a head that covers the entry: it waits for the next interval, then
        // for the store, then for the slowest witness.
        let storing_s = terms.promise_s.div_ceil(10);
        let kept_s = terms.promise_s.saturating_sub(self.cosign_wait_s.saturating_add(storing_s));
        let most = terms.head_interval_s;
        let interval = match self.head_interval_s {
            Some(interval) if interval == 0 || interval > most => {
                let message = format!(
                    "head_interval_s is {interval}, the charter asks for a head every {most}"
                );
                return Err(self.refuse(message));
            }
            Some(interval) if interval > kept_s => {
                return Err(self.refuse(format!(
                    "head_interval_s is {interval}: with {} s for witnesses and {storing_s} s for \
                     the store, the charter's promise of {} s is kept with {kept_s} at the most",
                    self.cosign_wait_s, terms.promise_s
                )));
            }
            Some(interval) => Duration::from_secs(interval),
            None if kept_s == 0 => {
                return Err(self.refuse(format!(
                    "cosign_wait_s is {}, which leaves no time within the charter's promise of \
                     {} s",
                    self.cosign_wait_s, terms.promise_s
                )));
            }
            None => {
                Duration::from_millis(most.saturating_mul(800)).min(Duration::from_secs(kept_s))
            }
        };
        Ok(Settings {
            head_interval: interval,
            cosign_wait: Duration::from_secs(self.cosign_wait_s),
            waiting_bytes: self.waiting_mib.saturating_mul(1 << 20),
            ask_all_witnesses: self.ask_all_witnesses,
            start_unasked: self.start_unasked,
            clock: ClockRule { bound_s: self.clock_step_s },
            clock_checked: self.clock_checked,
            ..Settings::default()
        })
    }

    /// Where witnesses are reached over HTTP. A name that no amendment has added yet is no fault.
    pub(super) fn addresses(&self) -> Result<Addresses, LogError> {
        let mut urls = BTreeMap::new();
        for entry in &self.witnesses {
            if urls.insert(entry.name.clone(), entry.url.clone()).is_some() {
                return Err(self.refuse(format!("the witness {} is listed twice", entry.name)));
            }
        }
        Ok(Addresses { urls, patience: Duration::from_secs(self.cosign_wait_s.max(1)) })
    }

    fn refuse(&self, message: String) -> LogError {
        LogError::Config(ConfigError::Whole { path: self.base.join(FILE_NAME), message })
    }

    /// A path of the configuration.
    pub(super) fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    /// The file that a new log gets.
    pub(super) fn to_toml(&self) -> String {
        let passphrase = match &self.passphrase {
            Secret::File(path) => format!("{{ file = {} }}", quoted(&path.to_string_lossy())),
            Secret::Env(name) => format!("{{ env = {} }}", quoted(name)),
        };
        let path = |path: &Path| quoted(&path.to_string_lossy());
        let mut text = format!(
            "listen = {}\npassphrase = {passphrase}\ncharter = {}\nkeys = {}\nwal = {}\n\
             store = {}\nwithheld = {}\n",
            quoted(&self.listen),
            path(&self.charter),
            path(&self.keys),
            path(&self.wal),
            path(&self.store),
            path(&self.withheld),
        );
        for witness in &self.witnesses {
            let (name, url) = (quoted(&witness.name), quoted(&witness.url));
            // Writing to a string does not fail.
            let _ = write!(text, "\n[[witnesses]]\nname = {name}\nurl = {url}\n");
        }
        text
    }
}

/// Addresses of witnesses, by their name in the charter or an amendment.
pub(super) struct Addresses {
    urls: BTreeMap<String, String>,
    patience: Duration,
}

impl Reach for Addresses {
    fn reach(&self, witness: &CountedWitness) -> Option<Arc<dyn Cosigner>> {
        let url = self.urls.get(witness.name.as_str())?;
        Some(Arc::new(HttpWitness::new(witness.key.clone(), url, self.patience)))
    }
}

/// A TOML basic string: JSON's strings are a part of them, but for the delete character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
