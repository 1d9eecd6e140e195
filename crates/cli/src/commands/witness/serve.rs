//! `scrutineer witness serve`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use log_server::witness::{Server, Witness, WitnessConfig};
use service::config::Override;
use service::stop;

use crate::commands::log::config_file;
use crate::message::{Exit, Failure, Outcome};
use crate::serving;

/// Serve a witness until it is told to stop
///
/// What it cosigns is on its disk before it answers. It stops signing when its clock steps, or
/// when its record turns out to be older than what it has signed.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer witness serve w1 --listen 127.0.0.1:8710")]
pub(crate) struct Serve {
    /// The witness's folder, or its configuration file
    #[arg(value_name = "FOLDER|FILE")]
    config: PathBuf,
    /// The address to listen on, instead of the file's
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Check the configuration, and do not serve
    #[arg(long)]
    check_config: bool,
}

impl Serve {
    pub(crate) fn run(self) -> Outcome {
        let flags: Vec<_> =
            self.listen.iter().map(|listen| Override::new("listen", listen.as_str())).collect();
        let path = config_file(&self.config, "witness.toml");
        let config = WitnessConfig::load(&path, &flags).map_err(|error| super::failed(&error))?;
        if self.check_config {
            return Ok(Exit::Holds);
        }
        serving::run(async {
            let stop = stop::on_signals().map_err(|error| {
                Failure::new(format_args!("cannot hear signals: {error}")).hint("try again")
            })?;
            let witness = Witness::open(&config).map_err(|error| super::failed(&error))?;
            let server = Server::bind(Arc::new(witness), &config)
                .await
                .map_err(|error| super::failed(&error))?;
            if let Ok(address) = server.address() {
                tracing::info!(%address, name = config.name, "the witness listens");
            }
            server.run(stop).await;
            Ok(Exit::Holds)
        })
    }
}
