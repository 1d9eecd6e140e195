//! Ed25519: our judgement, with a table of the key's multiples and without, is that of
//! `ed25519_dalek`'s `verify_strict`, for signatures made to divide verifiers too.
#![no_main]

use std::sync::LazyLock;

use canon::{Algorithm, PublicKey};
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha512};

/// More than a key is asked before it gets its table.
const OFTEN: usize = 200;

/// The order of the group: 2^252 + 27742317777372353535851937790883648493.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// A key that has its table.
struct Worn {
    signer: SigningKey,
    key: PublicKey,
}

static WORN: LazyLock<Vec<Worn>> = LazyLock::new(|| {
    let worn = (0..4_u8).map(|number| {
        let signer = SigningKey::from_bytes(&[number; 32]);
        let key = ours(signer.verifying_key().as_bytes()).expect("a key that was made");
        let signature = signer.sign(b"").to_bytes();
        for _ in 0..OFTEN {
            assert_eq!(key.verify(b"", &signature), Ok(()));
        }
        Worn { signer, key }
    });
    worn.collect()
});

fuzz_target!(|bytes: &[u8]| {
    if let Some((key, rest)) = bytes.split_first_chunk::<32>()
        && let Some((signature, message)) = rest.split_first_chunk::<64>()
    {
        foreign(key, message, signature);
    }
    let Some((&[who, how, what], rest)) = bytes.split_first_chunk() else {
        return;
    };
    let worn = &WORN[usize::from(who) % WORN.len()];
    let signature = made(&worn.signer, how, what, rest);
    judged_alike(worn, rest, &signature);
    // And whatever bytes there are as a signature of nothing.
    if let Some((signature, message)) = rest.split_first_chunk::<64>() {
        judged_alike(worn, message, signature);
    }
});

fn ours(bytes: &[u8; 32]) -> Option<PublicKey> {
    PublicKey::from_parts(Algorithm::Ed25519, bytes).ok()
}

/// A key from anywhere is one of ours when it is of prime order, in its one encoding.
fn foreign(bytes: &[u8; 32], message: &[u8], signature: &[u8; 64]) {
    let point = CompressedEdwardsY(*bytes).decompress();
    let is_fit = point.is_some_and(|point| {
        point.is_torsion_free() && !point.is_small_order() && point.compress().0 == *bytes
    });
    let key = ours(bytes);
    assert_eq!(key.is_some(), is_fit, "{bytes:02x?}");
    let Some(key) = key else { return };
    let strict = VerifyingKey::from_bytes(bytes).expect("fit for us");
    let expected = strict.verify_strict(message, &Signature::from_bytes(signature)).is_ok();
    assert_eq!(key.verify(message, signature).is_ok(), expected);
}

/// All three judge alike, and any other length is refused.
fn judged_alike(worn: &Worn, message: &[u8], signature: &[u8; 64]) {
    let strict = worn.signer.verifying_key();
    let expected = strict.verify_strict(message, &Signature::from_bytes(signature)).is_ok();
    let fresh = ours(strict.as_bytes()).expect("a key that was made");
    assert_eq!(worn.key.verify(message, signature).is_ok(), expected, "with a table");
    assert_eq!(fresh.verify(message, signature).is_ok(), expected, "without a table");
    assert!(worn.key.verify(message, &signature[1..]).is_err());
}

/// A signature by somebody who has the private key and means to divide verifiers.
fn made(signer: &SigningKey, how: u8, what: u8, message: &[u8]) -> [u8; 64] {
    let mut signature = signer.sign(message).to_bytes();
    let torsion = EIGHT_TORSION[usize::from(what & 7)];
    match how % 6 {
        0 => {}
        1 => signature[usize::from(what) % 64] ^= 1 << (how >> 5),
        2 => (0..what & 15).for_each(|_| add_order(&mut signature)),
        // R of small order, and S so that the equation holds up to that.
        3 => signature = with_r(signer, torsion.compress(), &Scalar::ZERO, message),
        // The same with the second encoding of the identity, y = p + 1.
        4 => {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (0xee, 0x7f | what & 0x80);
            signature = with_r(signer, CompressedEdwardsY(y), &Scalar::ZERO, message);
        }
        // R with a part of small order: without the cofactor the equation fails.
        _ => {
            let r = Scalar::from(u64::from(what) + 1);
            let point = ED25519_BASEPOINT_POINT * r + torsion;
            signature = with_r(signer, point.compress(), &r, message);
        }
    }
    signature
}

/// `R` as given, `S = r + H(R, A, M) a`.
fn with_r(signer: &SigningKey, r: CompressedEdwardsY, log_r: &Scalar, message: &[u8]) -> [u8; 64] {
    let hash = Sha512::new().chain_update(r.0).chain_update(signer.verifying_key().as_bytes());
    let k = Scalar::from_bytes_mod_order_wide(&hash.chain_update(message).finalize().into());
    let s = log_r + k * signer.to_scalar();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&r.0);
    signature[32..].copy_from_slice(s.as_bytes());
    signature
}

/// Adds the group's order to `S`, which changes nothing modulo the order.
fn add_order(signature: &mut [u8; 64]) {
    let mut carry = 0;
    for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
}
