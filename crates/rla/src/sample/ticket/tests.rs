use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vectors {
    single: Vec<Single>,
}

#[derive(Deserialize)]
struct Single {
    manifest_text: String,
    manifest_sha256: Digest,
    seed: String,
    election_id: String,
    tickets: Vec<Card>,
}

#[derive(Deserialize)]
struct Card {
    card: String,
    ticket: Digest,
}

#[test]
fn tickets_are_those_of_an_independent_hmac() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/sampling/tickets.json");
    let vectors: Vectors = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(vectors.single.len(), 3);
    for case in vectors.single {
        assert_eq!(Digest::of(case.manifest_text.as_bytes()), case.manifest_sha256);
        let tickets = Tickets::new(&case.manifest_sha256, &case.seed, &case.election_id).unwrap();
        for card in case.tickets {
            assert_eq!(tickets.ticket(&card.card).0, card.ticket.0, "{}", card.card);
            assert_eq!(tickets.ticket(&card.card).to_string(), card.ticket.to_string());
        }
    }
}

#[test]
fn seeds_and_elections_that_are_none_are_refused() {
    let manifest = Digest::of(b"manifest");
    let new = |seed, election| Tickets::new(&manifest, seed, election).err();
    assert_eq!(new("12a", "e"), Some(SampleError::Seed));
    assert_eq!(new("", "e"), Some(SampleError::Seed));
    assert_eq!(new("12", ""), Some(SampleError::ElectionId));
    assert_eq!(new("12", "a\0b"), Some(SampleError::ElectionId));
    assert_eq!(new("12", "a"), None);
}

#[test]
fn every_input_changes_the_ticket() {
    let ticket = |manifest: &[u8], seed, election, card| {
        Tickets::new(&Digest::of(manifest), seed, election).unwrap().ticket(card)
    };
    let base = ticket(b"m", "1", "e", "1/1/1");
    assert_ne!(base, ticket(b"n", "1", "e", "1/1/1"));
    assert_ne!(base, ticket(b"m", "2", "e", "1/1/1"));
    assert_ne!(base, ticket(b"m", "1", "f", "1/1/1"));
    assert_ne!(base, ticket(b"m", "1", "e", "1/1/2"));
}

#[test]
fn equal_tickets_are_ordered_by_their_items() {
    let ticket = |byte| Ticket([byte; 32]);
    let mut lowest = Lowest::new(3);
    for (byte, item) in [(9, 1), (5, 8), (5, 3), (5, 7), (5, 9)] {
        lowest.offer(ticket(byte), item);
    }
    let items: Vec<u64> = lowest.into_ascending().into_iter().map(|(_, item)| item).collect();
    assert_eq!(items, [3, 7, 8]);
}

#[test]
fn a_sample_of_none_holds_nothing() {
    let mut lowest = Lowest::new(0);
    lowest.offer(Ticket([0; 32]), 1);
    assert_eq!(lowest.into_ascending(), []);
}

proptest! {
    /// Selection in one stream and in merged parts is the front of the sorted whole.
    #[test]
    fn lowest_is_the_front_of_the_sorted_whole(
        entries in prop::collection::vec((prop::array::uniform32(0_u8..2), 0_u64..50), 0..200),
        count in 0_usize..60,
        cut in 0_usize..200,
    ) {
        let mut expected: Vec<(Ticket, u64)> =
            entries.iter().map(|(bytes, item)| (Ticket(*bytes), *item)).collect();
        let (left, right) = expected.split_at(cut.min(expected.len()));
        let mut parts = [Lowest::new(count), Lowest::new(count)];
        let mut whole = Lowest::new(count);
        for (part, entries) in parts.iter_mut().zip([left, right]) {
            for (ticket, item) in entries {
                part.offer(*ticket, *item);
                whole.offer(*ticket, *item);
                prop_assert!(part.heap.len() <= count);
            }
        }
        let [mut merged, other] = parts;
        merged.merge(other);
        expected.sort();
        expected.truncate(count);
        prop_assert_eq!(whole.into_ascending(), expected.clone());
        prop_assert_eq!(merged.into_ascending(), expected);
    }

    /// A longer sample begins with the shorter one.
    #[test]
    fn samples_grow_at_the_end(seed in "[0-9]{1,30}", cards in 1_usize..80, count in 0_usize..80) {
        let tickets = Tickets::new(&Digest::of(b"m"), &seed, "e").unwrap();
        let ids: Vec<String> = (0..cards).map(|card| format!("1/1/{card}")).collect();
        let sample = |count| lowest_tickets(&tickets, ids.iter().map(String::as_str), count);
        let longer = sample(count + 5);
        prop_assert_eq!(&longer[..sample(count).len()], &sample(count)[..]);
    }
}
