//! Secrets by file or environment, never in the configuration itself or on the command line.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

/// Where a secret is to be found: `{ file = "…" }` or `{ env = "…" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub enum Secret {
    /// A file that nobody but its owner can read. One line feed at its end is not part of the
    /// secret.
    File(PathBuf),
    /// An environment variable.
    Env(String),
}

/// Why a secret could not be had. No message holds any part of it.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file could not be read.
    #[error("cannot read the secret in {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// Others can read the file.
    #[error("{} can be read by others (mode {mode:03o})", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The environment variable is not set.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// The secret is empty.
    #[error("the secret is empty")]
    Empty,
}

impl Secret {
    /// Reads the secret. Relative paths are taken from `base`.
    pub fn read(&self, base: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let mut bytes = match self {
            Self::File(path) => read_private(&base.join(path))?,
            Self::Env(name) => match std::env::var(name) {
                Ok(value) => Zeroizing::new(value.into_bytes()),
                Err(_) => return Err(SecretError::Unset(name.clone())),
            },
        };
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.is_empty() { Err(SecretError::Empty) } else { Ok(bytes) }
    }
}

fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let wrap = |source| SecretError::Read { path: path.to_path_buf(), source };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_err(wrap)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Open { path: path.to_path_buf(), mode });
        }
    }
    std::fs::read(path).map(Zeroizing::new).map_err(wrap)
}
