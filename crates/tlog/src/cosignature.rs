//! Cosignatures: a party's statement, with a time, that it saw a log grow honestly.
//!
//! Source: C2SP `tlog-cosignature.md` v1.0.1, the Ed25519 form (type 0x04). What is signed is
//!
//! ```text
//! cosignature/v1
//! time <seconds since 1970, decimal, no leading zero>
//! <the whole text of the checkpoint, extension lines too, without signature lines>
//! ```
//!
//! and the body of the signature line is
//!
//! ```text
//! u64 big endian seconds || 64 bytes Ed25519
//! ```
//!
//! It means: as of that time, the largest consistent tree of this log that the signer has seen
//! has this size and root. The message does not name the cosigner, so each cosigner needs a key
//! of its own; [`shared_key`] finds two that share one.

use canon::Timestamp;

use crate::checkpoint::Checkpoint;
use crate::note::{KeyType, NoteError, NoteSignature, NoteSigner, VerifierKey};

#[cfg(test)]
mod tests;

/// Cosigns a checkpoint's text as of `time`, which has to be after 1970.
pub fn sign(signer: &NoteSigner, text: &str, time: Timestamp) -> Result<NoteSignature, NoteError> {
    signer.require(KeyType::Cosignature)?;
    let seconds = time.unix_u64();
    if seconds == 0 || Checkpoint::parse(text).is_err() {
        return Err(NoteError::NotCosignable);
    }
    let mut body = seconds.to_be_bytes().to_vec();
    body.extend_from_slice(&signer.sign_raw(&message(seconds, text))?);
    NoteSignature::new(signer.verifier().name(), signer.verifier().id(), body)
}

/// Whether the line is `key`'s cosignature of `text`, and as of when.
///
/// The line has to be of the key's name and id, the text a checkpoint, and the time after 1970:
/// a cosignature of time zero states nothing about the largest tree seen.
pub fn verify(
    key: &VerifierKey,
    text: &str,
    signature: &NoteSignature,
) -> Result<Timestamp, NoteError> {
    let bad = || key.bad_signature();
    if key.kind() != KeyType::Cosignature
        || signature.id() != key.id()
        || signature.name() != key.name()
        || Checkpoint::parse(text).is_err()
    {
        return Err(bad());
    }
    let (seconds, raw) = signature.body().split_first_chunk::<8>().ok_or_else(bad)?;
    let seconds = u64::from_be_bytes(*seconds);
    let unix = i64::try_from(seconds).ok().filter(|&unix| unix > 0).ok_or_else(bad)?;
    let time = Timestamp::from_unix(unix).map_err(|_| bad())?;
    key.verify_raw(&message(seconds, text), raw)?;
    Ok(time)
}

/// The first two keys that are one public key under two names, types or both.
///
/// Cosigners must not share a key: a line by one would be good under the name of the other.
pub fn shared_key<'k>(keys: &[&'k VerifierKey]) -> Option<(&'k VerifierKey, &'k VerifierKey)> {
    keys.iter().enumerate().find_map(|(index, &key)| {
        let twin = keys.iter().take(index).find(|twin| twin.public_key() == key.public_key());
        twin.map(|&twin| (twin, key))
    })
}

fn message(seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}
