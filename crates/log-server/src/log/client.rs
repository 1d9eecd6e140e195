//! Speaking to a log: submitting an artifact, asking for a proof.
//!
//! What a log answers is not trusted: a receipt and a proof are checked against the log's keys as
//! the charter or anchor gives them.

use std::time::Duration;

use artifact::leaf::{Leaf, entry_of};
use artifact::payload::Promise;
use bytes::Bytes;
use canon::{Digest, PublicKey, SignedBytes};
use serde::Deserialize;
use tlog::checkpoint::Checkpoint;
use tlog::merkle::leaf_hash;
use tlog::policy::Policy;
use tlog::proof::{TlogProof, TlogProofError};
use tlog::tile::{LeafPath, Place, decode_leaves};
use ureq::Agent;

use super::api::{PROOF_MEDIA_TYPE, SUBMISSION_MEDIA_TYPE};
use super::read::Wanted;
use super::submit::{Receipt, Submission};

/// The longest answer that is read.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// Why a log's answer cannot be had or believed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The log cannot be reached.
    #[error("{url}: {why}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What happened.
        why: String,
    },
    /// The log refuses.
    #[error("the log refuses ({status} {error}): {message}")]
    Refused {
        /// The status code.
        status: u16,
        /// The stable word.
        error: String,
        /// What it said.
        message: String,
        /// What it says to do.
        hint: String,
    },
    /// The answer does not have its form.
    #[error("{url}: the answer is not understood: {why}")]
    Malformed {
        /// What was asked.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// The answer is for something else than what was sent.
    #[error("the receipt is not for what was submitted: {0}")]
    Receipt(&'static str),
    /// The promise's signature does not hold.
    #[error("the promise is not signed by the log's key")]
    Promise,
    /// The leaf that the log proves is not the one that was asked for.
    #[error("the leaf at entry {index} is not the one asked for")]
    OtherLeaf {
        /// The entry.
        index: u64,
    },
    /// The proof does not hold.
    #[error("the proof does not hold: {0}")]
    Proof(#[from] TlogProofError),
}

impl ClientError {
    /// What to do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Unreachable { .. } => "check the address, and that the log runs",
            Self::Refused { hint, .. } => hint,
            Self::Malformed { .. } => "check that the address is a log's",
            Self::Receipt(_) | Self::Promise => "keep the answer: it is evidence against the log",
            Self::Proof(_) | Self::OtherLeaf { .. } => {
                "keep the proof; ask again after the next head"
            }
        }
    }
}

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
        let config = Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("scrutineer")
            .build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned() }
    }

    /// Submits an artifact with its raw files, and checks that the receipt is for it.
    ///
    /// With the log's promise key the promise's signature is checked as well.
    pub fn add(
        &self,
        submission: &Submission,
        promise_key: Option<&PublicKey>,
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
        let answer = read(&url, response.map_err(unreachable)?)?;
        let receipt = parse_receipt(&url, &answer)?;
        check_receipt(&receipt, submission, promise_key)?;
        Ok(receipt)
    }

    /// Asks for the proof that an entry stands under the published head, and checks it: the leaf
    /// is the one wanted, its hash leads to the root, and the head satisfies the policy.
    pub fn prove(&self, wanted: Wanted, policy: &Policy) -> Result<Proved, ClientError> {
        let query = match wanted {
            Wanted::Leaf(hash) => format!("leaf_hash={hash}"),
            Wanted::Artifact(digest) => format!("artifact={digest}"),
        };
        let bytes = self.get(&format!("/proof/inclusion?{query}&format=tlog-proof"))?;
        let proof = TlogProof::parse(&bytes)?;
        let (head, _) = Checkpoint::parse_signed(proof.checkpoint())
            .map_err(|error| ClientError::Proof(error.into()))?;
        let leaf = self.leaf(proof.index(), head.size)?;
        let leaf_hash = leaf.leaf_hash();
        let is_wanted = match wanted {
            Wanted::Leaf(hash) => leaf_hash == hash,
            Wanted::Artifact(digest) => leaf.artifact_sha256 == digest,
        };
        if !is_wanted {
            return Err(ClientError::OtherLeaf { index: proof.index() });
        }
        proof.check(&leaf_hash, policy)?;
        Ok(Proved { leaf, leaf_hash, proof })
    }

    /// The leaf of an entry of the tree of `size` entries. Nothing of it is checked.
    pub fn leaf(&self, index: u64, size: u64) -> Result<Leaf, ClientError> {
        let malformed = |path: &str, why: String| ClientError::Malformed {
            url: format!("{}/{path}", self.base),
            why,
        };
        let place = Place::holding(index, size);
        let place = place.ok_or_else(|| malformed("", format!("no entry {index} of {size}")))?;
        let path = LeafPath(place).to_string();
        let bytes = self.get(&format!("/{path}"))?;
        let lines = decode_leaves(&bytes, place.width()).unwrap_or_default();
        let at = usize::try_from(index - place.first()).unwrap_or(usize::MAX);
        let line = lines.get(at).ok_or_else(|| malformed(&path, "a leaf is missing".to_owned()))?;
        Leaf::parse(line).map_err(|error| malformed(&path, error.to_string()))
    }

    /// Asks for an inclusion proof as JSON. Nothing of it is checked.
    pub fn inclusion(&self, wanted: Wanted) -> Result<InclusionAnswer, ClientError> {
        let query = match wanted {
            Wanted::Leaf(hash) => format!("leaf_hash={hash}"),
            Wanted::Artifact(digest) => format!("artifact={digest}"),
        };
        let path = format!("/proof/inclusion?{query}");
        let bytes = self.get(&path)?;
        canon::json::from_strict(&bytes).map_err(|error| ClientError::Malformed {
            url: format!("{}{path}", self.base),
            why: error.to_string(),
        })
    }

    /// The bytes at a path of the log.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let url = format!("{}{path}", self.base);
        let accept = if path.contains("tlog-proof") { PROOF_MEDIA_TYPE } else { "*/*" };
        let response = self.agent.get(&url).header("accept", accept).call();
        let response = response.map_err(|error| ClientError::Unreachable {
            url: url.clone(),
            why: error.to_string(),
        })?;
        read(&url, response)
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

