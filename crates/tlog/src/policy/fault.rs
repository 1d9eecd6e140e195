//! What can be wrong with a policy, and where.

use thiserror::Error;

use super::{MAX_DEFINITIONS, MAX_POLICY_BYTES, Name};
use crate::note::{KeyType, NoteError};

/// Why a policy was refused, and on which line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {fault}")]
pub struct PolicyError {
    /// Number of the line from 1; for what is missing, the number after the last line. For a
    /// policy that was not read from a file, the line on which it would stand.
    pub line: usize,
    /// What is wrong there.
    pub fault: PolicyFault,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyFault {
    /// The file exceeds [`MAX_POLICY_BYTES`].
    #[error("file is larger than {MAX_POLICY_BYTES} bytes")]
    TooLarge,
    /// A byte other than tab, newline, 0x20..=0x7E and 0x80..=0xFF.
    #[error("byte {byte:#04x} is not allowed")]
    Byte {
        /// The byte.
        byte: u8,
    },
    /// A line that begins with none of the four words.
    #[error("{word} is none of log, witness, group and quorum")]
    UnknownWord {
        /// The word.
        word: Name,
    },
    /// Too few or too many words after the first.
    #[error("this line is written: {form}")]
    Form {
        /// The right form.
        form: &'static str,
    },
    /// The key cannot be read.
    #[error(transparent)]
    Key(#[from] NoteError),
    /// A log's key has to be of type 0x01, a witness's of type 0x04.
    #[error("key {name} is of type {found}, here belongs one of type {needed}")]
    KeyType {
        /// The key's name.
        name: String,
        /// What it is.
        found: KeyType,
        /// What it has to be.
        needed: KeyType,
    },
    /// A public key that an earlier line has, under whatever name.
    #[error("public key of {name} stands on an earlier line, under the name {earlier}")]
    DuplicateKey {
        /// The key's name.
        name: String,
        /// The name on the earlier line.
        earlier: String,
    },
    /// A witness with the key name of a log, or the reverse.
    #[error("{name} is a log and a witness: a log never counts toward its own quorum")]
    LogAsWitness {
        /// The name of both.
        name: String,
    },
    /// A name of an earlier line.
    #[error("name {name} is defined on an earlier line")]
    DuplicateName {
        /// The name.
        name: Name,
    },
    /// An empty name, one with spaces, or the reserved word `none`.
    #[error("{name} cannot be a name")]
    BadName {
        /// The name.
        name: Name,
    },
    /// A name that no earlier line defines.
    #[error("name {name} is not defined on an earlier line")]
    UndefinedName {
        /// The name.
        name: Name,
    },
    /// A name that is a member of this or an earlier group already.
    #[error("name {name} is a member already; a name is a member of one group at most")]
    SecondMembership {
        /// The name.
        name: Name,
    },
    /// A threshold that is not decimal, is zero, or exceeds the number of members.
    #[error("threshold {threshold} is not one of any, all and 1 to {members}")]
    Threshold {
        /// The threshold as written.
        threshold: Name,
        /// The number of members.
        members: usize,
    },
    /// A second quorum line.
    #[error("there is a second quorum line")]
    SecondQuorum,
    /// No quorum line.
    #[error("there is no quorum line")]
    NoQuorum,
    /// More than [`MAX_DEFINITIONS`] of a kind.
    #[error("there are more than {MAX_DEFINITIONS} logs, witnesses or groups")]
    TooMany,
}
