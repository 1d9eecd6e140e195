//! `scrutineer vote`

mod answer;
mod cast;
mod companion;
mod crowd;
mod find;
mod mandate;
mod platform;
mod resume;
mod tables;

use std::io::Write;

use clap::{Args, Subcommand};

use crate::message::Outcome;

pub(crate) use find::lines;

/// Vote, find your vote, and try a platform with a crowd
///
/// A vote takes a code from the booth, a mandate from the authority, and some work by this device.
/// docs/operate/vote.md tells the way from the booth to the list.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer vote cast --edge https://solar.example.org \\\n      \
                  --campaign campaign.toml --code 2639176 --say 'Bold Jupiter' \\\n      \
                  --card - --receipt my-vote.json"
)]
pub(crate) struct Vote {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Cast(cast::Cast),
    Resume(resume::Resume),
    Find(find::Find),
    Crowd(Box<crowd::CrowdVerb>),
}

impl Vote {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Cast(verb) => verb.run(out),
            Command::Resume(verb) => verb.run(out),
            Command::Find(verb) => verb.run(out),
            Command::Crowd(verb) => verb.run(out),
        }
    }
}
