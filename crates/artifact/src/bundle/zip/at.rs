//! Bytes at a position, from a file or from memory.

use std::fs::File;
use std::io;

/// A zip's bytes.
#[derive(Debug)]
pub(super) enum Bytes {
    /// A file, read at positions.
    File {
        /// The file.
        file: File,
        /// Its bytes when it was opened.
        size: u64,
    },
    /// All of them in memory.
    Memory(Vec<u8>),
}

impl Bytes {
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }

    /// Fills a buffer from a position on.
    pub(super) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        match self {
            Self::File { file, .. } => file_exact_at(file, buffer, offset),
            Self::Memory(bytes) => {
                let from = usize::try_from(offset).ok();
                let part = from.and_then(|from| bytes.get(from..)?.get(..buffer.len()));
                buffer.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

#[cfg(unix)]
fn file_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn file_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = buffer.get_mut(read..).unwrap_or_default();
        offset = offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
    Ok(())
}

#[cfg(not(any(unix, windows)))]
fn file_exact_at(_: &File, _: &mut [u8], _: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Reads a stretch of a zip in large steps.
pub(super) struct Stretch<'a> {
    bytes: &'a Bytes,
    next: u64,
    end: u64,
}

impl<'a> Stretch<'a> {
    pub(super) fn new(bytes: &'a Bytes, start: u64, end: u64) -> io::BufReader<Self> {
        io::BufReader::with_capacity(1 << 20, Self::bare(bytes, start, end))
    }

    /// Without a buffer, for readers that have their own.
    pub(super) fn bare(bytes: &'a Bytes, start: u64, end: u64) -> Self {
        Self { bytes, next: start, end }
    }
}

impl io::Read for Stretch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.next)).unwrap_or(usize::MAX);
        let take = left.min(buffer.len());
        let buffer = buffer.get_mut(..take).unwrap_or_default();
        self.bytes.read_exact_at(buffer, self.next)?;
        self.next = self.next.saturating_add(u64::try_from(take).unwrap_or(u64::MAX));
        Ok(take)
    }
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

/// A little-endian number at a position.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    field(bytes, at).map(u16::from_le_bytes)
}

/// A little-endian number at a position.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u32::from_le_bytes)
}

/// A little-endian number at a position.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    field(bytes, at).map(u64::from_le_bytes)
}
