//! The log's HTTP interface (`docs/spec/log-api.md`).

use std::sync::Arc;

use artifact::bundle::BundlePath;
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use canon::{Digest, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use service::http::body::{self, Room};
use service::http::{Refusal, open_to_pages};
use service::limits::Limits;

use super::read::{ReadError, Wanted};
use super::running::Log;
use super::submit::Submission;

mod object;
mod packed;
mod refuse;

pub(super) use packed::Packed;

/// The media type of a framed submission.
pub const SUBMISSION_MEDIA_TYPE: &str = "application/vnd.scrutineer.submission";

/// The media type of a tlog-proof.
pub const PROOF_MEDIA_TYPE: &str = "application/x-tlog-proof";

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What the handlers share.
pub(super) struct Api {
    pub(super) log: Arc<Log>,
    pub(super) limits: Limits,
    pub(super) room: Room,
    pub(super) packed: Packed,
}

/// All routes of a log.
pub(super) fn router(api: Api) -> Router {
    let public = Router::new()
        .route("/head", get(head))
        .route("/proof/inclusion", get(inclusion))
        .route("/proof/consistency", get(consistency))
        .route("/{*path}", get(published))
        .layer(map_response(open_to_pages));
    Router::new()
        .route("/add", post(add))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .merge(public)
        .with_state(Arc::new(api))
}

type Answer = Result<Response, Refusal>;
type Shared = State<Arc<Api>>;

/// `POST /add`
async fn add(State(api): Shared, headers: HeaderMap, body: Body) -> Answer {
    let form = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let form = form.split(';').next().unwrap_or("").trim();
    let is_framed = form.eq_ignore_ascii_case(SUBMISSION_MEDIA_TYPE);
    if !is_framed && !form.eq_ignore_ascii_case("application/json") {
        return Err(refuse::media_type(form));
    }
    // Held until the answer is there: what is being judged takes memory too.
    let held = body::read(body, &api.limits, &api.room).await?;
    let bytes = &held.bytes;
    let submission = if is_framed {
        Submission::from_frames(bytes).map_err(refuse::frames)?
    } else {
        Submission { artifact: bytes.clone(), files: Vec::new() }
    };
    let receipt = api.log.submit(submission).await.map_err(|error| refuse::submission(&error))?;
    Ok(json(receipt.to_json()))
}

#[derive(Serialize)]
struct HeadForm<'a> {
    log_id: Digest,
    origin: &'a str,
    root_hash: Digest,
    timestamp: Timestamp,
    tree_size: u64,
    witnesses: Vec<WitnessForm<'a>>,
}

#[derive(Serialize)]
struct WitnessForm<'a> {
    name: &'a str,
    timestamp: Timestamp,
}

/// `GET /head`: section 10.4's tree head as JSON.
async fn head(State(api): Shared) -> Answer {
    let published = api.log.published().ok_or(ReadError::NoHead);
    let published = published.map_err(|error| refuse::reading(&error))?;
    let witnesses = published
        .witnesses
        .iter()
        .map(|(name, timestamp)| WitnessForm { name, timestamp: *timestamp });
    to_json(&HeadForm {
        log_id: api.log.log_id(),
        origin: api.log.origin(),
        root_hash: published.head.root,
        timestamp: published.time,
        tree_size: published.head.size,
        witnesses: witnesses.collect(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InclusionQuery {
    leaf_hash: Option<Digest>,
    artifact: Option<Digest>,
    tree_size: Option<u64>,
    format: Option<Format>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
enum Format {
    #[serde(rename = "json")]
    Json,
    #[serde(rename = "tlog-proof")]
    TlogProof,
}

#[derive(Serialize)]
struct InclusionForm {
    hashes: Vec<Digest>,
    leaf_hash: Digest,
    leaf_index: u64,
    root_hash: Digest,
    tree_size: u64,
}

/// `GET /proof/inclusion?leaf_hash=H|artifact=H[&tree_size=N][&format=json|tlog-proof]`
async fn inclusion(State(api): Shared, uri: Uri, headers: HeaderMap) -> Answer {
    let query: InclusionQuery = query(&uri)?;
    let wanted = match (query.leaf_hash, query.artifact) {
        (Some(hash), None) => Wanted::Leaf(hash),
        (None, Some(digest)) => Wanted::Artifact(digest),
        _ => return Err(refuse::query("give either leaf_hash or artifact")),
    };
    let accepts_file = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains(PROOF_MEDIA_TYPE));
    let otherwise = if accepts_file { Format::TlogProof } else { Format::Json };
    let format = query.format.unwrap_or(otherwise);
    if format == Format::TlogProof {
        let proof = api.log.tlog_proof(wanted, query.tree_size).await;
        let proof = proof.map_err(|error| refuse::reading(&error))?;
        let kind = HeaderValue::from_static(PROOF_MEDIA_TYPE);
        return Ok(volatile(kind, proof.to_string().into()));
    }
    let proof = api.log.inclusion(wanted, query.tree_size).await;
    let proof = proof.map_err(|error| refuse::reading(&error))?;
    to_json(&InclusionForm {
        hashes: proof.hashes,
        leaf_hash: proof.leaf_hash,
        leaf_index: proof.index,
        root_hash: proof.root,
        tree_size: proof.size,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConsistencyQuery {
    from: u64,
    to: u64,
}

#[derive(Serialize)]
struct ConsistencyForm {
    from: u64,
    hashes: Vec<Digest>,
    to: u64,
}

/// `GET /proof/consistency?from=M&to=N`
async fn consistency(State(api): Shared, uri: Uri) -> Answer {
    let ConsistencyQuery { from, to } = query(&uri)?;
    let hashes = api.log.consistency(from, to).await.map_err(|error| refuse::reading(&error))?;
    to_json(&ConsistencyForm { from, hashes, to })
}

#[derive(Serialize)]
struct HealthForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    published_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    signing: bool,
    size: u64,
}

/// `GET /healthz`: 200 while the log accepts and signs, 503 once it has stopped or while its clock
/// is off.
async fn health(State(api): Shared) -> Answer {
    let reason = api.log.idle();
    let signing = reason.is_none();
    let form = HealthForm {
        published_size: api.log.published().map(|published| published.head.size),
        reason,
        signing,
        size: api.log.size(),
    };
    let mut response = to_json(&form)?;
    if !signing {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}

/// `GET /metrics`
async fn metrics(State(api): Shared) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4");
    volatile(kind, api.log.metrics().render().into())
}

/// `GET` of a published object.
async fn published(State(api): Shared, method: Method, uri: Uri, headers: HeaderMap) -> Answer {
    let path = uri.path().strip_prefix('/').unwrap_or_default();
    let path: BundlePath = path.parse().map_err(|_| refuse::path())?;
    object::answer(api.log.store(), &api.packed, path, &method, &headers).await
}

fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refusal> {
    let query = Query::try_from_uri(uri).map_err(|error| refuse::query(&error.body_text()))?;
    let Query(query) = query;
    Ok(query)
}

fn to_json<T: Serialize>(form: &T) -> Answer {
    canon::json::to_canonical(form).map(json).map_err(|error| Refusal::ourselves(&error))
}

fn json(bytes: Vec<u8>) -> Response {
    volatile(JSON, bytes.into())
}

/// An answer that is true now and may be another the next moment.
fn volatile(kind: HeaderValue, bytes: Bytes) -> Response {
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
