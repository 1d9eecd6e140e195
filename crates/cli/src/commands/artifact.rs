//! `scrutineer artifact`

mod check;
mod sign;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// Sign and check artifacts
///
/// An artifact is a payload of a known kind in an envelope with its signatures. The log takes
/// nothing else; raw files travel with a signed manifest. docs/spec/artifacts.md has the kinds.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer artifact sign --kind software/v1 --key builder.pem \
                  build.json > software.json\n  scrutineer artifact check software.json"
)]
pub(crate) struct Artifact {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sign(sign::Sign),
    Check(check::Check),
}

impl Artifact {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Sign(verb) => verb.run(out),
            Command::Check(verb) => verb.run(out),
        }
    }
}
