//! What the world asks.
//!
//! ```text
//! GET /solar-vote.log, /solar-auth.log    the lists: ranges, ETag, gzip; 403 while not told
//! GET /solar/results.json                 counts, sizes and digests, or sizes and commitments
//! GET /solar/snapshots.json               all snapshots, as payloads of snapshot/v1
//! GET /solar/campaign.json                the signed rules, as the log has them
//! GET /solar/rules.json                   which entries the rules are, and whether the end moved
//! GET /solar/field.yml                    the deployment map that they commit to
//! GET /healthz, /status.json              how the publisher is
//! ```
//!
//! Each with HEAD too. A list is always one snapshot: a download that runs while the next one is
//! taken has the length and the bytes of the one before.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use booth::publish::List;
use bytes::Bytes;
use canon::Timestamp;
use hyper::body::Incoming;
use service::clock::Clock;
use service::http::range::{self, Asked};
use service::http::{Handler, Refusal, gzip};

use super::committer::{Committer, Standing};
use super::date;
use super::figures::Figures;
use super::file;
use super::page::Page;
use super::publisher::Publisher;
use super::server::Timer;
use super::status::{self, LogStatus, ShardsStatus, SnapshotStatus, Status};
use super::view::{ListView, View};
use crate::plain;

/// What answers the world. Clones are the same.
#[derive(Clone)]
pub(super) struct Site(pub(super) Arc<Shared>);

/// What the answers are made of.
pub(super) struct Shared {
    pub(super) publisher: Arc<Publisher>,
    pub(super) committer: Option<Arc<Committer>>,
    pub(super) campaign: String,
    pub(super) end: Timestamp,
    pub(super) folder: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timer: Arc<Timer>,
    pub(super) figures: Figures,
    /// The deployment map.
    pub(super) map: Option<Page>,
}

/// What a web page of somewhere else may read beside the headers that every page may.
const EXPOSED: &str = "Accept-Ranges, Content-Encoding, Content-Range, ETag, Retry-After";

/// What it may ask with.
const ASKED_WITH: &str = "If-Modified-Since, If-None-Match, If-Range, Range";

/// Seconds for which what is on the log may be kept: it changes when its rules are amended.
const RULES_S: u32 = 300;

impl Handler for Site {
    async fn answer(&self, request: Request<Incoming>, _: SocketAddr) -> Response {
        let shared = &*self.0;
        let is_head = request.method() == Method::HEAD;
        let mut response = if is_head || request.method() == Method::GET {
            let answered = shared.answer(request.uri().path(), request.headers(), is_head).await;
            answered.unwrap_or_else(Refusal::into_response)
        } else if is_preflight(&request) {
            preflight()
        } else {
            Refusal::wrong_method().into_response()
        };
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        shared.figures.answers.with_label_values(&[response.status().as_str()]).inc();
        response
    }
}

