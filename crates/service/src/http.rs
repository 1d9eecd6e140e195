//! An HTTP/1.1 server that a slow or greedy client cannot hurt.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION};
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

pub mod body;
mod doors;
mod guard;
pub mod gzip;
mod refusal;

use crate::limits::Limits;
use crate::stop::Stop;
use doors::{Doors, Place};
pub use refusal::Refusal;

/// The one path that is answered when all places are taken.
const HEALTH: &str = "/healthz";

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that still had a request running when the time to end was over, and were cut.
    pub cut: usize,
}

/// Serves `app` on `listener` until `stop` is asked, then lets running requests end.
///
/// At most [`Limits::connections`] connections are served, and of one address at most
/// [`Limits::connections_per_peer`]. In a few more only `/healthz` is answered, and all else is
/// told to come back; beyond these a connection is closed at once. A head that does not arrive, a
/// body that does not arrive and an answer that is not taken end their connection after the times
/// in `limits` (bodies only where the handler reads them with [`body::read`]).
pub async fn run(listener: TcpListener, app: Router, limits: &Limits, mut stop: Stop) -> Drained {
    let app = app
        .fallback(|| async { Refusal::not_found("nothing stands at this path") })
        .method_not_allowed_fallback(|| async { Refusal::wrong_method() });
    let doors = Doors::new(limits);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.asked() => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        let (stream, place) = match accepted {
            Ok((stream, from)) => match doors.admit(from.ip()) {
                Some(place) => (stream, place),
                None => continue,
            },
            Err(error) => {
                after_failed_accept(&error).await;
                continue;
            }
        };
        let limits = if place.is_kept { limits.of_a_kept_place() } else { limits.clone() };
        connections.spawn(serve(stream, place, app.clone(), limits, stop.clone()));
    }
    drop(listener);
    drain(connections, limits.drain_time()).await
}

/// A connection that broke before it was accepted is its client's affair; anything else means
/// that we are short of something (descriptors), and trying again at once would only burn time.
async fn after_failed_accept(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::warn!(%error, "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn drain(mut connections: JoinSet<()>, most: Duration) -> Drained {
    let all = async { while connections.join_next().await.is_some() {} };
    let ended = tokio::time::timeout(most, all).await.is_ok();
    let cut = if ended { 0 } else { connections.len() };
    connections.shutdown().await;
    Drained { cut }
}

async fn serve(stream: TcpStream, place: Place, app: Router, limits: Limits, mut stop: Stop) {
    // Answers are small and whole; waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(guard::Guarded::new(stream, limits.clone(), stop.clone()));
    let served = Arc::new(AtomicU64::new(0));
    let most = limits.requests_per_connection.max(1);
    let is_kept = place.is_kept;
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let app = app.clone();
        let last = served.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= most;
        async move {
            let is_refused = is_kept && request.uri().path() != HEALTH;
            let response =
                if is_refused { no_place().into_response() } else { answer(app, request).await };
            Ok::<_, Infallible>(if last { closing(response) } else { response })
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_time())
        .max_header_size(limits.header_bytes)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn answer(app: Router, request: Request<Incoming>) -> Response {
    let Ok(response) = app.oneshot(request.map(Body::new)).await;
    response
}

fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn no_place() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "all connections are taken")
        .hint("try again; one address may hold only some of them")
        .retry_after(1)
}

/// Lets any web page read an answer, for what is public anyway: a verifier in a browser comes from
/// elsewhere. A layer for routes.
#[expect(clippy::unused_async, reason = "axum's `map_response` takes what returns a future")]
pub async fn open_to_pages(mut response: Response) -> Response {
    let anybody = HeaderValue::from_static("*");
    response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    response
}

#[cfg(test)]
mod tests;
