use proptest::prelude::*;
use sha2::Digest as _;

use super::*;

#[test]
fn text_form_is_strict() {
    let digest = Digest::of(b"abc");
    let text = digest.to_string();
    assert_eq!(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(text.parse(), Ok(digest));
    assert_eq!(text.to_uppercase().parse::<Digest>(), Err(DigestError::Character { at: 0 }));
    assert_eq!(text[1..].parse::<Digest>(), Err(DigestError::Length { found: 63 }));
    assert_eq!(format!("{text}0").parse::<Digest>(), Err(DigestError::Length { found: 65 }));
    let spoilt = format!("{}g", &text[..63]);
    assert_eq!(spoilt.parse::<Digest>(), Err(DigestError::Character { at: 63 }));
}

#[test]
fn parts_are_joined() {
    assert_eq!(Digest::of_parts(&[b"a", b"", b"bc"]), Digest::of(b"abc"));
    assert_eq!(Digest::of_parts(&[]), Digest::of(b""));
}

#[test]
fn json_form_is_the_text() {
    let digest = Digest::of(b"");
    let json = serde_json::to_string(&digest).unwrap();
    assert_eq!(json, format!("\"{digest}\""));
    assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), digest);
    assert!(serde_json::from_str::<Digest>("\"00\"").is_err());
    assert!(serde_json::from_str::<Digest>("7").is_err());
}

proptest! {
    /// Whatever computes it on this machine, against the portable implementation.
    #[test]
    fn pieces_have_the_digest_that_sha2_computes(pieces: Vec<Vec<u8>>) {
        let whole = pieces.concat();
        let expected = Digest(sha2::Sha256::digest(&whole).into());
        let mut hasher = Hasher::default();
        for piece in &pieces {
            hasher.update(piece);
        }
        prop_assert_eq!(hasher.finish(), expected);
        prop_assert_eq!(Digest::of(&whole), expected);
    }
}
