//! Why a publisher does not start, or does not publish.

use std::fmt;
use std::io;
use std::path::PathBuf;

use service::config::{ConfigError, SecretError};
use service::lock::LockError;
use service::tls::TlsError;

use super::close::CloseError;
use super::log::LogFault;
use super::store::StoreError;
use crate::campaign::CampaignError;
use crate::edge::CampaignEntryFault;

/// Why a publisher does not start, or does not publish. [`PublishError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The campaign is refused.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    /// What is said of the instances.
    #[error("{0}")]
    Faults(Faults),
    /// Figures that anybody could read.
    #[error(
        "listen_internal = {listen:?} is reached from other machines: its figures tell who reads \
         when; if nobody but the operators reaches it there, say internal_private_network = true"
    )]
    Internal {
        /// The address.
        listen: String,
    },
    /// Results of an election before its close.
    #[error("interim = \"full\" would show results of an official campaign before its close")]
    TooEarly,
    /// No pause between two snapshots.
    #[error("snapshot_s has to be at least 1")]
    NoPause,
    /// A name that artifacts cannot carry.
    #[error("{0} is none that an artifact can carry")]
    Name(&'static str),
    /// Nothing to hide digests by.
    #[error("snapshot_salt is missing, and the campaign keeps its results until the close")]
    NoSalt,
    /// A salt that is none.
    #[error("snapshot_salt is not 32 bytes in base64")]
    SaltForm,
    /// Another salt than was committed to.
    #[error("snapshot_salt is not the one that the campaign file commits to")]
    OtherSalt,
    /// What is said of the log.
    #[error("[log]: {0}")]
    Log(#[from] LogFault),
    /// A secret that cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// TLS cannot be had.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The folder of the lists.
    #[error("{}: {source}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It is in use.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The lists cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What says which shards are left out.
    #[error(transparent)]
    Close(Box<CloseError>),
    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}")]
    Listen {
        /// The address.
        listen: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// An earlier barrier found what must not be published.
    #[error("nothing is published any more since an earlier barrier")]
    Stopped,
    /// A task ended that should not have.
    #[error("a part of the publisher has panicked")]
    Ended,
}

impl PublishError {
    /// What to do.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Close(error) => error.hint(),
            Self::Store(StoreError::Io { .. } | StoreError::Stopped) => {
                "make room on that disk or repair it: the publisher goes on at the next snapshot"
            }
            Self::Store(_) => {
                "keep a copy of the folder; the lists were changed since they were published, so \
                 put them back from a mirror, or publish anew into an empty folder and say so"
            }
            _ => "docs/operate/publish.md lists the configuration and what to do",
        }
    }

    /// Whether trying again at the next barrier is of no use.
    pub(super) const fn is_final(&self) -> bool {
        !matches!(self, Self::Store(StoreError::Io { .. } | StoreError::Stopped) | Self::Close(_))
    }
}

/// All that is wrong with what is said of the instances, one a line.
#[derive(Debug)]
pub struct Faults(pub Vec<CampaignEntryFault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{fault}")?;
        }
        Ok(())
    }
}
