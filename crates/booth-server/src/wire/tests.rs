use booth::answer::Refusal;
use proptest::prelude::*;

use super::*;

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::from_static(name), value.parse().unwrap());
    }
    headers
}

fn there_and_back(answer: &Answer) -> Answer {
    let response = answer_to_response(answer);
    response_to_answer(response.status(), response.headers()).unwrap()
}

#[test]
fn an_answer_arrives_as_it_was_sent() {
    let receipt = Answer {
        status: 204,
        headers: vec![
            (
                "Receipt01".to_owned(),
                "AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G Caf%C3%A9".to_owned(),
            ),
            ("Receipt02".to_owned(), "- Bold Jupiter".to_owned()),
            ("Receipt-Batch".to_owned(), "0/7".to_owned()),
            ("Receipt-Sig".to_owned(), "AA==".to_owned()),
        ],
        max_age_s: Some(300),
        retry_after_s: None,
    };
    assert_eq!(there_and_back(&receipt), receipt);
    let accepted = Answer {
        status: 202,
        headers: vec![("Accepted-Batch".to_owned(), "0/7".to_owned())],
        max_age_s: None,
        retry_after_s: Some(60),
    };
    assert_eq!(there_and_back(&accepted), accepted);
    assert_eq!(answer_to_response(&accepted).headers()["cache-control"], "no-store");
    for refusal in [Refusal::Voted, Refusal::TooMany { wait_s: 600 }, Refusal::Busy] {
        let answer = Answer::from(refusal);
        assert_eq!(there_and_back(&answer), answer);
    }
}

/// What an instance, or whoever stands in its place, adds of its own stays behind the edge.
#[test]
fn other_headers_do_not_pass() {
    let found = headers(&[
        ("server", "secret-machine/1.0"),
        ("set-cookie", "who=you"),
        ("receipt1", "short"),
        ("receipt001", "long"),
        ("receiptxx", "no number"),
        ("accepted", "yes"),
        ("x-pull", "the pass header"),
        ("totp-current", "123456"),
    ]);
    let answer = response_to_answer(StatusCode::ACCEPTED, &found).unwrap();
    assert_eq!(answer.headers, [("Accepted".to_owned(), "yes".to_owned())]);
}

#[test]
fn the_strictest_directive_counts() {
    for (line, expected) in [
        ("max-age=300", Some(300)),
        ("public, max-age=60", Some(60)),
        ("MAX-AGE=7", Some(7)),
        ("max-age=300, no-store", None),
        ("max-age=9, max-age=5", Some(5)),
        ("max-age=-1", None),
        ("max-age=", None),
        ("max-age=99999999999999999999", None),
        ("no-store", None),
        ("", None),
    ] {
        assert_eq!(max_age(&headers(&[("cache-control", line)])), expected, "{line}");
    }
    assert_eq!(max_age(&HeaderMap::new()), None);
}

#[test]
fn codes_arrive_as_they_were_sent_and_nothing_else_is_taken() {
    let codes = Codes {
        step: 58_000_000,
        last: "000001".parse().unwrap(),
        current: "263917".parse().unwrap(),
        next: "999999".parse().unwrap(),
    };
    let sent = codes_to_headers(&codes);
    assert_eq!(sent["totp-current"], "263917");
    assert!(!format!("{sent:?}").contains("263917"), "codes are not shown: {sent:?}");
    assert_eq!(codes_from_headers(&sent), Ok(codes));
    for (name, value) in
        [(TOTP_STEP, "+1"), (TOTP_LAST, "12345"), (TOTP_NEXT, "1234567"), (TOTP_CURRENT, "")]
    {
        let mut other = sent.clone();
        other.insert(name.clone(), value.parse().unwrap());
        assert_eq!(codes_from_headers(&other), Err(WireError { header: name.clone() }));
        other.remove(&name);
        assert_eq!(codes_from_headers(&other), Err(WireError { header: name.clone() }));
        let mut twice = sent.clone();
        twice.append(name.clone(), sent[&name].clone());
        assert_eq!(codes_from_headers(&twice), Err(WireError { header: name }));
    }
}

/// The request of the specification's form, with signatures that are none.
fn vote(say: &str) -> VoteRequest {
    let signature = format!("{}==", "A".repeat(86));
    let lines = [
        ("P-UTC", "1669632645"),
        ("P-SIG", &signature),
        ("auth-pkey", &format!("{}=", "A".repeat(43))),
        ("auth-sig", &signature),
        ("auth-id", &"A".repeat(32)),
        ("voter", "AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G"),
        ("say", say),
    ];
    let lines = lines.iter().map(|(name, value)| (*name, value.as_bytes()));
    VoteRequest::parse("/8000000054e12cba", lines).unwrap()
}

#[test]
fn a_vote_arrives_as_it_was_handed_on() {
    let request = vote("Caf%C3%A9 Jupiter");
    let mut handed = vote_to_headers(&request);
    assert_eq!(handed.len(), 8);
    assert_eq!(vote_from_headers(&handed), Ok(request));
    assert!(!format!("{handed:?}").contains("AAKQ"), "votes are not shown: {handed:?}");
    handed.append(NONCE, "8000000054e12cba".parse().unwrap());
    assert_eq!(vote_from_headers(&handed), Err(RequestError::Path));
}

proptest! {
    #[test]
    fn no_header_of_an_instance_upsets_the_edge(
        lines in prop::collection::vec(
            ("[a-z-]{1,12}[0-9]{0,3}", prop::collection::vec(0x20_u8..0x7f, 0..40)),
            0..20,
        )
    ) {
        let mut found = HeaderMap::new();
        for (name, value) in lines {
            if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
                found.append(name, HeaderValue::from_bytes(&value).unwrap());
            }
        }
        let _ = codes_from_headers(&found);
        let _ = vote_from_headers(&found);
        if let Ok(answer) = response_to_answer(StatusCode::NO_CONTENT, &found) {
            prop_assert_eq!(there_and_back(&answer), answer);
        }
    }
}
