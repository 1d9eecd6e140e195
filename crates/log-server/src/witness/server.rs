//! The witness's routes.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::available_parallelism;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use service::http::body::{self, Held, Room};
use service::http::{Drained, Refusal, open_to_pages, run};
use service::limits::Limits;
use service::stop::Stop;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::{Answer, Looked, SharedWitness, TEXT, Witness, WitnessConfig, WitnessError};

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
    places: Places,
}

/// Places for submissions: beyond `waiting` they are told to come back; of those that wait, as
/// many are looked at as the machine has processors, and one is decided on.
#[derive(Clone)]
struct Places {
    waiting: Arc<Semaphore>,
    looking: Arc<Semaphore>,
    deciding: Arc<Semaphore>,
}

impl Places {
    fn new(waiting: usize) -> Self {
        let processors = available_parallelism().map_or(1, usize::from);
        let [waiting, looking, deciding] =
            [waiting, processors, 1].map(|places| Arc::new(Semaphore::new(places)));
        Self { waiting, looking, deciding }
    }
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
        // What is looked at takes a fraction of a millisecond, so this queue is soon gone.
        let waiting = (limits.connections / 2).max(1);
        Ok(Self::with_places(listener, witness, limits, waiting))
    }

    /// With so many places for submissions that wait.
    pub(super) fn with_places(
        listener: TcpListener,
        witness: SharedWitness,
        limits: Limits,
        waiting: usize,
    ) -> Self {
        let router = router(witness, &limits, Places::new(waiting));
        Self { listener, router, limits }
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

fn router(witness: SharedWitness, limits: &Limits, places: Places) -> Router {
    let (limits, room) = (Arc::new(limits.clone()), Room::new(limits));
    let shared = Shared { witness, limits, room, places };
    let public = Router::new()
        .route("/{origin_hash}/checkpoint", get(checkpoint))
        .layer(map_response(open_to_pages));
    Router::new()
        .merge(public)
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .with_state(shared)
}

async fn add_checkpoint(State(shared): State<Shared>, body: Body) -> Response {
    let held = match body::read(body, &shared.limits, &shared.room).await {
        Ok(held) => held,
        Err(refusal) => return refusal.into_response(),
    };
    let Ok(_waiting) = shared.places.waiting.try_acquire() else {
        return busy().into_response();
    };
    match judge(&shared, held).await {
        Ok(answer) => {
            let status = StatusCode::from_u16(answer.status);
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            text(status, answer.content_type, answer.body)
        }
        Err(error) => Refusal::ourselves(&error).into_response(),
    }
}

/// Looks at a submission and, if it needs one, makes a decision. A place is taken until the work
/// is done, even when nobody waits for it any more.
async fn judge(shared: &Shared, held: Held) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let place = Arc::clone(&shared.places.looking).acquire_owned().await?;
    let witness = Arc::clone(&shared.witness);
    let look = move || {
        let _place = place;
        witness.look(&held.bytes)
    };
    let submission = match spawn_blocking(look).await? {
        Looked::Answered(answer) => return Ok(answer),
        Looked::Open(submission) => submission,
    };
    let place = Arc::clone(&shared.places.deciding).acquire_owned().await?;
    let witness = Arc::clone(&shared.witness);
    let decide = move || {
        let _place = place;
        witness.decide(&submission)
    };
    Ok(spawn_blocking(decide).await?)
}

fn busy() -> Refusal {
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many submissions are waiting")
        .hint("send it again")
        .retry_after(1)
}

async fn checkpoint(State(shared): State<Shared>, Path(origin_hash): Path<String>) -> Response {
    match shared.witness.checkpoint(&origin_hash) {
        Some(bytes) => text(StatusCode::OK, TEXT, bytes),
        None => text(StatusCode::NOT_FOUND, TEXT, "nothing of this log is cosigned here\n"),
    }
}

async fn healthz(State(shared): State<Shared>) -> Response {
    // Neither the record's lock nor a place is needed, so that this is told under any load.
    match shared.witness.health() {
        Ok(()) => text(StatusCode::OK, TEXT, "ok\n"),
        Err(reason) => text(StatusCode::SERVICE_UNAVAILABLE, TEXT, format!("{reason}\n")),
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
