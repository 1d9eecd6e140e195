//! The witness as a server.
//!
//! It keeps, for each log that it knows, the last tree that it cosigned, and cosigns a larger one
//! only when the log proves that it extends that tree. The rules are [`tlog::witness`]; here are
//! their disk, their clock and their network:
//!
//! ```text
//! POST /add-checkpoint                         200, 400, 403, 404, 409, 413, 422, 503
//! GET  /<hex SHA-256 of the origin>/checkpoint the checkpoint cosigned last; 404 if never
//! GET  /healthz                                200 when it would sign, else 503
//! GET  /metrics                                figures for Prometheus
//! ```
//!
//! Invariant: a cosignature leaves this process only after the record that allows no other tree
//! of its size is on disk, in two copies. When a write fails, nothing more is signed until the
//! process is started anew and has read what the disk really holds.
//!
//! [`client`] is the other side: how a log asks its witnesses.

pub mod client;
mod clock;
mod config;
mod record;
mod server;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use canon::{Algorithm, PrivateKey};
use prometheus::{Histogram, IntCounterVec, IntGauge};
use service::config::{ConfigError, SecretError};
use service::metrics::Metrics;
use thiserror::Error;
use tlog::note::{KeyType, NoteError, NoteSigner, VerifierKey};
use tlog::witness::{ClockRule, KnownLogs, KnownLogsError, Refusal, Request};

pub use clock::Clocks;
pub use config::{LogEntry, WitnessConfig};
pub use record::{Record, RecordError};
pub use server::{Server, serve};

