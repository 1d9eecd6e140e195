//! The commitment that is published before a seed is revealed.

use canon::Digest;
use canon::json::{JsonError, to_canonical};
use serde::Serialize;

/// What is hashed; the members stand in canonical order.
#[derive(Serialize)]
struct Opening<'a> {
    election_id: &'a str,
    salt: Digest,
    seed: &'a str,
}

/// The commitment to a seed, method `sha256/jcs/v1`: the digest of the canonical bytes of
///
/// ```text
/// {"election_id":"…","salt":"<64 hex digits>","seed":"<decimal digits>"}
/// ```
///
/// The salt is 32 random bytes. Without it, twenty rolls of a die could be tried out one by one;
/// with the election's id in it, a commitment cannot be carried over to another election.
///
/// # Errors
/// None for text that canonical JSON can carry, which is all text.
pub fn commitment(election_id: &str, salt: &[u8; 32], seed: &str) -> Result<Digest, JsonError> {
    let opening = Opening { election_id, salt: Digest(*salt), seed };
    to_canonical(&opening).map(|bytes| Digest::of(&bytes))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Case {
        election_id: String,
        salt: Digest,
        seed: String,
        commitment: Digest,
    }

    fn cases() -> Vec<Case> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../vectors/sampling/seed-commitment.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn commitments_are_those_of_an_independent_computation() {
        assert_eq!(cases().len(), 3);
        for case in cases() {
            let found = commitment(&case.election_id, case.salt.as_bytes(), &case.seed).unwrap();
            assert_eq!(found, case.commitment, "{}", case.election_id);
        }
    }

    #[test]
    fn every_part_is_bound() {
        let base = commitment("e", &[1; 32], "7").unwrap();
        assert_ne!(base, commitment("f", &[1; 32], "7").unwrap());
        assert_ne!(base, commitment("e", &[2; 32], "7").unwrap());
        assert_ne!(base, commitment("e", &[1; 32], "07").unwrap());
    }
}
