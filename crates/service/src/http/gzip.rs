//! Compression of answers for clients that accept it.

use std::io::Write;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

/// Whether the client takes gzip: `gzip` or `*` stands in `Accept-Encoding` with a weight that
/// is not zero (RFC 9110, 12.5.3).
pub fn accepted(headers: &HeaderMap) -> bool {
    let mut any = false;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for item in value.to_str().unwrap_or("").split(',') {
            let mut parts = item.split(';').map(str::trim);
            let coding = parts.next().unwrap_or("");
            let wanted = parts.all(|part| !is_zero_weight(part));
            if coding.eq_ignore_ascii_case("gzip") {
                return wanted;
            }
            any |= coding == "*" && wanted;
        }
    }
    any
}

fn is_zero_weight(parameter: &str) -> bool {
    parameter
        .split_once('=')
        .filter(|(name, _)| name.eq_ignore_ascii_case("q"))
        .and_then(|(_, weight)| weight.parse::<f32>().ok())
        .is_some_and(|weight| weight <= 0.0)
}

/// The bytes in gzip form. The same bytes always give the same form.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let out = Vec::with_capacity(bytes.len() / 2 + 64);
    let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::new(5));
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
