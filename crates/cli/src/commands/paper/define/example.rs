//! `scrutineer paper define example`

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use paper::definition::example;

use crate::message::{Exit, Outcome};

/// Write the definition of an invented election
///
/// city: two precincts, one of them split, nine contests of every kind, in English and Spanish.
///
/// county: 500 precincts, 1,000 styles, in English and Spanish. The seed chooses names and borders.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer paper define example --of county --seed 7 \\\n      \
                        --out county.json"
)]
pub(crate) struct Example {
    /// Which one
    #[arg(long, value_name = "ELECTION")]
    of: Of,
    /// The seed of the county
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// The new file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Of {
    /// A small city
    City,
    /// A large county
    County,
}

impl Example {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let definition = match self.of {
            Of::City => example::city(),
            Of::County => example::county(self.seed),
        };
        super::write(&self.out, &definition)?;
        super::tell(out, &self.out, &definition)?;
        Ok(Exit::Holds)
    }
}
