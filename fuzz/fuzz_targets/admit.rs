//! Admission to the log: payloads of any text, signed by every holder in turn.
#![no_main]

use std::sync::LazyLock;

use artifact::admit::{Founded, found, judge};
use artifact::kind::{KINDS, Row};
use artifact::payload::check;
use artifact::role::may_submit;
use canon::envelope::sign_to_bytes;
use canon::json::{Value, parse, to_vec};
use libfuzzer_sys::fuzz_target;
use testkit::election::{Election, Plan};

struct World {
    election: Election,
    founded: Founded,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    // A seed of its own: no vector is signed with these keys.
    let election = Election::new(Plan { seed: 0x5c12, ..Plan::default() });
    let founded = found(&election.entries[0].artifact).expect("a charter");
    World { election, founded }
});

fuzz_target!(|bytes: &[u8]| {
    assert!(judge(bytes, &WORLD.founded.register, 1).is_err(), "nobody signed this");
    let Ok(Value::Object(mut members)) = parse(bytes) else {
        return;
    };
    let id = WORLD.election.charter.election_id.to_string();
    members.insert("election_id", Value::String(id));
    let payload = Value::Object(members);
    let canonical = to_vec(&payload);
    for row in KINDS.iter().filter(|row| check(row.kind, &canonical).is_ok()) {
        every_holder(row, &payload);
    }
    // A payload that is none is refused, whoever signs it.
    let first = bytes.first().map_or(0, |byte| usize::from(*byte));
    let row = &KINDS[first % KINDS.len()];
    if check(row.kind, &canonical).is_err() {
        let clerk = WORLD.election.keys.key("clerk");
        let kind = row.text.parse().expect("a kind");
        // Around a payload of the deepest nesting that is read there is no room for an envelope.
        if let Ok(signed) = sign_to_bytes(&kind, &payload, &[&clerk]) {
            assert!(judge(&signed, &WORLD.founded.register, 1).is_err());
        }
    }
});

fn every_holder(row: &Row, payload: &Value) {
    for key in &WORLD.election.charter.keys {
        let holder = key.holder.as_str();
        let mut signed = WORLD.election.sign(row.text, payload, &[holder]);
        let Ok(admitted) = judge(&signed, &WORLD.founded.register, 1) else {
            continue;
        };
        assert!(may_submit(key.role, admitted.entry_type), "{holder} submitted {}", row.text);
        assert_eq!(admitted.kind, row.kind);
        assert_eq!(admitted.originator.role, key.role);
        assert_eq!(admitted.size, signed.len() as u64);
        // One changed byte in the middle of the payload, and it is somebody else's.
        let middle = signed.len() / 3;
        signed[middle] ^= 1;
        assert!(judge(&signed, &WORLD.founded.register, 1).is_err());
    }
}
