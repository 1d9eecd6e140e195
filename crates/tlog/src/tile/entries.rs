//! Entry bundles: up to 256 entries, each after its length.
//!
//! ```text
//! +--------------+-------------+--------------+-------------+--
//! | length, u16  | entry       | length, u16  | entry       | ...
//! | big-endian   | length bytes| big-endian   | length bytes|
//! +--------------+-------------+--------------+-------------+--
//! ```

use super::TileError;

/// The longest entry that a bundle can hold.
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// The bundle of these entries. Fails on an entry above [`MAX_ENTRY_BYTES`].
///
/// How many entries a bundle holds is in its path, not in its bytes: the caller gives at most
/// 256, as many as the place is wide.
pub fn encode_entries<I>(entries: I) -> Result<Vec<u8>, TileError>
where
    I: IntoIterator,
    I::Item: AsRef<[u8]>,
{
    let mut bytes = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        let length = u16::try_from(entry.len())
            .map_err(|_| TileError::EntryLength { found: entry.len() })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle of `width` entries, which must fill `bytes` exactly.
pub fn decode_entries(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut rest = bytes;
    let mut entries = Vec::with_capacity(usize::from(width));
    for entry in 0..usize::from(width) {
        let (found, after) = first_entry(rest).ok_or(TileError::EntryCut { entry })?;
        entries.push(found);
        rest = after;
    }
    if rest.is_empty() {
        Ok(entries)
    } else {
        Err(TileError::EntryExcess { extra: rest.len() })
    }
}

fn first_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bytes.split_first_chunk::<2>()?;
    after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
