use std::collections::BTreeMap;

use canon::Timestamp;

use super::*;
use crate::fixture::vector;
use crate::secret::Secret;
use crate::totp::{self, Code, Station};

mod field;
mod fit;
mod shown;

fn bytes<const N: usize>(hex: &serde_json::Value) -> [u8; N] {
    let bytes = data_encoding::HEXLOWER.decode(hex.as_str().unwrap().as_bytes()).unwrap();
    bytes.try_into().unwrap()
}

fn secret(hex: &serde_json::Value) -> Secret {
    Secret::new(&bytes(hex))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What a file token does.
struct InMemory(WrappingKey);

struct InMemoryKey(Secret);

impl SeedKey for InMemoryKey {
    fn mac(&self, message: &[u8; 8]) -> Result<[u8; 32], TokenFault> {
        Ok(totp::mac(&self.0, message))
    }
}

impl Token for InMemory {
    fn unwrap(&self, wrapped: &Wrapped) -> Result<Box<dyn SeedKey>, TokenFault> {
        let seed = self.0.unwrap(wrapped).map_err(|_| TokenFault::Foreign)?;
        Ok(Box::new(InMemoryKey(seed)))
    }

    fn protection(&self) -> Protection {
        Protection::FileForDevelopment
    }
}

/// The token, the master seed and both kinds of wraps of `station.json`.
fn world() -> (InMemory, Secret, Wraps, Wraps) {
    let vectors = vector("station");
    let same = Wraps::Same(vectors["same"].as_str().unwrap().parse().unwrap());
    let daily = vectors["daily"].as_array().unwrap().iter().map(|row| {
        let day = row["day"].as_str().unwrap().parse().unwrap();
        (day, row["wrapped"].as_str().unwrap().parse().unwrap())
    });
    let key = WrappingKey::new(secret(&vectors["wrapping_key"]));
    (InMemory(key), secret(&vectors["seed"]), same, Wraps::Daily(daily.collect()))
}

fn flying_demo() -> Station {
    "8704-2A05-B259-1090".parse().unwrap()
}

#[test]
fn the_example_of_rfc_3394() {
    let row = &vector("station")["rfc_3394_4_6"];
    let key = WrappingKey::new(secret(&row["key"]));
    let wrapped = key.wrap(&secret(&row["data"]));
    assert_eq!(*wrapped.bytes(), bytes::<40>(&row["wrapped"]));
    assert_eq!(key.unwrap(&wrapped).unwrap().bytes(), &bytes::<32>(&row["data"]));
}

#[test]
fn seeds_are_wrapped_as_elsewhere() {
    let (token, master, same, daily) = world();
    assert!(same.hold(&token.0, &master, &flying_demo()));
    assert!(daily.hold(&token.0, &master, &flying_demo()));
    assert!(!daily.hold(&token.0, &master, &"another".parse().unwrap()));
    assert!(!same.hold(&token.0, &Secret::new(&[0; 32]), &flying_demo()));
}

/// The attack: the map is changed on its way, or names another token's secret.
#[test]
fn every_flipped_bit_and_every_other_key_is_refused() {
    let (token, _, same, _) = world();
    let Wraps::Same(wrapped) = same else { panic!("one secret") };
    for bit in 0..320 {
        let mut changed = *wrapped.bytes();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed: Wrapped = canon::base64::encode(&changed).parse().unwrap();
        assert_eq!(token.0.unwrap(&changed).err(), Some(UnwrapError::Integrity), "{bit}");
    }
    let other = WrappingKey::new(Secret::new(&[7; 32]));
    assert_eq!(other.unwrap(&wrapped).err(), Some(UnwrapError::Integrity));
}

#[test]
fn of_several_secrets_that_do_not_all_fit_none_is_taken() {
    let (token, _, _, daily) = world();
    let Wraps::Daily(mut days) = daily else { panic!("one a day") };
    let foreign = WrappingKey::new(Secret::new(&[7; 32])).wrap(&Secret::new(&[8; 32]));
    days.insert("2009-02-15".parse().unwrap(), foreign);
    assert_eq!(Keys::unwrap(&token, &Wraps::Daily(days)).err(), Some(TokenFault::Foreign));
}
