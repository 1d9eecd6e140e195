//! `scrutineer audit`

mod draw;
mod size;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// Risk-limiting audits: how many cards to look at, and which
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer audit size --ballots 618 --margin 104 --risk-limit 0.03\n  \
    scrutineer audit draw --manifest manifest.csv --seed 53417960661093690826 \\\n      \
    --count 44 --generator colorado")]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Size(size::Size),
    Draw(draw::Draw),
}

impl Audit {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Size(verb) => verb.run(out),
            Command::Draw(verb) => verb.run(out),
        }
    }
}
