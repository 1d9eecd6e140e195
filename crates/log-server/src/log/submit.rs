//! Submissions: framing, admission, and the signed answer.
//!
//! ```text
//! application/json                         the envelope's canonical bytes
//! application/vnd.scrutineer.submission    u32 length, the envelope,
//!                                          then for each raw file of a manifest, in its order:
//!                                          u32 length, the file            (big-endian)
//! ```

use std::sync::Arc;

use artifact::admit::{self, Admitted, Hashed};
use artifact::leaf::{Leaf, entry_of};
use artifact::manifest::Mismatch;
use artifact::payload::{Payload, PayloadType, Promise};
use bytes::Bytes;
use canon::{Digest, Signer, envelope};
use tlog::merkle::leaf_hash;
use tlog::witness;
use tokio::sync::{mpsc, oneshot};

use super::aside::{ASIDE_BYTES, Aside};
use super::commit::{Answer, Job, Place, Placing};
use super::state::{Epoch, Shared};
use super::storer::Object;

/// What is submitted: an envelope, and the raw files that a manifest lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission {
    /// The envelope's bytes.
    pub artifact: Bytes,
    /// The raw files, in the order of the manifest.
    pub files: Vec<Bytes>,
}

/// The most raw files of one submission. Each takes some memory however short it is.
pub(crate) const MAX_FILES: usize = 4096;

/// A framed submission that does not have its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A length or a piece is not whole.
    #[error("the framing breaks off at byte {offset}")]
    Broken {
        /// Where it begins.
        offset: usize,
    },
    /// More raw files than one submission takes.
    #[error("more than {MAX_FILES} raw files came in one submission")]
    TooMany,
}

impl Submission {
    /// Reads the framed form.
    pub fn from_frames(bytes: &Bytes) -> Result<Self, FrameError> {
        let mut offset = 0;
        let artifact = frame(bytes, &mut offset)?;
        let mut files = Vec::new();
        while offset < bytes.len() {
            if files.len() == MAX_FILES {
                return Err(FrameError::TooMany);
            }
            files.push(frame(bytes, &mut offset)?);
        }
        Ok(Self { artifact, files })
    }

    /// Writes the framed form.
    ///
    /// # Panics
    /// When a piece has 4 GiB or more.
    pub fn to_frames(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in std::iter::once(&self.artifact).chain(&self.files) {
            let length = u32::try_from(piece.len()).expect("a piece below 4 GiB");
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(piece);
        }
        bytes
    }

    fn bytes(&self) -> usize {
        self.artifact.len() + self.files.iter().map(Bytes::len).sum::<usize>()
    }
}

/// The piece at `offset`, which then stands behind it.
fn frame(bytes: &Bytes, offset: &mut usize) -> Result<Bytes, FrameError> {
    let broken = FrameError::Broken { offset: *offset };
    let rest = bytes.get(*offset..).unwrap_or_default();
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(broken)?;
    let length = u32::from_be_bytes(*length) as usize;
    rest.get(..length).ok_or(broken)?;
    let start = *offset + 4;
    *offset = start + length;
    Ok(bytes.slice(start..start + length))
}

/// What an accepted submission gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Where the entry stands.
    pub index: u64,
    /// The canonical leaf.
    pub leaf: Bytes,
    /// Its hash in the tree.
    pub leaf_hash: Digest,
    /// The artifact.
    pub artifact: Digest,
    /// The signed promise, an envelope of kind `promise/v1`.
    pub promise: Vec<u8>,
    /// Whether it stood there before.
    pub is_duplicate: bool,
}

impl Receipt {
    /// The answer's JSON, canonical.
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256 + self.leaf.len() + self.promise.len());
        let head = format!(
            "{{\"artifact_sha256\":\"{}\",\"duplicate\":{},\"index\":{},\"leaf\":",
            self.artifact, self.is_duplicate, self.index
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&self.leaf);
        out.extend_from_slice(
            format!(",\"leaf_hash\":\"{}\",\"promise\":", self.leaf_hash).as_bytes(),
        );
        out.extend_from_slice(&self.promise);
        out.push(b'}');
        out
    }
}

