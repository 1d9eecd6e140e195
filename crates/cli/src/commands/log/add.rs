//! `scrutineer log add`

use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use canon::Digest;
use clap::Args;
use log_server::log::client::{Client, History};
use log_server::log::{Receipt, Submission};
use serde_json::json;

use crate::commands::charter;
use crate::file;
use crate::message::{Exit, Failure, Outcome};

/// Submit artifacts to a log
///
/// The log answers with each entry's index and a signed promise to have it under a head by a
/// deadline. The promise is kept in ARTIFACT.promise: `verify --promise` makes a broken one
/// evidence. With the charter, and the amendments that the log gives, its terms and its signature
/// are checked. A receipt that does not hold is kept in ARTIFACT.evidence, and the exit status
/// is 1. Submitting the same artifact again changes nothing and gives the same answer.
///
/// To find the amendments, every leaf under the log's head is read. With --history only those
/// that came since the last call are.
#[derive(Args)]
#[command(after_help = "Examples:\n  scrutineer log add sample.json --log http://127.0.0.1:8700 \
                  --charter charter.json\n  scrutineer log add manifest.json --file manifest.csv \
                  --log http://127.0.0.1:8700")]
pub(crate) struct Add {
    /// The artifacts, as `artifact sign` wrote them
    #[arg(value_name = "ARTIFACT", required = true)]
    artifacts: Vec<PathBuf>,
    /// The log's address
    #[arg(long, value_name = "URL")]
    log: String,
    /// A raw file of a manifest, in the manifest's order; may be given again
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The signed charter, to check the promise: deadline and signature
    #[arg(long, value_name = "FILE")]
    charter: Option<PathBuf>,
    /// Keep what was read of the log in this file, and go on from there
    #[arg(long, value_name = "FILE", requires = "charter")]
    history: Option<PathBuf>,
    /// Keep the promise in this file, not in ARTIFACT.promise
    #[arg(long, value_name = "FILE")]
    promise: Option<PathBuf>,
    /// Do not keep the promise
    #[arg(long, conflicts_with = "promise")]
    no_promise: bool,
    /// Answer in JSON, a line for each artifact
    #[arg(long)]
    json: bool,
}

impl Add {
    /// One artifact, with the charter, and the promise beside it.
    pub(super) fn of(artifact: &Path, log: &str, charter: &Path) -> Self {
        Self {
            artifacts: vec![artifact.to_owned()],
            log: log.to_owned(),
            files: Vec::new(),
            charter: Some(charter.to_owned()),
            history: None,
            promise: None,
            no_promise: false,
            json: false,
        }
    }

    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        if self.artifacts.len() > 1 && (!self.files.is_empty() || self.promise.is_some()) {
            return Err(Failure::new("--file and --promise are about one artifact")
                .hint("submit that one by itself"));
        }
        let client = super::client(&self.log);
        let founded = self.charter.as_deref().map(charter::read).transpose()?;
        let history = founded.map(|founded| {
            super::history(&client, &founded, self.history.as_deref(), &self.artifacts[0])
        });
        let history = history.transpose()?;
        for artifact in &self.artifacts {
            self.submit(&client, artifact, history.as_ref(), out)?;
        }
        Ok(Exit::Holds)
    }

    fn submit(
        &self,
        client: &Client,
        artifact: &Path,
        history: Option<&History>,
        out: &mut dyn Write,
    ) -> Result<(), Failure> {
        let files = self.files.iter().map(|path| file::read(path).map(Bytes::from));
        let submission = Submission {
            artifact: Bytes::from(file::read(artifact)?),
            files: files.collect::<Result<_, _>>()?,
        };
        let base = base(artifact, &submission);
        let receipt = client.add(&submission, history);
        let receipt = receipt.map_err(|error| super::refused(&error, &base))?;
        let kept = self.keep(&base, &receipt)?;
        let kept = kept.as_deref();
        if self.json { json_line(&receipt, kept, out) } else { lines(&receipt, kept, out) }
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

/// What the files beside an artifact are named after: itself, or its digest if it came by stdin.
fn base(artifact: &Path, submission: &Submission) -> PathBuf {
    if artifact == Path::new("-") {
        Digest::of(&submission.artifact).to_string().into()
    } else {
        artifact.to_owned()
    }
}

fn json_line(receipt: &Receipt, kept: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
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
    Ok(writeln!(out, "{answer}")?)
}

fn lines(receipt: &Receipt, kept: Option<&Path>, out: &mut dyn Write) -> Result<(), Failure> {
    writeln!(out, "entry     {}", receipt.index)?;
    writeln!(out, "artifact  {}", receipt.artifact)?;
    writeln!(out, "leaf hash {}", receipt.leaf_hash)?;
    if let Some(path) = kept {
        writeln!(out, "promise   {}", path.display())?;
    }
    if receipt.is_duplicate {
        writeln!(out, "It stood in the log already.")?;
    }
    Ok(())
}
