//! How the answers and questions of [`booth`] stand in HTTP. Specified in `docs/spec/booth.md`.
//!
//! ```text
//! GET /totp   [Station: NAME]  ->  204, Totp-Step, Totp-Last, Totp-Current, Totp-Next, Ledger
//! GET /list                    ->  204, Say01, Say02 and so on, Ledger
//! GET /vote   nonce, and the seven headers of a vote request  ->  an answer
//! GET /repeat the same, of a request that is good for no new vote  ->  what was answered, or 487
//! GET /claim  voter: the stamp, Shard: that of its vote, [Look: 1]  ->  204, 487, 503
//! ```
//!
//! An edge shows the pass header with each of them. No answer has a body.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use booth::answer::{Answer, Refusal};
use booth::request::{RequestError, VoteRequest};
use booth::totp::Codes;

use crate::collect::LedgerId;

/// By which an instance knows its edges.
pub const PASS: HeaderName = HeaderName::from_static("x-pull");
/// The code of the booth, six digits.
pub const TOTP: HeaderName = HeaderName::from_static("totp");
/// The station, where each has a seed of its own.
pub const STATION: HeaderName = HeaderName::from_static("station");
/// The start of the stamp period.
pub const P_UTC: HeaderName = HeaderName::from_static("p-utc");
/// The platform's stamp.
pub const P_SIG: HeaderName = HeaderName::from_static("p-sig");
/// The voter's stamp.
pub const VOTER: HeaderName = HeaderName::from_static("voter");
/// The nonce of a vote, between edge and instance.
pub const NONCE: HeaderName = HeaderName::from_static("nonce");
/// The step of the codes, in decimal digits.
pub const TOTP_STEP: HeaderName = HeaderName::from_static("totp-step");
/// The code of the step before.
pub const TOTP_LAST: HeaderName = HeaderName::from_static("totp-last");
/// The code of the present step.
pub const TOTP_CURRENT: HeaderName = HeaderName::from_static("totp-current");
/// The code of the step after.
pub const TOTP_NEXT: HeaderName = HeaderName::from_static("totp-next");

/// The ledger that an instance records in, and that a vote is meant for.
pub const LEDGER: HeaderName = HeaderName::from_static("ledger");

/// The shard of a vote whose stamp is claimed.
pub const SHARD: HeaderName = HeaderName::from_static("shard");
/// Says of a claim that it is for a request that can only be repeated, and claims nothing.
pub const LOOK: HeaderName = HeaderName::from_static("look");

/// The paths of an instance: codes, options, votes.
pub const TOTP_PATH: &str = "/totp";
/// The options.
pub const LIST_PATH: &str = "/list";
/// A vote.
pub const VOTE_PATH: &str = "/vote";
/// A request whose voter stamp is too old, or none of the campaign's: by it nothing is recorded. A
/// path of its own, so that who does not know it refuses.
pub const REPEAT_PATH: &str = "/repeat";

/// Whether another shard may record a stamp.
pub const CLAIM_PATH: &str = "/claim";

/// The most headers of an answer: a line for each of 99 options, and some beside.
pub const MAX_HEADERS: usize = 128;

/// An answer that is none of this protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the header {header} is missing, doubled or malformed")]
pub struct WireError {
    /// The header.
    pub header: HeaderName,
}

/// The response that carries an answer.
///
/// What an answer holds was made by us or read by [`response_to_answer`], so all of it fits into
/// headers; should it not, the response is 500.
pub fn answer_to_response(answer: &Answer) -> Response {
    let mut response = Response::new(Body::empty());
    match head(answer) {
        Some((status, headers)) => {
            *response.status_mut() = status;
            *response.headers_mut() = headers;
        }
        None => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    response
}

fn head(answer: &Answer) -> Option<(StatusCode, HeaderMap)> {
    let mut headers = HeaderMap::with_capacity(answer.headers.len() + 4);
    for (name, value) in &answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value).ok()?);
    }
    headers.insert(CACHE_CONTROL, cache_control(answer.max_age_s));
    if let Some(seconds) = answer.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Some((StatusCode::from_u16(answer.status).ok()?, headers))
}

/// The response of a refusal.
pub fn refused(refusal: Refusal) -> Response {
    answer_to_response(&refusal.into())
}

/// The response that carries the answer to a vote, which is for all fields of its request: its
/// address, the nonce, is not enough for a cache on the way.
pub fn vote_to_response(answer: &Answer) -> Response {
    let mut response = answer_to_response(answer);
    response.headers_mut().insert(VARY, HeaderValue::from_static(FIELDS));
    response
}

/// The headers of a vote request, by which answers differ.
const FIELDS: &str = "P-UTC, P-SIG, auth-pkey, auth-sig, auth-id, voter, say";

/// `max-age=N`, or `no-store`.
pub fn cache_control(max_age_s: Option<u32>) -> HeaderValue {
    let maximum = max_age_s.map(|seconds| format!("max-age={seconds}"));
    maximum
        .and_then(|text| HeaderValue::from_str(&text).ok())
        .unwrap_or(HeaderValue::from_static("no-store"))
}

