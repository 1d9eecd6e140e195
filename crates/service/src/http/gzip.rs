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
///
/// It is made in one call, with room for whatever comes of it: a compressor whose room runs out in
/// the middle of a flush loses bytes (`miniz_oxide` does).
///
/// # Panics
/// When DEFLATE makes more of the bytes than it can.
pub fn part(bytes: &[u8]) -> Vec<u8> {
    let mut state = flate2::Compress::new(flate2::Compression::fast(), false);
    let mut out = Vec::with_capacity(most_of(bytes.len()));
    // Nothing can be wrong with what is compressed.
    let _ = state.compress_vec(bytes, &mut out, flate2::FlushCompress::Full);
    assert!(
        state.total_in() == bytes.len() as u64 && out.len() < out.capacity(),
        "a part of {} bytes found no room in {}",
        bytes.len(),
        out.capacity()
    );
    out.shrink_to_fit();
    out
}

/// More bytes than DEFLATE makes of so many: what cannot be compressed is stored, in blocks of
/// 5 bytes and 31 KiB at least, and a flush takes a few more.
const fn most_of(length: usize) -> usize {
    length + length / 8 + 1024
}

/// What the tail of a gzip body says of all bytes before it.
#[derive(Debug, Default)]
pub struct Sum(flate2::Crc);

/// One that goes on from the same bytes.
impl Clone for Sum {
    fn clone(&self) -> Self {
        let mut crc = flate2::Crc::new();
        crc.combine(&self.0);
        Self(crc)
    }
}

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

    /// Lines as lists have them, which take three quarters of their length: so the room for a part
    /// fills while it is compressed, anywhere in it.
    #[test]
    fn a_part_of_any_length_is_read_back() {
        let mut state = 1_u64;
        let mut letter = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                [usize::try_from(state >> 58).unwrap()]
        };
        let lines: Vec<u8> = (0..1_200_000).map(|_| letter()).collect();
        for length in (0..).map(|number| number * 1_777).take_while(|length| *length < lines.len())
        {
            let mut sum = Sum::default();
            let bytes = &lines[..length];
            sum.update(bytes);
            let body = [HEAD.as_slice(), &part(bytes), &sum.tail()].concat();
            let mut read = Vec::new();
            let mut decoder = flate2::bufread::GzDecoder::new(body.as_slice());
            decoder.read_to_end(&mut read).unwrap_or_else(|error| panic!("{length}: {error}"));
            assert!(read == bytes, "{length}");
        }
    }
}
