//! A history as a file, so that the next call reads only what has grown since.
//!
//! ```text
//! scrutineer/history/v1 LF
//! SHA-256 of the charter           32 bytes
//! number of entries                u64, big-endian, as all numbers here
//! their leaf hashes                32 bytes each
//! number of changes                u32
//! each change                      u64 index, u32 length, the artifact
//! SHA-256 of everything before     32 bytes
//! ```
//!
//! The file is the reader's own. It is trusted as the charter beside it is: a log cannot write it.

use artifact::admit::Founded;
use canon::Digest;

use super::History;

const MAGIC: &[u8] = b"scrutineer/history/v1\n";

/// Why a file is no history of this election.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HistoryFileError {
    /// Not such a file, or a damaged one.
    #[error("not a history, or a damaged one")]
    Damaged,
    /// A history under another charter.
    #[error("a history under the charter {found}")]
    OtherCharter {
        /// The digest of that charter.
        found: Digest,
    },
}

impl History {
    /// The bytes of the file.
    pub fn to_file(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(self.register.charter_digest().as_bytes());
        out.extend_from_slice(&self.size().to_be_bytes());
        for hash in &self.hashes {
            out.extend_from_slice(hash.as_bytes());
        }
        // Amendments are few, and none is longer than an envelope may be.
        out.extend_from_slice(&u32::try_from(self.changes.len()).unwrap_or(u32::MAX).to_be_bytes());
        for change in &self.changes {
            out.extend_from_slice(&change.index.to_be_bytes());
            let length = u32::try_from(change.artifact.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&change.artifact);
        }
        let digest = Digest::of(&out);
        out.extend_from_slice(digest.as_bytes());
        out
    }

    /// Reads the bytes of a file. Its amendments are judged again.
    pub fn from_file(bytes: &[u8], founded: &Founded) -> Result<Self, HistoryFileError> {
        Self::read(bytes, founded)?.ok_or(HistoryFileError::Damaged)
    }

    fn read(bytes: &[u8], founded: &Founded) -> Result<Option<Self>, HistoryFileError> {
        let mut history = Self::of_charter(founded);
        let whole = bytes.split_last_chunk::<32>();
        let Some((body, _)) = whole.filter(|(body, end)| Digest::of(body).0 == **end) else {
            return Ok(None);
        };
        let Some(mut rest) = body.strip_prefix(MAGIC) else { return Ok(None) };
        let Some(charter) = take(&mut rest) else { return Ok(None) };
        if Digest(charter) != history.register.charter_digest() {
            return Err(HistoryFileError::OtherCharter { found: Digest(charter) });
        }
        Ok(history.fill(rest).map(|()| history))
    }

    fn fill(&mut self, mut rest: &[u8]) -> Option<()> {
        for _ in 0..u64::from_be_bytes(take(&mut rest)?) {
            self.hashes.push(Digest(take(&mut rest)?));
        }
        for _ in 0..u32::from_be_bytes(take(&mut rest)?) {
            let index = u64::from_be_bytes(take(&mut rest)?);
            let length = u32::from_be_bytes(take(&mut rest)?);
            let (artifact, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            self.enact(index, artifact.to_vec()).ok()?;
            rest = after;
        }
        rest.is_empty().then_some(())
    }
}

/// The next bytes.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*taken)
}
