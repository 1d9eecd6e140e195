//! Writing a bundle as a zip: the same files give the same bytes.
//!
//! Files in ascending order of their paths, stored, all of 1 January 1980, readable by their owner
//! and everyone; zip64 only where a number needs it.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write};
use std::path::Path;

use flate2::Crc;

use crate::bundle::{BundlePath, CopyError, PIECE_BYTES, Reading, Sink, SinkError};

/// 1 January 1980, the first day that a zip can name.
const DATE: u16 = 0x0021;
/// Made on Unix, by version 4.5 of the specification.
const MADE_BY: u16 = 0x032d;
/// A plain file of mode 0644.
const ATTRIBUTES: u32 = 0o100_644 << 16;

struct Written {
    name: String,
    crc: u32,
    size: u32,
    offset: u64,
}

enum Out {
    File(BufWriter<File>),
    Memory(Vec<u8>),
}

impl Out {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::File(file) => file,
            Self::Memory(bytes) => bytes,
        }
    }

    /// Writes over bytes that begin so far before the end.
    fn write_over(&mut self, back: u64, bytes: &[u8]) -> io::Result<()> {
        let beyond = || io::Error::from(io::ErrorKind::InvalidInput);
        match self {
            Self::File(file) => {
                let back = i64::try_from(back).map_err(|_| beyond())?;
                file.seek(SeekFrom::End(back.saturating_neg()))?;
                file.write_all(bytes)?;
                file.seek(SeekFrom::End(0)).map(drop)
            }
            Self::Memory(all) => {
                let at = usize::try_from(back).ok().and_then(|back| all.len().checked_sub(back));
                let over = at.and_then(|at| all.get_mut(at..)?.get_mut(..bytes.len()));
                over.ok_or_else(beyond)?.copy_from_slice(bytes);
                Ok(())
            }
        }
    }
}

/// Writes a bundle into a zip. Files must come in ascending order of their paths.
pub struct ZipSink {
    name: String,
    out: Out,
    position: u64,
    files: Vec<Written>,
}

impl ZipSink {
    /// Makes a new file; one that is there already is left alone.
    pub fn create(path: impl AsRef<Path>) -> Result<Self, SinkError> {
        let name = path.as_ref().display().to_string();
        let file =
            File::create_new(path).map_err(|error| SinkError::Io { path: name.clone(), error })?;
        Ok(Self::new(name, Out::File(BufWriter::with_capacity(1 << 20, file))))
    }

    /// Writes into memory.
    pub fn in_memory() -> Self {
        Self::new("zip in memory".into(), Out::Memory(Vec::new()))
    }

    fn new(name: String, out: Out) -> Self {
        Self { name, out, position: 0, files: Vec::new() }
    }

    /// The bytes of a zip written into memory; empty for one written into a file.
    pub fn into_bytes(self) -> Vec<u8> {
        match self.out {
            Out::Memory(bytes) => bytes,
            Out::File(_) => Vec::new(),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SinkError> {
        let written = self.out.writer().write_all(bytes);
        written.map_err(|error| SinkError::Io { path: self.name.clone(), error })?;
        self.position =
            self.position.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    fn directory(&mut self) -> Result<(), SinkError> {
        let start = self.position;
        let files = std::mem::take(&mut self.files);
        for file in &files {
            let header = file.header();
            self.put(&header)?;
        }
        let size = self.position.saturating_sub(start);
        let count = u64::try_from(files.len()).unwrap_or(u64::MAX);
        let ending = end(count, size, start, self.position);
        self.put(&ending)
    }
}

impl core::fmt::Debug for ZipSink {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "ZipSink({}, {} files)", self.name, self.files.len())
    }
}

impl ZipSink {
    /// The name of the next file, which must come after the last.
    fn next_name(&self, path: &BundlePath) -> Result<String, SinkError> {
        let name = path.to_string();
        match self.files.last().filter(|last| last.name >= name) {
            Some(last) => Err(SinkError::Order { path: name, last: last.name.clone() }),
            None => Ok(name),
        }
    }
}

/// A size that a header can state without zip64.
fn narrow(size: u64, name: &str) -> Result<u32, SinkError> {
    let size = u32::try_from(size).ok().filter(|size| *size < u32::MAX);
    let error = io::ErrorKind::FileTooLarge;
    size.ok_or_else(|| SinkError::Io { path: name.to_owned(), error: error.into() })
}

impl Sink for ZipSink {
    fn write(&mut self, path: &BundlePath, bytes: &[u8]) -> Result<(), SinkError> {
        let name = self.next_name(path)?;
        let mut crc = Crc::new();
        crc.update(bytes);
        let size = narrow(u64::try_from(bytes.len()).unwrap_or(u64::MAX), &name)?;
        let written = Written { size, crc: crc.sum(), offset: self.position, name };
        self.put(&written.local())?;
        self.put(bytes)?;
        self.files.push(written);
        Ok(())
    }

