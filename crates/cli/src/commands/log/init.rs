//! `scrutineer log init`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use log_server::log::{self, LogConfig};
use service::config::Secret;

use crate::message::{Exit, Failure, Outcome};
use crate::passphrase;

/// Make a log: its folder, its three keys, and their public halves for the charter
///
/// The description, which also stands in log.json, goes into the charter: the two verifier keys
/// under "log", the promise key in "keys" with the role log. Then the signed charter is put beside
/// it as charter.json, the witnesses are listed in log.toml, and the log can be served.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer log init county-log --origin log.example/county-2026"
)]
pub(crate) struct Init {
    /// The folder to make
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The log's name, the first line of its checkpoints: a host and path that are yours
    #[arg(long, value_name = "NAME")]
    origin: String,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8700")]
    listen: String,
    #[command(flatten)]
    passphrase: passphrase::Source,
}

impl Init {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let passphrase = self.passphrase.fresh()?;
        let secret = Secret::Env(passphrase::VARIABLE.to_owned());
        let config = LogConfig::new(&self.listen, secret);
        let description = log::init(&self.folder, &config, &self.origin, &passphrase)
            .map_err(|error| super::failed(&error))?;
        let text = serde_json::to_string_pretty(&description)
            .map_err(|error| Failure::new(error).hint("read log.json in the log's folder"))?;
        writeln!(out, "{text}")?;
        Ok(Exit::Holds)
    }
}
