//! Reading segments back, and telling a torn tail from damage.

use std::collections::VecDeque;
use std::io::{self, Read};

use service::disk::{Disk, write_anew};

use super::record::{self, BODY_START_BYTES, FRAME_BYTES, HEADER_BYTES, Header, SALT_BYTES};
use super::{Segment, WalError, WalSettings};

/// A batch as it was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replayed<'a> {
    /// The position of its first entry.
    pub first: u64,
    /// The number of its entries.
    pub count: u32,
    /// The entries, in the form of whoever wrote them.
    pub entries: &'a [u8],
}

/// What reading found.
pub(super) struct AllRead {
    pub(super) segments: VecDeque<Segment>,
    /// The position after the last whole batch.
    pub(super) next: u64,
    /// Bytes of the last segment without a torn tail.
    pub(super) length: u64,
}

/// The names of all segments, in order.
pub(super) fn segment_names(disk: &dyn Disk) -> Result<Vec<(u64, String)>, WalError> {
    let names = disk.names().map_err(|source| WalError::Io {
        action: "list",
        name: "the folder".to_owned(),
        source,
    })?;
    let mut segments: Vec<_> = names
        .into_iter()
        .filter_map(|name| record::first_of(&name).map(|first| (first, name)))
        .collect();
    segments.sort_unstable();
    Ok(segments)
}

