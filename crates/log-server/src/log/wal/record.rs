//! The bytes of segment headers and records.

use canon::Digest;

use super::WalError;

pub(super) const MAGIC: &[u8; 16] = b"scrutineer-wal/1";
pub(super) const HEADER_BYTES: usize = 80;
pub(super) const SALT_BYTES: usize = 16;
/// Length and checksum.
pub(super) const FRAME_BYTES: usize = 8;
/// Position and number of entries.
pub(super) const BODY_START_BYTES: usize = 12;

const SUFFIX: &str = ".wal";

/// The name of the segment whose first entry stands at `first`.
pub(super) fn name_of(first: u64) -> String {
    format!("{first:016x}{SUFFIX}")
}

/// The position that a segment's name states; `None` for other files.
pub(super) fn first_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let first = u64::from_str_radix(digits, 16).ok()?;
    (name_of(first) == name).then_some(first)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) first: u64,
    pub(super) log_id: Digest,
    pub(super) salt: [u8; SALT_BYTES],
}

impl Header {
    pub(super) fn to_bytes(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16..24].copy_from_slice(&self.first.to_be_bytes());
        bytes[24..56].copy_from_slice(self.log_id.as_bytes());
        bytes[56..72].copy_from_slice(&self.salt);
        let sum = crc32c::crc32c(&bytes[..72]);
        bytes[72..76].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    pub(super) fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<Self, &'static str> {
        let header = Self {
            first: u64_at(bytes, 16),
            log_id: Digest(array_at(bytes, 24)),
            salt: array_at(bytes, 56),
        };
        if &bytes[..16] != MAGIC {
            Err("it does not begin as a segment")
        } else if header.to_bytes() != *bytes {
            Err("the header's checksum does not match")
        } else {
            Ok(header)
        }
    }
}

/// Begins a record in `buffer`, which is emptied; the frame is filled by [`finish`].
pub(super) fn begin(buffer: &mut Vec<u8>, first: u64, count: u32) {
    buffer.clear();
    buffer.extend_from_slice(&[0; FRAME_BYTES]);
    buffer.extend_from_slice(&first.to_be_bytes());
    buffer.extend_from_slice(&count.to_be_bytes());
}

/// Writes length and checksum of the record that `buffer` holds.
pub(super) fn finish(buffer: &mut [u8], salt: &[u8; SALT_BYTES]) -> Result<(), WalError> {
    let bytes = buffer.len() - FRAME_BYTES;
    let length = u32::try_from(bytes).map_err(|_| WalError::TooLarge { bytes })?;
    let (frame, body) = buffer.split_at_mut(FRAME_BYTES);
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame[4..].copy_from_slice(&checksum(salt, length, body).to_be_bytes());
    Ok(())
}

/// The checksum of a record's body.
pub(super) fn checksum(salt: &[u8; SALT_BYTES], length: u32, body: &[u8]) -> u32 {
    let sum = crc32c::crc32c(salt);
    let sum = crc32c::crc32c_append(sum, &length.to_be_bytes());
    crc32c::crc32c_append(sum, body)
}

/// Length and checksum as a frame states them.
pub(super) fn frame(bytes: [u8; FRAME_BYTES]) -> (u32, u32) {
    (u32::from_be_bytes(array_at(&bytes, 0)), u32::from_be_bytes(array_at(&bytes, 4)))
}

/// Position and number of entries as a body of at least [`BODY_START_BYTES`] states them.
pub(super) fn body_start(body: &[u8]) -> (u64, u32) {
    (u64_at(body, 0), u32::from_be_bytes(array_at(body, 8)))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(array_at(bytes, at))
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}
