//! The instance's routes, for edges only.
//!
//! ```text
//! GET /totp   [Station: NAME]               204, Totp-Step, -Last, -Current, -Next, Ledger
//! GET /list                                 204, Say01 and so on, Ledger
//! GET /vote   nonce, and the seven headers  202, 204, 48x, 421, 503
//! GET /repeat the same                      the same; records nothing
//! GET /claim  voter, Shard, [Look]          204, 487, 421, 486, 503: see booth::collect
//! GET /metrics                              counts
//! GET /cuts, /cut-votes, /cut-voters        for the publisher: see the module published
//! GET /healthz                              for anybody: whether votes can be taken
//! ```
//!
//! Whoever does not show the pass header gets 403, whatever they ask.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use booth::Secret;
use booth::answer::{Answer, Refusal};
use booth::campaign::{Campaign, Shard};
use booth::collect::{PassHeader, examine};
use booth::totp::{Codes, Station};
use canon::PrivateKey;
use hyper::body::Incoming;
use service::http::Handler;

use super::engine::Desk;
use super::figures::Figures;
use super::ledger::LedgerId;
use super::published::Published;
use super::watch::Watch;
use crate::plain;
use crate::wire::{self, refused};

/// Seconds for which the codes of `/totp` are kept: they change every 30.
const CODES_S: u32 = 1;
/// Seconds for which the options are kept: they never change.
const LIST_S: u32 = 3_600;

/// What answers the edges. Clones are the same.
#[derive(Clone)]
pub(super) struct Instance(pub(super) Arc<Shared>);

/// What the answers are made of.
pub(super) struct Shared {
    pub(super) campaign: Campaign,
    pub(super) shard: Shard,
    pub(super) ledger_id: LedgerId,
    pub(super) receipt_key: PrivateKey,
    pub(super) totp_seed: Secret,
    /// None where edges are known by their certificates alone.
    pub(super) pass: Option<PassHeader>,
    pub(super) published: Published,
    pub(super) desk: Desk,
    pub(super) watch: Arc<Watch>,
    pub(super) figures: Arc<Figures>,
}

impl Handler for Instance {
    async fn answer(&self, request: Request<Incoming>, _: SocketAddr) -> Response {
        let shared = &*self.0;
        let path = request.uri().path();
        if path == "/healthz" {
            return shared.health();
        }
        let is_publisher = shared.published.is_for(request.headers());
        let is_publishers = wire::PUBLISHER_PATHS.contains(&path);
        let is_let_in = if is_publishers {
            is_publisher
        } else {
            // Where edges are known by certificates alone, the publisher has one too.
            !is_publisher && shared.is_edge(request.headers())
        };
        if !is_let_in {
            shared.figures.strangers.inc();
            return bare(StatusCode::FORBIDDEN);
        }
        if request.method() != Method::GET {
            return service::http::Refusal::wrong_method().into_response();
        }
        match path {
            wire::VOTE_PATH | wire::REPEAT_PATH if !shared.is_meant(request.headers()) => {
                bare(StatusCode::CONFLICT)
            }
            wire::VOTE_PATH | wire::REPEAT_PATH => {
                let repeat_only = path == wire::REPEAT_PATH;
                let answer = shared.vote(request.headers(), repeat_only).await;
                wire::answer_to_response(&answer)
            }
            _ if is_publishers => shared.published.answer(shared, path, request.headers()).await,
            wire::CLAIM_PATH => wire::answer_to_response(&shared.claim(request.headers()).await),
            wire::TOTP_PATH => shared.codes(request.headers()),
            wire::LIST_PATH => shared.list(),
            "/metrics" => plain::figures(shared.figures.render()),
            _ => bare(StatusCode::NOT_FOUND),
        }
    }
}

impl Shared {
    /// Whether the request shows the pass header, once; a certificate was judged before.
    fn is_edge(&self, headers: &HeaderMap) -> bool {
        let Some(pass) = &self.pass else { return true };
        // Compared also where there is none, so that all strangers wait alike.
        let given = wire::one(headers, &wire::PASS);
        let accepted = pass.accept(given.as_ref().map_or(b"", |value| value.as_bytes()));
        given.is_ok() && accepted
    }

