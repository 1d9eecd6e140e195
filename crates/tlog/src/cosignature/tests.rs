//! Cosignatures; those of public witnesses are among the vectors of `note` and `proof`.

use super::*;
use crate::note::Note;

const TEXT: &str = "log.example\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn witness(name: &str, seed: u8) -> NoteSigner {
    NoteSigner::from_seed(name, KeyType::Cosignature, &[seed; 32]).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(seconds).unwrap()
}

#[test]
fn a_cosignature_holds_with_its_time() {
    let signer = witness("w.example", 1);
    let line = sign(&signer, TEXT, at(1_679_315_147)).unwrap();
    assert_eq!(line.body().len(), 8 + 64);
    assert_eq!(line.body()[..8], 1_679_315_147_u64.to_be_bytes());
    assert_eq!(verify(signer.verifier(), TEXT, &line), Ok(at(1_679_315_147)));
}

/// The signed bytes, put together by hand as the specification draws them.
#[test]
fn the_message_is_two_lines_and_the_text() {
    let signer = witness("w.example", 1);
    let line = sign(&signer, TEXT, at(1_679_315_147)).unwrap();
    let message = format!("cosignature/v1\ntime 1679315147\n{TEXT}");
    let key = signer.verifier().public_key();
    assert!(key.verify(message.as_bytes(), &line.body()[8..]).is_ok());
}

#[test]
fn every_changed_byte_is_found() {
    let signer = witness("w.example", 1);
    let line = sign(&signer, TEXT, at(1_679_315_147)).unwrap();
    let key = signer.verifier();
    for index in 0..line.body().len() {
        let mut body = line.body().to_vec();
        body[index] ^= 1;
        let changed = NoteSignature::new(line.name(), line.id(), body).unwrap();
        assert!(verify(key, TEXT, &changed).is_err(), "byte {index}");
    }
    for length in [1, 7, 8, 71] {
        let cut = NoteSignature::new(line.name(), line.id(), line.body()[..length].to_vec());
        assert!(verify(key, TEXT, &cut.unwrap()).is_err(), "{length} bytes");
    }
}

#[test]
fn extension_lines_are_covered() {
    let signer = witness("w.example", 1);
    let text = format!("{TEXT}extension 1\nextension 2\n");
    let line = sign(&signer, &text, at(5)).unwrap();
    assert!(verify(signer.verifier(), &text, &line).is_ok());
    let other = text.replace("extension 2", "extension X");
    assert!(verify(signer.verifier(), &other, &line).is_err());
    assert!(verify(signer.verifier(), TEXT, &line).is_err());
}

#[test]
fn only_checkpoints_are_cosigned_and_never_at_time_zero() {
    let signer = witness("w.example", 1);
    assert_eq!(sign(&signer, "text\n", at(5)), Err(NoteError::NotCosignable));
    assert_eq!(sign(&signer, TEXT, at(0)), Err(NoteError::NotCosignable));
    // The same over bytes that someone else has signed.
    for (seconds, text) in [(0, TEXT), (5, "text\n"), (u64::MAX, TEXT), (1 << 62, TEXT)] {
        let mut body = u64::to_be_bytes(seconds).to_vec();
        body.extend(signer.sign_raw(&message(seconds, text)).unwrap());
        let id = signer.verifier().id();
        let line = NoteSignature::new("w.example", id, body).unwrap();
        assert!(verify(signer.verifier(), text, &line).is_err(), "{seconds} {text}");
    }
}

#[test]
fn a_plain_key_does_not_cosign_and_a_line_of_another_is_not_taken() {
    let plain = NoteSigner::from_seed("w.example", KeyType::Ed25519, &[1; 32]).unwrap();
    assert!(matches!(sign(&plain, TEXT, at(5)), Err(NoteError::WrongType { .. })));
    let line = sign(&witness("w.example", 1), TEXT, at(5)).unwrap();
    assert!(verify(plain.verifier(), TEXT, &line).is_err());
    assert!(verify(witness("other.example", 1).verifier(), TEXT, &line).is_err());
    assert!(verify(witness("w.example", 2).verifier(), TEXT, &line).is_err());
}

/// Why cosigners must not share a key: the bytes are the same under both names.
#[test]
fn two_names_of_one_key_are_found() {
    let (a, b, c) = (witness("a", 1), witness("b", 1), witness("c", 2));
    let by_a = sign(&a, TEXT, at(5)).unwrap();
    let by_b = sign(&b, TEXT, at(5)).unwrap();
    assert_eq!(by_a.body(), by_b.body());
    let keys = [c.verifier(), a.verifier(), b.verifier()];
    assert_eq!(shared_key(&keys), Some((a.verifier(), b.verifier())));
    assert_eq!(shared_key(&keys[..2]), None);
}

#[test]
fn one_note_carries_the_log_and_its_witnesses() {
    let log = NoteSigner::from_seed("log.example", KeyType::Ed25519, &[9; 32]).unwrap();
    let (a, b) = (witness("a.example", 1), witness("b.example", 2));
    let mut note = Note::new(TEXT).unwrap();
    note.add(log.sign(TEXT).unwrap()).unwrap();
    note.add(sign(&a, TEXT, at(10)).unwrap()).unwrap();
    note.add(sign(&b, TEXT, at(20)).unwrap()).unwrap();
    let read = Note::parse(&note.to_bytes()).unwrap();
    let lines = read.verify(&[b.verifier(), log.verifier()]).unwrap();
    let seen: Vec<_> = lines.iter().map(|line| (line.key.name(), line.time)).collect();
    assert_eq!(seen, [("log.example", None), ("b.example", Some(at(20)))]);
}
