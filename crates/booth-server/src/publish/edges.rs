//! Asking the edges how many genuine stamps they have given.
//!
//! They are asked at each barrier, behind the instances: a vote that is published had its stamp
//! before. Between barriers they are asked too, so that little is lost when one of them ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::header::HOST;
use axum::http::{HeaderValue, Request, StatusCode, Uri};
use booth::campaign::Campaign;
use bytes::Bytes;
use canon::Timestamp;
use http_body_util::Empty;

use super::record::{Boots, Record};
use super::stamps::{Odd, Stamps};
use crate::edge::OriginLimits;
use crate::edge::origin::InstanceEntry;
use crate::edge::pool::{AskError, Pool};
use crate::wire::{self, StampsSaid};

#[derive(Debug, thiserror::Error)]
enum Useless {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error("status {0}; it needs stamps_pass, the same as here")]
    Status(StatusCode),
    #[error("what it says is not of this protocol")]
    Form,
    #[error(transparent)]
    Odd(#[from] Odd),
}

/// The edges of a campaign.
pub(super) struct Edges {
    all: Vec<Edge>,
    /// Seconds from one snapshot that tells of stamps to the next, at least.
    every_s: u64,
    known: Mutex<Known>,
}

struct Edge {
    address: String,
    host: HeaderValue,
    pass: Option<HeaderValue>,
    pool: Pool,
}

struct Known {
    stamps: Stamps,
    /// When each edge was heard last.
    heard: Vec<Option<Timestamp>>,
    /// When a snapshot told of stamps.
    told: Option<Timestamp>,
}

impl Edges {
    pub(super) fn new(entries: Vec<InstanceEntry>, limits: &OriginLimits, every_s: u64) -> Self {
        let edge = |entry: InstanceEntry| {
            let InstanceEntry { address, host, target, pass } = entry;
            Edge { address, host, pass, pool: Pool::new(target, limits.clone()) }
        };
        let all: Vec<_> = entries.into_iter().map(edge).collect();
        let heard = vec![None; all.len()];
        let known = Known { stamps: Stamps::default(), heard, told: None };
        Self { all, every_s, known: Mutex::new(known) }
    }

    /// Whether there is an edge to ask.
    pub(super) const fn are_some(&self) -> bool {
        !self.all.is_empty()
    }

    /// Goes on from what records say.
    pub(super) fn begin(&self, records: &[Record]) {
        let told = records.iter().rev().find(|record| !record.stamps.is_empty());
        let mut known = self.known();
        known.told = told.map(|record| record.taken_at);
        known.stamps = Stamps::of(records);
    }

    /// Asks all edges; of each whether it has answered as it should.
    pub(super) async fn ask(&self, campaign: &Campaign, now: Timestamp) -> Vec<bool> {
        let said = self.all.iter().map(|edge| edge.stamps(campaign));
        let said = futures::future::join_all(said).await;
        let mut known = self.known();
        let mut are_heard = Vec::new();
        for (at, (edge, said)) in self.all.iter().zip(said).enumerate() {
            let heard = said.and_then(|said| Ok(known.stamps.hear(&said, campaign)?));
            are_heard.push(heard.is_ok());
            match heard {
                Ok(is_new) => {
                    let place = known.heard.get_mut(at);
                    let before = place.and_then(|heard| heard.replace(now));
                    if is_new && before.is_some() {
                        let edge = &edge.address;
                        tracing::warn!(
                            edge,
                            "it was started again: what it gave since it was \
                             asked last is not counted"
                        );
                    }
                }
                Err(error) => {
                    tracing::warn!(edge = edge.address, %error, "an edge does not tell of stamps");
                }
            }
        }
        are_heard
    }

    /// Whether a snapshot is to tell of stamps. More often than that would help to find out
    /// whether a code that somebody guessed was right.
    pub(super) fn are_due(&self, now: Timestamp, is_last: bool) -> bool {
        let told = self.known().told;
        let is_due =
            told.is_none_or(|told| now.unix_u64().saturating_sub(told.unix_u64()) >= self.every_s);
        self.are_some() && (is_last || is_due)
    }

    /// What a snapshot tells: all that was given, if every edge was heard just now, or after the
    /// end.
    pub(super) fn boots(&self, are_heard: &[bool], end: Timestamp) -> Option<Boots> {
        let known = self.known();
        let mut each = known.heard.iter().zip(are_heard);
        let all = each.all(|(at, is_heard)| *is_heard || at.is_some_and(|at| at >= end));
        all.then(|| known.stamps.boots().clone())
    }

    /// Says that a snapshot has told.
    pub(super) fn tell(&self, at: Timestamp) {
        self.known().told = Some(at);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Edge {
    async fn stamps(&self, campaign: &Campaign) -> Result<StampsSaid, Useless> {
        let path = format!("{}{}", wire::STAMPS_PATH, campaign.name());
        let mut request = Request::new(Empty::<Bytes>::new());
        *request.uri_mut() = path.parse::<Uri>().map_err(|_| Useless::Form)?;
        request.headers_mut().insert(HOST, self.host.clone());
        if let Some(pass) = &self.pass {
            request.headers_mut().insert(wire::PASS, pass.clone());
        }
        let mut body = Vec::new();
        let status = self.pool.fetch(request, wire::STAMPS_BYTES, &mut body).await?;
        if status != StatusCode::OK {
            return Err(Useless::Status(status));
        }
        serde_json::from_slice(&body).map_err(|_| Useless::Form)
    }
}
