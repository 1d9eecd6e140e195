//! The bytes of a file as the body of an answer.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;

/// Bytes that are read at a time.
const PIECE: u64 = 512 * 1024;

/// What of a body is still to come.
struct Rest {
    file: File,
    left: u64,
    tail: Bytes,
}

/// `head`, a range of a file, and `tail`. A file that ends before is an error, by which the answer
/// breaks off.
pub(super) async fn body(
    path: PathBuf,
    range: Range<u64>,
    head: Bytes,
    tail: Bytes,
) -> io::Result<Body> {
    let left = range.end.saturating_sub(range.start);
    let opened = tokio::task::spawn_blocking(move || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(range.start))?;
        Ok::<_, io::Error>(file)
    });
    let file = opened.await.map_err(io::Error::other)??;
    let rest = Rest { file, left, tail };
    let pieces = stream::try_unfold(rest, |rest| async move {
        let read = tokio::task::spawn_blocking(move || rest.next());
        read.await.map_err(io::Error::other)?
    });
    let head = stream::iter((!head.is_empty()).then_some(Ok(head)));
    Ok(Body::from_stream(futures::StreamExt::chain(head, pieces)))
}

impl Rest {
    /// The next piece.
    fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            let tail = std::mem::take(&mut self.tail);
            return Ok((!tail.is_empty()).then_some((tail, self)));
        }
        let length = self.left.min(PIECE);
        let mut piece = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        let read = (&mut self.file).take(length).read_to_end(&mut piece)?;
        if read as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= length;
        Ok(Some((piece.into(), self)))
    }
}
