//! `scrutineer paper define derive`

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use paper::definition::{Description, check, derive};

use crate::message::{Exit, Outcome};

/// Make the ballot styles of an election that is written without them
///
/// FILE is a definition without `styles`. Voters who vote on the same contests, with the choices in
/// the same order, get one style; styles are called 1, 2, 3 in the order of precincts and splits.
/// Faults are listed, and nothing is written where there are any.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer paper define derive election.json \\\n      \
                        --out definition.json")]
pub(crate) struct Derive {
    /// The election, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Derive {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let definition = derive(super::read::<Description>(&self.file)?);
        let faults = check(&definition);
        if !faults.is_empty() {
            super::list(out, &faults)?;
            writeln!(out, "\nNothing was written: {} to mend.", faults.len())?;
            return Ok(Exit::Fails);
        }
        super::write(&self.out, &definition)?;
        super::tell(out, &self.out, &definition)?;
        Ok(Exit::Holds)
    }
}
