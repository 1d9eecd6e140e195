//! `scrutineer charter anchor`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use crate::message::{Exit, Failure, Outcome};

/// Write the anchor of a charter: what a verifier has to get from outside the bundle
///
/// The file names the election, the charter's digest, the log's keys and the witnesses. The
/// poster carries the digest alone, in lines that a person can read aloud and type; the digest
/// settles the rest. `verify --anchor` takes either.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer charter anchor charter.json > anchor.toml\n  \
                  scrutineer charter anchor --poster charter.json")]
pub(crate) struct Anchor {
    /// The signed charter, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the lines for a poster
    #[arg(long)]
    poster: bool,
}

impl Anchor {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let founded = super::read(&self.file)?;
        let digest = founded.register.charter_digest();
        let anchor = artifact::anchor::Anchor::from_charter(&founded.charter, digest);
        let text = if self.poster {
            anchor.to_poster()
        } else {
            anchor.to_toml().map_err(|error| Failure::new(error).hint("give --poster"))?
        };
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            writeln!(out)?;
        }
        Ok(Exit::Holds)
    }
}
