//! `scrutineer publish serve`

use std::io::Write;
use std::sync::Arc;

use booth_server::publish::{self, Log, PublishConfig, PublishError};
use clap::Args;

use super::log::HttpLog;
use crate::message::{Failure, Outcome};
use crate::serving::{Serving, warned};

/// Publish a campaign's lists until told to stop
///
/// A start reads everything that was published and compares it with what was recorded of it; what
/// an end has left half written is cut off.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer publish serve solar/publish --listen 127.0.0.1:8090"
)]
pub(crate) struct Serve {
    #[command(flatten)]
    serving: Serving,
}

impl Serve {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        self.serving.run(
            "publish.toml",
            |path, flags| PublishConfig::load(path, flags).map_err(failed),
            |config, _| {
                let campaign = config.check().map_err(failed)?;
                let name = campaign.name();
                let warned = warned(&campaign);
                Ok(format!("{name} can be published: its secrets are there{warned}"))
            },
            out,
            async |config, stop| {
                let target = config.log_target().map_err(failed)?;
                let log = target.map(|target| -> Arc<dyn Log> { Arc::new(HttpLog::new(&target)) });
                publish::serve(&config, log, stop).await.map(drop).map_err(failed)
            },
        )
    }
}

/// The message for a publisher that cannot start.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn failed(error: PublishError) -> Failure {
    Failure::new(&error).hint(error.hint())
}
