//! The directory at the end of a zip (APPNOTE.TXT 6.3.10, 4.3.12 to 4.3.16), read strictly.
//!
//! ```text
//! … files …
//! directory             one header a file: 46 bytes, name, extra field, comment
//! [zip64 end, locator]  where a number does not fit 16 or 32 bits
//! end                   22 bytes, the last of the zip
//! ```

use std::io::Read;

use super::at::{Bytes, Stretch, u16_at, u32_at, u64_at};
use super::local;
use super::{LOCAL_BYTES, ZipLimits};
use crate::bundle::{BundlePath, SourceError};

/// Kept as it is.
pub(super) const STORED: u16 = 0;
/// Packed by deflate (RFC 1951).
pub(super) const DEFLATED: u16 = 8;

const END_BYTES: u64 = 22;
const LOCATOR_BYTES: u64 = 20;
const END64_BYTES: u64 = 56;
const HEADER_BYTES: usize = 46;
const FLAG_ENCRYPTED: u16 = 1;

/// Deflate cannot pack more than 1032 to one; whoever claims more has a bomb.
const MAX_RATIO: u64 = 1032;

/// Where a file's bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Of the local header.
    pub(super) offset: u64,
    /// Bytes in the zip.
    pub(super) packed: u64,
    /// Bytes of the file.
    pub(super) size: u64,
    pub(super) method: u16,
    pub(super) flags: u16,
}

/// Every file of a zip, found by its path.
#[derive(Debug, Default)]
pub(super) struct Directory {
    /// Ascending; a path that comes twice stands here twice.
    files: Vec<(BundlePath, Entry)>,
    /// Files whose names are no path of a bundle, ascending.
    strays: Vec<(String, Entry)>,
    /// Where the local headers of all files begin, ascending, and behind them the directory.
    starts: Vec<u64>,
}

impl Directory {
    pub(super) fn read(name: &str, bytes: &Bytes, limits: ZipLimits) -> Result<Self, SourceError> {
        let zip = |why| SourceError::Zip { path: name.to_owned(), why };
        let io = |error| SourceError::Io { path: name.to_owned(), error };
        let place = Place::find(bytes).map_err(|fault| fault.told(name))?;
        if place.files > limits.files || place.size > limits.directory_bytes {
            return Err(zip("it has more files than allowed"));
        }
        let mut directory = Self::default();
        let mut extents = Vec::new();
        let mut folders = Vec::new();
        let mut stretch =
            Stretch::new(bytes, place.offset, place.offset.saturating_add(place.size));
        for _ in 0..place.files {
            let (name, entry) = header(&mut stretch).map_err(|fault| fault.told(name))?;
            extents.push(entry.extent(name.len()).ok_or_else(|| zip("a file has no end"))?);
            // Folders have entries of their own in many zips; a bundle has files only.
            if name.ends_with(b"/") && entry.size == 0 {
                folders.push((name, entry));
            } else {
                directory.add(name, entry);
            }
        }
        if stretch.read(&mut [0]).map_err(io)? != 0 {
            return Err(zip("its directory goes on after the last file"));
        }
        directory.starts = apart(extents, place.offset).map_err(zip)?;
        for (folder, entry) in folders {
            local::data_of(bytes, &folder, &entry, &directory).map_err(|stop| stop.told(name))?;
        }
        directory.files.sort_unstable_by_key(|file| file.0);
        directory.strays.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        directory.files.shrink_to_fit();
        Ok(directory)
    }

    fn add(&mut self, name: Vec<u8>, entry: Entry) {
        let name = String::from_utf8(name)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        match name.parse() {
            Ok(path) => self.files.push((path, entry)),
            Err(_) => self.strays.push((name, entry)),
        }
    }

    /// Where what stands behind a file begins: the next file, or this directory.
    pub(super) fn after(&self, entry: &Entry) -> Option<u64> {
        let next = self.starts.partition_point(|start| *start <= entry.offset);
        self.starts.get(next).copied()
    }

    /// How many files stand at a path, and the first of them.
    pub(super) fn find(&self, path: &str) -> (usize, Option<Entry>) {
        if let Ok(path) = path.parse::<BundlePath>() {
            let from = self.files.partition_point(|(other, _)| *other < path);
            let same = self.files.get(from..).unwrap_or_default().iter();
            let mut same = same.take_while(|(other, _)| *other == path);
            return (same.clone().count(), same.next().map(|(_, entry)| *entry));
        }
        let mut same = self.strays.iter().filter(|(other, _)| other == path);
        (same.clone().count(), same.next().map(|(_, entry)| *entry))
    }

