//! Reading a request's body within bounds of size, time and memory.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::Refusal;
use crate::limits::Limits;

/// Bytes of one unit of room.
const UNIT: usize = 1024;

/// Room for the bodies that are held at one time. Clones share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<Semaphore>);

impl Room {
    /// Room for so many bytes in all, [`Limits::all_bodies_bytes`].
    pub fn new(limits: &Limits) -> Self {
        let units = limits.all_bodies_bytes.div_ceil(UNIT).min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(units)))
    }

    fn take(&self, units: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let units = u32::try_from(units).map_err(|_| no_room())?;
        Arc::clone(&self.0).try_acquire_many_owned(units).map_err(|_| no_room())
    }
}

/// A body, and the room that it takes until this is dropped.
#[derive(Debug)]
pub struct Held {
    /// The whole body.
    pub bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

/// Reads the whole body: at most `limits.body_bytes`, within the time the limits give to as many
/// bytes as have come, and if there is room.
///
/// A body that states its length is refused before it is read when it is too long or finds no
/// room; one that states none as soon as it has become so.
pub async fn read(mut body: Body, limits: &Limits, room: &Room) -> Result<Held, Refusal> {
    let most = limits.body_bytes;
    let stated = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if stated > most {
        return Err(too_large(most));
    }
    let mut taken = room.take(stated.div_ceil(UNIT))?;
    let start = Instant::now();
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    let mut seen = 0usize;
    loop {
        let deadline = start + limits.body_time(seen as u64);
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
        let missing = seen.div_ceil(UNIT).saturating_sub(taken.num_permits());
        if missing > 0 {
            taken.merge(room.take(missing)?);
        }
        match &first {
            // Most bodies come in one piece, which is handed on without a copy.
            None => first = Some(data),
            Some(head) => {
                if rest.is_empty() {
                    rest.reserve(stated.max(seen));
                    rest.extend_from_slice(head);
                }
                rest.extend_from_slice(&data);
            }
        }
    }
    let bytes = if rest.is_empty() { first.unwrap_or_default() } else { rest.freeze() };
    Ok(Held { bytes, _room: taken })
}

fn no_room() -> Refusal {
    let busy = "too many bodies are being read";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", busy).hint("send it again").retry_after(1)
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
