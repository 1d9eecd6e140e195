use std::collections::BTreeMap;

use canon::{PublicKey, Timestamp, base64};
use subtle::Choice;

use super::{PlatformStamp, SLOT_S, StampKeys, VoterStamp, WINDOW_S};
use crate::campaign::Period;
use crate::fixture::{drawn, edge_key, noon, stamp_keys, time, vector};
use crate::secret::Secret;

fn period() -> Period {
    Period::beginning(time("2026-11-03T07:00:00Z"))
}

fn issue(keys: &StampKeys, right: bool, draw: u64) -> PlatformStamp {
    keys.issue(period(), Choice::from(u8::from(right)), &drawn(draw))
}

fn random(number: u8) -> [u8; 16] {
    [number; 16]
}

#[test]
fn a_stamp_is_a_signature_of_its_key_over_the_digits() {
    let keys = stamp_keys();
    for (right, draw) in [(true, 1), (false, 2), (true, 3), (false, 4)] {
        let stamp = issue(&keys, right, draw);
        assert_eq!(stamp.is_genuine(keys.stamp_key()), right);
        assert_eq!(stamp.is_genuine(keys.decoy_key()), !right);
        let key = |key: &PublicKey| {
            ed25519_dalek::VerifyingKey::from_bytes(key.bytes().try_into().unwrap()).unwrap()
        };
        let signature = ed25519_dalek::Signature::from_bytes(&stamp.signature);
        let key = key(if right { keys.stamp_key() } else { keys.decoy_key() });
        key.verify_strict(period().to_string().as_bytes(), &signature).unwrap();
    }
}

#[test]
fn a_stamp_is_for_one_period() {
    let keys = stamp_keys();
    let other = Period::beginning(time("2026-11-04T07:00:00Z"));
    let moved = PlatformStamp { period: other, ..issue(&keys, true, 1) };
    assert!(!moved.is_genuine(keys.stamp_key()));
}

#[test]
fn the_two_keys_must_differ() {
    assert!(StampKeys::new(&[1; 32], &[1; 32]).is_err());
}

/// What an attacker with many answers can do without a key: count how often each answer comes.
/// Gives the answers that stand out.
fn odd_ones_out(answers: &[[u8; 64]]) -> Vec<[u8; 64]> {
    let mut count: BTreeMap<[u8; 64], u32> = BTreeMap::new();
    for answer in answers {
        *count.entry(*answer).or_default() += 1;
    }
    let usual = count.values().copied().max().unwrap_or_default();
    count.into_iter().filter(|(_, times)| *times < usual).map(|(answer, _)| answer).collect()
}

/// The attack: ask with every code, and look which answer is not like the others. One of the codes
/// is right.
#[test]
fn the_genuine_stamp_does_not_stand_out_among_the_decoys() {
    let keys = stamp_keys();
    let right = 371;
    // As the prototype had it: one signature of each key in a second.
    let (sign, hole) = (issue(&keys, true, 0).signature, issue(&keys, false, 0).signature);
    let prototype: Vec<[u8; 64]> =
        (0..1_000).map(|code| if code == right { sign } else { hole }).collect();
    assert_eq!(odd_ones_out(&prototype), [sign], "the attack finds the stamp");

    let ours: Vec<[u8; 64]> =
        (0..1_000).map(|code| issue(&keys, code == right, code).signature).collect();
    assert_eq!(odd_ones_out(&ours), Vec::<[u8; 64]>::new());
}

/// The attack: train on answers of a booth that one is in, and tell the kinds apart by any single
/// bit, or by how many bits are set.
#[test]
fn no_bit_of_a_signature_tells_the_kinds_apart() {
    let keys = stamp_keys();
    let rounds = 2_000_u64;
    let mut ones = [[0_u32; 512]; 2];
    let mut weight = [0_u32; 2];
    for draw in 0..rounds {
        let right = draw % 2 == 1;
        let signature = issue(&keys, right, draw).signature;
        for bit in 0..512 {
            let set = u32::from(signature[bit / 8] >> (bit % 8) & 1);
            ones[usize::from(right)][bit] += set;
            weight[usize::from(right)] += set;
        }
    }
    // 1,000 of each kind. The spread of a difference of two counts is at most sqrt(500): 22.4.
    // Beyond 135 lies less than one in 10^9, and 512 bits are looked at.
    for (bit, (decoy, genuine)) in ones[0].iter().zip(&ones[1]).enumerate() {
        let difference = decoy.abs_diff(*genuine);
        assert!(difference < 135, "bit {bit}: {difference}");
    }
    // Of the weights: sqrt(2 * 1,000 * 512 / 4), about 506.
    assert!(weight[0].abs_diff(weight[1]) < 3_100, "{weight:?}");
}

