//! An HTTP/1.1 server that a slow or greedy client cannot hurt.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

pub mod body;
mod doors;
mod guard;
pub mod gzip;
pub mod range;
mod refusal;

use crate::limits::Limits;
use crate::stop::Stop;
pub use doors::network;
use doors::{Doors, Place};
pub use refusal::Refusal;

/// The one path that is answered when all places are taken.
const HEALTH: &str = "/healthz";

/// The smallest buffer that a connection can have. Heads that come one behind another without a
/// pause would otherwise let it grow to 400 KiB, however short each of them is.
const LEAST_BUFFER: usize = 8 * 1024;

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that still had a request running when the time to end was over, and were cut.
    pub cut: usize,
}

/// What answers requests.
///
/// Most servers are an axum [`Router`]. A server that answers some hundred thousand requests a
/// second from memory implements this itself and saves the routing.
pub trait Handler: Clone + Send + Sync + 'static {
    /// Answers one request, from a client at this address.
    fn answer(
        &self,
        request: Request<Incoming>,
        from: SocketAddr,
    ) -> impl Future<Output = Response> + Send;
}

impl Handler for Router {
    async fn answer(&self, request: Request<Incoming>, _: SocketAddr) -> Response {
        let Ok(response) = self.clone().oneshot(request.map(Body::new)).await;
        response
    }
}

/// Where connections come from: a listener, and how they are encrypted if they are.
pub struct Entrance {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Entrance {
    /// Connections in the clear: on loopback, or behind a proxy that ends TLS.
    pub fn plain(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }

    /// Connections over TLS. A handshake has the time of a head.
    pub fn tls(listener: TcpListener, config: Arc<rustls::ServerConfig>) -> Self {
        Self { listener, tls: Some(config.into()) }
    }
}

/// Serves `app` on `listener` until `stop` is asked, then lets running requests end: [`serve`]
/// with an answer for every path and method that `app` does not know.
pub async fn run(listener: TcpListener, app: Router, limits: &Limits, stop: Stop) -> Drained {
    let app = app
        .fallback(|| async { Refusal::not_found("nothing stands at this path") })
        .method_not_allowed_fallback(|| async { Refusal::wrong_method() });
    serve(Entrance::plain(listener), app, limits, stop).await
}

/// Serves `app` until `stop` is asked, then lets running requests end.
///
/// At most [`Limits::connections`] connections are served, and of one address at most
/// [`Limits::connections_per_peer`]. In a few more only `/healthz` is answered, and all else is
/// told to come back; beyond these a connection is closed at once. A head that does not arrive, a
/// body that does not arrive and an answer that is not taken end their connection after the times
/// in `limits` (bodies only where the handler reads them with [`body::read`]).
pub async fn serve(
    entrance: Entrance,
    app: impl Handler,
    limits: &Limits,
    mut stop: Stop,
) -> Drained {
    let Entrance { listener, tls } = entrance;
    let doors = Doors::new(limits);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.asked() => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        let (stream, from, place) = match accepted {
            Ok((stream, from)) => match doors.admit(from.ip()) {
                Some(place) => (stream, from, place),
                None => continue,
            },
            Err(error) => {
                after_failed_accept(&error).await;
                continue;
            }
        };
        let limits = if place.is_kept { limits.of_a_kept_place() } else { limits.clone() };
        let connection = Connection { from, place, app: app.clone(), limits, stop: stop.clone() };
        connections.spawn(connection.serve(stream, tls.clone()));
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

/// One connection and what it is served by.
struct Connection<H> {
    from: SocketAddr,
    place: Place,
    app: H,
    limits: Limits,
    stop: Stop,
}

impl<H: Handler> Connection<H> {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Answers are small and whole; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let stream = guard::Guarded::new(stream, self.limits.clone(), self.stop.clone());
        let Some(tls) = tls else { return self.answer(stream).await };
        let mut stop = self.stop.clone();
        let handshake = tokio::time::timeout(self.limits.header_time(), tls.accept(stream));
        let shaken = tokio::select! {
            shaken = handshake => shaken,
            () = stop.asked() => return,
        };
        match shaken {
            Ok(Ok(stream)) => self.answer(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    async fn answer(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send) {
        let Self { from, place, app, limits, mut stop } = self;
        let served = Arc::new(AtomicU64::new(0));
        let most = limits.requests_per_connection.max(1);
        let is_kept = place.is_kept;
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let app = app.clone();
            let last = served.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= most;
            async move {
                let is_refused = is_kept && request.uri().path() != HEALTH;
                let response = if is_refused {
                    no_place().into_response()
                } else {
                    app.answer(request, from).await
                };
                Ok::<_, Infallible>(if last { closing(response) } else { response })
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_time())
            .max_header_size(limits.header_bytes)
            .max_buf_size(limits.header_bytes.max(LEAST_BUFFER))
            .serve_connection(TokioIo::new(stream), service);
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
        drop(place);
    }
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