/// The answer that a response carries: its status, and of its headers those of this protocol.
pub fn response_to_answer(status: StatusCode, headers: &HeaderMap) -> Result<Answer, WireError> {
    let mut kept = Vec::new();
    for (name, value) in headers {
        if let Some(spelt) = spelling(name.as_str()) {
            let text = value.to_str().map_err(|_| WireError { header: name.clone() })?;
            kept.push((spelt, text.to_owned()));
        }
    }
    let retry_after_s = match headers.get(RETRY_AFTER) {
        None => None,
        Some(value) => Some(number(value).ok_or(WireError { header: RETRY_AFTER })?),
    };
    let max_age_s = max_age(headers);
    Ok(Answer { status: status.as_u16(), headers: kept, max_age_s, retry_after_s })
}

/// The headers that answers carry, beside those that are numbered.
const NAMES: [&str; 8] = [
    "Accepted",
    "Accepted-Batch",
    "Accepted-Sig",
    "Receipt-Batch",
    "Receipt-Sig",
    "P-UTC",
    "P-SIG",
    "voter",
];

/// How the specification spells a header of this protocol; `None` for any other.
fn spelling(name: &str) -> Option<String> {
    if let Some(known) = NAMES.into_iter().find(|known| known.eq_ignore_ascii_case(name)) {
        return Some(known.to_owned());
    }
    let (word, number) = name.split_at_checked(name.len().checked_sub(2)?)?;
    let numbered = number.bytes().all(|byte| byte.is_ascii_digit());
    let word = ["Receipt", "Say"].into_iter().find(|known| known.eq_ignore_ascii_case(word))?;
    numbered.then(|| format!("{word}{number}"))
}

/// The seconds for which a response may be kept (RFC 9111, 5.2.2); `None` for not at all. Of
/// several directives the strictest counts.
pub fn max_age(headers: &HeaderMap) -> Option<u32> {
    let mut seconds = None;
    let lines = headers.get_all(CACHE_CONTROL).into_iter();
    for directive in lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        if matches!(directive.as_str(), "no-store" | "no-cache" | "private") {
            return None;
        }
        if let Some(text) = directive.strip_prefix("max-age=") {
            let found: u32 = text.parse().ok()?;
            seconds = Some(seconds.map_or(found, |before: u32| before.min(found)));
        }
    }
    seconds
}

/// The value of a header that comes once.
pub fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a HeaderValue, WireError> {
    let mut values = headers.get_all(name).into_iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        _ => Err(WireError { header: name.clone() }),
    }
}

/// The value of the header `Ledger`.
pub fn ledger(id: LedgerId) -> HeaderValue {
    // Hexadecimal digits.
    HeaderValue::from_str(&id.to_string()).unwrap_or(HeaderValue::from_static(""))
}

/// The ledger that headers name, once.
pub fn ledger_of(headers: &HeaderMap) -> Option<LedgerId> {
    LedgerId::from_text(one(headers, &LEDGER).ok()?.to_str().ok()?)
}

/// A number in decimal digits.
fn number<T: std::str::FromStr>(value: &HeaderValue) -> Option<T> {
    let text = value.to_str().ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The headers of codes.
pub fn codes_to_headers(codes: &Codes) -> HeaderMap {
    let shown = [(TOTP_LAST, codes.last), (TOTP_CURRENT, codes.current), (TOTP_NEXT, codes.next)];
    let mut headers = HeaderMap::with_capacity(5);
    headers.insert(TOTP_STEP, HeaderValue::from(codes.step));
    for (name, code) in shown {
        if let Ok(mut value) = HeaderValue::from_str(&code.to_string()) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
    headers
}

/// The codes that an instance tells.
pub fn codes_from_headers(headers: &HeaderMap) -> Result<Codes, WireError> {
    let code = |name: HeaderName| {
        let text = one(headers, &name)?.to_str().ok();
        text.and_then(|text| text.parse().ok()).ok_or(WireError { header: name })
    };
    let step = number(one(headers, &TOTP_STEP)?).ok_or(WireError { header: TOTP_STEP })?;
    let (last, current, next) = (code(TOTP_LAST)?, code(TOTP_CURRENT)?, code(TOTP_NEXT)?);
    Ok(Codes { step, last, current, next })
}

/// The headers by which an edge hands a vote on: the nonce, and those that it came with.
pub fn vote_to_headers(request: &VoteRequest) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(12);
    let own = [("nonce", request.vote.nonce.to_string())];
    for (name, value) in own.into_iter().chain(request.headers()) {
        // Every field was read from a header, or is made of what a header can carry.
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(mut value)) = (name, HeaderValue::from_str(&value)) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
    headers
}

/// The vote that an edge hands on: the other side of [`vote_to_headers`].
pub fn vote_from_headers(headers: &HeaderMap) -> Result<VoteRequest, RequestError> {
    let nonce = one(headers, &NONCE).ok().and_then(|value| value.to_str().ok());
    VoteRequest::with_nonce(nonce.ok_or(RequestError::Path)?, lines(headers))
}

/// The vote request of a path and its headers.
pub fn vote_of(path: &str, headers: &HeaderMap) -> Result<VoteRequest, RequestError> {
    VoteRequest::parse(path, lines(headers))
}

fn lines(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

mod claims;
mod published;
mod stamps;

pub use claims::*;
pub use published::*;
pub use stamps::*;

#[cfg(test)]
mod tests;
