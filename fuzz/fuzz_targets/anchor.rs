//! Anchors, as a file and as the lines of a poster: read, written and read again.
#![no_main]

use artifact::anchor::Anchor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(anchor) = Anchor::parse(bytes) {
        both_forms(&anchor);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(anchor) = Anchor::from_poster(text) {
        both_forms(&anchor);
    }
});

fn both_forms(anchor: &Anchor) {
    let file = anchor.to_toml().expect("an anchor that was read can be written");
    let read = Anchor::from_toml(&file);
    assert_eq!(read.as_ref(), Ok(anchor));
    // A poster carries less; what it carries is the same.
    let poster = Anchor::from_poster(&anchor.to_poster()).expect("reads its own poster");
    assert_eq!(poster.election_id, anchor.election_id);
    assert_eq!(poster.charter, anchor.charter);
    assert_eq!(Anchor::from_poster(&poster.to_poster()), Ok(poster));
}
