//! Lines of the two lists, as any publisher may serve them: one record has one spelling.
#![no_main]

use booth::publish::{vote_of, voter_of};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Some(vote) = vote_of(line) {
            assert_eq!(vote.line().as_bytes(), line, "one vote, two spellings");
            assert!(voter_of(line).is_none(), "a vote and a voter");
        }
        if let Some(mandate) = voter_of(line) {
            assert_eq!(mandate.voters_line().as_bytes(), line, "one voter, two spellings");
        }
    }
});
