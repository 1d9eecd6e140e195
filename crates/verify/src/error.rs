//! Why no report could be made at all.

use artifact::bundle::SourceError;

/// Nothing could be judged. Bad evidence is never this: it is a finding in a report.
///
/// A program that gets one exits with 2.
#[derive(Debug, thiserror::Error)]
pub enum CouldNotCheck {
    /// The source failed: no such file, no network, no permission.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// There is nothing of a bundle at this place.
    #[error("{place} holds no bundle: there is no checkpoint, no leaf and no artifact")]
    NoBundle {
        /// The place, as the source describes itself.
        place: String,
    },
    /// A place of a kind that no bundle is at: a pipe, stdin, another scheme.
    #[error("{place} is neither a folder, nor a file, nor an address with http:// or https://")]
    NoPlace {
        /// The place.
        place: String,
    },
    /// The file given as the older head is not a signed checkpoint.
    #[error("the older head is not a signed checkpoint: {why}")]
    OldHead {
        /// What is wrong with it.
        why: String,
    },
    /// A file given as a promise is not one.
    #[error("promise {number} is not a signed promise: {why}")]
    Promise {
        /// Which of the given promises, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A file given as void mandates is not one.
    #[error("file {number} of void mandates has a line that is no look-up string")]
    Voided {
        /// Which of the given files, from 1.
        number: usize,
    },
    /// A file given as a receipt is not one.
    #[error("file {number} is no receipt: {why}")]
    Receipt {
        /// Which of the given files, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// An address was given to a verifier that was built without the network.
    #[error("{place} is an address, and this verifier was built without the network")]
    NoAddresses {
        /// The address.
        place: String,
    },
    /// The threads could not be started.
    #[error("could not start {threads} threads")]
    Threads {
        /// How many were asked for.
        threads: usize,
    },
}

impl CouldNotCheck {
    /// What a person can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Source(_) => "check the path or the address, and that you may read it",
            Self::NoPlace { .. } => "write the bundle into a file, or fetch it, and give that",
            Self::NoBundle { .. } => {
                "give the folder or zip that `scrutineer log export` wrote, or the log's address"
            }
            Self::OldHead { .. } => {
                "give a file with a signed checkpoint, such as `checkpoint` from an older bundle"
            }
            Self::Promise { .. } => {
                "give a file with the promise that the log returned when it accepted the entry"
            }
            Self::Voided { .. } => {
                "give a file with a look-up string a line: 22 characters, as they stand on the card"
            }
            Self::Receipt { .. } => "give the file that `scrutineer vote cast --receipt` wrote",
            Self::NoAddresses { .. } => "fetch the bundle first and give the folder or the zip",
            Self::Threads { .. } => "ask for fewer with `--threads`",
        }
    }
}
