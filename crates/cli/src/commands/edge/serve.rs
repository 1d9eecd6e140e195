//! `scrutineer edge serve`

use std::io::Write;

use booth_server::edge::{self, EdgeConfig, EdgeError, EdgeServer};
use clap::Args;

use crate::message::{Failure, Outcome};
use crate::serving::Serving;

/// Serve campaigns to voters until told to stop
///
/// Nothing is on its disk: an edge that is started again has forgotten the stamps in use and the
/// mandates that were locked, so start it again only when you have to.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer edge serve solar/edge --listen 127.0.0.1:8080")]
pub(crate) struct Serve {
    #[command(flatten)]
    serving: Serving,
}

impl Serve {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        self.serving.run(
            "edge.toml",
            |path, flags| EdgeConfig::load(path, flags).map_err(failed),
            |config, _| {
                let edge = EdgeServer::open(config).map_err(failed)?;
                let campaigns = edge.campaigns().collect::<Vec<_>>().join(", ");
                Ok(format!("the edge can be served: its secrets fit {campaigns}"))
            },
            out,
            async |config, stop| edge::serve(&config, stop).await.map(drop).map_err(failed),
        )
    }
}

/// The message for an edge that cannot start.
fn failed(error: EdgeError) -> Failure {
    Failure::new(error).hint("docs/operate/edge.md lists the configuration and what to do")
}
