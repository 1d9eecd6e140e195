//! Answers with a body, for those who run a server. Nobody keeps them.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

/// A line of text.
pub(crate) fn text(status: StatusCode, words: impl Into<Body>) -> Response {
    response(status, "text/plain; charset=utf-8", words.into())
}

/// Figures, in Prometheus's text form.
pub(crate) fn figures(rendered: Vec<u8>) -> Response {
    response(StatusCode::OK, "text/plain; version=0.0.4", rendered.into())
}

/// A JSON text that is not for everybody.
pub(crate) fn json(body: Vec<u8>) -> Response {
    response(StatusCode::OK, "application/json", body.into())
}

fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
