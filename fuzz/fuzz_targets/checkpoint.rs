//! Checkpoints, bare and signed: exactly one spelling each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::checkpoint::Checkpoint;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((checkpoint, note)) = Checkpoint::parse_signed(bytes) {
        assert_eq!(note.to_bytes(), bytes);
        assert_eq!(checkpoint.to_string(), note.text());
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(checkpoint) = Checkpoint::parse(text) else {
        return;
    };
    assert_eq!(checkpoint.to_string(), text);
    if checkpoint.extensions.is_empty() {
        let head = checkpoint.head();
        let made = Checkpoint::new(&checkpoint.origin, head.size, head.root);
        assert_eq!(made.expect("made of its parts"), checkpoint);
    }
    // What was read can be signed, if a note may carry it.
    if let Ok(note) = checkpoint.to_note() {
        assert_eq!(note.text(), text);
    }
});
