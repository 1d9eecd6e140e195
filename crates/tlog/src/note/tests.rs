//! Notes and their keys against the values of other implementations.

use std::str::FromStr;
use std::sync::Arc;

use canon::{Algorithm, PrivateKey};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Notes {
    opened: Vec<Opened>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Opened {
    name: String,
    note: String,
    known: Vec<String>,
    text: String,
    lines: usize,
    verified: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    note: String,
    known: Vec<String>,
    error: String,
}

#[derive(Deserialize)]
struct Vkeys {
    good: Vec<GoodKey>,
    bad: Vec<BadKey>,
}

#[derive(Deserialize)]
struct GoodKey {
    vkey: String,
    name: String,
    id: String,
    #[serde(rename = "type")]
    octet: u8,
    key: String,
}

#[derive(Deserialize)]
struct BadKey {
    vkey: String,
    why: String,
}

#[derive(Deserialize)]
struct Signing {
    name: String,
    seed: String,
    vkey: String,
    text: String,
    note: String,
}

fn notes() -> Notes {
    serde_json::from_str(include_str!("../../../../vectors/note/notes.json")).unwrap()
}

fn vkeys() -> Vkeys {
    serde_json::from_str(include_str!("../../../../vectors/note/vkeys.json")).unwrap()
}

fn signing() -> Signing {
    serde_json::from_str(include_str!("../../../../vectors/note/signing.json")).unwrap()
}

fn keys(texts: &[String]) -> Vec<VerifierKey> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn peter() -> NoteSigner {
    let vector = signing();
    let seed = data_encoding::HEXLOWER.decode(vector.seed.as_bytes()).unwrap();
    NoteSigner::from_seed(&vector.name, KeyType::Ed25519, &seed.try_into().unwrap()).unwrap()
}

#[test]
fn notes_open_as_elsewhere() {
    for case in notes().opened {
        let note = Note::parse(case.note.as_bytes()).unwrap();
        assert_eq!(note.text(), case.text, "{}", case.name);
        assert_eq!(note.signatures().len(), case.lines, "{}", case.name);
        assert_eq!(note.to_string(), case.note, "{}", case.name);
        let known = keys(&case.known);
        let names = note
            .verify(&known.iter().collect::<Vec<_>>())
            .map(|lines| lines.iter().map(|line| line.key.name().to_owned()).collect::<Vec<_>>());
        assert_eq!(names, case.verified.ok_or(NoteError::Unverified), "{}", case.name);
    }
}

#[test]
fn bad_notes_are_refused_for_the_right_reason() {
    for case in notes().refused {
        let known = keys(&case.known);
        let result = Note::parse(case.note.as_bytes()).and_then(|note| {
            note.verify(&known.iter().collect::<Vec<_>>()).map(|lines| lines.len())
        });
        let class = match result {
            Err(NoteError::BadSignature { .. }) => "signature",
            Err(NoteError::AmbiguousKey { .. }) => "ambiguous",
            Err(
                NoteError::NoSignatures
                | NoteError::BadSignatureLine { .. }
                | NoteError::ControlCharacter { .. },
            ) => "form",
            other => panic!("{}: {other:?}", case.name),
        };
        assert_eq!(class, case.error, "{}", case.name);
    }
}

#[test]
fn verifier_keys_read_and_print() {
    let vectors = vkeys();
    for case in vectors.good {
        let key = VerifierKey::from_str(&case.vkey).unwrap();
        assert_eq!(key.name(), case.name);
        assert_eq!(key.id().to_string(), case.id);
        assert_eq!(key.kind().octet(), case.octet);
        assert_eq!(data_encoding::HEXLOWER.encode(key.public_key().bytes()), case.key);
        assert_eq!(key.to_string(), case.vkey);
        let raw = data_encoding::HEXLOWER.decode(case.key.as_bytes()).unwrap();
        assert_eq!(VerifierKey::new(&case.name, key.kind(), &raw), Ok(key));
    }
    for case in vectors.bad {
        assert!(VerifierKey::from_str(&case.vkey).is_err(), "{}", case.why);
    }
}

/// The manglings of the Go project's test: no part of a key and no shifted byte is a key.
#[test]
fn no_part_of_a_verifier_key_is_one() {
    let whole = signing().vkey;
    for start in 0..whole.len() {
        for end in start..=whole.len() {
            let part = &whole[start..end];
            assert_eq!(VerifierKey::from_str(part).is_ok(), part == whole, "{part}");
        }
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone().into_bytes();
        bytes[at] += 1;
        let changed = String::from_utf8(bytes).unwrap();
        assert!(VerifierKey::from_str(&changed).is_err(), "{changed}");
    }
}

#[test]
fn the_signer_signs_as_the_go_project_does() {
    let vector = signing();
    let signer = peter();
    assert_eq!(signer.verifier().to_string(), vector.vkey);
    let mut note = Note::new(&vector.text).unwrap();
    note.add(signer.sign(note.text()).unwrap()).unwrap();
    assert_eq!(note.to_string(), vector.note);
    // A line of the same name and id gives way to the new one.
    note.add(signer.sign(note.text()).unwrap()).unwrap();
    assert_eq!(note.to_string(), vector.note);
    assert!(!format!("{signer:?}").contains(&vector.seed));
}

#[test]
fn a_text_to_sign_ends_in_a_newline_and_has_no_control_characters() {
    assert_eq!(Note::new(""), Err(NoteError::TextWithoutEnd));
    assert_eq!(Note::new("abc"), Err(NoteError::TextWithoutEnd));
    assert_eq!(Note::new("a\rc\n"), Err(NoteError::ControlCharacter { at: 1 }));
    assert!(Note::new("\n").is_ok());
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_their_place() {
    let mut note = signing().note.into_bytes();
    note.insert(0, 0xff);
    assert_eq!(Note::parse(&note), Err(NoteError::NotUtf8 { at: 0 }));
}

#[test]
fn a_bad_line_is_named_by_its_number() {
    let note = format!("{}Unexpected line.\n", signing().note);
    assert_eq!(Note::parse(note.as_bytes()), Err(NoteError::BadSignatureLine { line: 5 }));
}

#[test]
fn limits_are_sixty_four_lines_and_the_size() {
    let vector = signing();
    let line = peter().sign(&vector.text).unwrap();
    let many = |count: usize| format!("{}\n{}", vector.text, format!("{line}\n").repeat(count));
    let known = peter();
    let sixteen = Note::parse(many(16).as_bytes()).unwrap();
    assert_eq!(sixteen.verify(&[known.verifier()]).unwrap().len(), 16);
    assert!(Note::parse(many(MAX_SIGNATURES).as_bytes()).is_ok());
    let over = Note::parse(many(MAX_SIGNATURES + 1).as_bytes());
    assert_eq!(over, Err(NoteError::TooManySignatures));

    let long = format!("{}\n{}", "a".repeat(MAX_NOTE_BYTES), many(1));
    assert_eq!(Note::parse(long.as_bytes()), Err(NoteError::TooLarge));
}

#[test]
fn sixteen_signatures_of_post_quantum_size_are_read() {
    let body = vec![0x5a; 8 + 5000];
    let line = |n| {
        let id = NoteKeyId::from_bytes([0, 0, 0, n]);
        NoteSignature::new("pq.example", id, body.clone()).unwrap().to_string()
    };
    let lines: Vec<String> = (0..16).map(line).collect();
    let note = format!("{}\n{}\n", signing().text, lines.join("\n"));
    assert_eq!(Note::parse(note.as_bytes()).unwrap().signatures().len(), 16);
}

#[test]
fn a_note_holds_no_more_lines_than_are_read() {
    let mut note = Note::new("text\n").unwrap();
    for n in 0..u8::try_from(MAX_SIGNATURES).unwrap() {
        let id = NoteKeyId::from_bytes([0, 0, 0, n]);
        note.add(NoteSignature::new("x", id, vec![1]).unwrap()).unwrap();
    }
    let id = NoteKeyId::from_bytes([1, 0, 0, 0]);
    let one_more = NoteSignature::new("x", id, vec![1]).unwrap();
    assert_eq!(note.add(one_more), Err(NoteError::TooManySignatures));
}

#[test]
fn types_do_not_stand_in_for_each_other() {
    let seed = [7; 32];
    let plain = NoteSigner::from_seed("a.example", KeyType::Ed25519, &seed).unwrap();
    let cosigner = NoteSigner::from_seed("a.example", KeyType::Cosignature, &seed).unwrap();
    assert_ne!(plain.verifier().id(), cosigner.verifier().id());
    assert_eq!(
        cosigner.sign("text\n"),
        Err(NoteError::WrongType {
            name: "a.example".to_owned(),
            found: KeyType::Cosignature,
            needed: KeyType::Ed25519
        })
    );
    let line = plain.sign("text\n").unwrap();
    assert!(cosigner.verifier().verify("text\n", &line).is_err());
}

#[test]
fn a_key_from_a_file_signs_and_other_algorithms_do_not() {
    let key = PrivateKey::from_seed(Algorithm::Ed25519, &[7; 32]).unwrap();
    let from_key = NoteSigner::from_key("a.example", KeyType::Ed25519, Arc::new(key)).unwrap();
    let from_seed = NoteSigner::from_seed("a.example", KeyType::Ed25519, &[7; 32]).unwrap();
    assert_eq!(from_key.verifier(), from_seed.verifier());
    let other = PrivateKey::from_seed(Algorithm::EcdsaP256, &[7; 32]).unwrap();
    let refused = NoteSigner::from_key("a.example", KeyType::Ed25519, Arc::new(other));
    assert!(matches!(refused, Err(NoteError::UnusableKey { .. })));
}

#[test]
fn only_lines_of_the_kept_keys_stay() {
    let mut note = Note::parse(notes().opened[0].note.as_bytes()).unwrap();
    note.keep_only(&[peter().verifier()]);
    assert_eq!(note.signatures().len(), 1);
    assert_eq!(note.signatures()[0].name(), "PeterNeumann");
}

#[test]
fn a_witness_answer_is_read_line_by_line() {
    let line = peter().sign("text\n").unwrap();
    let two = format!("{line}\n{line}\n");
    assert_eq!(NoteSignature::parse_lines(two.as_bytes()).unwrap(), [line.clone(), line.clone()]);
    assert_eq!(NoteSignature::parse_lines(b""), Err(NoteError::NoSignatures));
    let unended = NoteSignature::parse_lines(line.to_string().as_bytes());
    assert_eq!(unended, Err(NoteError::BadSignatureLine { line: 1 }));
}

proptest! {
    /// What is printed is read back, also for texts full of empty lines and line starts.
    #[test]
    fn printed_notes_read_back(
        text in "([a-z — é]{0,6}\n){1,8}",
        names in prop::collection::vec("[a-zé./—]{1,9}", 1..5),
        body in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        let mut note = Note::new(&text).unwrap();
        for (n, name) in names.iter().enumerate() {
            let id = NoteKeyId::from_bytes([0, 0, 0, u8::try_from(n).unwrap()]);
            note.add(NoteSignature::new(name, id, body.clone()).unwrap()).unwrap();
        }
        prop_assert_eq!(Note::parse(&note.to_bytes()), Ok(note));
    }

    /// Whatever is read prints as the same bytes: there are no two spellings of a note.
    #[test]
    fn read_notes_print_as_they_were(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut note = signing().note.into_bytes();
        let at = bytes.first().map_or(0, |b| usize::from(*b) % note.len());
        note.splice(at..at, bytes.iter().skip(1).take(3).copied());
        if let Ok(read) = Note::parse(&note) {
            prop_assert_eq!(read.to_bytes(), note);
        }
    }
}

/// Two padded texts one after the other are the base64 of all their bytes to many decoders.
#[test]
fn a_second_spelling_of_a_signature_is_refused() {
    let line = |sig: &str| format!("text\n\n\u{2014} name {sig}\n");
    assert!(Note::parse(line("AAAAAAE=").as_bytes()).is_ok());
    assert!(Note::parse(line("AAAAAA==AQ==").as_bytes()).is_err());
    assert!(Note::parse(line("AA==AAAAAQE=").as_bytes()).is_err());
}
