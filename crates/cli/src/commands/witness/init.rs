//! `scrutineer witness init`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use log_server::log::Description;
use log_server::witness::{self, LogEntry, WitnessConfig};
use service::config::Secret;

use crate::message::{Exit, Failure, Outcome};
use crate::{file, passphrase};

/// Make a witness: its folder, key, empty record and configuration
///
/// Prints the verifier key that the charter has to list.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer witness init w1 --name witness.example/press \
                  --log log.json")]
pub(crate) struct Init {
    /// The folder to make
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// The name under which it cosigns: a host and path that are yours
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The log.json of a log to watch; may be given again
    #[arg(long = "log", value_name = "FILE")]
    logs: Vec<PathBuf>,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8710")]
    listen: String,
    #[command(flatten)]
    passphrase: passphrase::Source,
}

impl Init {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let logs = self.logs.iter().map(|path| watched(path)).collect::<Result<Vec<_>, _>>()?;
        let passphrase = self.passphrase.fresh()?;
        let secret = Secret::Env(passphrase::VARIABLE.to_owned());
        let config = WitnessConfig::new(&self.listen, &self.name, secret, logs);
        let key = witness::init(&self.folder, &config, &passphrase)
            .map_err(|error| super::failed(&error))?;
        writeln!(out, "{key}")?;
        Ok(Exit::Holds)
    }
}

fn watched(path: &std::path::Path) -> Result<LogEntry, Failure> {
    let bytes = file::read(path)?;
    let description: Description = canon::json::from_strict(&bytes).map_err(|error| {
        Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint("give the log.json that `log init` wrote")
    })?;
    Ok(LogEntry {
        origin: description.origin,
        keys: vec![description.checkpoint_key],
        timestamp_key: Some(description.timestamp_key),
    })
}