    pub(super) fn each_path(&self, see: &mut dyn FnMut(&str)) {
        self.files.iter().for_each(|(path, _)| see(&path.to_string()));
        self.strays.iter().for_each(|(name, _)| see(name));
    }
}

impl Entry {
    /// First and last byte that the file takes at the least: its local header may have an extra
    /// field of unknown length.
    fn extent(&self, name_bytes: usize) -> Option<(u64, u64)> {
        let name_bytes = u64::try_from(name_bytes).ok()?;
        let head = LOCAL_BYTES.checked_add(name_bytes)?;
        Some((self.offset, self.offset.checked_add(head)?.checked_add(self.packed)?))
    }
}

/// Where the files begin, and behind them the directory.
///
/// Refuses files that share bytes (one deflated file named by many entries is a bomb) and bytes
/// before the first file. What stands between two files is judged when the first is read, since
/// only its local header says where it ends.
fn apart(mut extents: Vec<(u64, u64)>, directory: u64) -> Result<Vec<u64>, &'static str> {
    extents.sort_unstable();
    let mut starts: Vec<u64> = extents.iter().map(|(start, _)| *start).collect();
    starts.push(directory);
    if starts.first() != Some(&0) {
        return Err("it does not begin with a file");
    }
    let mut ends = extents.iter().map(|(_, end)| end).zip(starts.iter().skip(1));
    if ends.all(|(end, next)| end <= next) {
        Ok(starts)
    } else {
        Err("two of its files share bytes")
    }
}

/// Extra fields that tell times and owners, or sizes that need 64 bits. Others may give a file
/// another name (0x7075, Unicode path) or other contents, to programs that read them.
const KNOWN_EXTRA: [u16; 4] = [0x0001, 0x000a, 0x5455, 0x7875];

/// Whether an extra field holds nothing but whole fields that are known.
pub(super) fn is_harmless(extra: &[u8]) -> bool {
    let mut rest = extra;
    while !rest.is_empty() {
        let (Some(id), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) else {
            return false;
        };
        let after = rest.get(4..).and_then(|rest| rest.get(usize::from(length)..));
        match after {
            Some(after) if KNOWN_EXTRA.contains(&id) => rest = after,
            _ => return false,
        }
    }
    true
}

/// What stops the reading of a zip.
pub(super) enum Stop {
    Io(std::io::Error),
    Zip(&'static str),
}

impl Stop {
    pub(super) fn told(self, name: &str) -> SourceError {
        match self {
            Self::Io(error) => SourceError::Io { path: name.to_owned(), error },
            Self::Zip(why) => SourceError::Zip { path: name.to_owned(), why },
        }
    }
}

/// Where the directory lies.
struct Place {
    offset: u64,
    size: u64,
    files: u64,
}

impl Place {
    fn find(bytes: &Bytes) -> Result<Self, Stop> {
        const NO_END: Stop = Stop::Zip("it does not end as a zip without a comment does");
        let end_at = bytes.size().checked_sub(END_BYTES).ok_or(NO_END)?;
        let mut end = [0; 22];
        bytes.read_exact_at(&mut end, end_at).map_err(Stop::Io)?;
        let field16 = |at| u16_at(&end, at).ok_or(NO_END);
        let field32 = |at| u32_at(&end, at).ok_or(NO_END);
        if field32(0)? != 0x0605_4b50 || field16(20)? != 0 {
            return Err(NO_END);
        }
        let (disk, start_disk) = (field16(4)?, field16(6)?);
        let (here, files) = (field16(8)?, field16(10)?);
        let (size, offset) = (field32(12)?, field32(16)?);
        let needs64 = files == u16::MAX || size == u32::MAX || offset == u32::MAX;
        if needs64 && let Some(place) = Self::find64(bytes, end_at)? {
            return Ok(place);
        }
        if disk != 0 || start_disk != 0 || here != files {
            return Err(Stop::Zip("it is one of several parts"));
        }
        Self { offset: u64::from(offset), size: u64::from(size), files: u64::from(files) }
            .up_to(end_at)
    }