/// Reads every segment.
pub(super) fn all<E: From<WalError>>(
    disk: &dyn Disk,
    settings: &WalSettings,
    mut replay: impl FnMut(Replayed<'_>) -> Result<(), E>,
) -> Result<AllRead, E> {
    let mut names = segment_names(disk)?;
    drop_unborn(disk, &mut names)?;
    if let Some((_, last)) = names.last() {
        let io = |source| WalError::Io { action: "write anew", name: last.clone(), source };
        write_anew(disk, last).map_err(io)?;
    }
    let mut read = AllRead { segments: VecDeque::new(), next: 0, length: 0 };
    let last = names.len().saturating_sub(1);
    for (position, (first, name)) in names.into_iter().enumerate() {
        if position > 0 && first != read.next {
            return Err(WalError::Gap { from: read.next, to: first }.into());
        }
        read.next = first;
        let mut reader = Reader::open(disk, settings, first, name)?;
        while let Some(batch) = reader.next(read.next)? {
            replay(batch)?;
            read.next += u64::from(batch.count);
        }
        if !reader.is_whole {
            reader.check_torn(read.next, position == last)?;
        }
        read.length = reader.offset;
        read.segments.push_back(Segment { first, salt: reader.salt });
    }
    Ok(read)
}

/// Removes a last segment that a crash left without a whole header: no record was written to it,
/// for the header is durable before the first.
fn drop_unborn(disk: &dyn Disk, names: &mut Vec<(u64, String)>) -> Result<(), WalError> {
    while let Some((_, name)) = names.last() {
        let io = |action| {
            let name = name.clone();
            move |source| WalError::Io { action, name, source }
        };
        let mut start = Vec::new();
        let reader = disk.read(name).map_err(io("open"))?;
        reader.take(HEADER_BYTES as u64 + 1).read_to_end(&mut start).map_err(io("read"))?;
        let is_born = <&[u8; HEADER_BYTES]>::try_from(start.as_slice())
            .map_or(start.len() > HEADER_BYTES, |header| Header::parse(header).is_ok());
        if is_born {
            break;
        }
        disk.remove(name).map_err(io("remove"))?;
        disk.sync_names().map_err(super::sync_names)?;
        names.pop();
    }
    Ok(())
}

/// One segment being read.
struct Reader {
    name: String,
    input: Box<dyn Read + Send>,
    salt: [u8; SALT_BYTES],
    /// Where the next record begins.
    offset: u64,
    /// The bytes of the record at `offset`, as far as they could be read.
    bytes: Vec<u8>,
    /// Whether the segment ends with a whole record.
    is_whole: bool,
}

impl Reader {
    fn open(
        disk: &dyn Disk,
        settings: &WalSettings,
        first: u64,
        name: String,
    ) -> Result<Self, WalError> {
        let io = |action, source| WalError::Io { action, name: name.clone(), source };
        let mut input = disk.read(&name).map_err(|source| io("open", source))?;
        let mut bytes = [0; HEADER_BYTES];
        let damaged = |what| WalError::Damaged { name: name.clone(), offset: 0, what };
        input.read_exact(&mut bytes).map_err(|source| match source.kind() {
            io::ErrorKind::UnexpectedEof => damaged("it is shorter than a header"),
            _ => io("read", source),
        })?;
        let header = Header::parse(&bytes).map_err(damaged)?;
        if header.log_id != settings.log_id {
            return Err(WalError::OtherLog { name });
        }
        if header.first != first {
            return Err(damaged("its name does not match its header"));
        }
        Ok(Self {
            name,
            input,
            salt: header.salt,
            offset: HEADER_BYTES as u64,
            bytes: Vec::new(),
            is_whole: false,
        })
    }

    /// The next record, which must begin at entry `next`; `None` at the end of what is whole.
    fn next(&mut self, next: u64) -> Result<Option<Replayed<'_>>, WalError> {
        self.bytes.clear();
        if self.fill(FRAME_BYTES)? == 0 {
            self.is_whole = true;
            return Ok(None);
        }
        let Some(frame) = self.bytes.first_chunk::<FRAME_BYTES>() else {
            return Ok(None);
        };
        let (length, sum) = record::frame(*frame);
        let whole = FRAME_BYTES + length as usize;
        self.fill(whole)?;
        if self.bytes.len() < whole || (length as usize) < BODY_START_BYTES {
            return Ok(None);
        }
        let body = &self.bytes[FRAME_BYTES..];
        let (first, count) = record::body_start(body);
        if record::checksum(&self.salt, length, body) != sum || first != next || count == 0 {
            return Ok(None);
        }
        self.offset += whole as u64;
        let entries = &body[BODY_START_BYTES..];
        Ok(Some(Replayed { first, count, entries }))
    }

    /// Reads until `bytes` holds `length` bytes or the segment ends; returns how many it holds.
    fn fill(&mut self, length: usize) -> Result<usize, WalError> {
        let missing = (length - self.bytes.len()) as u64;
        let io = |source| WalError::Io { action: "read", name: self.name.clone(), source };
        (&mut self.input).take(missing).read_to_end(&mut self.bytes).map_err(io)?;
        Ok(self.bytes.len())
    }

    /// Refuses what follows the last whole record unless it is a torn write: it stands in the
    /// last segment, and no whole record of a later batch stands in it.
    fn check_torn(&mut self, next: u64, is_last: bool) -> Result<(), WalError> {
        let damaged =
            |what| WalError::Damaged { name: self.name.clone(), offset: self.offset, what };
        if !is_last {
            return Err(damaged("a record before the last segment is not whole"));
        }
        let io = |source| WalError::Io { action: "read", name: self.name.clone(), source };
        self.input.read_to_end(&mut self.bytes).map_err(io)?;
        let later = (1..self.bytes.len()).any(|at| self.is_record(&self.bytes[at..], next));
        if later {
            return Err(damaged("a record is not whole, and whole ones follow it"));
        }
        tracing::warn!(
            segment = self.name,
            at = self.offset,
            bytes = self.bytes.len(),
            from_entry = next,
            "CUTTING THE LAST BATCH: it is not whole. After a crash or a power cut it was never \
             acknowledged, and nothing is lost. If there was none, the disk has damaged it, and \
             promises for these entries are broken: look at the disk, and ask for them again"
        );
        Ok(())
    }

    /// Whether `bytes` begin with a whole record of a batch after entry `next`.
    fn is_record(&self, bytes: &[u8], next: u64) -> bool {
        let Some((frame, rest)) = bytes.split_first_chunk::<FRAME_BYTES>() else {
            return false;
        };
        let (length, sum) = record::frame(*frame);
        let Some(body) = rest.get(..length as usize) else {
            return false;
        };
        if body.len() < BODY_START_BYTES {
            return false;
        }
        let (first, count) = record::body_start(body);
        // Every entry of a batch takes some bytes, so a later batch cannot stand farther on
        // than there are bytes; this spares the checksum almost everywhere.
        let reach = next.saturating_add(self.bytes.len() as u64);
        let is_near = first >= next && first <= reach && count > 0;
        is_near && record::checksum(&self.salt, length, body) == sum
    }
}
