//! A page that is whole in memory, in pieces that it may share with others.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use canon::Digest;
use futures::stream;
use serde::Serialize;
use service::http::gzip;

/// A page, plain and compressed.
#[derive(Clone)]
pub(super) struct Page {
    pub(super) plain: Arc<[Bytes]>,
    pub(super) gzip: Arc<[Bytes]>,
    /// SHA-256 of the plain bytes.
    pub(super) digest: Digest,
}

impl Page {
    pub(super) fn of(value: &impl Serialize) -> Self {
        // Forms of our own are always written.
        let mut body = serde_json::to_vec(value).unwrap_or_default();
        body.push(b'\n');
        Self::of_bytes(body.into())
    }

    /// The page of a file that is in memory.
    pub(super) fn of_bytes(body: Bytes) -> Self {
        let gzip = Bytes::from(gzip::compress(&body));
        Self { digest: Digest::of(&body), plain: [body].into(), gzip: [gzip].into() }
    }

    /// The bytes in one of the two forms, and how many they are.
    pub(super) fn body(&self, is_gzip: bool) -> (usize, Body) {
        let pieces = Arc::clone(if is_gzip { &self.gzip } else { &self.plain });
        let length = pieces.iter().map(Bytes::len).sum();
        if let [only] = &*pieces {
            return (length, Body::from(only.clone()));
        }
        let next = move |at: usize| {
            let piece = pieces.get(at).cloned();
            std::future::ready(piece.map(|piece| (Ok::<_, std::io::Error>(piece), at + 1)))
        };
        (length, Body::from_stream(stream::unfold(0, next)))
    }
}
