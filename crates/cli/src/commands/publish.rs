//! `scrutineer publish`

mod analyse;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// Published lists of votes and voters: how they grow
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer publish analyse series.json --svg growth.svg\n  \
    scrutineer publish analyse series.json --power")]
pub(crate) struct Publish {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Analyse(analyse::Analyse),
}

impl Publish {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Analyse(verb) => verb.run(out),
        }
    }
}
