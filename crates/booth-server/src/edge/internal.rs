//! `/healthz` and `/metrics`, on an address that is not for voters.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;

use super::figures::Figures;
use super::site::Site;

type Watched = (Arc<[Arc<Site>]>, Figures);

pub(super) fn router(sites: Arc<[Arc<Site>]>, figures: Figures) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .with_state((sites, figures))
}

/// 200 unless an origin failed when it was asked last, or has two ledgers in one shard; then 503,
/// and whose.
async fn healthz(State((sites, _)): State<Watched>) -> Response {
    let ill: Vec<&str> =
        sites.iter().filter(|site| !site.is_well()).map(|site| site.campaign().name()).collect();
    if ill.is_empty() {
        return text(StatusCode::OK, "text/plain; charset=utf-8", "ok\n");
    }
    let ill = ill.join(", ");
    let reason = format!("no instance answers, or two ledgers are in one shard: {ill}\n");
    text(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", reason)
}

async fn metrics(State((sites, figures)): State<Watched>) -> Response {
    sites.iter().for_each(|site| site.gauge());
    text(StatusCode::OK, "text/plain; version=0.0.4", figures.metrics.render())
}

fn text(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
