use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::*;

/// Plays back given bytes, then fails.
struct Script(Vec<u8>);

#[derive(Debug, thiserror::Error)]
#[error("no more bytes")]
struct Dry;

impl TryRng for Script {
    type Error = Dry;

    fn try_next_u32(&mut self) -> Result<u32, Dry> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Dry> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Dry> {
        if out.len() > self.0.len() {
            return Err(Dry);
        }
        out.copy_from_slice(&self.0[..out.len()]);
        self.0.drain(..out.len());
        Ok(())
    }
}

impl TryCryptoRng for Script {}

const ALGORITHMS: [Algorithm; 2] = [Algorithm::Ed25519, Algorithm::EcdsaP256];

#[test]
fn new_keys_differ() {
    for alg in ALGORITHMS {
        let first = PrivateKey::generate(alg, &mut getrandom::SysRng).unwrap();
        let second = PrivateKey::generate(alg, &mut getrandom::SysRng).unwrap();
        assert_eq!(first.alg(), alg);
        assert_ne!(first.public(), second.public());
    }
}

#[test]
fn new_keys_are_the_keys_of_their_seed() {
    // 2^256 - 1 lies beyond the order of P-256: that draw is repeated.
    let mut script = Script([[0xff; 32], [5; 32]].concat());
    let key = PrivateKey::generate(Algorithm::EcdsaP256, &mut script).unwrap();
    let expected = PrivateKey::from_seed(Algorithm::EcdsaP256, &[5; 32]).unwrap();
    assert_eq!(key.public(), expected.public());
    let error =
        PrivateKey::generate(Algorithm::EcdsaP256, &mut Script(vec![0xff; 32])).unwrap_err();
    assert_eq!(error, KeyError::Random { reason: "no more bytes".to_owned() });
    let key = PrivateKey::generate(Algorithm::Ed25519, &mut Script(vec![0xff; 32])).unwrap();
    let expected = PrivateKey::from_seed(Algorithm::Ed25519, &[0xff; 32]).unwrap();
    assert_eq!(key.public(), expected.public());
}

#[test]
fn seeds_of_p256_lie_below_the_order() {
    for seed in [[0; 32], [0xff; 32]] {
        let result = PrivateKey::from_seed(Algorithm::EcdsaP256, &seed);
        assert_eq!(result.unwrap_err(), KeyError::Seed);
        assert!(PrivateKey::from_seed(Algorithm::Ed25519, &seed).is_ok());
    }
}

#[test]
fn debug_shows_no_secret() {
    for alg in ALGORITHMS {
        let key = PrivateKey::from_seed(alg, &[0xab; 32]).unwrap();
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("PrivateKey({alg} {}, ..)", key.public().id()));
        assert!(!shown.contains("abab"));
    }
}

#[test]
fn secrets_are_wiped() {
    fn wiped<T: ZeroizeOnDrop>() {}
    // The seed of Ed25519. What aws-lc-rs keeps of it is wiped by its own `OPENSSL_free`.
    wiped::<Zeroizing<[u8; 32]>>();
    wiped::<p256::ecdsa::SigningKey>();
}

#[test]
fn public_keys_have_one_form_in_json() {
    for alg in ALGORITHMS {
        let key = PrivateKey::from_seed(alg, &[7; 32]).unwrap().public().clone();
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(text, format!(r#"{{"alg":"{alg}","key":"{}"}}"#, key.to_base64()));
        assert_eq!(serde_json::from_str::<PublicKey>(&text).unwrap(), key);
        assert_eq!(PublicKey::from_parts(alg, key.bytes()).unwrap().id(), key.id());
        assert_eq!(key.id().to_string().parse::<KeyId>().unwrap(), key.id());
        for wrong in [
            text.replace("\"key\"", "\"note\":0,\"key\""),
            text.replace('=', ""),
            text.replace(alg.name(), "rsa"),
            text.replace(
                alg.name(),
                if alg == Algorithm::Ed25519 { "ecdsa-p256" } else { "ed25519" },
            ),
        ] {
            // The key of P-256 happens to need no padding.
            assert!(wrong == text || serde_json::from_str::<PublicKey>(&wrong).is_err(), "{wrong}");
        }
    }
}

#[test]
fn the_algorithm_is_part_of_the_id() {
    let bytes = [2; 33];
    assert_ne!(KeyId::of(Algorithm::Ed25519, &bytes), KeyId::of(Algorithm::EcdsaP256, &bytes));
}

#[test]
fn algorithms_have_names() {
    for alg in ALGORITHMS {
        assert_eq!(alg.name().parse(), Ok(alg));
        assert_eq!(serde_json::to_string(&alg).unwrap(), format!("\"{alg}\""));
    }
    for name in ["", "Ed25519", "ed25519 ", "p256"] {
        assert_eq!(name.parse::<Algorithm>(), Err(KeyError::Algorithm { name: name.to_owned() }));
    }
}

#[test]
fn p256_keys_have_one_encoding() {
    let alg = Algorithm::EcdsaP256;
    let key = PrivateKey::from_seed(alg, &[7; 32]).unwrap();
    let bytes = key.public().bytes();
    assert!(PublicKey::from_parts(alg, bytes).is_ok());
    for tag in (0..=0xff).filter(|tag| !matches!(tag, 2 | 3)) {
        let other = [&[tag], &bytes[1..]].concat();
        let error = PublicKey::from_parts(alg, &other).unwrap_err();
        assert_eq!(error, KeyError::Point { alg }, "{tag}");
    }
    // No point has x = p, and x = p + 5 would be a second form of x = 5.
    let prime = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
    let mut beyond = data_encoding::HEXLOWER.decode(prime.as_bytes()).unwrap();
    for last in [0xff, 0xfa] {
        beyond[31] = last;
        let result = PublicKey::from_parts(alg, &[&[2], &beyond[..]].concat());
        assert!(last != 0xff || result == Err(KeyError::Point { alg }));
    }
    for length in [0, 1, 32, 34, 65] {
        let expected = KeyError::Length { alg, expected: 33, found: length };
        assert_eq!(PublicKey::from_parts(alg, &vec![4; length]).unwrap_err(), expected);
    }
}

#[test]
fn ed25519_keys_have_32_bytes() {
    let alg = Algorithm::Ed25519;
    for length in [0, 31, 33, 64] {
        let expected = KeyError::Length { alg, expected: 32, found: length };
        assert_eq!(PublicKey::from_parts(alg, &vec![4; length]).unwrap_err(), expected);
    }
}

#[test]
fn an_infallible_generator_serves_too() {
    struct Counter(u8);
    impl TryRng for Counter {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(7)
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(7)
        }
        fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
            self.0 += 1;
            out.fill(self.0);
            Ok(())
        }
    }
    impl TryCryptoRng for Counter {}
    fn generic(rng: &mut impl rand_core::CryptoRng) -> PrivateKey {
        PrivateKey::generate(Algorithm::Ed25519, rng).unwrap()
    }
    let expected = PrivateKey::from_seed(Algorithm::Ed25519, &[1; 32]).unwrap();
    assert_eq!(generic(&mut Counter(0)).public(), expected.public());
}
