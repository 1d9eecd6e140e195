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

/// What stands before the parts of a body: the head of RFC 1952, 2.3, without name and time.
pub const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

/// A part of a gzip body that grows: DEFLATE blocks (RFC 1951) that end on a byte and refer to
/// nothing before them. So a body is [`HEAD`], all parts so far, and the tail of their [`Sum`].
pub fn part(bytes: &[u8]) -> Vec<u8> {
    let mut state = flate2::Compress::new(flate2::Compression::fast(), false);
    let mut out = Vec::with_capacity(bytes.len() / 2 + 64);
    let mut rest = bytes;
    loop {
        let (before, length) = (state.total_in(), out.len());
        out.reserve(64 * 1024);
        // Nothing can be wrong with what is compressed.
        let _ = state.compress_vec(rest, &mut out, flate2::FlushCompress::Full);
        let taken = usize::try_from(state.total_in() - before).unwrap_or(rest.len());
        rest = rest.get(taken..).unwrap_or_default();
        let has_room = out.capacity() > out.len();
        if rest.is_empty() && (has_room || out.len() == length) {
            return out;
        }
    }
}

/// What the tail of a gzip body says of all bytes before it.
#[derive(Debug, Default)]
pub struct Sum(flate2::Crc);

impl Sum {
    /// Adds bytes as they were before compression.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// An empty last block, the checksum and the length modulo 2^32 (RFC 1952, 2.3.1).
    pub fn tail(&self) -> [u8; 10] {
        let mut tail = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        tail[2..6].copy_from_slice(&self.0.sum().to_le_bytes());
        tail[6..].copy_from_slice(&self.0.amount().to_le_bytes());
        tail
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_body_that_grows_is_one_gzip_member_at_each_length() {
        let mut sum = Sum::default();
        let (mut parts, mut all) = (HEAD.to_vec(), Vec::new());
        for length in [0, 1, 100_000, 7, 3_000_000] {
            let bytes: Vec<u8> = (0..length).map(|at: u32| (at % 251) as u8 ^ 7).collect();
            parts.extend(part(&bytes));
            sum.update(&bytes);
            all.extend(bytes);
            let body = [parts.as_slice(), &sum.tail()].concat();
            let mut read = Vec::new();
            // One member, and nothing behind it.
            let mut decoder = flate2::bufread::GzDecoder::new(body.as_slice());
            decoder.read_to_end(&mut read).unwrap();
            assert!(read == all && decoder.into_inner().is_empty(), "{length}");
        }
    }
}
