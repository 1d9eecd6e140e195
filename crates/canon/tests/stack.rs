//! What making a private key and signing with it leave on the stack: nothing of the key, nor of the
//! numbers that give it away.
//!
//! Each step is done deep in the stack; then the whole stack is searched for words of the secrets.
#![cfg(target_os = "linux")]

use std::fs::{File, read_to_string};
use std::hint::black_box;
use std::os::unix::fs::FileExt as _;
use std::thread;

use canon::Signer as _;
use canon::key::{Algorithm, PrivateKey};
use curve25519_dalek::scalar::Scalar;
use getrandom::SysRng;
use sha2::{Digest as _, Sha512};

/// The key of RFC 6979, A.2.5.
const P256: &str = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
/// The number that nobody may learn of its signature over "sample" with SHA-256.
const P256_NONCE: &str = "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60";

fn unhex(text: &str) -> Vec<u8> {
    data_encoding::HEXUPPER.decode(text.as_bytes()).unwrap()
}

/// Runs far below this frame, so that looking does not overwrite what it left.
#[inline(never)]
#[allow(clippy::large_stack_arrays, reason = "to go deep")]
fn deep<T>(work: impl FnOnce() -> T) -> T {
    let above = black_box([0_u8; 1 << 16]);
    let out = work();
    black_box(&above);
    out
}

/// The whole stack of this thread, as it is now.
fn stack() -> Vec<u8> {
    let local = 0_u8;
    let here = std::ptr::from_ref(&local).addr();
    let maps = read_to_string("/proc/self/maps").unwrap();
    let number = |text| usize::from_str_radix(text, 16).unwrap();
    let ranges = maps.lines().map(|line| line.split_once(' ').unwrap().0.split_once('-').unwrap());
    let mut ranges = ranges.map(|(from, to)| number(from)..number(to));
    let range = ranges.find(|range| range.contains(&here)).unwrap();
    let mut all = vec![0; range.len()];
    File::open("/proc/self/mem").unwrap().read_exact_at(&mut all, range.start as u64).unwrap();
    all
}

/// Whether a word of one of the secrets lies on the stack, in either order of its bytes.
fn lies_there(secrets: &[Vec<u8>]) -> bool {
    let stack = stack();
    secrets.iter().any(|secret| {
        let turned: Vec<u8> = secret.iter().rev().copied().collect();
        let mut words = secret.chunks(8).chain(turned.chunks(8));
        words.any(|word| stack.windows(8).any(|bytes| bytes == word))
    })
}

/// What may not be found of an Ed25519 key that signs "sample" (RFC 8032, 5.1.5 and 5.1.6). Found
/// out in a thread with a stack of its own.
fn secrets_of_ed25519(seed: &[u8]) -> Vec<Vec<u8>> {
    let seed = seed.to_vec();
    let work = move || {
        let mut expanded = Sha512::digest(&seed).to_vec();
        let prefix = expanded.split_off(32);
        let nonce: [u8; 64] =
            Sha512::new().chain_update(&prefix).chain_update(b"sample").finalize().into();
        let reduced = Scalar::from_bytes_mod_order_wide(&nonce).to_bytes().to_vec();
        expanded[0] &= 0xf8;
        expanded[31] = expanded[31] & 0x7f | 0x40;
        vec![seed, expanded, prefix, nonce.to_vec(), reduced]
    };
    thread::spawn(work).join().unwrap()
}

fn leaves_nothing(alg: Algorithm, seed: &[u8; 32], secrets: &[Vec<u8>]) {
    assert!(!lies_there(secrets), "nothing lies there before");
    let key = deep(|| PrivateKey::from_seed(alg, seed).unwrap());
    assert!(!lies_there(secrets), "it was made");
    deep(|| key.sign(b"sample").unwrap());
    assert!(!lies_there(secrets), "it was signed");
    let pem = deep(|| key.to_encrypted_pem(b"open", &mut SysRng).unwrap());
    assert!(!lies_there(secrets), "it was written");
    let read = deep(|| PrivateKey::from_encrypted_pem(&pem, b"open").unwrap());
    assert!(!lies_there(secrets), "it was read");
    assert_eq!(read.public(), key.public());
    deep(|| black_box(*seed));
    assert!(lies_there(secrets), "a copy would be found");
}

#[test]
fn a_key_of_p256_leaves_nothing_on_the_stack() {
    let seed: Box<[u8; 32]> = unhex(P256).into_boxed_slice().try_into().unwrap();
    leaves_nothing(Algorithm::EcdsaP256, &seed, &[seed.to_vec(), unhex(P256_NONCE)]);
}

#[test]
fn a_key_of_ed25519_leaves_nothing_on_the_stack() {
    let mut seed = Box::new([0_u8; 32]);
    getrandom::fill(seed.as_mut()).unwrap();
    leaves_nothing(Algorithm::Ed25519, &seed, &secrets_of_ed25519(&*seed));
}
