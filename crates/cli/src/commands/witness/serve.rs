//! `scrutineer witness serve`

use std::io::Write;

use clap::Args;
use log_server::witness::{self, WitnessConfig, WitnessError};

use crate::message::Outcome;
use crate::serving::{ClockChecked, Serving};

/// Serve a witness until it is told to stop
///
/// What it cosigns is on its disk before it answers. It stops signing when its clock steps, or
/// when its record turns out to be older than what it has signed.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer witness serve w1 --listen 127.0.0.1:8710")]
pub(crate) struct Serve {
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    clock: ClockChecked,
}

impl Serve {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let failed = |error: WitnessError| super::failed(&error);
        self.serving.with(&self.clock).run(
            "witness.toml",
            |path, flags| WitnessConfig::load(path, flags).map_err(failed),
            |config, _| {
                let signer = config.signer().map_err(failed)?;
                let logs = config.logs.len();
                let name = signer.verifier().name();
                Ok(format!("{name} can be served: its key opens, and it watches {logs} logs"))
            },
            out,
            async |config, stop| witness::serve(&config, stop).await.map(drop).map_err(failed),
        )
    }
}
