//! The examples of `docs/spec/canonical.md` are those of the vectors.

use canon::{Digest, PrivateKey, SignedBytes, base32, json};

const PAGE: &str = include_str!("../../../../docs/spec/canonical.md");

#[test]
fn the_envelope_of_the_page_holds() {
    let line = PAGE.lines().find(|line| line.starts_with("{\"kind\"")).unwrap();
    let signed = SignedBytes::parse(line.as_bytes()).unwrap();
    let key = PrivateKey::from_seed(signed.signatures[0].alg.known().unwrap(), &[1; 32]).unwrap();
    signed.verify(0, key.public()).unwrap();
    for shown in [
        Digest::of(line.as_bytes()).to_string(),
        format!("Its digest, the artifact's name: `{}`.", Digest::of(line.as_bytes())),
        format!("= {}      for the key above", key.public().id()),
        serde_json::to_string(key.public()).unwrap(),
        format!("= {}", Digest::of(b"")),
    ] {
        assert!(PAGE.contains(&shown), "{shown}");
    }
}

#[test]
fn the_canonical_text_of_the_page_is_that_of_the_strict_one() {
    let ending = |ending: &str| {
        let line = PAGE.lines().find(|line| line.ends_with(ending)).unwrap();
        line.strip_suffix(ending).unwrap().trim().as_bytes()
    };
    let strict = ending("  strict");
    assert_eq!(json::canonicalize(strict).unwrap(), ending("  canonical"));
}

#[test]
fn the_poster_of_the_page_can_be_read() {
    let lines: Vec<&str> = PAGE
        .lines()
        .map(str::trim)
        .filter(|line| ["01 ", "02 ", "03 ", "04 "].iter().any(|number| line.starts_with(number)))
        .collect();
    let mut data = Vec::new();
    for (expected, line) in (1..).zip(&lines) {
        let (number, part) = base32::decode_line(line).unwrap();
        assert_eq!(number, expected);
        data.extend(part);
    }
    assert_eq!(data, Digest::of(b"charter").as_bytes());
}
