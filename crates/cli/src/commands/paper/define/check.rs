//! `scrutineer paper define check`

use std::io::Write;
use std::path::PathBuf;

use artifact::payload::BallotDefinition;
use clap::Args;
use paper::definition::check;
use serde_json::json;

use crate::message::{Exit, Outcome};

/// Name every fault of a definition, with what to do about each
///
/// Exit status 0: it holds together. 1: it does not. 2: it is no definition.
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer paper define check definition.json --json")]
pub(crate) struct Check {
    /// The definition, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Answer in JSON: holds, digest, faults with place, code, message and advice
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let definition: BallotDefinition = super::read(&self.file)?;
        let faults = check(&definition);
        let digest = super::digest(&definition)?;
        if self.json {
            let holds = faults.is_empty();
            let answer = json!({ "digest": digest, "faults": faults, "holds": holds });
            writeln!(out, "{answer}")?;
        } else if faults.is_empty() {
            writeln!(out, "{:<9} {}", "has", super::summary(&definition))?;
            writeln!(out, "{:<9} {digest}", "digest")?;
            writeln!(out, "\nThe definition holds together.")?;
            writeln!(out, "This does not show that it says what the law and the candidates say.")?;
        } else {
            super::list(out, &faults)?;
            let count = faults.len();
            writeln!(out, "\nThe definition does not hold together: {count} to mend.")?;
        }
        Ok(if faults.is_empty() { Exit::Holds } else { Exit::Fails })
    }
}
