use ed25519_dalek::{Signature, Signer as _, SigningKey};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

/// The key as new, and the same key after it has been asked often.
fn fresh_and_worn(bytes: &[u8; 32]) -> Option<[VerifyingKey; 2]> {
    let (fresh, worn) =
        (VerifyingKey::from_bytes(bytes).ok()?, VerifyingKey::from_bytes(bytes).ok()?);
    worn.wear.asked.store(OFTEN, Ordering::Relaxed);
    assert!(worn.wear.table(&worn.minus_a).is_some());
    Some([fresh, worn])
}

/// The judgement of `ed25519_dalek`, which both ways must share.
fn strict(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).unwrap();
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

fn agree(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    let expected = strict(key, message, signature);
    for (way, key) in ["fresh", "worn"].iter().zip(fresh_and_worn(key).unwrap()) {
        assert_eq!(key.verify(message, signature).is_ok(), expected, "{way}");
    }
    expected
}

#[test]
fn a_key_gets_its_table_once_it_is_asked_often() {
    let signer = SigningKey::from_bytes(&[3; 32]);
    let key = VerifyingKey::from_bytes(&signer.verifying_key().to_bytes()).unwrap();
    let copy = key.clone();
    let signature = signer.sign(b"again").to_bytes();
    for _ in 0..OFTEN {
        assert_eq!(copy.verify(b"again", &signature), Ok(()));
    }
    assert!(key.wear.table.get().is_none());
    assert_eq!(copy.verify(b"again", &signature), Ok(()));
    assert!(key.wear.table.get().is_some());
    assert_eq!(key.verify(b"again", &signature), Ok(()));
    assert_eq!(key.verify(b"other", &signature), Err(SignError::Mismatch));
}

#[test]
fn there_is_room_for_so_many_tables_and_it_is_given_back() {
    static TAKEN: AtomicUsize = AtomicUsize::new(0);
    let rooms: Vec<Room> = std::iter::from_fn(|| Room::take(&TAKEN)).collect();
    assert_eq!(rooms.len(), MOST);
    assert!(Room::take(&TAKEN).is_none());
    drop(rooms);
    assert!(Room::take(&TAKEN).is_some());
}

#[derive(Deserialize)]
struct Case {
    key: String,
    message: String,
    signature: String,
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

#[test]
fn both_ways_judge_the_vectors_of_wycheproof_as_dalek_does() {
    let file = include_str!("../../../../../vectors/signatures/ed25519-wycheproof.json");
    let cases: Vec<Case> = serde_json::from_str(file).unwrap();
    let held = cases.iter().filter(|case| {
        let key = hex(&case.key).try_into().unwrap();
        let signature = hex(&case.signature).try_into();
        signature.is_ok_and(|signature| agree(&key, &hex(&case.message), &signature))
    });
    assert_eq!(held.count(), 88);
}

/// The points of order 1, 2, 4 and 8, in every encoding that decodes to one: 14 of them.
fn small() -> Vec<[u8; 32]> {
    #[derive(Deserialize)]
    struct Point {
        key: String,
        comment: String,
    }
    let file = include_str!("../../../../../vectors/signatures/ed25519-points.json");
    let points: Vec<Point> = serde_json::from_str(file).unwrap();
    let orders = ["order 1", "order 2", "order 4", "order 8"];
    let small = points.into_iter().filter(|point| {
        let order = point.comment.split(',').next().unwrap_or_default();
        orders.contains(&order)
    });
    small.map(|point| hex(&point.key).try_into().unwrap()).collect()
}

#[test]
fn points_of_small_order_sign_nothing() {
    let signer = SigningKey::from_bytes(&[4; 32]);
    let key = signer.verifying_key().to_bytes();
    assert_eq!(small().len(), 14);
    for r in small() {
        // S = k a: then [S]B - [k]A is the identity, and the first R is its encoding.
        let hash = Sha512::new().chain_update(r).chain_update(key).chain_update(b"nothing");
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        let s = (k * signer.to_scalar()).to_bytes();
        let signature = [r, s].concat().try_into().unwrap();
        assert!(!agree(&key, b"nothing", &signature));
    }
}

/// The group's order, least byte first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn plus_order(s: [u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    let mut sum = [0; 32];
    for ((out, a), b) in sum.iter_mut().zip(s).zip(ORDER) {
        let total = u16::from(a) + u16::from(b) + carry;
        *out = total.to_le_bytes()[0];
        carry = total >> 8;
    }
    sum
}

#[test]
fn a_second_s_is_refused() {
    let signer = SigningKey::from_bytes(&[5; 32]);
    let key = signer.verifying_key().to_bytes();
    let signature = signer.sign(b"once").to_bytes();
    assert!(agree(&key, b"once", &signature));
    let (r, s) = halves(&signature);
    let second = [r, plus_order(s)].concat().try_into().unwrap();
    assert!(!agree(&key, b"once", &second));
}

proptest! {
    #[test]
    fn both_ways_agree_with_dalek(seed: [u8; 32], message: Vec<u8>, bit in 0..512_usize) {
        let signer = SigningKey::from_bytes(&seed);
        let key = signer.verifying_key().to_bytes();
        let mut signature = signer.sign(&message).to_bytes();
        prop_assert!(agree(&key, &message, &signature));
        signature[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!agree(&key, &message, &signature));
    }

    /// Whatever signs on this machine, against the portable implementation.
    #[test]
    fn signatures_are_those_that_dalek_makes(seed: [u8; 32], message: Vec<u8>) {
        let expected = SigningKey::from_bytes(&seed);
        let key = super::SigningKey::from_seed(&seed).unwrap();
        prop_assert_eq!(*key.public(), expected.verifying_key().to_bytes());
        prop_assert_eq!(key.seed(), &seed);
        prop_assert_eq!(key.sign(&message).unwrap(), expected.sign(&message).to_bytes().to_vec());
    }
}
