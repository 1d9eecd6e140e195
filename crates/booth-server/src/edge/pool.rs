//! Connections to one instance: a bounded number, kept open, each with one request at a time.
//!
//! Each kind of question has connections of its own, so that none waits for another kind: a vote
//! takes as long as a disk, a published vote can be asked for by anybody without end, votes of
//! other shards wait for claims, and all voters for the codes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

use crate::wire::{self, MAX_HEADERS};

/// The most bytes of an answer's head that are held: 99 options of the greatest length, twice.
const HEAD_BYTES: usize = 256 * 1024;

/// The most bytes of a body that nobody asked for.
const BODY_BYTES: usize = 4 * 1024;

/// Bounds on the questions to one instance: the table `[origin]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OriginLimits {
    /// Connections to one instance for votes; further ones wait for one of them. Each carries one
    /// vote for as long as the instance takes to make it durable, so this number divided by that
    /// time is the most votes a second. Half as many are for claims, a quarter for requests that
    /// can only be repeated, and a few for codes and options.
    pub connections: usize,
    /// Time to connect, milliseconds.
    pub connect_ms: u64,
    /// Time for a question in all, waiting for a connection included, milliseconds.
    pub answer_ms: u64,
}

impl Default for OriginLimits {
    fn default() -> Self {
        Self { connections: 256, connect_ms: 2_000, answer_ms: 5_000 }
    }
}

/// Why an instance did not answer. No variant holds anything of the request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("no answer in time")]
    Slow,
    #[error("the connection broke: {0}")]
    Broken(hyper::Error),
    #[error("the answer has a body that is too long or ends early")]
    Body,
}

type Sender = SendRequest<Empty<Bytes>>;

/// Where an instance listens, and how it is spoken to.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// TLS, and the name that the certificate has to be for.
    pub(crate) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

/// The connections to one instance, by the kind of question.
pub(super) struct Pools {
    votes: Pool,
    repeats: Pool,
    claims: Pool,
    /// For codes and options, of which each is asked for once a second at most.
    rest: Pool,
}

impl Pools {
    /// As many for votes as the limits say, and fewer for what takes less time.
    pub(super) fn new(target: &Target, limits: &OriginLimits) -> Self {
        let pool = |connections: usize, connect_ms: u64| {
            let limits = OriginLimits { connections, connect_ms, ..limits.clone() };
            Pool::new(target.clone(), limits)
        };
        let (all, connect_ms) = (limits.connections, limits.connect_ms);
        // An instance that cannot be connected to is away, and one that is slow is not: so the time
        // to connect has to end before that for the answer.
        let in_time = connect_ms.min(limits.answer_ms / 2);
        Self {
            votes: pool(all, connect_ms),
            repeats: pool(all.div_ceil(4), connect_ms),
            claims: pool(all.div_ceil(2), in_time),
            rest: pool(all.div_ceil(32), connect_ms),
        }
    }

    /// Those for questions at a path.
    pub(super) fn of(&self, path: &str) -> &Pool {
        match path {
            wire::VOTE_PATH => &self.votes,
            wire::REPEAT_PATH => &self.repeats,
            wire::CLAIM_PATH => &self.claims,
            _ => &self.rest,
        }
    }
}

/// Connections to one instance.
pub(crate) struct Pool {
    target: Target,
    limits: OriginLimits,
    places: Semaphore,
    idle: Mutex<Vec<Sender>>,
}

impl Pool {
    pub(crate) fn new(target: Target, limits: OriginLimits) -> Self {
        let places = Semaphore::new(limits.connections.max(1));
        Self { target, limits, places, idle: Mutex::default() }
    }

    /// Asks, and gives the head of the answer.
    ///
    /// A connection that was kept may have been closed by the instance just now; then the request
    /// goes out a second time, on a new one. So every request has to be one that may come twice.
    pub(super) async fn ask(
        &self,
        request: Request<Empty<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap), AskError> {
        let time = Duration::from_millis(self.limits.answer_ms);
        let asked = tokio::time::timeout(time, self.ask_on_some_connection(request));
        asked.await.map_err(|_| AskError::Slow)?
    }

    async fn ask_on_some_connection(
        &self,
        request: Request<Empty<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap), AskError> {
        // The places are never closed.
        let _place = self.places.acquire().await.map_err(|_| AskError::Slow)?;
        if let Some(sender) = self.kept().await {
            match self.ask_on(sender, request.clone()).await {
                Err(AskError::Broken(_)) => {}
                other => return other,
            }
        }
        let sender = self.connect().await?;
        self.ask_on(sender, request).await
    }

    async fn ask_on(
        &self,
        mut sender: Sender,
        request: Request<Empty<Bytes>>,
    ) -> Result<(StatusCode, HeaderMap), AskError> {
        let response = sender.send_request(request).await.map_err(AskError::Broken)?;
        let (head, body) = response.into_parts();
        Limited::new(body, BODY_BYTES).collect().await.map_err(|_| AskError::Body)?;
        if !sender.is_closed() {
            self.idle().push(sender);
        }
        Ok((head.status, head.headers))
    }

    /// Asks on a connection of its own, and gives the status. The body, of at most `most` bytes, is
    /// added to what is there; after an error a part of it may be.
    pub(crate) async fn fetch(
        &self,
        request: Request<Empty<Bytes>>,
        most: usize,
        into: &mut Vec<u8>,
    ) -> Result<StatusCode, AskError> {
        let time = Duration::from_millis(self.limits.answer_ms);
        let fetched = async {
            let mut sender = self.connect().await?;
            let response = sender.send_request(request).await.map_err(AskError::Broken)?;
            let (head, mut body) = response.into_parts();
            let mut left = most;
            while let Some(frame) = body.frame().await {
                let Ok(data) = frame.map_err(|_| AskError::Body)?.into_data() else { continue };
                left = left.checked_sub(data.len()).ok_or(AskError::Body)?;
                into.extend_from_slice(&data);
            }
            Ok(head.status)
        };
        tokio::time::timeout(time, fetched).await.map_err(|_| AskError::Slow)?
    }

    /// A connection that was used before and is still open.
    async fn kept(&self) -> Option<Sender> {
        loop {
            let mut sender = self.idle().pop()?;
            if sender.ready().await.is_ok() {
                return Some(sender);
            }
        }
    }

    async fn connect(&self) -> Result<Sender, AskError> {
        let time = Duration::from_millis(self.limits.connect_ms);
        let opened = tokio::time::timeout(time, self.open()).await;
        opened.map_err(|_| AskError::Connect(std::io::ErrorKind::TimedOut.into()))?
    }

    async fn open(&self) -> Result<Sender, AskError> {
        let Target { host, port, tls } = &self.target;
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(AskError::Connect)?;
        // Requests are small and whole.
        let _ = stream.set_nodelay(true);
        match tls {
            None => shake(stream).await,
            Some((config, name)) => {
                let connector = TlsConnector::from(Arc::clone(config));
                let stream = connector.connect(name.clone(), stream).await;
                shake(stream.map_err(AskError::Connect)?).await
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Sender>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins HTTP on a stream. The connection lives until its sender is dropped.
async fn shake(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<Sender, AskError> {
    let builder = Builder::new();
    let builder = { builder }.max_headers(MAX_HEADERS).max_buf_size(HEAD_BYTES).clone();
    let (sender, connection) = builder
        .handshake::<_, Empty<Bytes>>(TokioIo::new(stream))
        .await
        .map_err(AskError::Broken)?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection to an instance ended");
        }
    });
    Ok(sender)
}
