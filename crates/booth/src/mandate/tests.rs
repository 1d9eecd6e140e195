use canon::{Algorithm, PrivateKey};

use super::{Authorities, Mandate, MandateError, Unauthorised, VOTERS_LINE_BYTES};
use crate::fixture::{authority, mandate, vector};

/// The group's order of Ed25519, little-endian (RFC 8032, 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The same signature with the group's order added to `S`: lax verifiers take it for another.
fn malleated(of: &Mandate) -> Mandate {
    let mut signature = *of.signature();
    let mut carry = 0_u16;
    for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    Mandate::from_parts(of.id().authority, signature, of.id().id)
}

fn authorities() -> Authorities {
    Authorities::new(vec![authority(1).public().clone(), authority(2).public().clone()]).unwrap()
}

#[test]
fn the_published_card_is_a_mandate_that_holds() {
    let card = vector("card");
    let mandate = Mandate::from_token(card["token"].as_str().unwrap()).unwrap();
    assert!(mandate.holds());
    assert_eq!(mandate.look_up(), card["look_up"].as_str().unwrap());
    assert_eq!(mandate.token(), card["token"].as_str().unwrap());
}

#[test]
fn every_form_is_read_as_it_was_written() {
    let mandate = mandate(7);
    let line = mandate.voters_line();
    assert_eq!(line.len(), VOTERS_LINE_BYTES);
    assert_eq!(Mandate::from_voters_line(&line), Ok(mandate));
    assert_eq!(Mandate::from_voters_line(line.trim_end()), Ok(mandate));
    assert_eq!(Mandate::from_bytes(&mandate.to_bytes()), Ok(mandate));
    assert_eq!(Mandate::from_token(&mandate.token().to_uppercase()), Ok(mandate));
    assert!(mandate.fields()[1].starts_with(&mandate.look_up()));
}

#[test]
fn a_line_of_another_form_is_refused() {
    let line = mandate(7).voters_line();
    let [key, signature, id] = mandate(7).fields();
    for other in [
        line.replace(' ', "  "),
        line.replacen('=', "", 1),
        format!("{line}\n"),
        format!(" {line}"),
        format!("{key} {signature} {id} {id}\n"),
        format!("{key} {id} {signature}\n"),
        format!("{key} {signature}\n"),
        String::new(),
        "\n".to_owned(),
        // The last character's spare bits set: a second spelling of the same key.
        line.replacen(&key, &format!("{}{}=", &key[..42], next(key.as_bytes()[42])), 1),
    ] {
        assert_eq!(Mandate::from_voters_line(&other), Err(MandateError::Line), "{other:?}");
    }
}

/// The next symbol of base64's alphabet, for symbols whose last bits are zero.
fn next(symbol: u8) -> char {
    match symbol {
        b'8' => '9',
        other => char::from(other + 1),
    }
}

#[test]
fn a_token_says_what_is_wrong_with_it() {
    let token = mandate(7).token();
    let short = Mandate::from_token(&token[2..]);
    assert_eq!(short, Err(MandateError::TokenLength { found: 238 }));
    let odd = Mandate::from_token(&token[1..]);
    assert_eq!(odd, Err(MandateError::TokenLength { found: 239 }));
    let letter = format!("{}g{}", &token[..9], &token[10..]);
    assert_eq!(Mandate::from_token(&letter), Err(MandateError::Digit { at: 10 }));
    assert_eq!(Mandate::from_token(""), Err(MandateError::TokenLength { found: 0 }));
    assert_eq!(Mandate::from_bytes(&[0; 119]), Err(MandateError::Length { found: 119 }));
    assert_eq!(Mandate::from_bytes(&[0; 121]), Err(MandateError::Length { found: 121 }));
}

#[test]
fn the_authority_is_judged_before_the_signature() {
    assert_eq!(authorities().check(&mandate(1)), Ok(()));
    let stranger = Mandate::issue(&authority(3), [1; 24]).unwrap();
    assert_eq!(authorities().check(&stranger), Err(Unauthorised::BadAuthority));
    let own = *mandate(1).signature();
    let both_wrong = Mandate::from_parts(stranger.id().authority, own, [1; 24]);
    assert_eq!(authorities().check(&both_wrong), Err(Unauthorised::BadAuthority));
    let other_id = Mandate::from_parts(mandate(1).id().authority, own, [9; 24]);
    assert_eq!(authorities().check(&other_id), Err(Unauthorised::BadSignature));
    let other_key = Mandate::from_parts(*array(&authority(2)), own, mandate(1).id().id);
    assert_eq!(authorities().check(&other_key), Err(Unauthorised::BadSignature));
}

