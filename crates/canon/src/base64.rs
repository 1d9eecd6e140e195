//! Padded standard base64 (RFC 4648 section 4) in its one spelling.
//!
//! Other decoders take several padded texts one after the other (`AA==AA==`) for the base64 of
//! all their bytes, or pass over bits that no byte needs (`AB==`). Then two texts are the same
//! bytes, and what is signed or hashed as a text can be changed without anyone noticing. Here
//! `decode` takes exactly what `encode` writes.

use data_encoding::BASE64;

/// The base64 of some bytes.
pub fn encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The bytes of a base64 text; `None` unless [`encode`] would write that very text for them.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    // Padding before the last two characters is the end of an earlier text.
    let body = text.split_last_chunk::<2>().map_or(text, |(body, _)| body);
    if body.contains(&b'=') {
        return None;
    }
    BASE64.decode(text).ok()
}

#[cfg(test)]
mod tests;
