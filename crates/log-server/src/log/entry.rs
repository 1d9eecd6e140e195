//! Entries as they stand in the write-ahead log.
//!
//! ```text
//! entry    u32 length, leaf (canonical bytes)
//!          u32 length, artifact (the envelope's bytes)
//!          u32 number of raw files
//!          for each:  u32 length, raw file
//! ```
//!
//! All numbers are big-endian. Raw files follow in the order of their manifest.

use bytes::Bytes;

/// One entry with everything that goes into the store for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) leaf: Bytes,
    pub(crate) artifact: Bytes,
    pub(crate) files: Vec<Bytes>,
}

/// The bytes of a batch end in the middle of an entry, or do not end with the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a batch does not hold the entries that it counts")]
pub(crate) struct BatchFault;

/// Appends one entry.
pub(crate) fn encode(leaf: &[u8], artifact: &[u8], files: &[Bytes], out: &mut Vec<u8>) {
    piece(leaf, out);
    piece(artifact, out);
    out.extend_from_slice(&length(files.len()));
    for file in files {
        piece(file, out);
    }
}

fn piece(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&length(bytes.len()));
    out.extend_from_slice(bytes);
}

/// Bodies are bounded far below 4 GiB before they come here.
fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).expect("a piece below 4 GiB").to_be_bytes()
}

/// Reads the `count` entries of a batch.
pub(crate) fn decode(mut bytes: Bytes, count: u32) -> Result<Vec<Stored>, BatchFault> {
    let mut entries = Vec::new();
    for _ in 0..count {
        let leaf = take_piece(&mut bytes)?;
        let artifact = take_piece(&mut bytes)?;
        let number = take_length(&mut bytes)?;
        let files = (0..number).map(|_| take_piece(&mut bytes)).collect::<Result<_, _>>()?;
        entries.push(Stored { leaf, artifact, files });
    }
    if bytes.is_empty() { Ok(entries) } else { Err(BatchFault) }
}

fn take_length(bytes: &mut Bytes) -> Result<usize, BatchFault> {
    let number = bytes.split_first_chunk::<4>().map(|(number, _)| u32::from_be_bytes(*number));
    let number = number.and_then(|number| usize::try_from(number).ok()).ok_or(BatchFault)?;
    let _ = bytes.split_to(4);
    Ok(number)
}

fn take_piece(bytes: &mut Bytes) -> Result<Bytes, BatchFault> {
    let length = take_length(bytes)?;
    if length > bytes.len() { Err(BatchFault) } else { Ok(bytes.split_to(length)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_form_is_the_one_that_is_drawn() {
        let mut out = Vec::new();
        let files = [Bytes::from_static(b"x"), Bytes::from_static(b"")];
        encode(b"leaf", b"art", &files, &mut out);
        let expected = b"\0\0\0\x04leaf\0\0\0\x03art\0\0\0\x02\0\0\0\x01x\0\0\0\0";
        assert_eq!(out, expected);
    }

    proptest! {
        #[test]
        fn entries_come_back(
            entries in prop::collection::vec(
                (any::<Vec<u8>>(), any::<Vec<u8>>(), prop::collection::vec(any::<Vec<u8>>(), 0..3)),
                0..4,
            ),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut out = Vec::new();
            let mut expected = Vec::new();
            for (leaf, artifact, files) in entries {
                let files: Vec<Bytes> = files.into_iter().map(Bytes::from).collect();
                encode(&leaf, &artifact, &files, &mut out);
                expected.push(Stored { leaf: leaf.into(), artifact: artifact.into(), files });
            }
            let count = u32::try_from(expected.len()).unwrap();
            let whole = Bytes::from(out);
            prop_assert_eq!(decode(whole.clone(), count), Ok(expected));
            prop_assert_eq!(decode(whole.clone(), count + 1), Err(BatchFault));
            if !whole.is_empty() {
                let cut = whole.slice(..cut.index(whole.len()));
                prop_assert_eq!(decode(cut, count), Err(BatchFault));
                prop_assert_eq!(decode(whole, count - 1), Err(BatchFault));
            }
        }
    }
}
