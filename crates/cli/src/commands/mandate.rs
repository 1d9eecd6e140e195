//! `scrutineer mandate`

mod find;
mod issue;
mod print;
mod registers;
mod show;
mod stock;
mod void;
mod wording;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// Issue, check and print mandates
///
/// A mandate is good for one vote. An authority signs it; no name is in it. It goes to a voter as a
/// card with a QR code and twelve lines. Cards are numbered in a stock register, so that a stolen
/// stack can be voided; names never enter it.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer mandate issue --campaign solar --key clerk.pem \\\n      \
                        --count 500 --title 'Solar 2026' --date '22 November 2026' \\\n      \
                        --stock stock.jsonl --out cards"
)]
pub(crate) struct Mandate {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Issue(issue::Issue),
    Show(show::Show),
    Print(print::Print),
    Find(find::Find),
    Void(void::Void),
}

impl Mandate {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Issue(verb) => verb.run(out),
            Command::Show(verb) => verb.run(out),
            Command::Print(verb) => verb.run(out),
            Command::Find(verb) => verb.run(out),
            Command::Void(verb) => verb.run(out),
        }
    }
}
