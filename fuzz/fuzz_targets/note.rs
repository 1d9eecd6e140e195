//! Signed notes, their signature lines and the text form of their keys.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlog::note::{Note, NoteSignature, VerifierKey};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_bytes(), bytes, "one note, two spellings");
        assert!(note.text().ends_with('\n'));
        // The text that is signed does not depend on who signed.
        let mut bare = note.clone();
        bare.keep_only(&[]);
        assert_eq!(bare.text(), note.text());
    }
    if let Ok(lines) = NoteSignature::parse_lines(bytes) {
        let mut written = String::new();
        for line in &lines {
            written.push_str(&line.to_string());
            written.push('\n');
        }
        assert_eq!(written.as_bytes(), bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
        let again = VerifierKey::new(key.name(), key.kind(), key.public_key().bytes());
        assert_eq!(again.expect("made of its parts"), key);
    }
});
