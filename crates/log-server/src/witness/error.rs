//! Why a witness could not be made or started.

use std::path::PathBuf;

use service::config::{ConfigError, SecretError};
use thiserror::Error;
use tlog::note::NoteError;
use tlog::witness::KnownLogsError;

use super::record::RecordError;

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
    /// A key that is to tell a log's time is of another type.
    #[error("timestamp key of log {origin:?} is not of type 0x04")]
    TimestampKey {
        /// The log.
        origin: String,
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
