//! `scrutineer collect`

mod init;
mod links;
mod serve;

use std::io::Write;

use booth_server::collect::CollectError;
use clap::{Args, Subcommand};

use crate::message::{Failure, Outcome};

/// Run a collecting instance: record votes, and publish them in batches
///
/// A campaign has one instance a shard. Voters never reach it: edges do, by a pass header or by
/// certificates. docs/operate/collect.md says more.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer collect init solar --campaign solar.toml\n  \
                  scrutineer collect serve solar/collect-0")]
pub(crate) struct Collect {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Init),
    Links(links::Links),
    Serve(serve::Serve),
}

impl Collect {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Init(verb) => verb.run(out),
            Command::Links(verb) => verb.run(out),
            Command::Serve(verb) => verb.run(out),
        }
    }
}

/// The message for an instance that cannot start, or had to stop.
#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn failed(error: CollectError) -> Failure {
    Failure::new(&error).hint(error.hint())
}
