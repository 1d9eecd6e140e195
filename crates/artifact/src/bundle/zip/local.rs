//! The header before a file's data (APPNOTE.TXT 6.3.10, 4.3.7), which must agree with the
//! directory.

use super::LOCAL_BYTES;
use super::at::{Bytes, u16_at, u32_at};
use super::directory::{Directory, Entry, Stop, is_harmless};

/// Sizes stand behind the data, not in the local header.
const FLAG_DESCRIPTOR: u16 = 1 << 3;

/// What such a descriptor may have: CRC-32 and two sizes of 4 or 8 bytes, with or without a
/// signature (4.3.9).
const DESCRIPTOR_BYTES: [u64; 4] = [12, 16, 20, 24];

/// Where the data of a file begin, after its header was read and judged.
pub(super) fn data_of(
    bytes: &Bytes,
    name: &[u8],
    entry: &Entry,
    directory: &Directory,
) -> Result<u64, Stop> {
    let mut header = vec![0; usize::try_from(LOCAL_BYTES).unwrap_or(30)];
    header.resize(header.len().saturating_add(name.len()), 0);
    bytes.read_exact_at(&mut header, entry.offset).map_err(Stop::Io)?;
    judge(bytes, &header, name, entry, directory)
}

/// The same, for a header that was read already, with whatever stands behind it.
pub(super) fn judge(
    bytes: &Bytes,
    header: &[u8],
    name: &[u8],
    entry: &Entry,
    directory: &Directory,
) -> Result<u64, Stop> {
    const OUTSIDE: Stop = Stop::Zip("it ends beyond any file");
    let (extra, is_described) = compared(header, name, entry).map_err(Stop::Zip)?;
    let end = u64::try_from(name.len()).ok().and_then(|name| LOCAL_BYTES.checked_add(name));
    let at = end.and_then(|end| entry.offset.checked_add(end)).ok_or(OUTSIDE)?;
    if extra > 0 {
        let mut field = vec![0; usize::from(extra)];
        bytes.read_exact_at(&mut field, at).map_err(Stop::Io)?;
        if !is_harmless(&field) {
            return Err(Stop::Zip("it has an extra field of unknown meaning"));
        }
    }
    let data = at.checked_add(u64::from(extra)).ok_or(OUTSIDE)?;
    let end = data.checked_add(entry.packed).ok_or(OUTSIDE)?;
    let gap = directory.after(entry).and_then(|next| next.checked_sub(end)).ok_or(OUTSIDE)?;
    if gap == 0 && !is_described || is_described && DESCRIPTOR_BYTES.contains(&gap) {
        Ok(data)
    } else {
        Err(Stop::Zip("something stands behind it that is no file of the directory"))
    }
}

/// Compares a header with the directory; the length of the extra field before the data, and
/// whether a descriptor stands behind them.
fn compared(header: &[u8], name: &[u8], entry: &Entry) -> Result<(u16, bool), &'static str> {
    const OTHER: &str = "its local header differs from the directory";
    let field16 = |at| u16_at(header, at).ok_or(OTHER);
    let field32 = |at| u32_at(header, at).ok_or(OTHER);
    let flags = field16(6)?;
    let same_name = header.get(30..).is_some_and(|rest| rest.starts_with(name));
    let same = field32(0)? == 0x0403_4b50
        && flags & !FLAG_DESCRIPTOR == entry.flags & !FLAG_DESCRIPTOR
        && field16(8)? == entry.method
        && usize::from(field16(26)?) == name.len()
        && same_name;
    let is_described = flags & FLAG_DESCRIPTOR != 0;
    // With a descriptor the sizes here are nought, in a zip64 file all ones.
    let size_is = |at, size: u64| {
        field32(at).map(|found| {
            u64::from(found) == size || found == u32::MAX || (is_described && found == 0)
        })
    };
    if same && size_is(18, entry.packed)? && size_is(22, entry.size)? {
        Ok((field16(28)?, is_described))
    } else {
        Err(OTHER)
    }
}
