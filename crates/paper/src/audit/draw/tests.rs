use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use canon::Digest;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

fn vectors(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors").join(name);
    std::fs::read(path).unwrap()
}

fn manifest(name: &str) -> BallotManifest {
    BallotManifest::read(&vectors(name)).unwrap()
}

#[derive(Deserialize)]
struct County {
    #[serde(rename = "county")]
    name: String,
    seed: String,
    #[serde(rename = "N")]
    cards: u64,
    n: usize,
    batches: usize,
    draws: Vec<u64>,
    imprinted_ids: Vec<String>,
}

#[test]
fn both_counties_of_colorado_come_out_card_by_card() {
    let counties: Vec<County> =
        serde_json::from_slice(&vectors("colorado-2024/draws.json")).unwrap();
    assert_eq!(counties.len(), 2);
    for county in counties {
        let manifest = manifest(&format!("colorado-2024/{}BallotManifest.csv", county.name));
        assert_eq!((manifest.total(), manifest.batches().len()), (county.cards, county.batches));
        let draws: Vec<Draw<'_>> =
            colorado(&manifest, &county.seed).unwrap().take(county.n).collect();
        assert!(draws.iter().map(|draw| draw.draw).eq(1..=county.n as u64));
        assert!(draws.iter().map(|draw| draw.index).eq(county.draws));
        assert!(draws.iter().map(|draw| draw.card.to_string()).eq(county.imprinted_ids));
    }
}

#[derive(Deserialize)]
struct Vectors {
    samples: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    manifest: String,
    manifest_sha256: Digest,
    seed: String,
    election_id: String,
    draws: Vec<Expected>,
}

#[derive(Deserialize)]
struct Expected {
    draw: u64,
    index: u64,
    card: String,
}

fn samples() -> Vec<Sample> {
    serde_json::from_slice::<Vectors>(&vectors("sampling/tickets.json")).unwrap().samples
}

#[test]
fn samples_by_ticket_are_those_of_an_independent_hmac() {
    assert_eq!(samples().len(), 2);
    for case in samples() {
        let manifest = manifest(&case.manifest);
        assert_eq!(manifest.digest(), case.manifest_sha256);
        let count = case.draws.len() as u64;
        let draws = hkdf(&manifest, &case.seed, &case.election_id, count, |_| ()).unwrap();
        assert_eq!(draws.len(), case.draws.len());
        for (found, expected) in draws.iter().zip(&case.draws) {
            assert_eq!(
                (found.draw, found.index, &found.card.id()),
                (expected.draw, expected.index, &expected.card)
            );
        }
    }
}

#[test]
fn a_sample_by_ticket_has_no_repeats_and_can_be_the_whole() {
    let manifest = manifest("colorado-2024/HinsdaleBallotManifest.csv");
    let draws = hkdf(&manifest, "1", "e", 618, |_| ()).unwrap();
    let different: HashSet<u64> = draws.iter().map(|draw| draw.index).collect();
    assert_eq!(different.len(), 618);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let manifest = manifest("colorado-2024/HinsdaleBallotManifest.csv");
    let refusal = |seed, election, count| hkdf(&manifest, seed, election, count, |_| ()).err();
    assert_eq!(refusal("1", "e", 619), Some(DrawError::TooMany { count: 619, cards: 618 }));
    assert_eq!(refusal("x", "e", 1), Some(DrawError::Sample(SampleError::Seed)));
    assert_eq!(refusal("1", "", 1), Some(DrawError::Sample(SampleError::ElectionId)));
    assert_eq!(colorado(&manifest, "0x1").err(), Some(SampleError::Seed));
}

#[test]
fn cards_are_walked_without_being_held() {
    let manifest =
        BallotManifest::read(b"Tabulator,Batch,Ballots\n1,1,9007199254740991\n").unwrap();
    let tickets = Tickets::new(&manifest, "1", "e").unwrap();
    // A far corner of a manifest that no memory could hold card by card.
    let corner = 9_007_199_254_000_000..=9_007_199_254_000_999;
    let mut lowest = tickets.selection(10).unwrap();
    tickets.offer(corner.clone(), &mut lowest);
    let draws = tickets.draws(lowest);
    assert_eq!(draws.len(), 10);
    assert!(draws.iter().all(|draw| corner.contains(&draw.index)));
}

#[test]
fn no_manifest_keeps_a_machine_busy_for_years() {
    let manifest = |cards: u64| {
        let csv = format!("Tabulator,Batch,Ballots\n1,1,{cards}\n");
        BallotManifest::read(csv.as_bytes()).unwrap()
    };
    for cards in [MAX_TICKETS + 1, (1 << 53) - 1] {
        let manifest = manifest(cards);
        let refused = hkdf(&manifest, "1", "e", 1, |_| panic!("a ticket was computed")).err();
        assert_eq!(refused, Some(DrawError::TooManyCards { cards }));
        // A draw of Colorado's costs the same whatever there is to draw from.
        assert_eq!(colorado(&manifest, "1").unwrap().take(3).count(), 3);
    }
}

#[test]
fn a_sample_from_many_shares_is_that_of_one_walk() {
    let csv = b"Tabulator,Batch,Ballots\n1,1,65535\n1,2,3\n2,1,70001\n";
    let manifest = BallotManifest::read(csv).unwrap();
    let tickets = Tickets::new(&manifest, "7", "e").unwrap();
    let mut lowest = tickets.selection(40).unwrap();
    tickets.offer(1..=manifest.total(), &mut lowest);
    let walked = AtomicU64::new(0);
    let walk = |cards| {
        walked.fetch_add(cards, Ordering::Relaxed);
    };
    assert_eq!(hkdf(&manifest, "7", "e", 40, walk).unwrap(), tickets.draws(lowest));
    assert_eq!(walked.into_inner(), manifest.total());
}

proptest! {
    /// However the cards are divided among cores, the sample is the same.
    #[test]
    fn parts_merge_to_the_whole(cut in 1_u64..618, count in 1_u64..60) {
        let manifest = manifest("colorado-2024/HinsdaleBallotManifest.csv");
        let tickets = Tickets::new(&manifest, "7", "e").unwrap();
        let mut merged = tickets.selection(count).unwrap();
        let mut other = tickets.selection(count).unwrap();
        tickets.offer(cut + 1..=618, &mut merged);
        tickets.offer(1..=cut, &mut other);
        merged.merge(other);
        prop_assert_eq!(tickets.draws(merged), hkdf(&manifest, "7", "e", count, |_| ()).unwrap());
    }
}
