//! Why a station does not do what it is asked.

use std::io;
use std::path::PathBuf;

use booth::station::{FieldError, TokenFault};
use booth::totp::Station;
use canon::Digest;
use hardware::token::Pkcs11Error;
use service::config::{ConfigError, SecretError};

/// Why a station does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StationError {
    /// The configuration file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A value in it.
    #[error("{key}: {problem}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// A secret that it names.
    #[error("{what}: {source}")]
    Secret {
        /// Which one.
        what: &'static str,
        /// What is wrong.
        source: SecretError,
    },
    /// A secret is not 32 bytes in base64.
    #[error("{0} is not 32 bytes in base64")]
    SecretForm(&'static str),
    /// A file of its folder.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// What it remembers was changed by somebody else.
    #[error("{}: this is not what a station writes", .0.display())]
    State(PathBuf),
    /// It has no secret yet.
    #[error("the station has no secret yet")]
    NeverUpdated,
    /// The map could not be fetched.
    #[error("cannot fetch {url}: {why}")]
    Fetch {
        /// From where.
        url: String,
        /// Why.
        why: String,
    },
    /// What was fetched is no map.
    #[error("{from}: {source}")]
    Map {
        /// From where.
        from: String,
        /// What is wrong.
        source: FieldError,
    },
    /// The charter beside the configuration is none.
    #[error("{}: {why}", .path.display())]
    Charter {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// An amendment beside the configuration is none of this charter, or not the next one.
    #[error("{} is not the charter's next amendment: {why}", .path.display())]
    Amendment {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// What says which map is committed to does not count.
    #[error("{from} does not say which map counts: {why}")]
    Campaign {
        /// From where.
        from: String,
        /// What is wrong.
        why: String,
    },
    /// The map is another one.
    #[error(
        "this is not the map that campaign {campaign} has committed to: {committed} there, \
         {found} here"
    )]
    OtherMap {
        /// The campaign.
        campaign: String,
        /// The digest that was committed to.
        committed: Digest,
        /// That of the map.
        found: Digest,
    },
    /// The station is not on the map.
    #[error("the station {0} is not on the map")]
    NotOnMap(Station),
    /// The token does not do its part.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// Nothing was heard of it in time.
    #[error("the token does not answer")]
    Silent,
    /// The token cannot be opened or made.
    #[error(transparent)]
    Pkcs11(#[from] Pkcs11Error),
    /// The kiosk page is for this machine only.
    #[error("{0} is not an address of this machine alone")]
    NotLoopback(String),
    /// The kiosk page cannot be served.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
}

impl StationError {
    /// What to do.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Config(_) | Self::Value { .. } => "docs/operate/station.md describes the file",
            Self::Secret { .. } | Self::SecretForm(_) => {
                "a secret is in a file for its owner only (chmod 0600), or in the environment"
            }
            Self::File { .. } => "check the folder, your rights in it, and the room on that disk",
            Self::State(_) => "remove the file and run `scrutineer station update`",
            Self::NeverUpdated => "put the station online and run `scrutineer station update`",
            Self::Fetch { .. } => "put the station online, or bring the map: --map field.yml",
            Self::Map { .. } => "take the map that the election has published, unchanged",
            Self::Charter { .. } => "put the election's signed charter beside station.toml",
            Self::Amendment { .. } => {
                "name all amendments of the log in `amendments`, in their order"
            }
            Self::Campaign { .. } => {
                "take the platform's signed campaign as it stands on the log; its key has to be \
                 one that the charter names, or one of the `amendments`, and not revoked since"
            }
            Self::OtherMap { .. } => {
                "the secret is not taken: fetch map and campaign again, and tell the platform if \
                 they still differ"
            }
            Self::NotOnMap(_) => {
                "compare the station's name with the map; `station map` puts it there"
            }
            Self::Token(TokenFault::Foreign) => {
                "the map has a secret for another token, or was changed: tell the platform"
            }
            Self::Pkcs11(Pkcs11Error::Readable | Pkcs11Error::Open)
            | Self::Token(TokenFault::Open) => {
                "remove the wrapping key with the maker's tool, make the station anew with \
                 `station init` and a new key, and publish a map with a new seed"
            }
            Self::Silent => "see that the token is plugged in, and start the station again",
            Self::Token(_) | Self::Pkcs11(_) => {
                "see that the token is plugged in, and that module, label and PIN are its own"
            }
            Self::NotLoopback(_) => "codes are for the booth alone: listen on 127.0.0.1",
            Self::Listen { .. } => "another program may have this port: name another with --listen",
        }
    }

    /// Whether it is evidence that something is wrong, not a want of means.
    pub const fn is_finding(&self) -> bool {
        matches!(
            self,
            Self::Token(TokenFault::Foreign)
                | Self::NotOnMap(_)
                | Self::Map { .. }
                | Self::Campaign { .. }
                | Self::OtherMap { .. }
        )
    }
}
