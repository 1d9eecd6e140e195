//! `/healthz`, `/metrics` and `/status.json` on an address that is not for the world: how often
//! which answer was given tells who reads when.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;

use super::site::Shared;
use crate::plain;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(metrics))
        .route("/status.json", get(status))
        .with_state(shared)
}

async fn healthz(State(shared): State<Arc<Shared>>) -> Response {
    shared.health()
}

async fn status(State(shared): State<Arc<Shared>>) -> Response {
    shared.status()
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    shared.committer.iter().for_each(|committer| committer.gauge());
    plain::figures(shared.figures.render())
}
