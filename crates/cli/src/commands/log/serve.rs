//! `scrutineer log serve`

use clap::Args;
use log_server::log::{self, LogConfig, LogError};

use crate::message::Outcome;
use crate::serving::Serving;

/// Serve a log until it is told to stop
///
/// SIGINT or SIGTERM stop it: running requests end, and what was accepted is published first. It
/// stops by itself, with a reason, rather than sign a head that does not extend the last one.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer log serve county-log --listen 127.0.0.1:8700")]
pub(crate) struct Serve {
    #[command(flatten)]
    serving: Serving,
}

impl Serve {
    pub(crate) fn run(self) -> Outcome {
        let failed = |error: LogError| super::failed(&error);
        self.serving.run(
            "log.toml",
            |path, flags| LogConfig::load(path, flags).map_err(failed),
            async |config, stop| log::serve(&config, stop).await.map(drop).map_err(failed),
        )
    }
}
