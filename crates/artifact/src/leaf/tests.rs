use proptest::prelude::*;
use serde::Deserialize as _;

use super::*;
use crate::fixture::vector;

#[derive(Deserialize)]
struct Row {
    leaf: serde_json::Value,
    canonical: String,
    entry: String,
    leaf_hash: String,
}

#[test]
fn leaves_hash_as_other_software_says() {
    let rows: Vec<Row> = serde_json::from_slice(&vector("leaf/leaves.json")).unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let leaf = Leaf::deserialize(&row.leaf).unwrap();
        assert_eq!(String::from_utf8(leaf.to_bytes()).unwrap(), row.canonical);
        assert_eq!(Leaf::parse(row.canonical.as_bytes()).unwrap(), leaf);
        assert_eq!(Digest(leaf.entry()).to_string(), row.entry);
        assert_eq!(Digest(entry_of(row.canonical.as_bytes())).to_string(), row.entry);
        assert_eq!(leaf.leaf_hash().to_string(), row.leaf_hash);
    }
}

fn example() -> Leaf {
    Leaf {
        artifact_sha256: Digest::of(b"x"),
        artifact_size: 1,
        election_id: "e".parse().unwrap(),
        entry_type: EntryType::Sample,
        originator: Originator { id: "audit-lead".parse().unwrap(), role: Role::Audit },
        timestamp: "2024-11-19T16:40:00Z".parse().unwrap(),
        r#type: LeafType::V1,
    }
}

#[test]
fn only_the_canonical_form_is_a_leaf() {
    let text = String::from_utf8(example().to_bytes()).unwrap();
    for other in [
        text.replace(':', ": "),
        text.replace("leaf/v1", "leaf/v2"),
        text.replace("\"sample\"", "\"sample/v1\""),
        text.replace("\"artifact_size\":1", "\"artifact_size\":1.0"),
        text.replace("\"artifact_size\":1", "\"artifact_size\":-1"),
        text.replace("{\"id\":\"audit-lead\",\"role\":\"audit\"}", "[\"audit-lead\",\"audit\"]"),
        text.replace("\"audit-lead\"", "\"audit-l\\u0065ad\""),
        format!("{text}\n"),
        format!("[{text}]"),
        text[..text.len() - 1].to_owned(),
        String::new(),
    ] {
        assert_ne!(other, text);
        assert!(Leaf::parse(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn the_longest_leaf_fits_its_bound() {
    let longest = Leaf {
        artifact_size: 9_007_199_254_740_991,
        election_id: "e".repeat(64).parse().unwrap(),
        entry_type: EntryType::DeviceAttestation,
        originator: Originator { id: "h".repeat(64).parse().unwrap(), role: Role::Aggregation },
        ..example()
    };
    let words = EntryType::ALL.iter().map(|word| word.as_str().len()).max().unwrap();
    assert_eq!(words, EntryType::DeviceAttestation.as_str().len());
    let roles = Role::ALL.iter().map(|word| word.as_str().len()).max().unwrap();
    assert_eq!(roles, Role::Aggregation.as_str().len());
    assert!(longest.to_bytes().len() <= MAX_LEAF_BYTES, "{}", longest.to_bytes().len());
    assert!(Leaf::parse(&longest.to_bytes()).is_ok());
}

fn any_leaf() -> impl Strategy<Value = Leaf> {
    (
        any::<[u8; 32]>(),
        0..=9_007_199_254_740_991_u64,
        "[a-z0-9][a-z0-9.-]{0,63}",
        prop::sample::select(EntryType::ALL),
        "[a-z0-9][a-z0-9.-]{0,63}",
        prop::sample::select(Role::ALL),
        0..4_000_000_000_i64,
    )
        .prop_map(|(digest, size, election, entry_type, id, role, time)| Leaf {
            artifact_sha256: Digest(digest),
            artifact_size: size,
            election_id: election.parse().unwrap(),
            entry_type,
            originator: Originator { id: id.parse().unwrap(), role },
            timestamp: Timestamp::from_unix(time).unwrap(),
            r#type: LeafType::V1,
        })
}

proptest! {
    #[test]
    fn the_short_way_of_writing_is_the_canonical_one(leaf in any_leaf()) {
        prop_assert_eq!(leaf.to_bytes(), canon::json::to_canonical(&leaf).unwrap());
        prop_assert_eq!(Leaf::parse(&leaf.to_bytes()).unwrap(), leaf);
    }

    #[test]
    fn a_changed_byte_is_another_leaf_or_none(
        leaf in any_leaf(),
        at in 0_usize..400,
        to in 0_u8..,
    ) {
        let mut bytes = leaf.to_bytes();
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        if let Ok(other) = Leaf::parse(&bytes) {
            prop_assert_ne!(other.entry(), leaf.entry());
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Leaf::parse(&bytes);
    }
}
