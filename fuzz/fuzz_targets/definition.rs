//! Ballot definitions: whatever is read can be judged, derived anew and made a deck of.
#![no_main]

use artifact::payload::{BallotDefinition, PayloadType as _};
use libfuzzer_sys::fuzz_target;
use paper::deck::deck;
use paper::definition::{Description, Wrong, check, derive};

fuzz_target!(|bytes: &[u8]| {
    let Ok(definition) = canon::json::from_strict::<BallotDefinition>(bytes) else {
        if let Ok(description) = canon::json::from_strict::<Description>(bytes) {
            let _ = check(&derive(description));
        }
        return;
    };
    let faults = check(&definition);
    let is_limited = faults.iter().any(|one| matches!(one.wrong, Wrong::TooMany { .. }));
    // What holds together keeps the rules of the form too.
    assert!(!faults.is_empty() || definition.rules().is_empty());
    if is_limited {
        return;
    }
    let derived = derive(Description::from(definition.clone()));
    if faults.is_empty() {
        assert_eq!(check(&derived), [], "a definition that holds has styles that hold");
        let deck = deck(&definition, None).expect("a deck");
        for tally in &deck.expected {
            assert!(tally.blank <= tally.ballots && tally.overvotes <= tally.ballots);
        }
        let canonical = canon::json::to_canonical(&deck).expect("canonical bytes");
        assert_eq!(canon::json::from_canonical(&canonical), Ok(deck));
    }
});
