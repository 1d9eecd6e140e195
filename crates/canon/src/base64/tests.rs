use proptest::prelude::*;

use super::*;

/// What a text is as so many bytes, 0 to 9.
fn arrays(text: &str) -> Vec<Option<Vec<u8>>> {
    type Decoder = fn(&str) -> Option<Vec<u8>>;
    fn of<const N: usize>(text: &str) -> Option<Vec<u8>> {
        decode_array::<N>(text.as_bytes()).map(Vec::from)
    }
    let each: [Decoder; 10] =
        [of::<0>, of::<1>, of::<2>, of::<3>, of::<4>, of::<5>, of::<6>, of::<7>, of::<8>, of::<9>];
    each.into_iter().map(|of| of(text)).collect()
}

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
        assert_eq!(arrays(text), vec![None; 10], "{text:?}");
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

    /// Both decoders take the same texts for the same bytes.
    #[test]
    fn an_array_is_what_a_vector_is(text in "[AZaz09+/=Qg]{0,14}") {
        let bytes = decode(text.as_bytes());
        for (length, found) in arrays(&text).into_iter().enumerate() {
            prop_assert_eq!(found, bytes.clone().filter(|bytes| bytes.len() == length));
        }
    }
}