fn read(url: &str, mut response: ureq::http::Response<ureq::Body>) -> Result<Vec<u8>, ClientError> {
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
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

fn check_receipt(
    receipt: &Receipt,
    submission: &Submission,
    promise_key: Option<&PublicKey>,
) -> Result<(), ClientError> {
    let digest = Digest::of(&submission.artifact);
    let leaf = Leaf::parse(&receipt.leaf).map_err(|_| ClientError::Receipt("its leaf"))?;
    let hash = leaf_hash(&entry_of(&receipt.leaf));
    if receipt.artifact != digest || leaf.artifact_sha256 != digest {
        return Err(ClientError::Receipt("the artifact's digest is another"));
    }
    if receipt.leaf_hash != hash {
        return Err(ClientError::Receipt("the leaf hash is not the leaf's"));
    }
    let envelope = SignedBytes::parse(&receipt.promise).map_err(|_| ClientError::Promise)?;
    let promise: Promise = envelope.payload_as().map_err(|_| ClientError::Promise)?;
    let is_for_it = promise.artifact_sha256 == digest
        && promise.leaf_hash == hash
        && promise.index == receipt.index
        && promise.timestamp == leaf.timestamp
        && promise.election_id == leaf.election_id;
    if !is_for_it {
        return Err(ClientError::Receipt("the promise is for another entry"));
    }
    match promise_key {
        Some(key) => envelope.verify(0, key).map_err(|_| ClientError::Promise),
        None => Ok(()),
    }
}
