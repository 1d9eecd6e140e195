//! Why an instance cannot start, or had to stop.

use std::io;
use std::path::PathBuf;

use booth::campaign::Shard;
use canon::KeyError;
use service::config::{ConfigError, SecretError};
use service::folder::FolderError;
use service::lock::LockError;
use service::tls::TlsError;

use super::ledger::LedgerError;
use crate::campaign::CampaignError;

/// Why an instance cannot start, or had to stop. [`CollectError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// A file or folder could not be read or made.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Something stands where a new platform was to be made.
    #[error("{} is there already", .path.display())]
    Exists {
        /// What stands there.
        path: PathBuf,
    },
    /// The campaign has keys already.
    #[error("{} names keys of a platform already", .path.display())]
    HasKeys {
        /// The campaign file.
        path: PathBuf,
    },
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The campaign is refused.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    /// A secret cannot be had.
    #[error("{what}: {source}")]
    Secret {
        /// Which.
        what: &'static str,
        /// Why.
        source: SecretError,
    },
    /// A secret does not have its form.
    #[error("{what} is not 32 bytes in base64")]
    SecretForm {
        /// Which.
        what: &'static str,
    },
    /// A key cannot be read or made.
    #[error("{}: {source}", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Why.
        source: KeyError,
    },
    /// The receipt key is not the one that the campaign names for the shard.
    #[error("the receipt key is not the one that the campaign names for shard {shard}")]
    OtherKey {
        /// The shard.
        shard: Shard,
    },
    /// The seed of the codes is not the one that the campaign commits to.
    #[error("totp_seed is not the one that the campaign file commits to (totp_seed_sha256)")]
    OtherSeed,
    /// The campaign has no such shard, or names no receipt keys.
    #[error("the campaign names no receipt key for shard {shard}; it has {shards} shards")]
    NoShard {
        /// The shard of the configuration.
        shard: Shard,
        /// Shards of the campaign.
        shards: u16,
    },
    /// A folder is not fit for secrets.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Anybody could hand in votes.
    #[error("edges show neither a pass header nor a certificate, so anybody could hand in votes")]
    Open,
    /// An edge could ask what the publisher asks, and the publisher hand in votes.
    #[error("pass and publisher_pass are the same")]
    OnePass,
    /// TLS cannot be had.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A folder is in use.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The ledger cannot be opened or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The clock is past the end, and what is pending would be published at once.
    #[error(
        "by this machine's clock the campaign has ended, so a start publishes the {pending} \
         pending votes as the last batch"
    )]
    Ended {
        /// Votes that are accepted and not cut.
        pending: usize,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(io::Error),
}

impl CollectError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exists { .. } | Self::HasKeys { .. } => {
                "name a new folder, and the campaign file as it was written"
            }
            Self::Ledger(LedgerError::KeysMissing { .. }) => {
                "put the folder of batch keys back; if it is gone for good, \
                 --pending-votes-are-lost goes on without these votes, and their voters may vote \
                 again"
            }
            Self::Ledger(LedgerError::Rotten { .. }) => {
                "keep a copy of that disk and find out what is wrong with it; if the records are \
                 gone for good, --pending-votes-are-lost goes on without them, and their voters \
                 may vote again"
            }
            Self::Ledger(LedgerError::SameFileSystem) => {
                "name a folder in memory as batch_keys: below /run or /dev/shm"
            }
            Self::Ledger(LedgerError::KeysOnDisk) => {
                "name a folder in memory as batch_keys (below /run or /dev/shm), or set \
                 batch_keys_on_disk = true: then whoever gets both disks can open the spool"
            }
            Self::Ledger(error) if error.is_full() => {
                "make room on that disk and start again: everything accepted is there"
            }
            Self::Ended { .. } => {
                "compare the clock with another one; if it is right, start with --clock-checked"
            }
            Self::Open => "set pass, or [tls] with client_roots",
            _ => "docs/operate/collect.md lists the configuration and what to do",
        }
    }
}