/// The attack: learn what was drawn, and solve a signature for the key: `a = (S - r) / k`. With the
/// drawn bytes alone as prefix it works.
#[test]
fn who_knows_what_was_drawn_does_not_learn_the_key() {
    use curve25519_dalek::{EdwardsPoint, Scalar};
    use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
    use sha2::{Digest as _, Sha512};
    let keys = stamp_keys();
    let solve = |stamp: &PlatformStamp, prefix: &[u8; 32]| {
        let message = stamp.period.to_string();
        let r = Sha512::new().chain_update(prefix).chain_update(&message);
        let r = Scalar::from_bytes_mod_order_wide(&r.finalize().into());
        let k = Sha512::new()
            .chain_update(&stamp.signature[..32])
            .chain_update(keys.stamp_key().bytes())
            .chain_update(&message);
        let k = Scalar::from_bytes_mod_order_wide(&k.finalize().into());
        let s = Scalar::from_bytes_mod_order(stamp.signature[32..].try_into().unwrap());
        EdwardsPoint::mul_base(&((s - r) * k.invert())).compress().to_bytes()
    };
    let fresh = drawn(5);
    assert_ne!(solve(&issue(&keys, true, 5), &fresh), keys.stamp_key().bytes());

    let mut naive = ExpandedSecretKey::from_bytes(&Sha512::digest([21; 32]).into());
    naive.hash_prefix = fresh;
    let key = ed25519_dalek::SigningKey::from_bytes(&[21; 32]).verifying_key();
    let signature = raw_sign::<Sha512>(&naive, period().to_string().as_bytes(), &key).to_bytes();
    let stamp = PlatformStamp { period: period(), signature };
    assert_eq!(solve(&stamp, &fresh), keys.stamp_key().bytes(), "the attack works");
}

#[test]
fn the_voter_stamp_of_another_implementation() {
    let row = vector("voter-stamp");
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    let hex = |name: &str| data_encoding::HEXLOWER.decode(text(name).as_bytes()).unwrap();
    let key = Secret::new(&hex("key").try_into().unwrap());
    let signature = base64::decode(text("signature").as_bytes()).unwrap().try_into().unwrap();
    let period = Period::from_text(&row["utc"].to_string()).unwrap();
    let platform = PlatformStamp { period, signature };
    let now = Timestamp::from_unix(row["now"].as_i64().unwrap()).unwrap();
    let stamp = VoterStamp::issue(&key, hex("random").try_into().unwrap(), &platform, now);
    assert_eq!(stamp.to_string(), text("stamp"));
    assert!(stamp.is_genuine(&key, &platform, now));
}

/// The attack: keep a stamp, and come back with it later.
#[test]
fn a_voter_stamp_lives_for_thirty_minutes() {
    let platform = issue(&stamp_keys(), true, 1);
    let stamp = VoterStamp::issue(&edge_key(), random(1), &platform, noon());
    let after = |seconds: u64| {
        stamp.is_genuine(&edge_key(), &platform, noon().plus_seconds(seconds).unwrap())
    };
    // Noon is the beginning of a slot.
    assert!(after(0) && after(WINDOW_S));
    assert!(after(WINDOW_S + SLOT_S - 1));
    assert!(!after(WINDOW_S + SLOT_S));
    assert!(!after(86_400));
    let before = Timestamp::from_unix(noon().unix() - 1).unwrap();
    assert!(!stamp.is_genuine(&edge_key(), &platform, before), "from a slot to come");
}

/// The attack: use a voter stamp with another platform stamp, or make one without the key.
#[test]
fn a_voter_stamp_is_bound_to_its_platform_stamp_and_key() {
    let (one, other) = (issue(&stamp_keys(), true, 1), issue(&stamp_keys(), true, 2));
    let stamp = VoterStamp::issue(&edge_key(), random(1), &one, noon());
    assert!(stamp.is_genuine(&edge_key(), &one, noon()));
    assert!(!stamp.is_genuine(&edge_key(), &other, noon()));
    assert!(!stamp.is_genuine(&Secret::new(&[99; 32]), &one, noon()));
    let later = Period::beginning(noon());
    let moved = PlatformStamp { period: later, ..one };
    assert!(!stamp.is_genuine(&edge_key(), &moved, noon()));
    for at in 0..20 {
        let mut bytes = *stamp.bytes();
        bytes[at] ^= 1;
        assert!(!VoterStamp::from_bytes(bytes).is_genuine(&edge_key(), &one, noon()), "{at}");
    }
}

#[test]
fn a_voter_stamp_has_one_spelling() {
    let text = "AAKQ-YAJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G";
    assert_eq!(text.parse::<VoterStamp>().unwrap().to_string(), text);
    for odd in [
        text.to_lowercase(),
        text.replace('-', ""),
        text.replace('-', ":"),
        text.replace("5D1S", "5DIS"),
        text.replace('0', "O"),
        text[1..].to_owned(),
        format!("{text} "),
        "AAKQY-AJ6-JF4A-6DMM-WEJX-5D1S-SHXX-5K8G".to_owned(),
        "8MSD-JR3X-GFUD-GCFT-CKWP-15P0-JKY3-YTFZ".to_owned(),
    ] {
        let same = odd == text;
        assert_eq!(odd.parse::<VoterStamp>().is_ok(), same, "{odd}");
    }
}
