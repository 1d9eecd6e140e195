//! `scrutineer log prove`

use std::io::Write;
use std::path::PathBuf;

use canon::Digest;
use clap::Args;
use log_server::log::Wanted;

use crate::commands::charter;
use crate::message::{Exit, Failure, Outcome};

/// Get the proof that an artifact stands in a log, and check it
///
/// The proof (C2SP tlog-proof) is checked against the charter and every amendment under the head:
/// the log's key, and enough witnesses. For that the leaves under the head are read, with
/// --history only those that came since the last call. The proof
/// goes to stdout; it can be kept and checked without the log. One that does not hold is kept in
/// DIGEST.evidence, and the exit status is 1.
#[derive(Args)]
#[command(
    after_help = "Example:\n  scrutineer log prove --artifact $(scrutineer digest sample.json) \
                  --log http://127.0.0.1:8700 --charter charter.json > sample.tlog-proof"
)]
pub(crate) struct Prove {
    /// The digest of the artifact
    #[arg(long, value_name = "DIGEST", required_unless_present = "leaf_hash")]
    artifact: Option<Digest>,
    /// The leaf hash, as `log add` says it
    #[arg(long, value_name = "HASH", conflicts_with = "artifact")]
    leaf_hash: Option<Digest>,
    /// The log's address
    #[arg(long, value_name = "URL")]
    log: String,
    /// The signed charter
    #[arg(long, value_name = "FILE")]
    charter: PathBuf,
    /// Keep what was read of the log in this file, and go on from there
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

impl Prove {
    pub(crate) fn run(self, out: &mut dyn Write) -> Outcome {
        let founded = charter::read(&self.charter)?;
        let wanted = match (self.artifact, self.leaf_hash) {
            (Some(digest), _) => Wanted::Artifact(digest),
            (None, Some(hash)) => Wanted::Leaf(hash),
            (None, None) => {
                return Err(Failure::new("nothing to prove").hint("give --artifact or --leaf-hash"));
            }
        };
        let beside = match wanted {
            Wanted::Artifact(digest) | Wanted::Leaf(digest) => PathBuf::from(digest.to_string()),
        };
        let mut history = super::kept_history(&founded, self.history.as_deref())?;
        let proved = super::client(&self.log)
            .prove(wanted, &mut history)
            .map_err(|error| super::refused(&error, &beside))?;
        super::keep_history(&history, self.history.as_deref())?;
        out.write_all(proved.proof.to_string().as_bytes())?;
        Ok(Exit::Holds)
    }
}
