//! The logs that a witness watches.

use std::collections::BTreeMap;

use thiserror::Error;

use super::{Refusal, Request, Submission};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::cosignature;
use crate::merkle::Head;
use crate::note::{KeyType, VerifierKey};

/// Why a list of logs cannot be a witness's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KnownLogsError {
    /// An origin is listed twice.
    #[error("log {origin:?} is listed twice")]
    SecondOrigin {
        /// The origin.
        origin: String,
    },
    /// The origin is no origin line.
    #[error("{origin:?} is not an origin: {reason}")]
    BadOrigin {
        /// The origin.
        origin: String,
        /// Why not.
        reason: CheckpointError,
    },
    /// A log without keys can never be authenticated.
    #[error("log {origin:?} has no key")]
    NoKey {
        /// The origin.
        origin: String,
    },
    /// A log signs by keys of type 0x01.
    #[error("key {key} of log {origin:?} is of type {found}, a log's is of type 0x01")]
    KeyType {
        /// The origin.
        origin: String,
        /// The key's name.
        key: String,
        /// What it is.
        found: KeyType,
    },
    /// One public key is listed twice, for one log or for two.
    #[error("key {key} of log {origin:?} is listed twice")]
    SecondKey {
        /// The origin.
        origin: String,
        /// The key's name.
        key: String,
    },
}

/// The logs that a witness watches, each with its keys.
#[derive(Debug, Clone, Default)]
pub struct KnownLogs {
    logs: BTreeMap<String, Vec<VerifierKey>>,
}

impl KnownLogs {
    /// The logs of a list of origins and keys.
    pub fn new(
        list: impl IntoIterator<Item = (String, Vec<VerifierKey>)>,
    ) -> Result<Self, KnownLogsError> {
        let mut known = Self::default();
        for (origin, keys) in list {
            known.check(&origin, &keys)?;
            known.logs.insert(origin, keys);
        }
        Ok(known)
    }

    fn check(&self, origin: &str, keys: &[VerifierKey]) -> Result<(), KnownLogsError> {
        let origin = || origin.to_owned();
        if let Err(reason) = Checkpoint::new(&origin(), 0, Head::empty().root) {
            return Err(KnownLogsError::BadOrigin { origin: origin(), reason });
        }
        if self.logs.contains_key(&origin()) {
            return Err(KnownLogsError::SecondOrigin { origin: origin() });
        }
        if keys.is_empty() {
            return Err(KnownLogsError::NoKey { origin: origin() });
        }
        if let Some(key) = keys.iter().find(|key| key.kind() != KeyType::Ed25519) {
            let (key, found) = (key.name().to_owned(), key.kind());
            return Err(KnownLogsError::KeyType { origin: origin(), key, found });
        }
        let all: Vec<&VerifierKey> = self.logs.values().flatten().chain(keys).collect();
        if let Some((_, key)) = cosignature::shared_key(&all) {
            let key = key.name().to_owned();
            return Err(KnownLogsError::SecondKey { origin: origin(), key });
        }
        Ok(())
    }

    /// The origins, in byte order.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.logs.keys().map(String::as_str)
    }

    /// All keys of all logs.
    pub fn keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.logs.values().flatten()
    }

    /// Rules 2 and 3, and the form of the checkpoint: whose request this is.
    pub fn authenticate(&self, request: Request) -> Result<Submission, Refusal> {
        let origin = request.origin().to_owned();
        let keys = self.logs.get(&origin).ok_or(Refusal::UnknownLog { origin })?;
        let keys: Vec<&VerifierKey> = keys.iter().collect();
        request.note().verify(&keys).map_err(Refusal::Forbidden)?;
        let checkpoint = Checkpoint::parse(request.note().text())
            .map_err(|error| Refusal::Malformed { reason: error.to_string() })?;
        if request.old() > checkpoint.size {
            let (old, size) = (request.old(), checkpoint.size);
            return Err(Refusal::OldBeyondSize { old, size });
        }
        let mut note = request.note().clone();
        note.keep_only(&keys);
        Ok(Submission { request, checkpoint, note })
    }
}
