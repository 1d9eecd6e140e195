//! `scrutineer log serve`

use std::path::PathBuf;

use clap::Args;
use log_server::log::{self, LogConfig};
use service::config::Override;
use service::stop;

use crate::message::{Exit, Failure, Outcome};
use crate::serving;

/// Serve a log until it is told to stop
///
/// SIGINT or SIGTERM stop it: running requests end, and what was accepted is published first. It
/// stops by itself, with a reason, rather than sign a head that does not extend the last one.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer log serve county-log --listen 127.0.0.1:8700")]
pub(crate) struct Serve {
    /// The log's folder, or its configuration file
    #[arg(value_name = "FOLDER|FILE")]
    config: PathBuf,
    /// The address to listen on, instead of the file's
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Check configuration and charter, and do not serve
    #[arg(long)]
    check_config: bool,
}

impl Serve {
    pub(crate) fn run(self) -> Outcome {
        let flags: Vec<_> =
            self.listen.iter().map(|listen| Override::new("listen", listen.as_str())).collect();
        let path = super::config_file(&self.config, "log.toml");
        let config = LogConfig::load(&path, &flags).map_err(|error| super::failed(&error))?;
        if self.check_config {
            return Ok(Exit::Holds);
        }
        serving::run(async {
            let stop = stop::on_signals().map_err(|error| {
                Failure::new(format_args!("cannot hear signals: {error}")).hint("try again")
            })?;
            log::serve(&config, stop).await.map_err(|error| super::failed(&error))?;
            Ok(Exit::Holds)
        })
    }
}
