//! `scrutineer publish series`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::evidence::Evidence;
use crate::file;
use crate::message::{Failure, Outcome};

/// Make the series of a campaign's snapshots from the evidence
///
/// Replays the bundle and the lists as `verify` does, and writes what `publish analyse` reads: of
/// each snapshot when the log got it, how long both lists are, and the votes by option, counted in
/// the list. Evidence that fails makes no series. Snapshots that the log got late are left out, and
/// it is told how many. The series goes to stdout, and where it comes from to stderr; with --out
/// the series goes into a file, and the rest to stdout.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    scrutineer publish series bundle.zip --anchor anchor.toml --lists lists --out series.json\n  \
    scrutineer publish series https://log.example --anchor anchor.toml --campaign solar\n\n\
    Exit status: 0 the series is made, 1 the evidence fails, 2 it could not be checked, or the\n\
    series is made and no anchor was given.")]
pub(crate) struct Series {
    /// The bundle: a folder, a zip, or an address
    #[arg(value_name = "BUNDLE|URL")]
    bundle: String,
    #[command(flatten)]
    evidence: Evidence,
    /// Write the series into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Say in JSON where the series comes from
    #[arg(long, requires = "out")]
    json: bool,
}

impl Series {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let grown = self.evidence.grow(&self.bundle)?;
        let mut bytes = canon::json::to_canonical(&grown.series)
            .map_err(|error| Failure::new(&error).hint(error.hint()))?;
        bytes.push(b'\n');
        let Some(path) = &self.out else {
            out.write_all(&bytes)?;
            out.flush()?;
            // The answer is out; nobody is left to tell if this fails.
            let _ = std::io::stderr().write_all(grown.source.rows().as_bytes());
            return Ok(grown.source.exit());
        };
        file::replace(path, &bytes)?;
        if self.json {
            serde_json::to_writer(&mut *out, &grown.source).map_err(std::io::Error::from)?;
            writeln!(out)?;
        } else {
            out.write_all(grown.source.rows().as_bytes())?;
            writeln!(out, "{:<24} {}", "written", file::name(path))?;
        }
        Ok(grown.source.exit())
    }
}
