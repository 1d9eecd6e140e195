//! A range of bytes that a client asks for (RFC 9110, 14).

use std::ops::Range;

use axum::http::HeaderValue;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// All of it: no range, several, another unit, or one that cannot be read.
    Whole,
    /// These bytes, and at least one.
    Part(Range<u64>),
    /// Bytes that are not there: 416.
    Beyond,
}

/// What the header `Range` asks of something with so many bytes.
pub fn asked(header: Option<&HeaderValue>, length: u64) -> Asked {
    let text = header.and_then(|value| value.to_str().ok());
    let bounds = text.and_then(|text| text.strip_prefix("bytes=")).and_then(read);
    match bounds {
        None => Asked::Whole,
        Some((Some(first), last)) => {
            let end = last.map_or(length, |last| last.saturating_add(1).min(length));
            if first < length { Asked::Part(first..end) } else { Asked::Beyond }
        }
        Some((None, last)) => {
            let count = last.unwrap_or(0).min(length);
            if count > 0 { Asked::Part(length - count..length) } else { Asked::Beyond }
        }
    }
}

/// `a-b`, `a-` or `-n`.
fn read(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = text.trim().split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    match (first, last) {
        (None, None) => None,
        (Some(first), Some(last)) if last < first => None,
        both => Some(both),
    }
}

/// `Some(None)` for nothing at all.
#[expect(clippy::option_option, reason = "absent and malformed are two things")]
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 9110, 14.1.2, and what is none.
    #[test]
    fn ranges_are_those_of_the_standard() {
        let of = |text: &'static str| asked(Some(&HeaderValue::from_static(text)), 10_000);
        assert_eq!(of("bytes=0-499"), Asked::Part(0..500));
        assert_eq!(of("bytes=500-999"), Asked::Part(500..1_000));
        assert_eq!(of("bytes=-500"), Asked::Part(9_500..10_000));
        assert_eq!(of("bytes=9500-"), Asked::Part(9_500..10_000));
        assert_eq!(of("bytes=9500-20000"), Asked::Part(9_500..10_000));
        assert_eq!(of("bytes=-20000"), Asked::Part(0..10_000));
        for beyond in ["bytes=10000-", "bytes=10000-10001", "bytes=-0"] {
            assert_eq!(of(beyond), Asked::Beyond, "{beyond}");
        }
        for none in ["bytes=-", "bytes=2-1", "bytes=0-1,3-4", "lines=0-1", "bytes=+1-2", "0-1"] {
            assert_eq!(of(none), Asked::Whole, "{none}");
        }
        assert_eq!(of("bytes=99999999999999999999-"), Asked::Whole);
        assert_eq!(asked(None, 3), Asked::Whole);
        assert_eq!(asked(Some(&HeaderValue::from_static("bytes=0-")), 0), Asked::Beyond);
    }
}
