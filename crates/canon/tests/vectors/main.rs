//! The public interface against the language-neutral vectors in `vectors/`.

mod base32;
mod canonical_json;
mod digest;
mod envelope;
mod key_files;
mod page;
mod signatures;

use serde::de::DeserializeOwned;

/// The cases of a vector file: a JSON array.
fn cases<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let cases: Vec<T> = serde_json::from_str(text).unwrap();
    assert!(!cases.is_empty(), "a vector file without cases tests nothing");
    cases
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).unwrap()
}

fn seed(text: &str) -> [u8; 32] {
    hex(text).try_into().unwrap()
}
