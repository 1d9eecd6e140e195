//! Why a log's answer cannot be had, or does not hold.

use artifact::admit::Refusal;
use canon::{KeyId, Timestamp};
use tlog::proof::TlogProofError;

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
    /// The leaves or amendments under a head cannot be read, so its keys are not known.
    #[error("the amendments cannot be read from the log: {0}")]
    Amendments(Box<ClientError>),
    /// A head of more entries than are read to find the amendments.
    #[error("the head covers {size} entries; amendments are looked for among at most {most}")]
    TooLong {
        /// Entries under the head.
        size: u64,
        /// Entries that would be read.
        most: u64,
    },
    /// The answer was had and does not hold, or cannot be judged yet. It is to be kept.
    #[error(transparent)]
    Evidence(Box<Evidence>),
}

/// An answer that does not hold.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct Evidence {
    /// What is wrong with it.
    pub fault: Fault,
    /// The answer as the log gave it: a receipt, a proof or a checkpoint.
    pub answer: Vec<u8>,
}

/// What is wrong with an answer.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A member of the receipt, its leaf or its promise is another than it has to be.
    #[error("the receipt does not hold: {member} must be {expected}, found {found}")]
    Receipt {
        /// Which member.
        member: &'static str,
        /// What it has to be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The promise is not signed as the charter asks.
    #[error("the promise does not hold: {0}")]
    Promise(String),
    /// The promise is signed by a key that is not known here.
    #[error(
        "the promise is signed by key {0}, which neither the charter nor an amendment under the \
         published head names"
    )]
    UnknownKey(KeyId),
    /// The leaf's time has not come yet, so neither has its deadline's.
    #[error("the leaf's time is {leaf}, and here it is {now}")]
    Ahead {
        /// The leaf's timestamp.
        leaf: Timestamp,
        /// The time of this machine.
        now: Timestamp,
    },
    /// The leaf that the log proves is not the one that was asked for.
    #[error("the leaf at entry {index} is not the one asked for")]
    OtherLeaf {
        /// The entry.
        index: u64,
    },
    /// The head or the proof does not hold.
    #[error("the proof does not hold: {0}")]
    Proof(#[from] TlogProofError),
    /// The leaves under a head are not those that it was signed over.
    #[error("the leaves that the log gives do not lead to the root of its head of {size} entries")]
    Leaves {
        /// Entries under the head.
        size: u64,
    },
    /// What stands under the head as an amendment cannot be one.
    #[error("the amendment at entry {index}: {refusal}")]
    Amendment {
        /// The entry.
        index: u64,
        /// Why it is refused.
        refusal: Box<Refusal>,
    },
}

impl Fault {
    /// Whether it is certain that the answer does not hold: neither a later head nor a better
    /// clock can mend it.
    pub const fn is_certain(&self) -> bool {
        !matches!(self, Self::UnknownKey(_) | Self::Ahead { .. })
    }

    /// What to do about it, once the answer is kept.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::UnknownKey(_) => {
                "submit the same bytes again after the next head: an amendment may name the key"
            }
            Self::Ahead { .. } => "compare this machine's clock with another",
            Self::Receipt { .. } | Self::Promise(_) => {
                "the answer is evidence against the log, if the charter is the right one"
            }
            Self::OtherLeaf { .. }
            | Self::Proof(_)
            | Self::Leaves { .. }
            | Self::Amendment { .. } => {
                "the head in it is evidence, if the charter is the right one; export the log and \
                 verify it"
            }
        }
    }

    /// The fault of this answer.
    pub(super) fn of(self, answer: &[u8]) -> ClientError {
        ClientError::Evidence(Box::new(Evidence { fault: self, answer: answer.to_vec() }))
    }
}

impl ClientError {
    /// What to do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Unreachable { .. } => "check the address, and that the log runs",
            Self::Refused { hint, .. } => hint,
            Self::Malformed { .. } => "check that the address is a log's",
            Self::Amendments(_) | Self::TooLong { .. } => {
                "`scrutineer log export` and `scrutineer verify` judge the whole log"
            }
            Self::Evidence(evidence) => evidence.fault.hint(),
        }
    }
}
