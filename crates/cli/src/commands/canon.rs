//! `scrutineer canon`

use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;

use clap::Args;

use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Print the canonical bytes of a JSON text (RFC 8785)
///
/// Reads strict JSON in any layout and writes the one form of it that is hashed and signed,
/// without a line break at the end. What would have to be repaired is refused: a name that comes
/// twice, a number that is no integer within 2^53, -0, half a surrogate pair.
#[derive(Args)]
#[command(after_help = "Example:\n  echo '{\"b\":1,\"a\":2}' | scrutineer canon -")]
pub(crate) struct Canon {
    /// The JSON text, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Canon {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let bytes = file::read(&self.file)?;
        let canonical = canon::json::canonicalize(&bytes).map_err(|error| {
            Failure::new(format_args!("{}: {error}", file::name(&self.file))).hint(error.hint())
        })?;
        out.write_all(&canonical)?;
        if std::io::stdout().is_terminal() {
            writeln!(out)?;
        }
        Ok(Exit::Holds)
    }
}
