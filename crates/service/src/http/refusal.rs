//! The one place that turns an error into an answer.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// An answer that says no, and what to do.
///
/// ```text
/// HTTP/1.1 403 Forbidden
/// content-type: application/json
///
/// {"error":"wrong_role","message":"…","hint":"…"}
/// ```
///
/// `error` is a stable word for programs, `message` says what happened, `hint` what to do; an
/// empty hint is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status code.
    pub status: StatusCode,
    /// The stable word.
    pub error: &'static str,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Seconds after which to try again, as a `Retry-After` header.
    pub retry_after_s: Option<u32>,
}

#[derive(Serialize)]
struct Form<'a> {
    error: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    hint: &'a str,
}

impl Refusal {
    /// A refusal without a hint.
    pub fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into(), hint: String::new(), retry_after_s: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Adds when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// Nothing stands at this path.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    /// The path stands, but not for this method.
    pub fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "this path has no such method")
    }

    /// Something failed here; the caller is not to blame, and learns no more than that.
    pub fn ourselves(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed by our own fault");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server failed")
            .hint("try again; the operator's journal has the reason")
    }

    /// The JSON body.
    pub fn body(&self) -> Vec<u8> {
        let form = Form { error: self.error, message: &self.message, hint: &self.hint };
        canon::json::to_canonical(&form).unwrap_or_else(|_| br#"{"error":"internal"}"#.to_vec())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
