//! `scrutineer charter`

mod anchor;
mod check;

use std::io::Write;
use std::path::Path;

use artifact::admit::{self, Founded};
use clap::{Args, Subcommand};

use crate::file;
use crate::message::{Failure, Outcome};

/// Check a charter, and make its anchor
///
/// The charter is the first entry of the log: who holds which key, who runs log and witnesses,
/// what each phase owes. It is signed with `artifact sign --kind charter/v1`.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer charter anchor charter.json > anchor.toml")]
pub(crate) struct Charter {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Check),
    Anchor(anchor::Anchor),
}

impl Charter {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        match self.command {
            Command::Check(verb) => verb.run(out),
            Command::Anchor(verb) => verb.run(out),
        }
    }
}

/// Reads a signed charter that may open a log.
pub(crate) fn read(path: &Path) -> Result<Founded, Failure> {
    let bytes = file::read(path)?;
    admit::found(&bytes).map_err(|error| {
        Failure::new(format_args!("{}: {error}", file::name(path)))
            .hint("`scrutineer charter check` lists every fault; `artifact sign` signs it anew")
    })
}
