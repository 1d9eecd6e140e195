//! What the headers of an answer say.

use booth::campaign::{Period, from_header};
use booth::edge::StampAnswer;
use booth::stamp::PlatformStamp;
use canon::base64;
use hyper::header::HeaderMap;

/// The one value of a header.
fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// All headers that are texts.
pub(super) fn texts(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
}

/// Seconds after which to ask again.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u32> {
    value(headers, "Retry-After")?.parse().ok()
}

/// `Say01` and so on, without a gap.
pub(super) fn ballot(headers: &HeaderMap) -> Option<Vec<String>> {
    let lines = texts(headers).filter(|(name, _)| name.starts_with("say")).count();
    let options =
        (1..=lines).map(|number| from_header(value(headers, &format!("say{number:02}"))?));
    options.collect()
}

/// A platform stamp in its one spelling, and a voter stamp.
pub(super) fn stamps(headers: &HeaderMap) -> Option<StampAnswer> {
    let period = Period::from_text(value(headers, "P-UTC")?)?;
    let text = value(headers, "P-SIG")?;
    let signature: [u8; 64] = base64::decode(text.as_bytes())?.try_into().ok()?;
    let platform = PlatformStamp { period, signature };
    let is_spelt_so = platform.signature_text() == text;
    let voter = value(headers, "voter")?.parse().ok()?;
    is_spelt_so.then_some(StampAnswer { platform, voter })
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn a_ballot_has_no_gap_and_no_line_twice() {
        let read = |lines: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, HeaderValue::from_static(value));
            }
            ballot(&headers)
        };
        let whole = read(&[("say02", "Caf%C3%A9"), ("say01", "Pluto"), ("server", "x")]);
        assert_eq!(whole, Some(vec!["Pluto".to_owned(), "Café".to_owned()]));
        assert_eq!(read(&[("say01", "Pluto"), ("say03", "Mars")]), None);
        assert_eq!(read(&[("say01", "Pluto"), ("say01", "Mars")]), None);
        assert_eq!(read(&[("say01", "Caf%c3%a9")]), None, "another spelling");
    }
}
