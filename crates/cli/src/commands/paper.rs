//! `scrutineer paper`

mod define;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// Paper ballots: define an election, print its ballots, read them back
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer paper define check definition.json")]
pub(crate) struct Paper {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Define(define::Define),
}

impl Paper {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Define(verb) => verb.run(out),
        }
    }
}
