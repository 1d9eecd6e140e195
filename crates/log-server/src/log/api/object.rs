//! Published objects over HTTP.

use artifact::bundle::BundlePath;
use artifact::leaf::MAX_LEAVES_BYTES;
use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use service::http::{Refusal, gzip};
use service::store::Store;

use super::packed::Packed;
use super::refuse;

/// Immutable objects may be kept for ever by whoever fetched them.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Answers a GET or HEAD of the object at `path`.
pub(super) async fn answer(
    store: &Store,
    packed: &Packed,
    path: BundlePath,
    method: &Method,
    asked: &HeaderMap,
) -> Result<Response, Refusal> {
    let text = path.to_string();
    let failed = |error| Refusal::ourselves(&error);
    // Entries are digests: packing makes them no smaller.
    let may_be_packed = matches!(path, BundlePath::Leaf(_));
    let mut response = if may_be_packed && gzip::accepted(asked) {
        let bytes = packed.of(store, &text, MAX_LEAVES_BYTES).await?.ok_or_else(refuse::absent)?;
        let mut response = Body::from(bytes).into_response();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else if method == Method::HEAD {
        let size = store.size(&text).await.map_err(failed)?.ok_or_else(refuse::absent)?;
        with_length(Body::empty(), size)
    } else {
        let object = store.open(&text).await.map_err(failed)?.ok_or_else(refuse::absent)?;
        with_length(Body::from_stream(object.bytes), object.size)
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type(&path));
    let kept = if path.is_mutable() { HeaderValue::from_static("no-store") } else { FOR_EVER };
    headers.insert(CACHE_CONTROL, kept);
    if may_be_packed {
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    }
    // Raw files are whatever somebody submitted: no browser may take them for a page.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

fn with_length(body: Body, size: u64) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(size));
    response
}

fn media_type(path: &BundlePath) -> HeaderValue {
    HeaderValue::from_static(match path {
        BundlePath::Checkpoint
        | BundlePath::CheckpointPending
        | BundlePath::CheckpointAt(_)
        | BundlePath::CheckpointSizes => "text/plain; charset=utf-8",
        BundlePath::Leaf(_) => "application/x-ndjson",
        BundlePath::Tile(_) | BundlePath::Entries(_) | BundlePath::Artifact(_) => {
            "application/octet-stream"
        }
    })
}
