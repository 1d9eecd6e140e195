//! One strict TOML file a role; flags override it; secrets by file or environment only.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

mod secret;

pub use secret::{Secret, SecretError};

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The file, at this line, is not what the role expects.
    #[error("{}:{line}: {message}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// File and flags together are not a whole configuration.
    #[error("{}: {message}", .path.display())]
    Whole {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A flag's value cannot be put where it belongs.
    #[error("cannot set {key}: {message}")]
    Flag {
        /// The dotted key that the flag sets.
        key: String,
        /// What is wrong.
        message: String,
    },
}

/// A value that a flag puts in the place of the file's: dotted key and TOML value.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// Where, as in `limits.connections`.
    pub key: String,
    /// What.
    pub value: toml::Value,
}

impl Override {
    /// A value for `key`.
    pub fn new(key: &str, value: impl Into<toml::Value>) -> Self {
        Self { key: key.to_owned(), value: value.into() }
    }
}

/// Reads the file at `path`, puts the flags over it and decodes the whole.
///
/// The type must deny unknown fields, so that a misspelt key is refused with its line rather
/// than ignored.
pub fn load<T: DeserializeOwned>(path: &Path, flags: &[Override]) -> Result<T, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_path_buf(), source })?;
    decode(path, &text, flags)
}

/// Decodes the text of a configuration file; `path` is for messages only.
pub fn decode<T: DeserializeOwned>(
    path: &Path,
    text: &str,
    flags: &[Override],
) -> Result<T, ConfigError> {
    let mut table: toml::Table = toml::from_str(text).map_err(|e| located(path, text, &e))?;
    for flag in flags {
        set(&mut table, flag)?;
    }
    let whole = match table.try_into() {
        Ok(whole) => return Ok(whole),
        Err(error) => error,
    };
    // The table has lost the places of its keys; the text still has them, unless what is wrong
    // came from a flag or is missing altogether.
    match toml::from_str::<T>(text) {
        Err(error) if error.span().is_some_and(|span| span != (0..0) && span.end < text.len()) => {
            Err(located(path, text, &error))
        }
        _ => Err(ConfigError::Whole {
            path: path.to_path_buf(),
            message: toml::de::Error::message(&whole).to_owned(),
        }),
    }
}

fn located(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let line = error.span().map_or(1, |span| line_of(text, &span));
    ConfigError::File { path: path.to_path_buf(), line, message: error.message().to_owned() }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    let before = text.as_bytes().get(..span.start).unwrap_or(text.as_bytes());
    before.split(|&byte| byte == b'\n').count()
}

fn set(table: &mut toml::Table, flag: &Override) -> Result<(), ConfigError> {
    let mut place = table;
    let mut parts = flag.key.split('.').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            place.insert(part.to_owned(), flag.value.clone());
            return Ok(());
        }
        let inner = place.entry(part).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        place = inner.as_table_mut().ok_or_else(|| ConfigError::Flag {
            key: flag.key.clone(),
            message: format!("{part} is not a table"),
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
