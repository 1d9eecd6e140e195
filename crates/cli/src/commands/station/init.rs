//! `scrutineer station init`

use std::io::Write;
use std::path::PathBuf;

use booth::totp::Station;
use booth_server::station::{self, NewStation, Socket};
use clap::Args;
use serde_json::json;
use service::config::Secret;

use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Where the PIN is looked for when no file is named.
const PIN_VARIABLE: &str = "SCRUTINEER_PIN";

/// Make a station: its folder, and the wrapping key in its token
///
/// The platform keeps a copy of the wrapping key, to put the station's secret on the map. Nothing
/// is overwritten, and no key is ever read from the token.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer station init booth-7 \\\n      \
                  --station 8704-2A05-B259-1090 \\\n      \
                  --map https://example.org/field.yml --time-server time.cloudflare.com \\\n      \
                  --module /usr/lib/softhsm/libsofthsm2.so --label booth-7 \\\n      \
                  --pin-file pin --wrapping-key 8704-2A05-B259-1090.key")]
pub(crate) struct Init {
    /// The folder to make
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The station's name: letters, digits and dashes
    #[arg(long, value_name = "NAME")]
    station: Station,
    /// Where its map will be published
    #[arg(long, value_name = "URL")]
    map: String,
    /// A server to compare the clock with; repeat it, three at least
    #[arg(long = "time-server", value_name = "HOST")]
    time_servers: Vec<String>,
    /// The platform's copy of the wrapping key: taken if it is there, else made
    #[arg(long, value_name = "FILE")]
    wrapping_key: PathBuf,
    /// The token's PKCS #11 module, from its maker
    #[arg(long, value_name = "FILE", requires = "label", required_unless_present = "file_token")]
    module: Option<PathBuf>,
    /// The token's label
    #[arg(long, value_name = "TEXT", requires = "module")]
    label: Option<String>,
    /// File that holds the token's PIN; else SCRUTINEER_PIN
    #[arg(long, value_name = "FILE", requires = "module")]
    pin_file: Option<PathBuf>,
    /// Keep the key in a file instead: for development, never in an election
    #[arg(long, conflicts_with = "module")]
    file_token: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let socket = match (self.module, self.label) {
            (Some(module), Some(label)) => {
                let pin =
                    self.pin_file.map_or_else(|| Secret::Env(PIN_VARIABLE.into()), Secret::File);
                Socket::Pkcs11 { module, label, pin }
            }
            _ => Socket::File,
        };
        if self.time_servers.is_empty() {
            return Err(Failure::new("no time server is named")
                .hint("name three, of three operators: --time-server HOST"));
        }
        let is_file = matches!(socket, Socket::File);
        let new = NewStation {
            station: self.station,
            map: self.map,
            time_servers: self.time_servers,
            socket,
            wrapping_key: self.wrapping_key,
        };
        station::init(&self.folder, &new).map_err(super::failed)?;
        let warnings = warnings(&new);
        if self.json {
            let answer = json!({
                "folder": file::name(&self.folder),
                "station": new.station.to_string(),
                "wrapping_key": file::name(&new.wrapping_key),
                "development": is_file,
                "warnings": warnings,
            });
            writeln!(out, "{answer}")?;
            return Ok(Exit::Holds);
        }
        writeln!(out, "made      {}", file::name(&self.folder))?;
        writeln!(out, "station   {}", new.station)?;
        writeln!(out, "platform  {}, for `station map` alone", file::name(&new.wrapping_key))?;
        for warning in warnings {
            writeln!(out, "warning   {warning}")?;
        }
        if is_file {
            writeln!(out, "FOR DEVELOPMENT ONLY. The secret lies in a file. Not for an election.")?;
        }
        Ok(Exit::Holds)
    }
}

/// What is taken, and is not enough for an election.
fn warnings(new: &NewStation) -> Vec<&'static str> {
    let few = match new.time_servers.len() {
        1 => Some("one time server: if it lies, nothing contradicts it; name three"),
        2 => Some("two time servers: if they differ, neither is believed; name three"),
        _ => None,
    };
    let is_plain = new.map.starts_with("http://");
    let plain = is_plain.then_some(
        "the map comes over http: on its way it can be exchanged for an old one; use https",
    );
    few.into_iter().chain(plain).collect()
}
