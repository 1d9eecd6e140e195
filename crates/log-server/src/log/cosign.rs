//! What the log needs of its witnesses: a cosignature for a head, and what they last saw.
//!
//! The log speaks to them through [`Cosigner`], so that a test can give it others.

use std::sync::Arc;

use artifact::register::CountedWitness;
use canon::Digest;
use tlog::merkle::Head;
use tlog::note::NoteSignature;

/// A head that the log has signed, on its way to the witnesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// Size and root.
    pub head: Head,
    /// The checkpoint with the log's own lines, as it stands at `checkpoint.pending`.
    pub checkpoint: Vec<u8>,
}

/// Makes the consistency proof from an older size to the head's.
pub type Prove<'a> = &'a dyn Fn(u64) -> Result<Vec<Digest>, CosignError>;

/// One witness, as the log speaks to it. Calls block, and end by themselves after a while.
pub trait Cosigner: Send + Sync {
    /// The name of the witness's key.
    fn name(&self) -> &str;

    /// Asks for a cosignature. The lines are verified by the caller.
    ///
    /// `prove` makes the proof from whatever size the witness has recorded.
    fn cosign(
        &self,
        head: &SignedHead,
        prove: Prove<'_>,
    ) -> Result<Vec<NoteSignature>, CosignError>;

    /// The checkpoint that the witness last cosigned for this origin; `None` if it has none.
    ///
    /// The log judges it by its own signature: what a witness claims without it counts for
    /// nothing.
    fn last_seen(&self, origin: &str) -> Result<Option<Vec<u8>>, CosignError>;
}

/// Where witnesses are reached. Which of them are asked is the register's affair.
pub trait Reach: Send + Sync {
    /// The client of this witness, under this key; `None` if no address is known under its name.
    fn reach(&self, witness: &CountedWitness) -> Option<Arc<dyn Cosigner>>;
}

/// Why a witness gave no cosignature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CosignError {
    /// It did not answer, or not as a witness does.
    #[error("it cannot be reached: {why}")]
    Unreachable {
        /// What happened.
        why: String,
    },
    /// It answered with a refusal.
    #[error("it refused with status {status}: {why}")]
    Refused {
        /// The status code.
        status: u16,
        /// What it said.
        why: String,
    },
    /// It says that it has seen a larger head than the one it was asked to cosign.
    #[error("it says that it has seen a head of {size} entries")]
    Ahead {
        /// The size that it named.
        size: u64,
    },
    /// The log could not make the proof.
    #[error("the log cannot prove consistency: {why}")]
    NoProof {
        /// What happened.
        why: String,
    },
}
