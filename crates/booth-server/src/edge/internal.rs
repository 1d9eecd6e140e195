//! `/healthz`, `/metrics`, and for the publisher `/stamps/<campaign>`, on an address that is not
//! for voters.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;

use super::figures::Figures;
use super::site::Site;
use crate::{plain, wire};

type Watched = (Arc<[Arc<Site>]>, Figures);

pub(super) fn router(sites: Arc<[Arc<Site>]>, figures: Figures) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .route(&format!("{}{{campaign}}", wire::STAMPS_PATH), get(stamps))
        .with_state((sites, figures))
}

/// 200 unless the clock has stepped, or an origin failed when it was asked last or has two ledgers
/// in one shard; then 503, and what is wrong.
async fn healthz(State((sites, _)): State<Watched>) -> Response {
    let ill = |site: &Arc<Site>| Some(format!("{}: {}\n", site.campaign().name(), site.trouble()?));
    let reasons: String = sites.iter().filter_map(ill).collect();
    if reasons.is_empty() {
        return plain::text(StatusCode::OK, "ok\n");
    }
    plain::text(StatusCode::SERVICE_UNAVAILABLE, reasons)
}

async fn metrics(State((sites, figures)): State<Watched>) -> Response {
    sites.iter().for_each(|site| site.gauge());
    plain::figures(figures.metrics.render())
}

/// What was given of a campaign up to now. The figures move with each stamp, so they are told to
/// whoever shows the pass for them, and to nobody else.
async fn stamps(
    State((sites, _)): State<Watched>,
    Path(campaign): Path<String>,
    headers: HeaderMap,
) -> Response {
    let given = wire::one(&headers, &wire::PASS);
    let given = given.as_ref().map_or(b"".as_slice(), |value| value.as_bytes());
    let site = sites.iter().find(|site| site.campaign().name() == campaign);
    match site.and_then(|site| site.stamps(given)) {
        Some(said) => match serde_json::to_vec(&said) {
            Ok(body) => plain::json(body),
            Err(_) => plain::text(StatusCode::INTERNAL_SERVER_ERROR, ""),
        },
        None => plain::text(StatusCode::FORBIDDEN, ""),
    }
}
