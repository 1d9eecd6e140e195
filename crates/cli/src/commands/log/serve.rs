//! `scrutineer log serve`

use std::fs;
use std::io::Write;
use std::path::Path;

use artifact::admit;
use clap::Args;
use log_server::log::{self, LogConfig, LogError, LogKeys};

use crate::message::Outcome;
use crate::serving::{ClockChecked, Serving};

/// Serve a log until it is told to stop
///
/// SIGINT or SIGTERM stop it: running requests end, and what was accepted is published first. It
/// stops by itself, with a reason, rather than sign a head that does not extend the last one.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer log serve county-log --listen 127.0.0.1:8700")]
pub(crate) struct Serve {
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    clock: ClockChecked,
}

impl Serve {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let failed = |error: LogError| super::failed(&error);
        self.serving.with(&self.clock).run(
            "log.toml",
            |path, flags| LogConfig::load(path, flags).map_err(failed),
            |config, base| check(config, base).map_err(failed),
            out,
            async |config, stop| log::serve(&config, stop).await.map(drop).map_err(failed),
        )
    }
}

/// Opens the keys and holds them against the charter, as the server will.
fn check(config: &LogConfig, base: &Path) -> Result<String, LogError> {
    let path = base.join(&config.charter);
    let bytes = fs::read(&path).map_err(|source| LogError::File { path, source })?;
    let founded = admit::found(&bytes).map_err(|why| LogError::Charter(Box::new(why)))?;
    let passphrase = config.passphrase.read(base)?;
    let origin = founded.register.log_keys().checkpoint.name();
    let keys = LogKeys::load(&base.join(&config.keys), origin, &passphrase)?;
    keys.check(&founded.register, 1)?;
    Ok(format!("{origin} can be served: its keys open, and are the charter's"))
}
