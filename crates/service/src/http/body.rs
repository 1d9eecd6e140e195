//! Reading a request's body within bounds of size and time.

use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::time::Instant;

use super::Refusal;
use crate::limits::Limits;

/// Reads the whole body: at most `limits.body_bytes`, within the time the limits give a body of
/// that many bytes.
///
/// A body that states its length is refused before it is read when it is too long; one that
/// states none as soon as it has become too long.
pub async fn read(mut body: Body, limits: &Limits) -> Result<Bytes, Refusal> {
    let most = limits.body_bytes;
    let stated = body.size_hint().lower();
    if stated > most as u64 {
        return Err(too_large(most));
    }
    let start = Instant::now();
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    let mut seen = 0usize;
    loop {
        let deadline = start + limits.body_time(stated.max(seen as u64));
        let frame = match tokio::time::timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(too_slow()),
            Ok(None) => break,
            Ok(Some(Err(error))) => return Err(broken(&error)),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen = seen.saturating_add(data.len());
        if seen > most {
            return Err(too_large(most));
        }
        match &first {
            // Most bodies come in one piece, which is handed on without a copy.
            None => first = Some(data),
            Some(head) => {
                if rest.is_empty() {
                    rest.reserve(usize::try_from(stated).unwrap_or(0).max(seen));
                    rest.extend_from_slice(head);
                }
                rest.extend_from_slice(&data);
            }
        }
    }
    Ok(if rest.is_empty() { first.unwrap_or_default() } else { rest.freeze() })
}

fn too_large(most: usize) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_large",
        format!("the body is longer than {most} bytes"),
    )
    .hint("split it, or ask the operator for a higher limit")
}

fn too_slow() -> Refusal {
    Refusal::new(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body did not arrive in time")
        .hint("send it again on a better connection")
}

fn broken(error: &axum::Error) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "broken_body", format!("the body broke off: {error}"))
}