    /// Whether a vote is not meant for another ledger than this one.
    fn is_meant(&self, headers: &HeaderMap) -> bool {
        !headers.contains_key(wire::LEDGER) || wire::ledger_of(headers) == Some(self.ledger_id)
    }

    async fn vote(&self, headers: &HeaderMap, repeat_only: bool) -> Answer {
        let answer = self.judge(headers, repeat_only).await.unwrap_or_else(Answer::from);
        self.figures.answers.with_label_values(&[label(answer.status)]).inc();
        answer
    }

    async fn judge(&self, headers: &HeaderMap, repeat_only: bool) -> Result<Answer, Refusal> {
        let request = wire::vote_from_headers(headers)?;
        let now = self.watch.now().ok_or(Refusal::Busy)?;
        let checked = examine(&self.campaign, self.shard, request, now)?;
        let checked = if repeat_only { checked.repeat_only() } else { checked };
        let reply = self.desk.cast(checked).await.ok_or(Refusal::Busy)?;
        reply.answer(&self.receipt_key).map_err(|error| {
            tracing::error!(%error, "the receipt key did not sign");
            Refusal::Busy
        })
    }

    async fn claim(&self, headers: &HeaderMap) -> Answer {
        let answer = match wire::claim_from_headers(headers) {
            Ok(claim) if claim.shard.0 < self.campaign.shards() => self.judged(claim).await,
            _ => Refusal::Malformed.into(),
        };
        self.figures.claims.with_label_values(&[label(answer.status)]).inc();
        answer
    }

    async fn judged(&self, claim: wire::Claim) -> Answer {
        let reply = self.desk.claim(claim).await;
        let answer = reply.and_then(|reply| reply.answer(&self.receipt_key).ok());
        answer.unwrap_or_else(|| Refusal::Busy.into())
    }

    fn codes(&self, headers: &HeaderMap) -> Response {
        let Some(now) = self.watch.now() else { return refused(Refusal::Busy) };
        let codes = if self.campaign.stations().is_empty() {
            Codes::at(&self.totp_seed, now)
        } else {
            match self.station(headers) {
                Some(station) => Codes::of_station(&self.totp_seed, &station, now),
                None => return refused(Refusal::Malformed),
            }
        };
        let mut response = bare(StatusCode::NO_CONTENT);
        *response.headers_mut() = wire::codes_to_headers(&codes);
        response.headers_mut().insert(CACHE_CONTROL, wire::cache_control(Some(CODES_S)));
        response.headers_mut().insert(wire::LEDGER, wire::ledger(self.ledger_id));
        response
    }

    /// The station that is named, if the campaign has it.
    fn station(&self, headers: &HeaderMap) -> Option<Station> {
        let named = wire::one(headers, &wire::STATION).ok()?.to_str().ok()?;
        let station: Station = named.parse().ok()?;
        self.campaign.stations().contains(&station).then_some(station)
    }

    fn list(&self) -> Response {
        let headers = self.campaign.list();
        let max_age_s = Some(LIST_S);
        let answer = Answer { status: 204, headers, max_age_s, retry_after_s: None };
        let mut response = wire::answer_to_response(&answer);
        response.headers_mut().insert(wire::LEDGER, wire::ledger(self.ledger_id));
        response
    }

    fn health(&self) -> Response {
        let (status, words) = if !self.desk.is_open() {
            (StatusCode::SERVICE_UNAVAILABLE, "the disk failed\n")
        } else if self.watch.now().is_none() {
            (StatusCode::SERVICE_UNAVAILABLE, "the clock has stepped\n")
        } else {
            (StatusCode::OK, "ok\n")
        };
        plain::text(status, words)
    }
}

pub(super) fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// A status as a label, without a new text for each answer.
const fn label(status: u16) -> &'static str {
    match status {
        202 => "202",
        204 => "204",
        421 => "421",
        481 => "481",
        482 => "482",
        483 => "483",
        484 => "484",
        485 => "485",
        486 => "486",
        487 => "487",
        503 => "503",
        _ => "other",
    }
}