/// Why a submission gets no place.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The artifact is refused.
    #[error(transparent)]
    Refused(#[from] admit::Refusal),
    /// A raw file is not what the manifest says.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Files(Vec<Mismatch>),
    /// Raw files behind an artifact that lists none.
    #[error("{0} raw files came behind an artifact that lists none")]
    UnwantedFiles(usize),
    /// The same statement stands in the log under other signatures.
    #[error("entry {index} says the same under other signatures")]
    OtherSignatures {
        /// Where it stands.
        index: u64,
    },
    /// The queue or the room for waiting entries is full.
    #[error("too many entries are waiting")]
    Busy,
    /// The submission is larger than the room for waiting entries.
    #[error("{bytes} bytes are more than may wait at one time, {most}")]
    TooLarge {
        /// Bytes submitted.
        bytes: usize,
        /// Bytes that may wait.
        most: usize,
    },
    /// The log is stopping or has stopped. Whether the entry was placed is told by submitting it
    /// again.
    #[error("the log has stopped")]
    Stopped,
    /// No key at hand is in force for promises at this index: an amendment has revoked it.
    #[error("this log has no key that may sign the promise for entry {index}")]
    NoPromiseKey {
        /// The index.
        index: u64,
    },
    /// The clock has stepped, so no time can be given to an entry.
    #[error(transparent)]
    Clock(witness::Refusal),
    /// An answer could not be put together.
    #[error("{0}")]
    Internal(String),
}

/// Takes submissions for the committer.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) shared: Arc<Shared>,
    pub(crate) jobs: mpsc::Sender<Job>,
    pub(crate) aside: Aside,
}

impl Desk {
    /// Judges a submission, has it placed, and signs the promise.
    pub(crate) async fn submit(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        let shared = &self.shared;
        let bytes = submission.bytes();
        // Hashed once. What is large is hashed where it is judged, and again only if an amendment
        // came between.
        let small = (bytes <= ASIDE_BYTES).then(|| Hashed::of(&submission.artifact));
        loop {
            if shared.stopped().is_some() {
                return Err(SubmitError::Stopped);
            }
            let seen = if let Some(hashed) = small {
                look(shared, &submission, hashed)?
            } else {
                let (shared, submission) = (Arc::clone(shared), submission.clone());
                let look = move || look(&shared, &submission, Hashed::of(&submission.artifact));
                self.aside.run(look).await??
            };
            let (epoch, admitted, files) = match seen {
                Seen::Known { index, digest } => return self.duplicate(index, digest).await,
                Seen::New { epoch, admitted, files } => (epoch, admitted, files),
            };
            let (digest, statement) = (admitted.digest, admitted.statement);
            let most = shared.settings.waiting_bytes / 2;
            if bytes > most {
                return Err(SubmitError::TooLarge { bytes, most });
            }
            let room = Some(shared.take_room(bytes).ok_or(SubmitError::Busy)?);
            let (sender, answer) = oneshot::channel();
            let job = Job::Place(Box::new(Placing {
                epoch,
                admitted,
                statement,
                artifact: submission.artifact.clone(),
                files,
                room,
                answer: sender,
            }));
            self.jobs.try_send(job).map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
                mpsc::error::TrySendError::Closed(_) => SubmitError::Stopped,
            })?;
            match answer.await.unwrap_or(Answer::Stopped) {
                Answer::Placed(place) => return self.receipt(place, digest, false),
                Answer::Same(index) => return self.duplicate(index, digest).await,
                Answer::OtherSignatures(index) => {
                    return Err(SubmitError::OtherSignatures { index });
                }
                Answer::Refused(refusal) => return Err(refusal.into()),
                Answer::Clock(refusal) => return Err(SubmitError::Clock(refusal)),
                Answer::NoPromiseKey(index) => return Err(SubmitError::NoPromiseKey { index }),
                Answer::Stopped => return Err(SubmitError::Stopped),
                Answer::Stale => {}
            }
        }
    }

    async fn duplicate(&self, index: u64, digest: Digest) -> Result<Receipt, SubmitError> {
        let leaf = super::read::leaf(&self.shared, index)
            .await
            .map_err(|error| SubmitError::Internal(error.to_string()))?;
        let timestamp =
            Leaf::parse(&leaf).map_err(|error| SubmitError::Internal(error.to_string()))?.timestamp;
        let leaf_hash = leaf_hash(&entry_of(&leaf));
        self.receipt(Place { index, leaf, leaf_hash, timestamp }, digest, true)
    }

    /// The answer: the same for the same place, whenever it is asked for.
    fn receipt(
        &self,
        place: Place,
        artifact: Digest,
        is_duplicate: bool,
    ) -> Result<Receipt, SubmitError> {
        let epoch = self.shared.epoch();
        let charter = epoch.register.charter();
        let promise = Promise {
            artifact_sha256: artifact,
            deadline: place.timestamp.saturating_plus_seconds(charter.log.promise_s),
            election_id: charter.election_id.clone(),
            index: place.index,
            leaf_hash: place.leaf_hash,
            log_id: self.shared.log_id,
            timestamp: place.timestamp,
        };
        let internal = |error: &dyn std::fmt::Display| SubmitError::Internal(error.to_string());
        let kind = Promise::KIND.as_str().parse().map_err(|error| internal(&error))?;
        let key = self.shared.keys.promise_at(&epoch.register, place.index);
        let signer: &dyn Signer = key.ok_or(SubmitError::NoPromiseKey { index: place.index })?;
        let promise = envelope::sign_to_bytes(&kind, &promise, &[signer])
            .map_err(|error| internal(&error))?;
        let outcome = if is_duplicate { "duplicate" } else { "accepted" };
        self.shared.figures.submissions.with_label_values(&[outcome]).inc();
        Ok(Receipt {
            index: place.index,
            leaf: place.leaf,
            leaf_hash: place.leaf_hash,
            artifact,
            promise,
            is_duplicate,
        })
    }
}

