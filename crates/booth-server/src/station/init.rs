//! Making a station: its folder, and the wrapping key in its token.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use booth::Secret as Seed;
use booth::station::WrappingKey;
use booth::totp::Station;
use hardware::token::{self, Pkcs11Token};
use service::config::Secret;
use service::{disk, folder, random};
use zeroize::Zeroize as _;

use super::config::{CONFIG_FILE, seed};
use super::error::StationError;

/// Where the token is.
#[derive(Clone, Debug)]
pub enum Socket {
    /// Behind PKCS #11.
    Pkcs11 {
        /// The maker's module.
        module: PathBuf,
        /// The token's label.
        label: String,
        /// Its PIN.
        pin: Secret,
    },
    /// A file in its place, for development.
    File,
}

/// A station that is to be made.
#[derive(Clone, Debug)]
pub struct NewStation {
    /// Its name.
    pub station: Station,
    /// Where its map will be.
    pub map: String,
    /// Whom it asks for the time.
    pub time_servers: Vec<String>,
    /// Its token.
    pub socket: Socket,
    /// The platform's copy of the wrapping key: taken if it is there, made if it is not.
    pub wrapping_key: PathBuf,
}

/// The stand-in for a token.
const KEY_FILE: &str = "wrapping-key-for-development";

/// Makes the folder of a station. Nothing is overwritten.
pub fn init(path: &Path, new: &NewStation) -> Result<(), StationError> {
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| StationError::File { path, source }
    };
    folder::make_own(path)
        .map_err(|error| StationError::Value { key: "folder", problem: error.to_string() })?;
    let config = path.join(CONFIG_FILE);
    if config.exists() {
        return Err(io(&config)(ErrorKind::AlreadyExists.into()));
    }
    let key = wrapping_key(&new.wrapping_key)?;
    let table = match &new.socket {
        Socket::Pkcs11 { module, label, pin } => {
            let here = Path::new("");
            let read = pin.read(here);
            let read = read.map_err(|source| StationError::Secret { what: "pin", source })?;
            let pin_text =
                std::str::from_utf8(&read).map_err(|_| StationError::SecretForm("pin"))?;
            let module = std::path::absolute(module).map_err(io(module))?;
            let socket = token::Socket { module: &module, label };
            Pkcs11Token::provision(socket, pin_text, &new.station, &key)?;
            format!(
                "[token]\nmodule = {}\nlabel = {}\npin = {}\n",
                quoted(&module.display().to_string()),
                quoted(label),
                told(pin).map_err(io(path))?,
            )
        }
        Socket::File => {
            let file = path.join(KEY_FILE);
            let text = format!("{}\n", *key.to_base64());
            disk::write_private(&file, text.as_bytes()).map_err(io(&file))?;
            format!(
                "# The secret of the codes can be had from the file below. Never in an election.\n\
                 [development_token]\nkey = {{ file = {} }}\n",
                quoted(KEY_FILE)
            )
        }
    };
    let servers: Vec<String> = new.time_servers.iter().map(|server| quoted(server)).collect();
    let text = format!(
        "station = {}\nmap = {}\ntime_servers = [{}]\nlisten = \"127.0.0.1:8088\"\n\n{table}",
        quoted(new.station.as_str()),
        quoted(&new.map),
        servers.join(", ")
    );
    disk::write_private(&config, text.as_bytes()).map_err(io(&config))
}

/// The key of a file, or a new one in a new file.
fn wrapping_key(path: &Path) -> Result<WrappingKey, StationError> {
    if path.exists() {
        let here = Path::new("");
        let key = seed(here, "the wrapping key", &Secret::File(path.to_path_buf()))?;
        return Ok(WrappingKey::new(key));
    }
    let mut bytes: [u8; 32] = random::bytes();
    let key = WrappingKey::new(Seed::new(&bytes));
    bytes.zeroize();
    let text = zeroize::Zeroizing::new(format!("{}\n", *key.to_base64()));
    disk::write_private(path, text.as_bytes())
        .map_err(|source| StationError::File { path: path.to_path_buf(), source })?;
    Ok(key)
}

/// How a configuration names the PIN.
fn told(pin: &Secret) -> std::io::Result<String> {
    Ok(match pin {
        Secret::File(path) => {
            format!("{{ file = {} }}", quoted(&std::path::absolute(path)?.display().to_string()))
        }
        Secret::Env(name) => format!("{{ env = {} }}", quoted(name)),
    })
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
