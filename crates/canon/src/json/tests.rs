use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::text::{plain_run, utf8_length, utf16_order};
use super::*;

/// Characters where escapes, UTF-8 lengths and the order of UTF-16 change.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        8 => prop::char::range('a', 'e'),
        2 => prop::char::range('\0', '\u{22}'),
        1 => Just('\\'),
        1 => Just('\u{7f}'),
        1 => prop::char::range('\u{7e}', '\u{81}'),
        1 => prop::char::range('\u{7fe}', '\u{801}'),
        1 => prop::char::range('\u{d7fe}', '\u{d7ff}'),
        1 => prop::char::range('\u{e000}', '\u{e001}'),
        1 => prop::char::range('\u{fffd}', '\u{ffff}'),
        1 => prop::char::range('\u{10000}', '\u{10002}'),
        1 => any::<char>(),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 0..12).prop_map(|chars| chars.into_iter().collect())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-MAX_INTEGER..=MAX_INTEGER).prop_map(Value::Integer),
        (-12_i64..12).prop_map(Value::Integer),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A text of the value in a layout that the bits choose: order of members, white space, escapes.
fn spelt(value: &Value, bits: &mut impl Iterator<Item = u8>, out: &mut String) {
    let mut bit = || bits.next().unwrap_or(0);
    let space =
        |out: &mut String, bits: u8| out.push_str(["", " ", "\n", "\t\r"][usize::from(bits % 4)]);
    space(out, bit());
    match value {
        Value::Null | Value::Bool(_) | Value::Integer(_) => {
            out.push_str(std::str::from_utf8(&to_vec(value)).unwrap());
        }
        Value::String(text) => spelt_text(text, bits, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                spelt(item, bits, out);
                space(out, bits.next().unwrap_or(0));
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if bit() % 2 == 0 {
                members.reverse();
            }
            let middle = usize::from(bit()).min(members.len());
            members.rotate_left(middle);
            out.push('{');
            for (at, (name, item)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                space(out, bits.next().unwrap_or(0));
                spelt_text(name, bits, out);
                space(out, bits.next().unwrap_or(0));
                out.push(':');
                spelt(item, bits, out);
            }
            out.push('}');
        }
    }
}

fn spelt_text(text: &str, bits: &mut impl Iterator<Item = u8>, out: &mut String) {
    out.push('"');
    for found in text.chars() {
        let must = found < ' ' || found == '"' || found == '\\';
        match (bits.next().unwrap_or(0) % 4, found) {
            (0, '/') => out.push_str("\\/"),
            (0, '"' | '\\') => out.extend(['\\', found]),
            (0, '\n') => out.push_str("\\n"),
            (0 | 1, _) => {
                for unit in found.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").unwrap();
                }
            }
            (2, _) if must => {
                for unit in found.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04X}").unwrap();
                }
            }
            (3, _) if must => write!(out, "\\u{:04x}", u32::from(found)).unwrap(),
            _ => out.push(found),
        }
    }
    out.push('"');
}

