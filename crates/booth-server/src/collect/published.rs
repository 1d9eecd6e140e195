//! What the publisher is told: cuts, and the lists as far as they are cut.
//!
//! The remainder of a campaign may be fewer than `k` votes, and is published together with that of
//! all shards. So from the end until everything is cut, nothing is told: 503.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RANGE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use booth::collect::PassHeader;
use booth::publish::List;
use service::http::range::{self, Asked};

use super::engine::Stage;
use super::ledger::Ledger;
use super::server::{Shared, bare};
use crate::wire::{self, CutsSaid};

/// What the answers are made of.
pub(super) struct Published {
    pub(super) ledger: Arc<dyn Ledger>,
    /// None where nothing is published.
    pub(super) pass: Option<PassHeader>,
}

impl Published {
    /// Whether the request shows the publisher's pass, once.
    pub(super) fn is_for(&self, headers: &HeaderMap) -> bool {
        let Some(pass) = &self.pass else { return false };
        let given = wire::one(headers, &wire::PASS);
        let accepted = pass.accept(given.as_ref().map_or(b"", |value| value.as_bytes()));
        given.is_ok() && accepted
    }

    pub(super) async fn answer(
        &self,
        shared: &Shared,
        path: &str,
        headers: &HeaderMap,
    ) -> Response {
        let mut response = match path {
            wire::CUTS_PATH => self.cuts(shared, headers).await,
            wire::CUT_VOTES_PATH => self.part(List::Votes, headers).await,
            _ => self.part(List::Voters, headers).await,
        };
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    async fn cuts(&self, shared: &Shared, headers: &HeaderMap) -> Response {
        let from = wire::one(headers, &wire::FROM).ok().and_then(|value| value.to_str().ok());
        let Some(from) = from.and_then(|from| from.parse().ok()) else {
            return bare(StatusCode::BAD_REQUEST);
        };
        let before = shared.desk.stage();
        let ledger = Arc::clone(&self.ledger);
        let read = tokio::task::spawn_blocking(move || ledger.cuts(from, wire::MOST_CUTS)).await;
        let Ok(Ok(found)) = read else { return bare(StatusCode::INTERNAL_SERVER_ERROR) };
        // What was cut while the stage changed belongs to neither.
        if before == Stage::Between || before != shared.desk.stage() {
            return later();
        }
        let said = CutsSaid {
            cuts: found.cuts.into_iter().map(Into::into).collect(),
            is_closed: before == Stage::Closed,
            ledger: self.ledger.id().to_string(),
            shard: shared.shard.0,
            total: found.total,
        };
        let Ok(body) = serde_json::to_vec(&said) else {
            return bare(StatusCode::INTERNAL_SERVER_ERROR);
        };
        of(StatusCode::OK, "application/json", body)
    }

    async fn part(&self, list: List, headers: &HeaderMap) -> Response {
        let Asked::Part(range) = range::asked(headers.get(RANGE), u64::MAX) else {
            return bare(StatusCode::RANGE_NOT_SATISFIABLE);
        };
        if range.end.saturating_sub(range.start) > wire::PART_BYTES {
            return bare(StatusCode::RANGE_NOT_SATISFIABLE);
        }
        let ledger = Arc::clone(&self.ledger);
        match tokio::task::spawn_blocking(move || ledger.part(list, range)).await {
            Ok(Ok(Some(bytes))) => of(StatusCode::PARTIAL_CONTENT, "text/plain", bytes),
            Ok(Ok(None)) => bare(StatusCode::RANGE_NOT_SATISFIABLE),
            Ok(Err(error)) => {
                tracing::error!(%error, "a list cannot be read");
                bare(StatusCode::INTERNAL_SERVER_ERROR)
            }
            Err(_) => bare(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

fn later() -> Response {
    let mut response = bare(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn of(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
