//! `scrutineer log add`

use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use canon::Digest;
use clap::Args;
use log_server::log::{Receipt, Submission};
use serde_json::json;

use crate::commands::charter;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Submit an artifact to a log
///
/// The log answers with the entry's index and a signed promise to have it under a head by a
/// deadline. The promise is kept in ARTIFACT.promise: `verify --promise` makes a broken one
/// evidence. With the charter, and the amendments that the log gives, its terms and its signature
/// are checked. A receipt that does not hold is kept in ARTIFACT.evidence, and the exit status
/// is 1. Submitting the same artifact again changes nothing and gives the same answer.
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
    /// The signed charter, to check the promise: deadline and signature
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// Keep the promise in this file, not in ARTIFACT.promise
    #[arg(long, value_name = "FILE")]
    promise: Option<PathBuf>,
    /// Do not keep the promise
    #[arg(long, conflicts_with = "promise")]
    no_promise: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Add {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let client = super::client(&self.log);
        let founded = self.charter.as_deref().map(charter::read).transpose()?;
        let submission = Submission {
            artifact: Bytes::from(file::read(&self.artifact)?),
            files: self
                .files
                .iter()
                .map(|path| file::read(path).map(Bytes::from))
                .collect::<Result<_, _>>()?,
        };
        let base = self.base(&submission);
        let refused = |error| super::refused(&error, &base);
        let history = founded.map(|founded| client.history(&founded)).transpose();
        let history = history.map_err(refused)?;
        let receipt = client.add(&submission, history.as_ref()).map_err(refused)?;
        let kept = self.keep(&base, &receipt)?;
        if self.json {
            let promise: serde_json::Value = serde_json::from_slice(&receipt.promise)
                .map_err(|error| Failure::new(error).hint("keep the promise with --promise"))?;
            let answer = json!({
                "index": receipt.index,
                "artifact_sha256": receipt.artifact,
                "leaf_hash": receipt.leaf_hash,
                "duplicate": receipt.is_duplicate,
                "promise": promise,
                "promise_file": kept,
            });
            writeln!(out, "{answer}")?;
        } else {
            writeln!(out, "entry     {}", receipt.index)?;
            writeln!(out, "artifact  {}", receipt.artifact)?;
            writeln!(out, "leaf hash {}", receipt.leaf_hash)?;
            if let Some(path) = kept {
                writeln!(out, "promise   {}", path.display())?;
            }
            if receipt.is_duplicate {
                writeln!(out, "It stood in the log already.")?;
            }
        }
        Ok(Exit::Holds)
    }

    /// What the files beside the artifact are named after: itself, or its digest if it came by
    /// stdin.
    fn base(&self, submission: &Submission) -> PathBuf {
        if self.artifact == Path::new("-") {
            Digest::of(&submission.artifact).to_string().into()
        } else {
            self.artifact.clone()
        }
    }

    fn keep(&self, base: &Path, receipt: &Receipt) -> Result<Option<PathBuf>, Failure> {
        if self.no_promise {
            return Ok(None);
        }
        let path = self.promise.clone();
        let path = path.unwrap_or_else(|| super::with_ending(base, "promise"));
        let kept = file::keep(&path, &receipt.promise).map_err(|failure| {
            failure.hint("the log has the entry: submit it again, with --promise elsewhere")
        })?;
        Ok(Some(kept))
    }
}
