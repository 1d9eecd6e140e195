//! A small election whose envelopes were signed by other software, judged entry by entry.

use std::path::Path;

use artifact::admit::{self, Refusal};
use serde::Deserialize;

#[derive(Deserialize)]
struct Entry {
    name: String,
    envelope: String,
    sha256: String,
    judged: String,
}

#[test]
fn every_entry_is_judged_as_the_vector_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/admission/election.json");
    let entries: Vec<Entry> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (charter, rest) = entries.split_first().unwrap();
    let founded = admit::found(charter.envelope.as_bytes()).unwrap();
    assert_eq!(founded.admitted.digest.to_string(), charter.sha256);
    assert_eq!(founded.admitted.originator.id, "county-clerk");
    let mut register = founded.register;
    let mut index = 1;
    for entry in rest {
        let before = (register.amendments(), register.last_change(), register.closed_at());
        let judged = admit::enact(entry.envelope.as_bytes(), &mut register, index);
        let code = judged.as_ref().map_or_else(Refusal::code, |_| "admitted");
        assert_eq!(code, entry.judged, "{}: {judged:?}", entry.name);
        match judged {
            Ok(admitted) => {
                assert_eq!(admitted.digest.to_string(), entry.sha256);
                assert_eq!(admitted.size, entry.envelope.len() as u64);
                index += 1;
            }
            Err(refusal) => {
                assert!(!refusal.expected().is_empty() && !refusal.found().is_empty());
                let after = (register.amendments(), register.last_change(), register.closed_at());
                assert_eq!(before, after, "{}", entry.name);
            }
        }
    }
    assert_eq!(register.closed_at(), Some(4));
}
