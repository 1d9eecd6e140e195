//! A station's configuration file.
//!
//! ```text
//! station = "8704-2A05-B259-1090"
//! map = "https://example.org/field.yml"
//! time_servers = ["time.cloudflare.com", "ptbtime1.ptb.de", "ntp1.inrim.it"]
//! listen = "127.0.0.1:8088"                        # the page for a kiosk
//!
//! [token]                                          # PKCS #11
//! module = "/usr/lib/softhsm/libsofthsm2.so"
//! label = "booth 7"
//! pin = { file = "pin" }                           # or { env = "NAME" }
//!
//! [commitment]                                     # the map is the one that is on the log
//! campaign = "https://example.org/solar/campaign.json"   # or a file
//! charter = "charter.json"                         # whose platform has to have signed it
//! amendments = ["amendment-1.json"]                # all that the log has, in their order
//!
//! [development_token]                              # in its place, never in an election
//! key = { file = "wrapping-key" }
//! ```
//!
//! Paths are taken from the file's own folder.

use std::path::{Path, PathBuf};

use booth::Secret as Seed;
use booth::station::{Token, WrappingKey};
use booth::totp::Station;
use hardware::token::{FileToken, Pkcs11Token, Socket};
use serde::Deserialize;
use service::config::{self, Override, Secret};

use super::commitment::CommitmentTable;
use super::error::StationError;

/// The name of the file in a station's folder.
pub const CONFIG_FILE: &str = "station.toml";

/// What a station is told.
#[derive(Clone, Debug)]
pub struct StationConfig {
    pub(super) station: Station,
    pub(super) map: String,
    pub(super) time_servers: Vec<String>,
    /// Where the page for a kiosk is served.
    pub listen: String,
    pub(super) commitment: Option<CommitmentTable>,
    token: TokenTable,
    base: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    station: String,
    map: String,
    #[serde(default)]
    time_servers: Vec<String>,
    #[serde(default = "listen")]
    listen: String,
    commitment: Option<CommitmentTable>,
    token: Option<Pkcs11Table>,
    development_token: Option<FileTable>,
}

fn listen() -> String {
    "127.0.0.1:8088".into()
}

#[derive(Clone, Debug)]
enum TokenTable {
    Pkcs11(Pkcs11Table),
    File(FileTable),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pkcs11Table {
    module: PathBuf,
    label: String,
    pin: Secret,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTable {
    key: Secret,
}

impl StationConfig {
    /// Reads the file, with flags in the place of its values.
    pub fn load(path: &Path, flags: &[Override]) -> Result<Self, StationError> {
        let form: Form = config::load(path, flags)?;
        let value = |key, problem: &str| StationError::Value { key, problem: problem.into() };
        let station: Result<Station, _> = form.station.parse();
        let token = match (form.token, form.development_token) {
            (Some(table), None) => TokenTable::Pkcs11(table),
            (None, Some(table)) => TokenTable::File(table),
            _ => {
                return Err(value(
                    "token",
                    "there is [token] or [development_token], and one only",
                ));
            }
        };
        if !(form.map.starts_with("https://") || form.map.starts_with("http://")) {
            return Err(value("map", "an address begins with https:// or http://"));
        }
        Ok(Self {
            station: station.map_err(|error| value("station", &error.to_string()))?,
            map: form.map,
            time_servers: form.time_servers,
            listen: form.listen,
            commitment: form.commitment,
            token,
            base: path.parent().unwrap_or(Path::new("")).to_path_buf(),
        })
    }

    /// The station's name.
    pub const fn station(&self) -> &Station {
        &self.station
    }

    /// Takes the campaign from a file that somebody has brought, in the place of what
    /// `[commitment]` names.
    pub fn bring_campaign(&mut self, file: &Path) -> Result<(), StationError> {
        let problem = "without it nothing says whose campaign counts".to_owned();
        let missing = StationError::Value { key: "[commitment]", problem };
        let table = self.commitment.as_mut().ok_or(missing)?;
        let absolute = std::path::absolute(file)
            .map_err(|source| StationError::File { path: file.to_path_buf(), source })?;
        table.campaign = absolute.display().to_string();
        Ok(())
    }

    /// A file of the station's folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    /// Opens the token.
    pub(super) fn open_token(&self) -> Result<Box<dyn Token>, StationError> {
        match &self.token {
            TokenTable::Pkcs11(table) => {
                let pin = read(&self.base, "pin", &table.pin)?;
                let pin = std::str::from_utf8(&pin).map_err(|_| StationError::SecretForm("pin"))?;
                let module = self.base.join(&table.module);
                let socket = Socket { module: &module, label: &table.label };
                Ok(Box::new(Pkcs11Token::open(socket, pin, &self.station)?))
            }
            TokenTable::File(table) => {
                let key = seed(&self.base, "development_token.key", &table.key)?;
                Ok(Box::new(FileToken::new(WrappingKey::new(key))))
            }
        }
    }
}

fn read(
    base: &Path,
    what: &'static str,
    secret: &Secret,
) -> Result<zeroize::Zeroizing<Vec<u8>>, StationError> {
    secret.read(base).map_err(|source| StationError::Secret { what, source })
}

/// A secret of 32 bytes in base64.
pub(super) fn seed(base: &Path, what: &'static str, secret: &Secret) -> Result<Seed, StationError> {
    let text = read(base, what, secret)?;
    let text = std::str::from_utf8(&text).ok();
    text.and_then(Seed::from_base64).ok_or(StationError::SecretForm(what))
}
