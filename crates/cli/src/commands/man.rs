//! `scrutineer man`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::args;
use crate::message::{Exit, Failure, Outcome};

/// Write the man pages of all commands into a folder
#[derive(Args)]
#[command(hide = true, after_help = "Example:\n  scrutineer man /usr/local/share/man/man1")]
pub(crate) struct Man {
    /// The folder; it must exist
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(self, _out: &mut dyn Write) -> Outcome {
        clap_mangen::generate_to(args::definition(), &self.folder).map_err(|error| {
            Failure::new(format_args!("cannot write to {}: {error}", self.folder.display()))
                .hint("name a folder that exists and that you may write to")
        })?;
        Ok(Exit::Holds)
    }
}
