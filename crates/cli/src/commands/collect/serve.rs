//! `scrutineer collect serve`

use std::io::Write;

use booth_server::collect::{self, CollectConfig};
use clap::Args;
use service::config::Override;

use crate::message::Outcome;
use crate::serving::{ClockChecked, Serving, warned};

/// Serve a collecting instance until it is told to stop
///
/// What it accepts is on its disk before it answers. In a folder it takes collect.toml.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer collect serve solar/collect-1")]
pub(crate) struct Serve {
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    clock: ClockChecked,
    /// Give up accepted votes whose batch keys are gone; their voters may vote again
    #[arg(long)]
    pending_votes_are_lost: bool,
}

impl Serve {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let lost =
            self.pending_votes_are_lost.then(|| Override::new("pending_votes_are_lost", true));
        self.serving.with(&self.clock).run(
            "collect.toml",
            |path, flags| {
                let flags: Vec<_> = flags.iter().cloned().chain(lost).collect();
                CollectConfig::load(path, &flags).map_err(super::failed)
            },
            |config, _| {
                let campaign = config.check().map_err(super::failed)?;
                let (name, shard) = (campaign.name(), config.shard());
                let warned = warned(&campaign);
                Ok(format!(
                    "shard {shard} of {name} can be served: its secrets fit the campaign{warned}"
                ))
            },
            out,
            async |config, stop| {
                collect::serve(&config, stop).await.map(drop).map_err(super::failed)
            },
        )
    }
}
