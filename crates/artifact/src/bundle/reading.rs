//! One file of a bundle, read in pieces.

use std::io::{self, Read};

use super::SourceError;

/// How many bytes are asked for at a time: 64 KiB.
pub const PIECE_BYTES: usize = 1 << 16;

/// One file, read from first to last; only a piece of it is in memory.
///
/// Never gives more than the limit: a file that goes on beyond it ends in
/// [`SourceError::TooLarge`], and one that is packed ends where its directory says, or in an error.
pub struct Reading<'a> {
    path: String,
    bytes: Box<dyn Read + 'a>,
    kind: Kind,
    limit: u64,
    seen: u64,
}

/// Where bytes come from, and so what an error among them means.
#[derive(Clone, Debug)]
enum Kind {
    /// From the operating system.
    Plain,
    /// From a zip, unpacked to a stated size.
    Unpacked,
    /// From a server at this address.
    #[cfg(feature = "url")]
    Served(String),
}

impl<'a> Reading<'a> {
    /// A file of which at most `limit` bytes are taken.
    pub fn plain(path: &str, bytes: impl Read + 'a, limit: u64) -> Self {
        Self::new(path, bytes, limit, Kind::Plain)
    }

    /// A packed file that has exactly `size` bytes.
    pub(super) fn unpacked(path: &str, bytes: impl Read + 'a, size: u64) -> Self {
        Self::new(path, bytes, size, Kind::Unpacked)
    }

    /// The body of an answer, of which at most `limit` bytes are taken.
    #[cfg(feature = "url")]
    pub(super) fn served(path: &str, url: String, bytes: impl Read + 'a, limit: u64) -> Self {
        Self::new(path, bytes, limit, Kind::Served(url))
    }

    fn new(path: &str, bytes: impl Read + 'a, limit: u64, kind: Kind) -> Self {
        Self { path: path.to_owned(), bytes: Box::new(bytes), kind, limit, seen: 0 }
    }

    /// Fills a part of `piece` with the next bytes; how many, none at the end.
    pub fn next(&mut self, piece: &mut [u8]) -> Result<usize, SourceError> {
        // One byte more than the limit is enough to see that there are more.
        let left = self.limit.saturating_sub(self.seen).saturating_add(1);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
        let piece = piece.get_mut(..most).unwrap_or_default();
        let count = loop {
            match self.bytes.read(piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
                Ok(count) => break count,
            }
        };
        self.seen = self.seen.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        let is_short = count == 0 && !piece.is_empty() && self.seen < self.limit;
        match self.kind {
            Kind::Unpacked if is_short || self.seen > self.limit => {
                let why = "it unpacks to another size than the directory says";
                Err(SourceError::Zip { path: self.path.clone(), why })
            }
            _ if self.seen > self.limit => {
                Err(SourceError::TooLarge { path: self.path.clone(), limit: self.limit })
            }
            _ => Ok(count),
        }
    }

    /// All that is left. Memory is taken as the bytes come, not as anything states.
    pub fn rest(mut self) -> Result<Vec<u8>, SourceError> {
        let mut bytes = Vec::new();
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match self.next(&mut piece)? {
                0 => return Ok(bytes),
                count => bytes.extend_from_slice(piece.get(..count).unwrap_or_default()),
            }
        }
    }

    /// The path of the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    fn failed(&self, error: io::Error) -> SourceError {
        let path = self.path.clone();
        match &self.kind {
            Kind::Plain => SourceError::Io { path, error },
            Kind::Unpacked => match error.kind() {
                io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
                    SourceError::Zip { path, why: "its deflated data are damaged" }
                }
                _ => SourceError::Io { path, error },
            },
            #[cfg(feature = "url")]
            Kind::Served(url) => SourceError::Http { url: url.clone(), why: error.to_string() },
        }
    }
}

impl core::fmt::Debug for Reading<'_> {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(out, "Reading({}, {} of at most {} bytes)", self.path, self.seen, self.limit)
    }
}
