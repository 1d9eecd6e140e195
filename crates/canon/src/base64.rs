//! Padded standard base64 (RFC 4648 section 4) in its one spelling.
//!
//! Other decoders take several padded texts one after the other (`AA==AA==`) for the base64 of
//! all their bytes, or pass over bits that no byte needs (`AB==`). Then two texts are the same
//! bytes, and what is signed or hashed as a text can be changed without anyone noticing. Here
//! `decode` takes exactly what `encode` writes.

use data_encoding::{BASE64, BASE64_NOPAD};

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

/// The bytes of the base64 text of exactly `N` bytes, without an allocation; `None` unless
/// [`encode`] would write that very text for them.
pub fn decode_array<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (groups, end) = bytes.as_mut_slice().split_at_mut(N.saturating_sub(N % 3));
    // Four characters for each three bytes, and four for what is left.
    let (body, rest) = text.split_at_checked((N / 3).saturating_mul(4))?;
    // Of whole groups no text is padded.
    BASE64_NOPAD.decode_mut(body, groups).ok()?;
    if end.is_empty() {
        return rest.is_empty().then_some(bytes);
    }
    let (last, mut three) = (<[u8; 4]>::try_from(rest).ok()?, [0; 3]);
    let length = BASE64.decode_mut(&last, &mut three).ok()?;
    end.copy_from_slice(three.get(..length).filter(|found| found.len() == end.len())?);
    Some(bytes)
}

#[cfg(test)]
mod tests;