fn array(key: &PrivateKey) -> &[u8; 32] {
    key.public().bytes().try_into().unwrap()
}

/// The attack: one mandate, and a second signature that a lax verifier takes for the same id.
#[test]
fn a_malleated_signature_does_not_count() {
    let first = mandate(1);
    let second = malleated(&first);
    assert_ne!(first.signature(), second.signature());
    // A judge that reads S without its bound takes it, so the forgery is a real one.
    let key = ed25519_dalek::VerifyingKey::from_bytes(&first.id().authority).unwrap();
    assert!(lax(&key, &first) && lax(&key, &second));
    assert_eq!(authorities().check(&second), Err(Unauthorised::BadSignature));
}

/// `[S]B = R + [k]A` with S reduced first, as old verifiers did.
fn lax(key: &ed25519_dalek::VerifyingKey, mandate: &Mandate) -> bool {
    use curve25519_dalek::{EdwardsPoint, Scalar};
    use sha2::{Digest as _, Sha512};
    let (r, s) = mandate.signature().split_at(32);
    let hash = Sha512::new().chain_update(r).chain_update(key.as_bytes());
    let k =
        Scalar::from_bytes_mod_order_wide(&hash.chain_update(mandate.id().id).finalize().into());
    let s = Scalar::from_bytes_mod_order(s.try_into().unwrap());
    let point = EdwardsPoint::vartime_double_scalar_mul_basepoint(&k, &-key.to_edwards(), &s);
    point.compress().as_bytes() == r
}

/// The attack: an authority signs one id twice, with another `R`, for two votes of one voter.
#[test]
fn a_second_signature_of_the_authority_is_the_same_voter() {
    use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
    use sha2::{Digest as _, Sha512};
    let first = mandate(1);
    let mut expanded = ExpandedSecretKey::from_bytes(&Sha512::digest([1; 32]).into());
    expanded.hash_prefix = [99; 32];
    let key = ed25519_dalek::VerifyingKey::from_bytes(&first.id().authority).unwrap();
    let again = raw_sign::<Sha512>(&expanded, &first.id().id, &key).to_bytes();
    let second = Mandate::from_parts(first.id().authority, again, first.id().id);
    assert_ne!(first.signature(), second.signature());
    assert_eq!(authorities().check(&second), Ok(()));
    assert_eq!(first.id(), second.id());
    assert_eq!(first.id().digest(), second.id().digest());
}

#[test]
fn only_ed25519_gives_mandates() {
    let p256 = PrivateKey::from_seed(Algorithm::EcdsaP256, &[1; 32]).unwrap();
    let found = Algorithm::EcdsaP256;
    assert_eq!(Mandate::issue(&p256, [0; 24]), Err(MandateError::Algorithm { found }));
    let authorities = Authorities::new(vec![p256.public().clone()]);
    assert_eq!(authorities, Err(MandateError::Algorithm { found }));
}

#[test]
fn what_is_shown_of_a_mandate_is_not_the_mandate() {
    let shown = format!("{:?}", mandate(1));
    assert!(shown.contains(&mandate(1).look_up()));
    assert!(shown.len() < 50);
}

/// A token of which one digit was misread names its place; with two wrong there is nothing to name.
#[test]
fn the_one_wrong_digit_of_a_token_is_found() {
    let right = mandate(1).token();
    assert_eq!(mandate(1).wrong_digit(), None);
    let misread = |token: &str, at: usize| {
        let digit = if token.as_bytes()[at - 1] == b'8' { "3" } else { "8" };
        format!("{}{digit}{}", &token[..at - 1], &token[at..])
    };
    for at in [1, 64, 65, 200, 240] {
        let wrong = Mandate::from_token(&misread(&right, at)).unwrap();
        assert_eq!(wrong.wrong_digit(), Some(at));
    }
    let two = misread(&misread(&right, 70), 230);
    assert_eq!(Mandate::from_token(&two).unwrap().wrong_digit(), None);
}
