//! A file of frames: each is written with one call and made durable with one sync.
//!
//! All numbers are big-endian.
//!
//! ```text
//! header, 64 bytes, durable before the first frame is written
//!    0  16  which kind of file this is
//!   16  32  the ledger's id
//!   48   8  salt, random for each file
//!   56   4  CRC-32C of bytes 0..56
//!   60   4  zero
//!
//! frame
//!    0   8  the salt
//!    8   4  length n of the body
//!   12   4  CRC-32C of the place of the frame in the file (8 bytes), length, body
//!   16   n  body
//! ```
//!
//! A frame that is not whole at the end of the file is a write that was interrupted: nobody was
//! told of it, and it is cut off. With a whole frame behind it, it is damage. The two are told
//! apart by looking for the salt, which no content can hold but by chance. Whether the last frame
//! was acknowledged is for the caller to judge, before anything is cut off.

use std::io::Read as _;
use std::sync::Arc;

use canon::Digest;
use service::disk::{Disk, DiskFile, write_anew};

use crate::collect::{LedgerError, LedgerId};

/// Bytes of a header.
pub(super) const HEADER_BYTES: usize = 64;
/// Bytes of a frame beside its body.
const FRAME_BYTES: usize = 16;

/// Which kind of file this is, and whose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) magic: &'static [u8; 16],
    pub(super) ledger: Digest,
}

/// A file of frames that is being appended to.
pub(super) struct Frames {
    name: String,
    file: Box<dyn DiskFile>,
    salt: [u8; 8],
    length: u64,
    buffer: Vec<u8>,
}

/// What stands in a file of frames.
pub(super) struct Content {
    /// The bodies, in order.
    pub(super) bodies: Vec<Vec<u8>>,
    /// Bytes behind the last whole frame, of a write that was interrupted.
    pub(super) torn: u64,
}

pub(in crate::collect) fn io(
    action: &'static str,
    name: &str,
) -> impl FnOnce(std::io::Error) -> LedgerError {
    let name = name.to_owned();
    move |source| LedgerError::Io { action, name, source }
}

fn damaged(name: &str, offset: usize, what: &'static str) -> LedgerError {
    LedgerError::Damaged { name: name.to_owned(), offset: offset as u64, what }
}

fn crc_of(place: u64, body: &[u8]) -> u32 {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    let head = crc32c::crc32c_append(crc32c::crc32c(&place.to_be_bytes()), &length.to_be_bytes());
    crc32c::crc32c_append(head, body)
}

impl Frames {
    /// Makes a new file whose header and name are durable.
    pub(super) fn create(disk: &dyn Disk, name: &str, kind: Kind) -> Result<Self, LedgerError> {
        let salt = service::random::bytes();
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(kind.magic);
        header.extend_from_slice(&kind.ledger.0);
        header.extend_from_slice(&salt);
        header.extend_from_slice(&crc32c::crc32c(&header).to_be_bytes());
        header.resize(HEADER_BYTES, 0);
        let mut file = disk.create(name).map_err(io("create", name))?;
        file.append(&header).map_err(io("write", name))?;
        file.sync().map_err(io("sync", name))?;
        disk.sync_names().map_err(io("sync the folder of", name))?;
        let length = HEADER_BYTES as u64;
        Ok(Self { name: name.to_owned(), file, salt, length, buffer: Vec::new() })
    }

    /// Opens a file, cuts off a write that was interrupted, and makes the rest durable.
    ///
    /// It is written anew before it is read: after a sync that failed, what is read of a file need
    /// not be on the disk, and a second sync would not bring it there.
    ///
    /// `None` for a file whose header was never durable: it holds no frame, and is removed.
    ///
    /// Nothing is cut off or removed if `judge` refuses the bodies of the whole frames.
    pub(super) fn open(
        disk: &Arc<dyn Disk>,
        name: &str,
        kind: Kind,
        judge: impl FnOnce(&[Vec<u8>]) -> Result<(), LedgerError>,
    ) -> Result<Option<(Self, Content)>, LedgerError> {
        write_anew(&**disk, name).map_err(io("write anew", name))?;
        let bytes = read(&**disk, name)?;
        let Some(salt) = header(&bytes, name, kind)? else {
            judge(&[])?;
            disk.remove(name).map_err(io("remove", name))?;
            disk.sync_names().map_err(io("sync the folder of", name))?;
            return Ok(None);
        };
        let (bodies, end) = frames(&bytes, salt, name)?;
        judge(&bodies)?;
        let length = end as u64;
        let file = disk.open(name, length).map_err(io("open", name))?;
        let torn = bytes.len().saturating_sub(end) as u64;
        let frames = Self { name: name.to_owned(), file, salt, length, buffer: Vec::new() };
        Ok(Some((frames, Content { bodies, torn })))
    }

