//! The witness's routes.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use service::http::body::{self, Room};
use service::http::{Drained, Refusal, run};
use service::limits::Limits;
use service::stop::Stop;
use tokio::net::TcpListener;

use super::{SharedWitness, TEXT, Witness, WitnessConfig, WitnessError};

/// A witness that listens.
pub struct Server {
    listener: TcpListener,
    router: Router,
    limits: Limits,
}

#[derive(Clone)]
struct Shared {
    witness: SharedWitness,
    limits: Arc<Limits>,
    room: Room,
}

impl Server {
    /// Listens on the configured address; nothing is served before [`Server::run`].
    pub async fn bind(
        witness: SharedWitness,
        config: &WitnessConfig,
    ) -> Result<Self, WitnessError> {
        let listen = config.listen.clone();
        let bound = TcpListener::bind(&listen).await;
        let listener = bound.map_err(|source| WitnessError::Listen { listen, source })?;
        let limits = config.limits();
        let router = router(witness, &limits);
        Ok(Self { listener, router, limits })
    }

    /// The address, with the port that the system gave for port 0.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until asked to stop, and then lets running requests end.
    pub async fn run(self, stop: Stop) -> Drained {
        run(self.listener, self.router, &self.limits, stop).await
    }
}

/// Opens a witness and serves it until asked to stop.
pub async fn serve(config: &WitnessConfig, stop: Stop) -> Result<Drained, WitnessError> {
    let witness = Witness::open(config)?;
    let server = Server::bind(Arc::new(witness), config).await?;
    match server.address() {
        Ok(address) => tracing::info!(%address, name = config.name, "the witness listens"),
        Err(error) => tracing::warn!(%error, "the witness listens"),
    }
    Ok(server.run(stop).await)
}

fn router(witness: SharedWitness, limits: &Limits) -> Router {
    let (limits, room) = (Arc::new(limits.clone()), Room::new(limits));
    let shared = Shared { witness, limits, room };
    Router::new()
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .with_state(shared)
}

async fn add_checkpoint(State(shared): State<Shared>, body: Body) -> Response {
    let held = match body::read(body, &shared.limits, &shared.room).await {
        Ok(held) => held,
        Err(refusal) => return refusal.into_response(),
    };
    let judge = move || shared.witness.add_checkpoint(&held.bytes);
    let judged = tokio::task::spawn_blocking(judge).await;
    match judged {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status);
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            text(status, answer.content_type, answer.body)
        }
        Err(error) => Refusal::ourselves(&error).into_response(),
    }
}

async fn checkpoint(State(shared): State<Shared>, Path(origin_hash): Path<String>) -> Response {
    match shared.witness.checkpoint(&origin_hash) {
        Some(bytes) => text(StatusCode::OK, TEXT, bytes),
        None => text(StatusCode::NOT_FOUND, TEXT, "nothing of this log is cosigned here\n"),
    }
}

async fn healthz(State(shared): State<Shared>) -> Response {
    // The record's lock is held while a decision is on its way to the disk.
    let health = tokio::task::spawn_blocking(move || shared.witness.health()).await;
    match health {
        Ok(Ok(())) => text(StatusCode::OK, TEXT, "ok\n"),
        Ok(Err(reason)) => text(StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("{reason}\n")),
        Err(error) => Refusal::ourselves(&error).into_response(),
    }
}

async fn metrics(State(shared): State<Shared>) -> Response {
    text(StatusCode::OK, "text/plain; version=0.0.4", shared.witness.metrics())
}

fn text(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