    fn write_from(
        &mut self,
        path: &BundlePath,
        mut reading: Reading<'_>,
    ) -> Result<u64, CopyError> {
        let mut piece = vec![0; PIECE_BYTES];
        let mut filled = 0;
        loop {
            match reading.next(piece.get_mut(filled..).unwrap_or_default())? {
                0 => break,
                count => filled = filled.saturating_add(count),
            }
        }
        let mut bytes = piece.get(..filled).unwrap_or_default();
        let mut size = u64::try_from(filled).unwrap_or(u64::MAX);
        if filled < PIECE_BYTES {
            self.write(path, bytes)?;
            return Ok(size);
        }
        // Larger files are not held: what the header must say of them is written last.
        let name = self.next_name(path)?;
        let mut written = Written { size: 0, crc: 0, offset: self.position, name };
        self.put(&written.local())?;
        let start = self.position;
        let mut crc = Crc::new();
        loop {
            crc.update(bytes);
            self.put(bytes)?;
            size = self.position.saturating_sub(start);
            written.size = narrow(size, &written.name)?;
            let count = reading.next(&mut piece)?;
            if count == 0 {
                break;
            }
            bytes = piece.get(..count).unwrap_or_default();
        }
        written.crc = crc.sum();
        let header = written.local();
        let back = u64::try_from(header.len()).unwrap_or(u64::MAX).saturating_add(size);
        let over = self.out.write_over(back, &header);
        over.map_err(|error| SinkError::Io { path: self.name.clone(), error })?;
        self.files.push(written);
        Ok(size)
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        self.directory()?;
        let ended = match &mut self.out {
            Out::File(file) => file.flush().and_then(|()| file.get_ref().sync_all()),
            Out::Memory(_) => Ok(()),
        };
        ended.map_err(|error| SinkError::Io { path: self.name.clone(), error })
    }
}

impl Written {
    /// What local header and directory have in common.
    fn common(&self, version: u16, extra: u16, out: &mut Vec<u8>) {
        let name = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        // Version, flags, method (stored), time.
        for field in [version, 0, 0, 0, DATE] {
            out.extend(field.to_le_bytes());
        }
        for field in [self.crc, self.size, self.size] {
            out.extend(field.to_le_bytes());
        }
        out.extend(name.to_le_bytes());
        out.extend(extra.to_le_bytes());
    }

    fn local(&self) -> Vec<u8> {
        let mut out = b"PK\x03\x04".to_vec();
        self.common(20, 0, &mut out);
        out.extend(self.name.as_bytes());
        out
    }

    fn header(&self) -> Vec<u8> {
        let narrow = u32::try_from(self.offset).ok().filter(|offset| *offset < u32::MAX);
        let mut out = b"PK\x01\x02".to_vec();
        out.extend(MADE_BY.to_le_bytes());
        let (version, extra) = if narrow.is_some() { (20, 0) } else { (45, 12) };
        self.common(version, extra, &mut out);
        // Comment, disk, internal attributes: none.
        out.extend([0; 6]);
        out.extend(ATTRIBUTES.to_le_bytes());
        out.extend(narrow.unwrap_or(u32::MAX).to_le_bytes());
        out.extend(self.name.as_bytes());
        if narrow.is_none() {
            out.extend(1_u16.to_le_bytes());
            out.extend(8_u16.to_le_bytes());
            out.extend(self.offset.to_le_bytes());
        }
        out
    }
}

/// The end of a zip, with a zip64 end before it where a number needs one.
fn end(count: u64, size: u64, start: u64, position: u64) -> Vec<u8> {
    let files = u16::try_from(count).ok().filter(|count| *count < u16::MAX);
    let narrow = |number: u64| u32::try_from(number).ok().filter(|number| *number < u32::MAX);
    let (narrow_size, narrow_start) = (narrow(size), narrow(start));
    let mut out = Vec::new();
    if files.is_none() || narrow_size.is_none() || narrow_start.is_none() {
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes());
        out.extend(MADE_BY.to_le_bytes());
        out.extend(45_u16.to_le_bytes());
        // This disk and the directory's: the only one.
        out.extend([0; 8]);
        for field in [count, count, size, start] {
            out.extend(field.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        out.extend([0; 4]);
        out.extend(position.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    for _ in 0..2 {
        out.extend(files.unwrap_or(u16::MAX).to_le_bytes());
    }
    out.extend(narrow_size.unwrap_or(u32::MAX).to_le_bytes());
    out.extend(narrow_start.unwrap_or(u32::MAX).to_le_bytes());
    // No comment.
    out.extend([0; 2]);
    out
}

/// A zip of a checkpoint behind two files of `size` nought bytes each, as pieces with their places:
/// the noughts are left out.
#[cfg(test)]
pub(super) fn far_zip(size: u32, bytes: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut sink = ZipSink::in_memory();
    let mut pieces = Vec::new();
    for byte in [1, 2] {
        let name = BundlePath::Artifact(canon::Digest([byte; 32])).to_string();
        let written = Written { name, crc: 0, size, offset: sink.position };
        let local = written.local();
        sink.position += local.len() as u64 + u64::from(size);
        pieces.push((written.offset, local));
        sink.files.push(written);
    }
    let offset = sink.position;
    let written = sink.write(&BundlePath::Checkpoint, bytes).and_then(|()| sink.finish());
    assert!(written.is_ok(), "memory takes all");
    pieces.push((offset, sink.into_bytes()));
    pieces
}

#[cfg(test)]
mod tests;
