//! `scrutineer paper define import` and `export`

use std::io::Write;
use std::path::PathBuf;

use artifact::id::ElectionId;
use artifact::payload::BallotDefinition;
use canon::Timestamp;
use clap::{Args, ValueEnum};
use exchange::cdf::definition::{self, Note};
use service::clock::{Clock as _, SystemClock};

use crate::file;
use crate::message::{Exit, Failure, Outcome};

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// The Ballot Definition CDF, NIST SP 1500-20 version 1, as JSON
    Nist,
}

/// Make a definition of another system's file
///
/// What the file says and a definition cannot is told line by line; nothing is left out in
/// silence. The definition is written even where it has faults, so that they can be mended in it.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer paper define import --from nist ballot.json \\\n      \
                        --election-id alder-2026 --out definition.json"
)]
pub(crate) struct Import {
    /// Whose format it is
    #[arg(long, value_name = "FORMAT")]
    from: Format,
    /// The file, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The election's id; else the file's, or one made of title and day
    #[arg(long, value_name = "ID", value_parser = election_id)]
    election_id: Option<ElectionId>,
    /// The new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn election_id(text: &str) -> Result<ElectionId, String> {
    text.parse().map_err(|error: artifact::id::GrammarError| error.to_string())
}

impl Import {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let bytes = file::read(&self.file)?;
        let Format::Nist = self.from;
        let imported = definition::import(&bytes, self.election_id).map_err(|error| {
            Failure::new(format_args!("{}: {error}", file::name(&self.file))).hint(error.hint())
        })?;
        super::write(&self.out, &imported.definition)?;
        list(out, &imported.notes)?;
        super::tell(out, &self.out, &imported.definition)?;
        Ok(Exit::Holds)
    }
}

/// Write a definition as a file for another system
///
/// What the format cannot say is told line by line. A definition with faults is refused.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer paper define export --to nist definition.json \\\n      \
                        --out ballot.json"
)]
pub(crate) struct Export {
    /// Whose format it is to be
    #[arg(long, value_name = "FORMAT")]
    to: Format,
    /// The definition, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The time at which the file says that it was made, as 2026-11-03T12:00:00Z; else now
    #[arg(long, value_name = "TIME", value_parser = time)]
    time: Option<Timestamp>,
    /// The new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("{error}"))
}

impl Export {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let definition: BallotDefinition = super::read(&self.file)?;
        let faults = paper::definition::check(&definition);
        if !faults.is_empty() {
            super::list(out, &faults)?;
            writeln!(out, "\nNothing was written: {} to mend.", faults.len())?;
            return Ok(Exit::Fails);
        }
        let Format::Nist = self.to;
        let time = self.time.unwrap_or_else(|| SystemClock.now());
        let (value, notes) = definition::export(&definition, time);
        let mut bytes = serde_json::to_vec_pretty(&value)
            .map_err(|error| Failure::new(error).hint("tell the developers"))?;
        bytes.push(b'\n');
        super::create(&self.out, &bytes)?;
        list(out, &notes)?;
        writeln!(out, "{:<9} {}", "written", self.out.display())?;
        writeln!(out, "{:<9} {}", "has", super::summary(&definition))?;
        Ok(Exit::Holds)
    }
}

fn list(out: &mut dyn Write, notes: &[Note]) -> Result<(), Failure> {
    for note in notes {
        writeln!(out, "{:<9} {note}", "note")?;
    }
    Ok(())
}
