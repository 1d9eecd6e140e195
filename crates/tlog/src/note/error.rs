//! What can be wrong with a note, a key or a signature.

use thiserror::Error;

use super::{KeyType, MAX_NOTE_BYTES, MAX_SIGNATURES, NoteKeyId};

/// Why a note, a key or a signature was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoteError {
    /// The note exceeds [`MAX_NOTE_BYTES`].
    #[error("note is larger than {MAX_NOTE_BYTES} bytes")]
    TooLarge,
    /// The bytes are not UTF-8.
    #[error("note is not utf-8 from byte {at} on")]
    NotUtf8 {
        /// Offset of the first bad byte.
        at: usize,
    },
    /// A control character below U+0020 other than the newline.
    #[error("note has a control character at byte {at}")]
    ControlCharacter {
        /// Offset of the character.
        at: usize,
    },
    /// The text to sign is empty or its last line has no end.
    #[error("note text does not end in a newline")]
    TextWithoutEnd,
    /// No empty line, or nothing after it.
    #[error("note has no signature lines after an empty line")]
    NoSignatures,
    /// A line after the last empty line that is not `— name base64`.
    #[error("line {line} of the note is not a signature line")]
    BadSignatureLine {
        /// Number of the line, from 1.
        line: usize,
    },
    /// More than [`MAX_SIGNATURES`] lines.
    #[error("note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    /// An empty key name, or one with a space, a plus sign or a control character.
    #[error(
        "{name:?} is not a key name: it is empty or has a space, a plus or a control character"
    )]
    BadName {
        /// The name as given.
        name: String,
    },
    /// Not of the form `name+8 hex digits+base64`.
    #[error("verifier key is not of the form name+id+base64")]
    BadVerifierKey,
    /// A signature type that this crate does not verify.
    #[error("key of {name} has signature type {octet:#04x}, only 0x01 and 0x04 are known here")]
    UnknownType {
        /// The key's name.
        name: String,
        /// The type octet.
        octet: u8,
    },
    /// The id written in a verifier key is not the one its bytes give.
    #[error("verifier key of {name} says id {written}, its bytes give {computed}")]
    WrongKeyId {
        /// The key's name.
        name: String,
        /// What the text says.
        written: NoteKeyId,
        /// What the name, type and key give.
        computed: NoteKeyId,
    },
    /// The public key is of the wrong length or is one that would accept forged signatures.
    #[error("public key of {name} is not a usable ed25519 key")]
    UnusableKey {
        /// The key's name.
        name: String,
    },
    /// A line of a known key does not verify: the whole note is refused.
    #[error("signature of {name}+{id} does not verify")]
    BadSignature {
        /// The key's name.
        name: String,
        /// The key's id.
        id: NoteKeyId,
    },
    /// Two known keys share name and id, so that a line cannot be told apart.
    #[error("two known keys are named {name}+{id}")]
    AmbiguousKey {
        /// The keys' name.
        name: String,
        /// The keys' id.
        id: NoteKeyId,
    },
    /// No line is of a known key.
    #[error("note has no signature of a known key")]
    Unverified,
    /// A plain signature was asked of a cosigner's key or the reverse.
    #[error("key {name} is of type {found}, this needs type {needed}")]
    WrongType {
        /// The key's name.
        name: String,
        /// What the key is.
        found: KeyType,
        /// What it would have to be.
        needed: KeyType,
    },
    /// A cosignature must be over a checkpoint and carry a time after 1970.
    #[error("only a checkpoint is cosigned, at a time after 1970")]
    NotCosignable,
    /// The key's holder did not sign.
    #[error("key {name} could not sign")]
    SignerFailed {
        /// The key's name.
        name: String,
    },
}
