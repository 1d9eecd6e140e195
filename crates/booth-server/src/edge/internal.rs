//! `/healthz` and `/metrics`, on an address that is not for voters.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::figures::Figures;
use super::site::Site;
use crate::plain;

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
        return plain::text(StatusCode::OK, "ok\n");
    }
    let ill = ill.join(", ");
    let reason = format!("no instance answers, or two ledgers are in one shard: {ill}\n");
    plain::text(StatusCode::SERVICE_UNAVAILABLE, reason)
}

async fn metrics(State((sites, figures)): State<Watched>) -> Response {
    sites.iter().for_each(|site| site.gauge());
    plain::figures(figures.metrics.render())
}
