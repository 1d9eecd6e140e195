use std::sync::LazyLock;

use proptest::prelude::*;

use super::{HEADERS, RequestError, VoteRequest};
use crate::answer::Refusal;
use crate::fixture::request;

type Fields = Vec<(String, Vec<u8>)>;

fn fields(request: &VoteRequest) -> Fields {
    let headers = request.headers().into_iter();
    headers.map(|(name, value)| (name.to_owned(), value.into_bytes())).collect()
}

fn parse(path: &str, fields: &Fields) -> Result<VoteRequest, RequestError> {
    VoteRequest::parse(path, fields.iter().map(|(name, value)| (name.as_str(), value.as_slice())))
}

#[test]
fn a_request_is_read_as_it_was_written() {
    for say in ["Bold Jupiter", "Caf\u{e9}"] {
        let request = request(1, say);
        let mut fields = fields(&request);
        assert_eq!(parse(&request.path(), &fields).as_ref(), Ok(&request));
        fields.reverse();
        for (name, _) in &mut fields {
            *name = name.to_uppercase();
        }
        fields.push(("Accept".to_owned(), b"*/*".to_vec()));
        assert_eq!(parse(&request.path(), &fields), Ok(request));
    }
}

#[test]
fn what_is_not_ascii_travels_encoded_and_is_hashed_as_utf_8() {
    let request = request(1, "Caf\u{e9}");
    assert!(request.headers().contains(&("say", "Caf%C3%A9".to_owned())));
    let mut fields = fields(&request);
    fields[6].1 = "Caf\u{e9}".as_bytes().to_vec();
    assert_eq!(parse(&request.path(), &fields), Err(RequestError::Form { header: "say" }));
    assert!(request.vote.score() >= 4, "mined over the UTF-8");
}

#[test]
fn another_path_is_no_vote_request() {
    let request = request(1, "Bold Jupiter");
    for path in
        ["/", "/hello", "", "8000000054e12cba", "/8000000054E12CBA", "/8000000054e12cba/", "/00"]
    {
        let error = parse(path, &fields(&request)).unwrap_err();
        assert_eq!(error, RequestError::Path, "{path}");
        assert_eq!(Refusal::from(error).status(), 400);
    }
}

#[test]
fn each_header_comes_once() {
    let request = request(1, "Bold Jupiter");
    for (at, header) in HEADERS.into_iter().enumerate() {
        let mut less = fields(&request);
        less.remove(at);
        let missing = parse(&request.path(), &less).unwrap_err();
        assert_eq!(missing, RequestError::Missing { header });
        let mut more = fields(&request);
        more.push((header.to_lowercase(), more[at].1.clone()));
        let twice = parse(&request.path(), &more).unwrap_err();
        assert_eq!(twice, RequestError::Twice { header });
        assert_eq!([missing, twice].map(|error| Refusal::from(error).status()), [486, 486]);
    }
}

/// One request must not be had in two forms: then an answer kept for one would not be found for
/// the other, and a stamp that one reserves would be free for the other.
#[test]
fn no_field_has_a_second_spelling() {
    let request = request(1, "Bold Jupiter");
    for (at, header) in HEADERS.into_iter().enumerate() {
        let value = fields(&request)[at].1.clone();
        let text = String::from_utf8(value.clone()).unwrap();
        let mut others: Vec<Vec<u8>> = vec![
            Vec::new(),
            b"\xff".to_vec(),
            [value.as_slice(), b" "].concat(),
            [b"0", value.as_slice()].concat(),
            vec![b'A'; 100_000],
        ];
        if header == "say" {
            // Other options are other requests; only the encoding is judged here.
            others = vec![
                Vec::new(),
                b"\xff".to_vec(),
                b"Bold%20Jupiter".to_vec(),
                b"a\"b".to_vec(),
                b"a\tb".to_vec(),
                vec![b'A'; 601],
            ];
        }
        if text.ends_with('=') {
            others.push(text.trim_end_matches('=').as_bytes().to_vec());
            others.push(text.replace('=', "%3D").into_bytes());
        }
        for other in others {
            let mut fields = fields(&request);
            fields[at].1 = other;
            assert_eq!(parse(&request.path(), &fields), Err(RequestError::Form { header }));
        }
    }
}

#[test]
fn every_field_is_in_the_digest() {
    let (one, two) = (request(1, "Bold Jupiter"), request(2, "Shiny Saturn"));
    let mut others = vec![one.clone(); 7];
    others[0].mandate = two.mandate;
    others[1].vote.say.clone_from(&two.vote.say);
    others[2].vote.nonce = two.vote.nonce;
    others[3].vote.stamp = two.vote.stamp;
    others[4].vote.platform.signature = two.vote.platform.signature;
    others[5].vote.platform.period = crate::campaign::Period::from_text("7").unwrap();
    let digests: std::collections::BTreeSet<_> = others.iter().map(VoteRequest::digest).collect();
    assert_eq!(digests.len(), 7);
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_the_same(
        at in 0_usize..7,
        value in proptest::collection::vec(any::<u8>(), 0..90),
        path in "/[0-9a-f]{0,70}",
    ) {
        static FIELDS: LazyLock<Fields> = LazyLock::new(|| fields(&request(1, "Bold Jupiter")));
        let mut fields = FIELDS.clone();
        fields[at].1 = value;
        if let Ok(read) = parse(&path, &fields) {
            prop_assert_eq!(read.path(), path);
            prop_assert_eq!(self::fields(&read), fields);
        }
    }
}
