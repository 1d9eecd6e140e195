use proptest::prelude::*;

use super::*;

/// RFC 4648 section 10.
#[test]
fn the_texts_of_the_rfc_come_out() {
    let texts = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];
    for (bytes, text) in texts {
        assert_eq!(encode(bytes.as_bytes()), text);
        assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
    }
}

#[test]
fn other_spellings_of_the_same_bytes_are_refused() {
    let others = [
        "Zg==Zg==", // two texts in one
        "Zg==Zm9v", "Zm8=Zm8=", "Zh==", // bits that no byte needs
        "Zm9=", "Zg", // no padding
        "Zg=", "Zg===", "====", "=", "Zm9v\n", " Zm9v", "Zm-v", // the alphabet for addresses
    ];
    for text in others {
        assert_eq!(decode(text.as_bytes()), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn bytes_have_one_text(bytes: Vec<u8>) {
        prop_assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
    }

    #[test]
    fn a_text_that_is_taken_is_the_one_that_is_written(text in "[AZaz09+/=Qg]{0,12}") {
        if let Some(bytes) = decode(text.as_bytes()) {
            prop_assert_eq!(encode(&bytes), text);
        }
    }
}