/// An index that stands for whatever index the next entry will get: one behind the register's
/// last change, which may not be durable yet itself.
fn next_index(epoch: &Epoch, durable: u64) -> u64 {
    match durable {
        0 => 0,
        _ => durable.max(epoch.register.last_change() + 1),
    }
}

/// What a look at a submission shows.
enum Seen {
    /// The artifact stands in the log.
    Known { index: u64, digest: Digest },
    /// It does not, and is admitted under the register of this epoch.
    New { epoch: u64, admitted: Admitted, files: Vec<Object> },
}

/// Looks for the artifact in the log, and judges it where it is not there.
fn look(shared: &Shared, submission: &Submission, hashed: Hashed<'_>) -> Result<Seen, SubmitError> {
    // What stands in the log already is answered first: its key may be revoked by now.
    let digest = hashed.digest();
    let known = shared.read_index(|index| index.artifact(&digest));
    if let Some(index) = known.filter(|index| *index < shared.durable()) {
        return Ok(Seen::Known { index, digest });
    }
    let epoch = shared.epoch();
    let index = next_index(&epoch, shared.durable());
    let (admitted, files) = judge(submission, hashed, &epoch, index)?;
    if shared.keys.promise_at(&epoch.register, index).is_none() {
        return Err(SubmitError::NoPromiseKey { index });
    }
    Ok(Seen::New { epoch: epoch.number, admitted, files })
}

/// Judges the artifact and its raw files under a register.
///
/// Amendments and the close depend on their very index, so the committer judges them; here they
/// are only looked at as far as they do not.
fn judge(
    submission: &Submission,
    hashed: Hashed<'_>,
    epoch: &Epoch,
    index: u64,
) -> Result<(Admitted, Vec<Object>), SubmitError> {
    let admitted = admit::judge_hashed(hashed, &epoch.register, index)?;
    let files = match &admitted.payload {
        Payload::Manifest(manifest) => {
            let mismatches = manifest.compare(&submission.files);
            if !mismatches.is_empty() {
                return Err(SubmitError::Files(mismatches));
            }
            let rules = &epoch.register.charter().publication;
            let objects =
                manifest.files.iter().zip(&submission.files).map(|(file, bytes)| Object {
                    digest: file.sha256,
                    bytes: bytes.clone(),
                    is_withheld: rules.withhold_file(file.r#type.as_str()),
                });
            objects.collect()
        }
        _ if submission.files.is_empty() => Vec::new(),
        _ => return Err(SubmitError::UnwantedFiles(submission.files.len())),
    };
    Ok((admitted, files))
}