    /// Reads a file that nothing is appended to any more: every byte of it has to be whole.
    pub(super) fn read(
        disk: &dyn Disk,
        name: &str,
        kind: Kind,
    ) -> Result<Vec<Vec<u8>>, LedgerError> {
        let bytes = read(disk, name)?;
        let Some(salt) = header(&bytes, name, kind)? else {
            return Err(damaged(name, 0, "it ends within its header"));
        };
        let (bodies, end) = frames(&bytes, salt, name)?;
        if end == bytes.len() {
            Ok(bodies)
        } else {
            Err(damaged(name, end, "a frame is not whole, and another file follows"))
        }
    }

    /// Appends a frame and makes it durable. After an error the file must not be used.
    pub(super) fn append(&mut self, body: &[u8]) -> Result<(), LedgerError> {
        let too_large = || damaged(&self.name, 0, "a frame is larger than its length can say");
        let length = u32::try_from(body.len()).map_err(|_| too_large())?;
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.extend_from_slice(&self.salt);
        buffer.extend_from_slice(&length.to_be_bytes());
        buffer.extend_from_slice(&crc_of(self.length, body).to_be_bytes());
        buffer.extend_from_slice(body);
        self.file.append(&buffer).map_err(io("write", &self.name))?;
        self.file.sync().map_err(io("sync", &self.name))?;
        self.length = self.length.saturating_add(buffer.len() as u64);
        self.buffer = buffer;
        Ok(())
    }

    /// What tells the ledger whose file this is from every other: a digest of what was drawn when
    /// the file was made.
    pub(super) fn ledger_id(&self) -> LedgerId {
        let digest = Digest::of_parts(&[b"scrutineer/ledger-id/v1\n", &self.salt]);
        LedgerId(digest.0.first_chunk().copied().unwrap_or_default())
    }

    /// Bytes of the file.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }
}

fn read(disk: &dyn Disk, name: &str) -> Result<Vec<u8>, LedgerError> {
    let mut bytes = Vec::new();
    let mut reader = disk.read(name).map_err(io("read", name))?;
    reader.read_to_end(&mut bytes).map_err(io("read", name))?;
    Ok(bytes)
}

/// The salt; `None` for a header that is not whole with nothing behind it.
fn header(bytes: &[u8], name: &str, kind: Kind) -> Result<Option<[u8; 8]>, LedgerError> {
    let Some(header) = bytes.first_chunk::<HEADER_BYTES>() else { return Ok(None) };
    if header[56..60] != crc32c::crc32c(&header[..56]).to_be_bytes() {
        return match bytes.len() {
            HEADER_BYTES => Ok(None),
            _ => Err(damaged(name, 0, "the header is not whole")),
        };
    }
    if header[..16] != kind.magic[..] {
        return Err(damaged(name, 0, "it is a file of another kind"));
    }
    if header[16..48] != kind.ledger.0 {
        return Err(LedgerError::OtherLedger { name: name.to_owned() });
    }
    Ok(header[48..56].try_into().ok())
}

/// The bodies of all whole frames, and where the last one ends.
fn frames(bytes: &[u8], salt: [u8; 8], name: &str) -> Result<(Vec<Vec<u8>>, usize), LedgerError> {
    let (mut bodies, mut at) = (Vec::new(), HEADER_BYTES);
    while let Some(body) = frame_at(bytes, at, salt) {
        bodies.push(body.to_vec());
        at += FRAME_BYTES + body.len();
    }
    let rest = bytes.get(at + 1..).unwrap_or_default();
    let mut behind = rest.windows(salt.len()).enumerate().filter(|(_, found)| **found == salt);
    if behind.any(|(offset, _)| frame_at(bytes, at + 1 + offset, salt).is_some()) {
        return Err(damaged(name, at, "a frame is not whole, and whole ones follow"));
    }
    Ok((bodies, at))
}

/// The body of the whole frame that begins here.
fn frame_at(bytes: &[u8], at: usize, salt: [u8; 8]) -> Option<&[u8]> {
    let rest = bytes.get(at..)?;
    let (head, rest) = rest.split_first_chunk::<FRAME_BYTES>()?;
    let length = u32::from_be_bytes(*head[8..].first_chunk()?);
    let body = rest.get(..usize::try_from(length).ok()?)?;
    let crc = u32::from_be_bytes(*head[12..].first_chunk()?);
    (head[..8] == salt && crc == crc_of(at as u64, body)).then_some(body)
}

#[cfg(test)]
mod tests;
