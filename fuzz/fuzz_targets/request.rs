//! The header block of a vote request: one request has one spelling.
#![no_main]

use booth::request::{HEADERS, RequestError, VoteRequest};
use libfuzzer_sys::fuzz_target;

// The path on the first line, then a header a line.
fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let Ok(path) = std::str::from_utf8(lines.next().unwrap_or_default()) else {
        return;
    };
    let headers: Vec<(&str, &[u8])> = lines.filter_map(header).collect();
    let Ok(request) = VoteRequest::parse(path, headers.iter().copied()) else {
        return;
    };
    assert_eq!(request.path(), path, "one nonce, two spellings");
    let written = request.headers();
    for (name, value) in &written {
        let mut given = headers.iter().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        assert_eq!(given.next().map(|(_, value)| *value), Some(value.as_bytes()), "{name}");
        assert!(given.next().is_none(), "{name} came twice and was taken");
    }
    let all = || written.iter().map(|(name, value)| (*name, value.as_bytes()));
    let again = VoteRequest::parse(&request.path(), all()).expect("reads what it wrote");
    assert_eq!(again, request);
    assert_eq!(again.digest(), request.digest());
    for header in HEADERS {
        let less = all().filter(|(name, _)| *name != header);
        assert_eq!(VoteRequest::parse(path, less), Err(RequestError::Missing { header }));
    }
});

fn header(line: &[u8]) -> Option<(&str, &[u8])> {
    let at = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at(at);
    Some((std::str::from_utf8(name).ok()?, value[1..].trim_ascii()))
}
