//! Bundles: up to 256 entries, each after its length, or up to 256 leaves, each on its line.
//!
//! ```text
//! +--------------+-------------+--------------+-------------+--
//! | length, u16  | entry       | length, u16  | entry       | ...
//! | big-endian   | length bytes| big-endian   | length bytes|
//! +--------------+-------------+--------------+-------------+--
//!
//! {"artifact_sha256":"…","artifact_size":…,…,"type":"pvtl-x/leaf/v1"} LF
//! {"artifact_sha256":"…","artifact_size":…,…,"type":"pvtl-x/leaf/v1"} LF
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
    if rest.is_empty() { Ok(entries) } else { Err(TileError::EntryExcess { extra: rest.len() }) }
}

fn first_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bytes.split_first_chunk::<2>()?;
    after.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// The bundle of these leaves, each the bytes of its canonical JSON. Fails on a leaf that is
/// empty or holds a newline, which canonical JSON never is or does.
pub fn encode_leaves<I>(leaves: I) -> Result<Vec<u8>, TileError>
where
    I: IntoIterator,
    I::Item: AsRef<[u8]>,
{
    let mut bytes = Vec::new();
    for (position, leaf) in leaves.into_iter().enumerate() {
        let leaf = leaf.as_ref();
        if leaf.is_empty() || leaf.contains(&b'\n') {
            return Err(TileError::LeafLine { leaf: position });
        }
        bytes.extend_from_slice(leaf);
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The leaves of a bundle of `width` leaves, which must fill `bytes` exactly. Whether they are
/// canonical JSON is not looked at.
pub fn decode_leaves(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut rest = bytes;
    let mut leaves = Vec::with_capacity(usize::from(width));
    for leaf in 0..usize::from(width) {
        let (found, after) = first_line(rest).ok_or(TileError::LeafLine { leaf })?;
        leaves.push(found);
        rest = after;
    }
    if rest.is_empty() { Ok(leaves) } else { Err(TileError::LeafExcess { extra: rest.len() }) }
}

/// The first leaf of a bundle, whatever follows it; `None` where the bytes begin with none.
pub fn first_leaf(bytes: &[u8]) -> Option<&[u8]> {
    first_line(bytes).map(|(leaf, _)| leaf)
}

/// The first line without its newline, unless it is empty or has none.
fn first_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n').filter(|end| *end > 0)?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.split_first()?.1))
}
