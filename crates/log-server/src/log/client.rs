//! Speaking to a log: submitting an artifact, asking for a proof.
//!
//! What a log answers is not trusted. A receipt and a proof are checked against the charter and
//! the amendments under the log's head, and against what was asked; an answer that does not hold
//! is handed back as [`Evidence`].

mod error;
mod history;
mod receipt;

use std::time::Duration;

use artifact::leaf::Leaf;
use bytes::Bytes;
use canon::Digest;
use serde::Deserialize;
use service::agent::agent;
use service::clock::{Clock, SystemClock};
use tlog::proof::TlogProof;
use ureq::Agent;

use super::api::{PROOF_MEDIA_TYPE, SUBMISSION_MEDIA_TYPE};
use super::read::Wanted;
use super::submit::{Receipt, Submission};

pub use error::{ClientError, Evidence, Fault};
pub use history::{History, HistoryFileError, MAX_ENTRIES};

/// The longest answer that is read, but for artifacts.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// A log, as its users speak to it. Calls block.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    base: String,
}

#[derive(Deserialize)]
struct ErrorForm {
    error: String,
    message: String,
    #[serde(default)]
    hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptForm {
    artifact_sha256: Digest,
    duplicate: bool,
    index: u64,
    leaf: Leaf,
    leaf_hash: Digest,
    promise: serde_json::Value,
}

impl Client {
    /// The log at this URL. No request takes longer than `patience`.
    pub fn new(base: &str, patience: Duration) -> Self {
        Self { agent: agent(patience), base: base.trim_end_matches('/').to_owned() }
    }

    /// Submits an artifact with its raw files, and checks that the receipt is for it.
    ///
    /// With a history the promise is checked as well: its terms, and its key.
    pub fn add(
        &self,
        submission: &Submission,
        history: Option<&History>,
    ) -> Result<Receipt, ClientError> {
        let url = format!("{}/add", self.base);
        let unreachable = |error: ureq::Error| ClientError::Unreachable {
            url: url.clone(),
            why: error.to_string(),
        };
        let request = self.agent.post(&url);
        let response = if submission.files.is_empty() {
            request.content_type("application/json").send(&submission.artifact[..])
        } else {
            request.content_type(SUBMISSION_MEDIA_TYPE).send(submission.to_frames())
        };
        let answer = read(&url, response.map_err(unreachable)?, MAX_ANSWER_BYTES)?;
        let receipt = parse_receipt(&url, &answer)?;
        receipt::check(&receipt, submission, history, SystemClock.now())
            .map_err(|fault| fault.of(&answer))?;
        Ok(receipt)
    }

    /// Asks for the proof that an entry stands under the published head, and checks it: the leaf
    /// is the one wanted, its hash leads to the root, and the head satisfies the charter and the
    /// amendments under it. The history goes on to that head.
    pub fn prove(&self, wanted: Wanted, history: &mut History) -> Result<Proved, ClientError> {
        let path = format!("/proof/inclusion?{}&format=tlog-proof", query(wanted));
        let answer = self.get(&path)?;
        let proof = TlogProof::parse(&answer).map_err(|error| ClientError::Malformed {
            url: format!("{}{path}", self.base),
            why: error.to_string(),
        })?;
        let index = proof.index();
        let head = self.extend_to(history, proof.checkpoint())?;
        let leaf = self.leaf(history, index)?;
        let leaf_hash = history.hash(index).copied();
        let found = leaf.zip(leaf_hash).filter(|(leaf, hash)| match wanted {
            Wanted::Leaf(wanted) => *hash == wanted,
            Wanted::Artifact(digest) => leaf.artifact_sha256 == digest,
        });
        let Some((leaf, leaf_hash)) = found else {
            return Err(Fault::OtherLeaf { index }.of(&answer));
        };
        history
            .policy(head.size)
            .and_then(|policy| proof.check(&leaf_hash, policy).map(drop))
            .map_err(|error| Fault::Proof(error).of(&answer))?;
        Ok(Proved { leaf, leaf_hash, proof })
    }

    /// Asks for an inclusion proof as JSON. Nothing of it is checked.
    pub fn inclusion(&self, wanted: Wanted) -> Result<InclusionAnswer, ClientError> {
        let path = format!("/proof/inclusion?{}", query(wanted));
        let bytes = self.get(&path)?;
        canon::json::from_strict(&bytes).map_err(|error| ClientError::Malformed {
            url: format!("{}{path}", self.base),
            why: error.to_string(),
        })
    }

    /// The bytes at a path of the log, at most a mebibyte.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        self.fetch(path, MAX_ANSWER_BYTES)
    }

    fn fetch(&self, path: &str, most: u64) -> Result<Vec<u8>, ClientError> {
        let url = format!("{}{path}", self.base);
        let accept = if path.contains("tlog-proof") { PROOF_MEDIA_TYPE } else { "*/*" };
        let response = self.agent.get(&url).header("accept", accept).call();
        let response = response.map_err(|error| ClientError::Unreachable {
            url: url.clone(),
            why: error.to_string(),
        })?;
        read(&url, response, most)
    }
}

fn query(wanted: Wanted) -> String {
    match wanted {
        Wanted::Leaf(hash) => format!("leaf_hash={hash}"),
        Wanted::Artifact(digest) => format!("artifact={digest}"),
    }
}

/// An entry that was proved to stand under a published head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// What the log says about the artifact.
    pub leaf: Leaf,
    /// Its hash in the tree.
    pub leaf_hash: Digest,
    /// The proof, with the head.
    pub proof: TlogProof,
}

/// An inclusion proof as the log's JSON gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionAnswer {
    /// The audit path.
    pub hashes: Vec<Digest>,
    /// The entry's hash in the tree.
    pub leaf_hash: Digest,
    /// Where the entry stands.
    pub leaf_index: u64,
    /// The root that it leads to.
    pub root_hash: Digest,
    /// The size of the tree.
    pub tree_size: u64,
}

fn read(
    url: &str,
    mut response: ureq::http::Response<ureq::Body>,
    most: u64,
) -> Result<Vec<u8>, ClientError> {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(most).read_to_vec();
    let body = body.map_err(|error| ClientError::Unreachable {
        url: url.to_owned(),
        why: error.to_string(),
    })?;
    if status == 200 {
        return Ok(body);
    }
    let form = serde_json::from_slice(&body).unwrap_or_else(|_| ErrorForm {
        error: "unknown".to_owned(),
        message: String::from_utf8_lossy(&body).chars().take(200).collect(),
        hint: "check that the address is a log's".to_owned(),
    });
    Err(ClientError::Refused { status, error: form.error, message: form.message, hint: form.hint })
}

fn parse_receipt(url: &str, answer: &[u8]) -> Result<Receipt, ClientError> {
    let malformed = |error: &dyn std::fmt::Display| ClientError::Malformed {
        url: url.to_owned(),
        why: error.to_string(),
    };
    let form: ReceiptForm =
        canon::json::from_canonical(answer).map_err(|error| malformed(&error))?;
    let promise = canon::json::to_canonical(&form.promise).map_err(|error| malformed(&error))?;
    Ok(Receipt {
        index: form.index,
        leaf: Bytes::from(form.leaf.to_bytes()),
        leaf_hash: form.leaf_hash,
        artifact: form.artifact_sha256,
        promise,
        is_duplicate: form.duplicate,
    })
}