    /// The place by the zip64 end; `None` where there is no locator, since 65,535 is a number too.
    fn find64(bytes: &Bytes, end_at: u64) -> Result<Option<Self>, Stop> {
        const BAD: Stop = Stop::Zip("its zip64 end cannot be read");
        let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES) else {
            return Ok(None);
        };
        let mut locator = [0; 20];
        bytes.read_exact_at(&mut locator, locator_at).map_err(Stop::Io)?;
        if u32_at(&locator, 0) != Some(0x0706_4b50) {
            return Ok(None);
        }
        let at = u64_at(&locator, 8).ok_or(BAD)?;
        // The record stands right before its locator, without any extensible data.
        if Some(at) != locator_at.checked_sub(END64_BYTES)
            || u32_at(&locator, 4) != Some(0)
            || u32_at(&locator, 16) != Some(1)
        {
            return Err(BAD);
        }
        let mut end = [0; 56];
        bytes.read_exact_at(&mut end, at).map_err(Stop::Io)?;
        let field64 = |at| u64_at(&end, at).ok_or(BAD);
        let whole = u32_at(&end, 0) == Some(0x0606_4b50)
            && field64(4)? == END64_BYTES.saturating_sub(12)
            && u32_at(&end, 16) == Some(0)
            && u32_at(&end, 20) == Some(0)
            && field64(24)? == field64(32)?;
        if !whole {
            return Err(BAD);
        }
        let place = Self { offset: field64(48)?, size: field64(40)?, files: field64(32)? };
        place.up_to(at).map(Some)
    }

    /// The directory must end where what follows it begins.
    fn up_to(self, next: u64) -> Result<Self, Stop> {
        if self.offset.checked_add(self.size) == Some(next) {
            Ok(self)
        } else {
            Err(Stop::Zip("its directory does not stand before its end"))
        }
    }
}

/// Reads one header of the directory.
fn header(stretch: &mut impl Read) -> Result<(Vec<u8>, Entry), Stop> {
    const BAD: Stop = Stop::Zip("its directory cannot be read");
    let mut fixed = [0; HEADER_BYTES];
    stretch.read_exact(&mut fixed).map_err(Stop::Io)?;
    let field16 = |at| u16_at(&fixed, at).ok_or(BAD);
    let field32 = |at| u32_at(&fixed, at).map(u64::from).ok_or(BAD);
    if field32(0)? != 0x0201_4b50 {
        return Err(BAD);
    }
    let flags = field16(8)?;
    if flags & FLAG_ENCRYPTED != 0 {
        return Err(Stop::Zip("it has an encrypted file"));
    }
    let mut name = vec![0; usize::from(field16(28)?)];
    let mut extra = vec![0; usize::from(field16(30)?)];
    for part in [&mut name, &mut extra] {
        stretch.read_exact(part).map_err(Stop::Io)?;
    }
    if field16(32)? != 0 {
        return Err(Stop::Zip("it has a file with a comment"));
    }
    if !is_harmless(&extra) {
        return Err(Stop::Zip("it has a file with an extra field of unknown meaning"));
    }
    let mut entry = Entry {
        offset: field32(42)?,
        packed: field32(20)?,
        size: field32(24)?,
        method: field16(10)?,
        flags,
    };
    wide(&mut entry, &extra).ok_or(BAD)?;
    plausible(&entry)?;
    Ok((name, entry))
}

/// Replaces numbers that are all ones by those of the zip64 extra field, in its fixed order.
fn wide(entry: &mut Entry, extra: &[u8]) -> Option<()> {
    let ones = u64::from(u32::MAX);
    let fields = [&mut entry.size, &mut entry.packed, &mut entry.offset];
    if fields.iter().all(|field| **field != ones) {
        return Some(());
    }
    let mut rest = extra;
    loop {
        let (id, length) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
        let data = rest.get(4..)?.get(..length)?;
        if id == 1 {
            let mut numbers = data.as_chunks::<8>().0.iter().copied().map(u64::from_le_bytes);
            for field in fields {
                if *field == ones {
                    *field = numbers.next()?;
                }
            }
            return Some(());
        }
        rest = rest.get(4..)?.get(length..)?;
    }
}

/// Sizes that no honest packer writes.
fn plausible(entry: &Entry) -> Result<(), Stop> {
    let possible = if entry.method == STORED {
        entry.packed == entry.size
    } else {
        let most = entry.packed.saturating_mul(MAX_RATIO);
        let least = entry.size.saturating_mul(2).saturating_add(1024);
        entry.size <= most && entry.packed <= least
    };
    if possible { Ok(()) } else { Err(Stop::Zip("it has a file of impossible size")) }
}