/// Why a witness could not be made or started.
#[derive(Debug, Error)]
pub enum WitnessError {
    /// The configuration file is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A log of the configuration is wrong.
    #[error(transparent)]
    Logs(#[from] KnownLogsError),
    /// A key of the configuration, or the witness's name, is wrong.
    #[error("{what}: {source}")]
    Key {
        /// Which entry.
        what: String,
        /// What is wrong with it.
        source: NoteError,
    },
    /// A log has the witness's own key or name.
    #[error("{name} is this witness itself; it cannot watch its own log")]
    OwnLog {
        /// The name of both.
        name: String,
    },
    /// The passphrase could not be read.
    #[error(transparent)]
    Passphrase(#[from] SecretError),
    /// The key file could not be read, or not with this passphrase.
    #[error("{}: {reason}", .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The record could not be made or opened.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The address could not be listened on.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file of a new witness could not be written.
    #[error("{}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// The answer to a submission: status, content type and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The content type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// The content type of text.
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";

/// A running witness: rules, key, record, clock and figures.
pub struct Witness {
    known: KnownLogs,
    signer: NoteSigner,
    rule: ClockRule,
    clocks: Clocks,
    record: Record,
    metrics: Metrics,
    answers: IntCounterVec,
    seconds: Histogram,
    last_signed: IntGauge,
}

impl Witness {
    /// A witness that signs by `signer` for `known` logs what `record` allows.
    pub fn new(
        known: KnownLogs,
        signer: NoteSigner,
        record: Record,
        clocks: Clocks,
        rule: ClockRule,
    ) -> Self {
        let metrics = Metrics::new();
        let answers = metrics.counters(
            "witness_submissions_total",
            "submissions by the status of their answer",
            "status",
        );
        let seconds = metrics.seconds("witness_submission_seconds", "time to judge and record");
        let last_signed = metrics.gauge("witness_last_signed_seconds", "latest time signed");
        Self { known, signer, rule, clocks, record, metrics, answers, seconds, last_signed }
    }

    /// Opens the witness of a configuration: its key, its record, the system's clock.
    pub fn open(config: &WitnessConfig) -> Result<Self, WitnessError> {
        let known = config.known_logs()?;
        let signer = config.signer()?;
        let record = Record::open(&config.state_path(), signer.verifier())?;
        let rule = config.clock_rule();
        Ok(Self::new(known, signer, record, Clocks::system(rule), rule))
    }

    /// The key by which its cosignatures verify.
    pub fn verifier(&self) -> &VerifierKey {
        self.signer.verifier()
    }

    /// Judges the body of `POST /add-checkpoint`. Blocks on the disk.
    pub fn add_checkpoint(&self, body: &[u8]) -> Answer {
        let timer = self.seconds.start_timer();
        let answer = match self.judge(body) {
            Ok(body) => Answer { status: 200, content_type: TEXT, body },
            Err(refused) => refused.into_answer(),
        };
        timer.observe_duration();
        self.answers.with_label_values(&[&answer.status.to_string()]).inc();
        answer
    }

    fn judge(&self, body: &[u8]) -> Result<String, Refused> {
        let submission = self.known.authenticate(Request::parse(body)?)?;
        let decided = self.record.transact(submission.origin(), |state| {
            // Read inside the transaction, so that later trees never carry earlier times.
            let (now, sound) = self.clocks.read();
            let update = submission.step(state, now, self.rule, &self.signer)?;
            sound.map(|()| update)
        });
        match decided? {
            Ok(update) => {
                self.last_signed.set(update.recorded.time.unix());
                Ok(update.answer)
            }
            Err(refusal) => {
                tell(&refusal, submission.origin(), body);
                Err(refusal.into())
            }
        }
    }

    /// The checkpoint cosigned last of the log whose origin has this hash, in hex.
    pub fn checkpoint(&self, origin_hash: &str) -> Option<Vec<u8>> {
        self.record.checkpoint(&origin_hash.parse().ok()?)
    }

    /// Whether the next good submission would be signed; if not, why.
    pub fn health(&self) -> Result<(), String> {
        self.record.health().map_err(|error| error.to_string())?;
        self.clocks.read().1.map_err(|refusal| refusal.to_string())
    }

    /// The figures in Prometheus's text form.
    pub fn metrics(&self) -> Vec<u8> {
        self.metrics.render()
    }
}

/// Why a submission is not cosigned: by the rules, or because the record failed.
enum Refused {
    Rules(Refusal),
    Record(RecordError),
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Rules(refusal)
    }
}

impl From<RecordError> for Refused {
    fn from(error: RecordError) -> Self {
        Self::Record(error)
    }
}

impl Refused {
    fn into_answer(self) -> Answer {
        match self {
            Self::Rules(refusal) => {
                let (content_type, body) = refusal.answer();
                Answer { status: refusal.status_code(), content_type, body }
            }
            Self::Record(error) => {
                tracing::error!(%error, "the record failed; nothing is signed until a restart");
                let body = "the record failed; nothing is signed\n".to_owned();
                Answer { status: 503, content_type: TEXT, body }
            }
        }
    }
}

/// What a signed checkpoint that does not extend the last one looks like belongs in the journal:
/// it may be the proof that a log has forked.
fn tell(refusal: &Refusal, origin: &str, body: &[u8]) {
    match refusal {
        Refusal::Inconsistent(_) => {
            let request = String::from_utf8_lossy(body);
            tracing::warn!(origin, %refusal, %request, "signed by the log and not consistent");
        }
        Refusal::ClockStepped { .. } | Refusal::RecordBehind { .. } | Refusal::Signing(_) => {
            tracing::error!(origin, %refusal, "signing has stopped");
        }
        _ => tracing::debug!(origin, %refusal, "refused"),
    }
}

/// Reads a witness's signer from its encrypted key file.
fn read_signer(name: &str, path: &Path, passphrase: &[u8]) -> Result<NoteSigner, WitnessError> {
    let bad = |reason: String| WitnessError::KeyFile { path: path.to_path_buf(), reason };
    let pem = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let key = PrivateKey::from_encrypted_pem(&pem, passphrase).map_err(|e| bad(e.to_string()))?;
    NoteSigner::from_key(name, KeyType::Cosignature, Arc::new(key))
        .map_err(|source| WitnessError::Key { what: "name and key".to_owned(), source })
}

/// Makes a new witness in an empty folder: key file, record and configuration. Gives the key to
/// tell to the logs, which has to be listed in their charters.
pub fn init(
    folder: &Path,
    config: &WitnessConfig,
    passphrase: &[u8],
) -> Result<VerifierKey, WitnessError> {
    let write = |path: &Path, result: std::io::Result<()>| {
        result.map_err(|source| WitnessError::Write { path: path.to_path_buf(), source })
    };
    write(folder, service::disk::make_private_folder(folder))?;
    let mut rng = service::random::system();
    let key_path = folder.join(&config.key);
    let bad = |error: canon::KeyError| WitnessError::KeyFile {
        path: key_path.clone(),
        reason: error.to_string(),
    };
    let key = Arc::new(PrivateKey::generate(Algorithm::Ed25519, &mut rng).map_err(bad)?);
    let signer = NoteSigner::from_key(&config.name, KeyType::Cosignature, Arc::clone(&key))
        .map_err(|source| WitnessError::Key { what: "name".to_owned(), source })?;
    let pem = key.to_encrypted_pem(passphrase, &mut rng).map_err(bad)?;
    write(&key_path, service::disk::write_private(&key_path, pem.as_bytes()))?;
    Record::create(&folder.join(&config.state), signer.verifier())?;
    let config_path = folder.join(config::FILE_NAME);
    let text = config.to_toml();
    write(&config_path, service::disk::write_durably(&config_path, text.as_bytes()))?;
    Ok(signer.verifier().clone())
}

/// A shared witness.
pub type SharedWitness = Arc<Witness>;
