//! `scrutineer charter check`

use std::io::Write;
use std::path::PathBuf;

use artifact::admit::{self, Founded, Refusal};
use artifact::anchor::Anchor;
use clap::Args;
use serde_json::{Value, json};

use crate::file;
use crate::message::{Exit, Outcome};

/// Say whether a signed charter may open a log; all faults at once
#[derive(Args)]
#[command(after_help = "Example:\n  scrutineer charter check charter.json")]
pub(crate) struct Check {
    /// The signed charter, - for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let bytes = file::read(&self.file)?;
        let founded = admit::found(&bytes);
        if self.json {
            let answer = match &founded {
                Ok(founded) => described(founded),
                Err(refusal) => json!({ "holds": false, "faults": faults(refusal) }),
            };
            writeln!(out, "{answer}")?;
        } else {
            match &founded {
                Ok(founded) => print(out, founded)?,
                Err(refusal) => {
                    for fault in faults(refusal) {
                        writeln!(out, "fails    {fault}")?;
                    }
                }
            }
        }
        Ok(if founded.is_ok() { Exit::Holds } else { Exit::Fails })
    }
}

fn faults(refusal: &Refusal) -> Vec<String> {
    match refusal {
        Refusal::Charter(faults) => faults.iter().map(ToString::to_string).collect(),
        other => vec![other.to_string()],
    }
}

fn described(founded: &Founded) -> Value {
    json!({
        "holds": true,
        "election_id": founded.charter.election_id,
        "title": founded.charter.title,
        "purpose": founded.charter.purpose,
        "charter_sha256": founded.register.charter_digest(),
        "keys": founded.charter.keys.len(),
        "witnesses": founded.charter.witnesses.list.len(),
        "threshold": founded.charter.witnesses.threshold,
        "owes": founded.charter.owed(),
    })
}

fn print(out: &mut dyn Write, founded: &Founded) -> std::io::Result<()> {
    let charter = &founded.charter;
    let digest = founded.register.charter_digest();
    let owed: Vec<_> = charter.owed().iter().map(ToString::to_string).collect();
    writeln!(out, "election  {}: {}", charter.election_id, charter.title)?;
    writeln!(out, "purpose   {}", charter.purpose)?;
    writeln!(out, "digest    {digest}")?;
    writeln!(out, "poster    {}", Anchor::from_charter(charter, digest).short())?;
    writeln!(out, "log       {}", charter.log.origin)?;
    writeln!(
        out,
        "witnesses {}, of whom {} organisations must cosign a head",
        charter.witnesses.list.len(),
        charter.witnesses.threshold
    )?;
    for key in &charter.keys {
        writeln!(
            out,
            "key       {:<12} {} ({})",
            key.role.to_string(),
            key.holder,
            key.organisation
        )?;
    }
    writeln!(out, "owes      {}", if owed.is_empty() { "nothing".into() } else { owed.join(", ") })
}