impl Shared {
    async fn answer(
        &self,
        path: &str,
        headers: &HeaderMap,
        is_head: bool,
    ) -> Result<Response, Refusal> {
        let view = self.publisher.view();
        let list = |list: List| {
            path.strip_prefix('/').is_some_and(|name| name == list.file_name(&self.campaign))
        };
        if let Some(list) = List::BOTH.into_iter().find(|one| list(*one)) {
            return self.list(&view, list, headers, is_head).await;
        }
        let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(&*self.campaign));
        match (rest, path) {
            (Some("/results.json"), _) => {
                let page = view.results.as_ref().ok_or_else(|| self.not_yet())?;
                Ok(self.page(&view, page, headers))
            }
            (Some("/snapshots.json"), _) => Ok(self.page(&view, &view.snapshots, headers)),
            (Some("/campaign.json"), _) => {
                let rules = self.committer.as_ref().and_then(|committer| committer.campaign());
                let page = rules.map(|bytes| Page::of_bytes(bytes.into()));
                kept_page(page.as_ref(), "application/json", headers)
            }
            (Some("/rules.json"), _) => {
                let rules = self.committer.as_ref().map(|committer| committer.rules());
                let page = rules.filter(|rules| !rules.is_empty()).map(|rules| {
                    Page::of(&serde_json::json!({ "campaign": self.campaign, "rules": rules }))
                });
                kept_page(page.as_ref(), "application/json", headers)
            }
            (Some("/field.yml"), _) => kept_page(self.map.as_ref(), "application/yaml", headers),
            (_, "/healthz") => Ok(self.health()),
            (_, "/status.json") => Ok(self.status()),
            _ => Err(Refusal::not_found("nothing stands at this path")),
        }
    }

    fn not_yet(&self) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, "no_snapshot", "no snapshot is taken yet")
            .retry_after(self.timer.left_s(&*self.clock))
    }

    /// A list that is not told: the answer is the same whatever is in it.
    fn kept(&self) -> Refusal {
        let left = self.end.unix_u64().saturating_sub(self.clock.now().unix_u64());
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        let message = "the lists of this campaign are published at its close";
        Refusal::new(StatusCode::FORBIDDEN, "not_closed", message)
            .hint("until then results.json has the number of records and commitments to the lists")
            .retry_after(left.max(self.timer.left_s(&*self.clock)))
    }

    async fn list(
        &self,
        view: &View,
        list: List,
        headers: &HeaderMap,
        is_head: bool,
    ) -> Result<Response, Refusal> {
        let Some(list) = view.list(list) else {
            return Err(if self.timer.is_full { self.not_yet() } else { self.kept() });
        };
        let asked = if_range(headers, list).then(|| headers.get(RANGE)).flatten();
        let asked = range::asked(asked, list.plain.bytes);
        let is_gzip = asked == Asked::Whole && gzip::accepted(headers) && list.plain.bytes > 0;
        let tag = etag(&list.plain.digest.to_string(), is_gzip);
        let mut common = self.common(view, &tag, "text/plain; charset=utf-8");
        common.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        if self.is_current(view, headers, &tag) {
            return Ok(with(StatusCode::NOT_MODIFIED, common, Body::empty()));
        }
        let whole = list.plain.bytes;
        let (status, range) = match asked {
            Asked::Beyond => {
                common.insert(CONTENT_RANGE, header(&format!("bytes */{whole}")));
                return Ok(with(StatusCode::RANGE_NOT_SATISFIABLE, common, Body::empty()));
            }
            Asked::Part(range) => {
                let last = range.end.saturating_sub(1);
                let text = format!("bytes {}-{last}/{whole}", range.start);
                common.insert(CONTENT_RANGE, header(&text));
                (StatusCode::PARTIAL_CONTENT, range)
            }
            Asked::Whole => (StatusCode::OK, 0..whole),
        };
        let (name, range, head, tail) = if is_gzip {
            common.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            let tail = Bytes::copy_from_slice(&list.tail);
            (&list.gzip_name, 0..list.gzip.bytes, Bytes::from_static(&gzip::HEAD), tail)
        } else {
            (&list.name, range, Bytes::new(), Bytes::new())
        };
        let length = range.end.saturating_sub(range.start);
        let length = length.saturating_add((head.len() + tail.len()) as u64);
        common.insert(CONTENT_LENGTH, HeaderValue::from(length));
        let body = if is_head {
            Body::empty()
        } else {
            let path = self.folder.join(name);
            file::body(path, range, head, tail).await.map_err(|error| Refusal::ourselves(&error))?
        };
        Ok(with(status, common, body))
    }

    fn page(&self, view: &View, page: &Page, headers: &HeaderMap) -> Response {
        let is_gzip = gzip::accepted(headers);
        let tag = etag(&page.digest.to_string(), is_gzip);
        let common = self.common(view, &tag, "application/json");
        if self.is_current(view, headers, &tag) {
            return with(StatusCode::NOT_MODIFIED, common, Body::empty());
        }
        whole_page(page, is_gzip, common)
    }

    /// The headers of everything that a snapshot tells.
    fn common(&self, view: &View, tag: &str, content_type: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(ETAG, header(tag));
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
        let left = if view.is_last() { 86_400 } else { self.timer.left_s(&*self.clock) };
        headers.insert(CACHE_CONTROL, header(&format!("max-age={left}")));
        if let Some(at) = view.taken_at() {
            headers.insert(LAST_MODIFIED, header(&date::to_text(at)));
        }
        headers
    }

    /// Whether the client has what a snapshot tells. A tag says it better than a date: where there
    /// is one the date is not looked at (RFC 9110, 13.1.3).
    fn is_current(&self, view: &View, headers: &HeaderMap, tag: &str) -> bool {
        if headers.contains_key(IF_NONE_MATCH) {
            return is_known(headers, tag);
        }
        let since = headers.get(IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
        let since = since.and_then(date::from_text).filter(|since| *since <= self.clock.now());
        since.is_some_and(|since| view.is_from(since))
    }

    /// What is wrong, one thing each.
    fn troubles(&self) -> Vec<String> {
        let mut troubles = self.publisher.condition().troubles();
        troubles.extend(self.backlog());
        let amendment = self.committer.as_ref().and_then(|committer| committer.amendment());
        troubles.extend(amendment);
        troubles
    }

    /// How the publisher stands, for programs.
    pub(super) fn status(&self) -> Response {
        let (view, now) = (self.publisher.view(), self.clock.now());
        let condition = self.publisher.condition();
        let campaign = self.publisher.campaign();
        let snapshot = view.record().map(|record| SnapshotStatus {
            number: record.number,
            records: record.records,
            taken_at: record.taken_at,
            age_s: now.unix_u64().saturating_sub(record.taken_at.unix_u64()),
            is_last: record.is_last,
        });
        let status = Status {
            campaign: self.campaign.clone(),
            purpose: campaign.purpose(),
            start: campaign.start(),
            end: self.end,
            now,
            snapshot_s: self.timer.period_s(),
            next_s: self.timer.left_s(&*self.clock),
            snapshot,
            shards: ShardsStatus {
                count: campaign.shards(),
                away: status::numbers(&condition.away),
                stopped: status::numbers(&condition.stopped),
                doubted: status::numbers(&condition.doubted),
                awaited: status::numbers(&condition.awaited),
            },
            log: self.committer.as_ref().map(|committer| {
                let Standing { placed, waiting, is_failing } = committer.standing();
                LogStatus { placed, waiting, is_failing }
            }),
            troubles: self.troubles(),
        };
        // Forms of our own are always written.
        plain::json(serde_json::to_vec(&status).unwrap_or_default())
    }

    pub(super) fn health(&self) -> Response {
        let troubles = self.troubles();
        if troubles.is_empty() {
            return text(StatusCode::OK, b"ok\n".to_vec());
        }
        let why = troubles.join("\n") + "\n";
        text(StatusCode::SERVICE_UNAVAILABLE, why.into_bytes())
    }

    /// What waits for the log, where it does not take it.
    fn backlog(&self) -> Option<String> {
        let Standing { waiting, is_failing, .. } = self.committer.as_ref()?.standing();
        let why = "the publisher's journal says why";
        is_failing.then(|| format!("the log was not told: {waiting} artifacts wait; {why}"))
    }
}

