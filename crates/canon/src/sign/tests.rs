use p256::elliptic_curve::bigint::U256;
use proptest::prelude::*;

use super::*;
use crate::key::{Algorithm, PrivateKey};

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::EcdsaP256];

/// The order of the group of Ed25519, little-endian (RFC 8032, 5.1).
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The order of P-256, big-endian (FIPS 186-5).
const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

fn fixed(alg: Algorithm) -> PrivateKey {
    PrivateKey::from_seed(alg, &[9; 32]).unwrap()
}

#[test]
fn every_length_but_64_is_refused() {
    for alg in ALGORITHMS {
        let key = fixed(alg);
        let signature = key.sign(b"message").unwrap();
        for length in (0..=130).filter(|length| *length != 64) {
            let bytes: Vec<u8> = signature.iter().copied().cycle().take(length).collect();
            let expected = SignError::Length { expected: 64, found: length };
            assert_eq!(key.public().verify(b"message", &bytes), Err(expected));
        }
    }
}

#[test]
fn ed25519_has_one_s() {
    let key = fixed(Algorithm::Ed25519);
    let mut signature = key.sign(b"message").unwrap();
    // S + L fits into 256 bits and solves the equation as well.
    let mut carry = 0;
    for (digit, order) in signature[32..].iter_mut().zip(ED25519_ORDER) {
        let sum = u16::from(*digit) + u16::from(order) + carry;
        *digit = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(key.public().verify(b"message", &signature), Err(SignError::Mismatch));
}

#[test]
fn p256_has_one_s() {
    let key = fixed(Algorithm::EcdsaP256);
    let order = U256::from_be_hex(P256_ORDER);
    for message in 0..20_u8 {
        let signature = key.sign(&[message]).unwrap();
        let s = U256::from_be_slice(&signature[32..]);
        assert!(s <= order.shr_vartime(1), "signatures are made with a low s");
        let high = [&signature[..32], &order.wrapping_sub(&s).to_be_bytes()].concat();
        assert_eq!(key.public().verify(&[message], &high), Err(SignError::HighS));
    }
}

#[test]
fn p256_numbers_lie_between_zero_and_the_order() {
    let key = fixed(Algorithm::EcdsaP256);
    let signature = key.sign(b"message").unwrap();
    let order = U256::from_be_hex(P256_ORDER).to_be_bytes();
    for wrong in [&[0; 32][..], &order, &[0xff; 32]] {
        for (r, s) in [(wrong, &signature[32..]), (&signature[..32], wrong), (wrong, wrong)] {
            let result = key.public().verify(b"message", &[r, s].concat());
            assert_eq!(result, Err(SignError::Scalar));
        }
    }
}

#[test]
fn keys_of_one_seed_do_not_answer_for_each_other() {
    let [first, second] = ALGORITHMS.map(fixed);
    let signature = first.sign(b"message").unwrap();
    assert!(second.public().verify(b"message", &signature).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_signature_is_for_one_message_and_one_key(
        seed in any::<[u8; 32]>(),
        message in prop::collection::vec(any::<u8>(), 0..100),
        bit in any::<prop::sample::Index>(),
    ) {
        for alg in ALGORITHMS {
            let Ok(key) = PrivateKey::from_seed(alg, &seed) else { continue };
            let signature = key.sign(&message).unwrap();
            prop_assert_eq!(key.public().verify(&message, &signature), Ok(()));
            prop_assert_eq!(key.sign(&message).unwrap(), signature.clone());
            prop_assert!(fixed(alg).public().verify(&message, &signature).is_err());

            let mut other = signature.clone();
            let at = bit.index(other.len() * 8);
            other[at / 8] ^= 1 << (at % 8);
            prop_assert!(key.public().verify(&message, &other).is_err());

            let mut other = message.clone();
            other.push(0);
            prop_assert!(key.public().verify(&other, &signature).is_err());
        }
    }

    #[test]
    fn no_signature_panics(bytes in any::<[u8; 32]>(), more in any::<[u8; 32]>()) {
        for alg in ALGORITHMS {
            let signature = [bytes, more].concat();
            prop_assert!(fixed(alg).public().verify(b"message", &signature).is_err());
        }
    }
}
