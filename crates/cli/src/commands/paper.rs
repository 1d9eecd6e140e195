//! `scrutineer paper`

mod define;
mod print;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// Paper ballots: define an election and print its ballots
///
/// A ballot definition says what is voted on and by whom; everything on paper follows from it.
/// docs/operate/paper.md goes through it step by step.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer paper define check definition.json")]
pub(crate) struct Paper {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Define(define::Define),
    Print(print::Print),
}

impl Paper {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Define(verb) => verb.run(out),
            Command::Print(verb) => verb.run(out),
        }
    }
}