/// Whether a browser asks what a page of somewhere else may ask.
fn is_preflight<B>(request: &Request<B>) -> bool {
    let asks = request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    request.method() == Method::OPTIONS && asks
}

fn preflight() -> Response {
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ASKED_WITH));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    with(StatusCode::NO_CONTENT, headers, Body::empty())
}

/// A page that no snapshot changes.
fn kept_page(
    page: Option<&Page>,
    content_type: &'static str,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let page = page.ok_or_else(|| Refusal::not_found("this publisher has nothing of it"))?;
    let is_gzip = gzip::accepted(headers);
    let tag = etag(&page.digest.to_string(), is_gzip);
    let mut common = HeaderMap::with_capacity(6);
    common.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    common.insert(ETAG, header(&tag));
    common.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    common.insert(CACHE_CONTROL, header(&format!("max-age={RULES_S}")));
    if is_known(headers, &tag) {
        return Ok(with(StatusCode::NOT_MODIFIED, common, Body::empty()));
    }
    Ok(whole_page(page, is_gzip, common))
}

fn whole_page(page: &Page, is_gzip: bool, mut headers: HeaderMap) -> Response {
    let (length, body) = page.body(is_gzip);
    if is_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    with(StatusCode::OK, headers, body)
}

/// A strong tag: that of the bytes as they are sent.
fn etag(digest: &str, is_gzip: bool) -> String {
    if is_gzip { format!("\"{digest}-gzip\"") } else { format!("\"{digest}\"") }
}

/// Whether a range may be given: there is no `If-Range`, or it names the list as it is. A date is
/// none that tells two snapshots of one second apart.
fn if_range(headers: &HeaderMap, list: &ListView) -> bool {
    let tag = etag(&list.plain.digest.to_string(), false);
    headers.get(IF_RANGE).is_none_or(|value| value.as_bytes() == tag.as_bytes())
}

/// Whether `If-None-Match` names the tag; weakly, as RFC 9110, 13.1.2 has it.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

/// A header of text that we have made.
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

fn with(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn text(status: StatusCode, body: Vec<u8>) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    with(status, headers, Body::from(body))
}
