//! `scrutineer edge`

mod serve;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// Run an edge: what voters reach, and all that they reach
///
/// An edge gives out stamps, shows the options, and lets only those votes through to the collecting
/// instances that have shown work, stamps and a valid mandate. docs/operate/edge.md says more.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer edge serve solar/edge")]
pub(crate) struct Edge {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
}

impl Edge {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Serve(verb) => verb.run(out),
        }
    }
}
