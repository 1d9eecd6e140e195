//! `scrutineer log add`

use std::io::Write;
use std::path::PathBuf;

use artifact::role::Role;
use bytes::Bytes;
use clap::Args;
use log_server::log::Submission;
use serde_json::json;

use crate::commands::charter;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Submit an artifact to a log
///
/// The log answers with the entry's index and a signed promise to have it under a head by a
/// deadline. Keep the promise: `verify --promise` makes a broken one evidence. Submitting the same
/// artifact again changes nothing and gives the same answer.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer log add sample.json --log http://127.0.0.1:8700 \
                  --charter charter.json\n  scrutineer log add manifest.json --file manifest.csv \
                  --log http://127.0.0.1:8700")]
pub(crate) struct Add {
    /// The artifact, as `artifact sign` wrote it
    #[arg(value_name = "ARTIFACT")]
    artifact: PathBuf,
    /// The log's address
    #[arg(long, value_name = "URL")]
    log: String,
    /// A raw file of a manifest, in the manifest's order; may be given again
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The signed charter, to check the signature of the promise
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// Write the promise to this new file
    #[arg(long, value_name = "FILE")]
    promise: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Add {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let promise_key =
            self.charter.as_deref().map(charter::read).transpose()?.and_then(|founded| {
                let mut keys = founded.register.keys();
                keys.find(|(_, key)| key.role == Role::Log).map(|(_, key)| key.key.clone())
            });
        let submission = Submission {
            artifact: Bytes::from(file::read(&self.artifact)?),
            files: self
                .files
                .iter()
                .map(|path| file::read(path).map(Bytes::from))
                .collect::<Result<_, _>>()?,
        };
        let receipt = super::client(&self.log)
            .add(&submission, promise_key.as_ref())
            .map_err(|error| super::refused(&error))?;
        if let Some(path) = &self.promise {
            file::create_private(path, &receipt.promise)?;
        }
        if self.json {
            let promise: serde_json::Value = serde_json::from_slice(&receipt.promise)
                .map_err(|error| Failure::new(error).hint("keep the promise with --promise"))?;
            let answer = json!({
                "index": receipt.index,
                "artifact_sha256": receipt.artifact,
                "leaf_hash": receipt.leaf_hash,
                "duplicate": receipt.is_duplicate,
                "promise": promise,
            });
            writeln!(out, "{answer}")?;
        } else {
            writeln!(out, "entry     {}", receipt.index)?;
            writeln!(out, "artifact  {}", receipt.artifact)?;
            writeln!(out, "leaf hash {}", receipt.leaf_hash)?;
            if receipt.is_duplicate {
                writeln!(out, "It stood in the log already.")?;
            }
        }
        Ok(Exit::Holds)
    }
}