/// What the fast pass has to agree with: building the value and writing it again.
fn slow_require(bytes: &[u8]) -> bool {
    parse(bytes).is_ok_and(|value| to_vec(&value) == bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn writer_agrees_with_another_implementation(value in value()) {
        let ours = to_vec(&value);
        let theirs = serde_json_canonicalizer::to_vec(&value).unwrap();
        prop_assert_eq!(String::from_utf8(ours.clone()), String::from_utf8(theirs));
        prop_assert_eq!(require_canonical(&ours), Ok(()));
        prop_assert_eq!(parse(&ours).unwrap(), value.clone());
        prop_assert_eq!(to_canonical(&value).unwrap(), ours.clone());
        prop_assert_eq!(from_canonical::<Value>(&ours).unwrap(), value);
    }

    #[test]
    fn every_layout_has_one_canonical_form(
        value in value(),
        bits in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut layout = String::new();
        spelt(&value, &mut bits.into_iter(), &mut layout);
        let canonical = to_vec(&value);
        prop_assert_eq!(canonicalize(layout.as_bytes()).unwrap(), canonical.clone(), "{}", layout);
        prop_assert_eq!(
            require_canonical(layout.as_bytes()).is_ok(),
            layout.as_bytes() == canonical
        );
        prop_assert_eq!(from_strict::<Value>(layout.as_bytes()).unwrap(), value);
    }

    #[test]
    fn fast_pass_agrees_with_writing_again(
        value in value(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..3_u8, 0..41_usize),
            1..4,
        ),
    ) {
        const BYTES: &[u8; 41] = b"{}[]:,\"\\\\unbtfr0123456789abcdef-+.eE \n\x00\x80\xed";
        let mut bytes = to_vec(&value);
        for (place, change, byte) in changes {
            let at = place.index(bytes.len() + 1);
            let byte = BYTES[byte];
            match change {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.push(byte),
            }
        }
        prop_assert_eq!(require_canonical(&bytes).is_ok(), slow_require(&bytes));
    }

    /// Whatever we take, `serde_json` takes with the same meaning; whatever only it takes, we
    /// refuse for a reason of our own.
    #[test]
    fn reader_is_stricter_than_serde_json(
        tokens in prop::collection::vec(prop::sample::select(&[
            "{", "}", "[", "]", ":", ",", "\"", "\"a\"", "\"b\":", "\"a\":", "\\u00e9", "\\ud83d",
            "\\ude00", "\\n", "0", "-", "1", "9007199254740991", "9007199254740993", ".5", "e1",
            "null", "true", " ", "\n", "é", "\u{feff}",
        ][..]), 0..10),
    ) {
        let text = tokens.concat();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match parse(text.as_bytes()) {
            Ok(ours) => prop_assert_eq!(serde_json::to_value(&ours).unwrap(), theirs.unwrap()),
            Err(error) => prop_assert!(
                theirs.is_err() || matches!(
                    error.fault,
                    Fault::DuplicateName { .. }
                        | Fault::NotInteger
                        | Fault::NegativeZero
                        | Fault::IntegerRange
                ),
                "{} {}", text, error
            ),
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(require_canonical(&bytes).is_ok(), slow_require(&bytes));
        let _ = from_strict::<Value>(&bytes);
    }

    #[test]
    fn order_is_that_of_utf16(left in text(), right in text()) {
        let expected = left.encode_utf16().cmp(right.encode_utf16());
        prop_assert_eq!(utf16_order(left.bytes(), right.bytes()), expected);
    }

    #[test]
    fn runs_end_at_the_first_special_byte(
        mut bytes in prop::collection::vec(0x20..0x7f_u8, 0..40),
        special in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
    ) {
        if let Some((place, byte)) = special {
            let at = place.index(bytes.len() + 1);
            bytes.insert(at, byte);
        }
        let special = |byte: &u8| *byte < 0x20 || *byte >= 0x80 || b"\"\\".contains(byte);
        let expected = bytes.iter().position(special).unwrap_or(bytes.len());
        prop_assert_eq!(plain_run(&bytes), expected);
    }
}

#[test]
fn utf8_is_that_of_the_standard_library() {
    let edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    for first in 0x80..=0xff_u8 {
        for second in 0..=0xff_u8 {
            for (third, fourth) in edges.iter().flat_map(|a| edges.map(|b| (*a, b))) {
                let bytes = [first, second, third, fourth];
                let expected =
                    (2..=4).find(|length| std::str::from_utf8(&bytes[..*length]).is_ok());
                assert_eq!(utf8_length(&bytes), expected, "{bytes:02x?}");
            }
        }
    }
    for cut in 1..4 {
        assert_eq!(utf8_length(&"😀".as_bytes()[..cut]), None);
    }
    assert_eq!(utf8_length(b""), None);
}

#[test]
fn errors_name_the_place_and_what_to_do() {
    let error = parse("{\n  \"é\": 1,\n  \"total\": 1.5\n}".as_bytes()).unwrap_err();
    assert_eq!(error.at, Some(Position { offset: 24, line: 3, column: 12 }));
    assert_eq!(
        error.to_string(),
        "line 3, column 12 (byte 24): a number with a fraction or an exponent"
    );
    assert_eq!(error.hint(), "write an integer, or put the number into a string");
    let error = require_canonical("[\"é\", 0]".as_bytes()).unwrap_err();
    assert_eq!(error.at, Some(Position { offset: 6, line: 1, column: 6 }));
    let error = parse(b"[1,]").unwrap_err();
    assert_eq!(error.to_string(), "line 1, column 4 (byte 3): expected a value, found `]`");
    let error = parse(b"{\"a\":0").unwrap_err();
    let expected = "line 1, column 7 (byte 6): expected `,` or `}`, found the end of the text";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn deep_and_wide_texts_do_no_harm() {
    let brackets = vec![b'['; 1_000_000];
    assert_eq!(parse(&brackets).unwrap_err().fault, Fault::TooDeep);
    assert_eq!(require_canonical(&brackets).unwrap_err().fault, Fault::TooDeep);
    // A quadratic reader would need minutes for names in falling order.
    let names: Vec<String> = (0..200_000).rev().map(|n| format!("\"{n:06}\":0")).collect();
    let text = format!("{{{}}}", names.join(","));
    assert!(require_canonical(&canonicalize(text.as_bytes()).unwrap()).is_ok());
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    total: u64,
    batch: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    by_contest: BTreeMap<String, i32>,
}

fn record() -> Record {
    let by_contest = [("\u{1f600}".to_owned(), 1), ("\u{e000}".to_owned(), -2)].into();
    Record { total: 618, batch: "a\"b".to_owned(), note: None, by_contest }
}

#[test]
fn types_are_written_and_read() {
    let bytes = to_canonical(&record()).unwrap();
    let expected =
        "{\"batch\":\"a\\\"b\",\"by_contest\":{\"\u{1f600}\":1,\"\u{e000}\":-2},\"total\":618}";
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expected);
    assert_eq!(from_canonical::<Record>(&bytes).unwrap(), record());
    let loose = expected.replace(',', " ,\n");
    assert_eq!(from_strict::<Record>(loose.as_bytes()).unwrap(), record());
    let error = from_canonical::<Record>(loose.as_bytes()).unwrap_err();
    assert_eq!(error.fault, Fault::WhiteSpace);
}

#[test]
fn types_refuse_what_they_do_not_know() {
    let unknown = br#"{"batch":"1","by_contest":{},"more":0,"total":1}"#;
    let error = from_canonical::<Record>(unknown).unwrap_err();
    assert!(error.to_string().contains("unknown field `more`"), "{error}");
    assert!(error.at.is_some_and(|at| (30..37).contains(&at.offset)), "{error}");
    for text in [r#"{"batch":"1","by_contest":{}}"#, r#"{"batch":1,"by_contest":{},"total":1}"#] {
        let error = from_canonical::<Record>(text.as_bytes()).unwrap_err();
        assert!(matches!(error.fault, Fault::Type { .. }), "{error}");
    }
    let error = from_strict::<Record>(b"{\"batch\":\"1\",\n\"total\":-1}").unwrap_err();
    assert_eq!(error.at.map(|at| at.line), Some(2), "{error}");
}

#[derive(Serialize)]
enum Choice {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { b: u8, a: u8 },
}

#[derive(Serialize)]
struct Flat {
    z: char,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[test]
fn every_shape_of_serde_has_a_canonical_form() {
    let choices =
        [Choice::Unit, Choice::Newtype(1), Choice::Tuple(1, 2), Choice::Struct { b: 1, a: 2 }];
    assert_eq!(
        to_canonical(&choices).unwrap(),
        br#"["Unit",{"Newtype":1},{"Tuple":[1,2]},{"Struct":{"a":2,"b":1}}]"#
    );
    let flat = Flat { z: 'é', rest: [("a".to_owned(), 0)].into() };
    assert_eq!(to_canonical(&flat).unwrap(), "{\"a\":0,\"z\":\"é\"}".as_bytes());
    let numbers = BTreeMap::from([(2, None::<u8>), (10, None), (-1, None)]);
    assert_eq!(to_canonical(&numbers).unwrap(), br#"{"-1":null,"10":null,"2":null}"#);
    let escaped = BTreeMap::from([("\n", Some(1_i128)), ("\"", None)]);
    assert_eq!(to_canonical(&escaped).unwrap(), br#"{"\n":1,"\"":null}"#);
    assert_eq!(to_canonical(&(1_u128, "x", true)).unwrap(), br#"[1,"x",true]"#);
}

#[test]
fn values_that_no_text_may_hold_are_not_written() {
    for float in [0.0, -0.0, 1.0, 1.5, f64::NAN, f64::INFINITY] {
        assert_eq!(to_canonical(&float).unwrap_err().fault, Fault::NotInteger);
    }
    assert_eq!(to_canonical(&1.0_f32).unwrap_err().fault, Fault::NotInteger);
    for integer in [i128::from(MAX_INTEGER) + 1, -i128::from(MAX_INTEGER) - 1, i128::MAX] {
        assert_eq!(to_canonical(&integer).unwrap_err().fault, Fault::IntegerRange);
    }
    assert_eq!(to_canonical(&u64::MAX).unwrap_err().fault, Fault::IntegerRange);
    assert_eq!(to_canonical(&u128::MAX).unwrap_err().fault, Fault::IntegerRange);
    assert_eq!(to_canonical(&Value::Integer(i64::MIN)).unwrap_err().fault, Fault::IntegerRange);
    let twice = Flat { z: '1', rest: [("z".to_owned(), 0)].into() };
    let name = "z".to_owned();
    assert_eq!(to_canonical(&twice).unwrap_err().fault, Fault::DuplicateName { name });
    let list_as_name = BTreeMap::from([(vec![1], 0)]);
    assert!(to_canonical(&list_as_name).is_err());
    assert!(to_canonical(&BTreeMap::from([(true, 0)])).is_err());
    let nest = |levels| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    assert!(to_canonical(&nest(64)).is_ok());
    assert_eq!(to_canonical(&nest(65)).unwrap_err().fault, Fault::TooDeep);
}

#[test]
fn values_read_through_serde_keep_the_rules() {
    assert!(serde_json::from_str::<Value>(r#"{"a":0,"a":1}"#).is_err());
    assert!(serde_json::from_str::<Value>("1.0").is_err());
    assert!(serde_json::from_str::<Value>("9007199254740992").is_err());
    assert!(serde_json::from_str::<Value>("-9007199254740992").is_err());
    assert!(serde_json::from_str::<Value>("18446744073709551615").is_err());
    let value = serde_json::from_str::<Value>(r#"[{"b":1,"a":"x"},null,true]"#).unwrap();
    assert_eq!(to_vec(&value), br#"[{"a":"x","b":1},null,true]"#);
}

#[test]
fn members_are_found_put_and_taken() {
    let mut members: Members = [("b", Value::Null), ("a", Value::from("x"))].into_iter().collect();
    assert_eq!(members.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(members.insert("b", Value::from(7_u32)), Some(Value::Null));
    assert_eq!(members.insert("", Value::from(true)), None);
    assert_eq!(members.get("b").and_then(Value::as_integer), Some(7));
    assert_eq!(members.remove("a").as_ref().and_then(Value::as_str), Some("x"));
    assert_eq!((members.len(), members.is_empty(), members.get("a")), (2, false, None));
    let value = Value::Object(members);
    assert_eq!(value.get("b").and_then(Value::as_integer), Some(7));
    assert_eq!(Value::Array(vec![Value::Null]).as_array().map(<[_]>::len), Some(1));
    assert_eq!(
        (Value::Null.get("a"), Value::Null.as_str(), Value::Null.as_array()),
        (None, None, None)
    );
}
