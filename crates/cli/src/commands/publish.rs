//! `scrutineer publish`

mod analyse;
mod check_ins;
mod close;
mod evidence;
pub(crate) mod log;
mod reveal;
mod series;
mod serve;
mod status;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

/// The published lists of votes and voters: serve them, and judge how they grow
///
/// A campaign has one publisher. It takes what all shards have cut every two minutes, and serves
/// the lists of votes and voters. docs/operate/publish.md says more.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer publish serve solar/publish\n  \
    scrutineer publish status https://solar.example\n  \
    scrutineer publish close solar/publish --without 1 --reason \"its disk burned\"\n  \
    scrutineer publish reveal solar --out solar/publish/reveal.json\n  \
    scrutineer publish check-ins solar --charter charter.json --key clerk.pem --count 812 \\\n    \
    --at 2026-11-03T12:00:00Z --out check-ins-12.json\n  \
    scrutineer publish series bundle.zip --anchor anchor.toml --lists lists --out series.json\n  \
    scrutineer publish analyse series.json --svg growth.svg\n  \
    scrutineer publish analyse series.json --power")]
pub(crate) struct Publish {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Status(status::StatusOf),
    Close(close::Close),
    Reveal(reveal::Reveal),
    CheckIns(check_ins::CheckIns),
    Series(series::Series),
    Analyse(analyse::Analyse),
}

impl Publish {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Serve(verb) => verb.run(out),
            Command::Status(verb) => verb.run(out),
            Command::Close(verb) => verb.run(out),
            Command::Reveal(verb) => verb.run(out),
            Command::CheckIns(verb) => verb.run(out),
            Command::Series(verb) => verb.run(out),
            Command::Analyse(verb) => verb.run(out),
        }
    }
}
