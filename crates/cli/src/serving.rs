//! The one road of the verbs that serve: the configuration, a runtime, a diary on stderr, and the
//! signals that end it.

use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use booth::campaign::Campaign;
use booth_server::campaign;
use clap::Args;
use serde_json::json;
use service::config::Override;
use service::stop::{self, Stop};
use tracing_subscriber::EnvFilter;

use crate::file;
use crate::message::{Exit, Failure, Outcome};

// No doc comment: it would stand in the help of the verbs.
#[derive(Args)]
pub(crate) struct Serving {
    /// The server's folder, or its configuration file
    #[arg(value_name = "FOLDER|FILE")]
    config: PathBuf,
    /// The address to listen on, instead of the file's
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Check the configuration and what it names, and do not serve
    #[arg(long)]
    check_config: bool,
    /// Answer the check in JSON
    #[arg(long, requires = "check_config")]
    json: bool,
    #[arg(skip)]
    flags: Vec<Override>,
}

// For those that sign times.
#[derive(Args)]
pub(crate) struct ClockChecked {
    /// Start although nothing near confirms the clock: you have compared it with another
    #[arg(long)]
    clock_checked: bool,
}

impl Serving {
    /// With the word of whoever starts the server that its clock is right.
    pub(crate) fn with(mut self, checked: &ClockChecked) -> Self {
        self.flags.extend(checked.clock_checked.then(|| Override::new("clock_checked", true)));
        self
    }

    /// Loads the configuration, `file` in a folder, and serves until the process is told to stop.
    /// `RUST_LOG` says how much the server tells. `check` opens what the configuration names, below
    /// its folder, and says in one line what it is; it takes no lock.
    pub(crate) fn run<C>(
        self,
        file: &str,
        load: impl FnOnce(&Path, &[Override]) -> Result<C, Failure>,
        check: impl FnOnce(&C, &Path) -> Result<String, Failure>,
        out: &mut dyn Write,
        serve: impl AsyncFnOnce(C, Stop) -> Result<(), Failure>,
    ) -> Outcome {
        let listen = self.listen.iter().map(|listen| Override::new("listen", listen.as_str()));
        let flags: Vec<_> = listen.chain(self.flags).collect();
        let path = config_file(&self.config, file);
        let config = load(&path, &flags)?;
        if self.check_config {
            let said = check(&config, path.parent().unwrap_or(Path::new("")))?;
            if self.json {
                writeln!(out, "{}", json!({ "config": file::name(&path), "said": said }))?;
            } else {
                writeln!(out, "{said}")?;
            }
            return Ok(Exit::Holds);
        }
        tell_on_stderr();
        until_told(async |stop| serve(config, stop).await)
    }
}

/// Runs a server until the process is told to stop.
pub(crate) fn until_told(serve: impl AsyncFnOnce(Stop) -> Result<(), Failure>) -> Outcome {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| {
        Failure::new(format_args!("cannot start the server's threads: {error}"))
            .hint("check the limits on processes and memory")
    })?;
    runtime.block_on(async {
        let stop = stop::on_signals().map_err(|error| {
            Failure::new(format_args!("cannot hear signals: {error}")).hint("try again")
        })?;
        serve(stop).await?;
        Ok(Exit::Holds)
    })
}

/// The configuration file of a role: the file itself, or the one in a folder.
pub(crate) fn config_file(given: &Path, name: &str) -> PathBuf {
    if given.is_dir() { given.join(name) } else { given.to_path_buf() }
}

/// What is to be thought of before a campaign is held, as a line behind another.
pub(crate) fn warned(campaign: &Campaign) -> String {
    campaign::warning(campaign).map_or_else(String::new, |text| format!("\nwarning: {text}"))
}

fn tell_on_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
