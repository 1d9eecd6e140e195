//! Checkpoints against the values of other implementations.

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Vectors {
    good: Vec<Good>,
    bad: Vec<Bad>,
}

#[derive(Deserialize)]
struct Good {
    name: String,
    text: String,
    origin: String,
    size: u64,
    root: Digest,
    extensions: Vec<String>,
}

#[derive(Deserialize)]
struct Bad {
    name: String,
    text: String,
    error: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../../vectors/note/checkpoints.json")).unwrap()
}

#[test]
fn checkpoints_read_and_print() {
    for case in vectors().good {
        let checkpoint = Checkpoint::parse(&case.text).unwrap();
        assert_eq!(checkpoint.origin, case.origin, "{}", case.name);
        assert_eq!(checkpoint.size, case.size, "{}", case.name);
        assert_eq!(checkpoint.root, case.root, "{}", case.name);
        assert_eq!(checkpoint.extensions, case.extensions, "{}", case.name);
        assert_eq!(checkpoint.to_string(), case.text, "{}", case.name);
        assert_eq!(checkpoint.to_note().unwrap().text(), case.text, "{}", case.name);
        assert_eq!(checkpoint.head(), Head { size: case.size, root: case.root });
    }
}

#[test]
fn bad_checkpoints_are_refused_for_the_right_reason() {
    for case in vectors().bad {
        let class = match Checkpoint::parse(&case.text) {
            Err(CheckpointError::WithoutEnd) => "end",
            Err(CheckpointError::BadOrigin) => "origin",
            Err(CheckpointError::BadSize) => "size",
            Err(CheckpointError::BadRoot) => "root",
            Err(CheckpointError::BadExtension { .. }) => "extension",
            other => panic!("{}: {other:?}", case.name),
        };
        assert_eq!(class, case.error, "{}", case.name);
    }
}

#[test]
fn what_would_not_be_read_is_not_handed_out_to_be_signed() {
    let root = Head::empty().root;
    assert_eq!(Checkpoint::new("", 0, root), Err(CheckpointError::BadOrigin));
    assert_eq!(Checkpoint::new("a\nb", 0, root), Err(CheckpointError::BadOrigin));
    assert_eq!(Checkpoint::new("a", MAX_SIZE + 1, root), Err(CheckpointError::BadSize));
    let mut checkpoint = Checkpoint::new("a", 0, root).unwrap();
    checkpoint.extensions.push(String::new());
    assert_eq!(checkpoint.to_note(), Err(CheckpointError::BadExtension { line: 4 }));
    checkpoint.origin = "a\nb".to_owned();
    assert!(checkpoint.to_note().is_err());
}

proptest! {
    #[test]
    fn printed_checkpoints_read_back(
        origin in "[a-z +é./]{1,40}",
        size in 0..=MAX_SIZE,
        root in any::<[u8; 32]>(),
        extensions in prop::collection::vec("[a-z é—]{1,9}", 0..3),
    ) {
        let checkpoint = Checkpoint { origin, size, root: Digest(root), extensions };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
    }

    /// One text has one reading: whatever is read prints as the same text.
    #[test]
    fn read_checkpoints_print_as_they_were(
        text in "[ab\n]{1,4}\n[0-9+ ]{1,4}\n[A-Za-z=]{43,45}\n"
    ) {
        if let Ok(read) = Checkpoint::parse(&text) {
            prop_assert_eq!(read.to_string(), text);
        }
    }
}
