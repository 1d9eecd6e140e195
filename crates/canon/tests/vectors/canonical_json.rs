//! Strict and canonical JSON against `vectors/canonical-json`.

use canon::json::{self, Fault};
use serde::Deserialize;

use crate::{cases, hex};

#[derive(Deserialize)]
struct Case {
    name: String,
    text: Option<String>,
    hex: Option<String>,
    canonical: Option<String>,
    fault: Option<String>,
    offset: Option<usize>,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match (&self.text, &self.hex) {
            (Some(text), None) => text.clone().into_bytes(),
            (None, Some(digits)) => hex(digits),
            _ => panic!("{}: one of text and hex", self.name),
        }
    }
}

fn name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Unexpected { .. } => "unexpected",
        Fault::ByteOrderMark => "byte-order-mark",
        Fault::Utf8 { .. } => "utf8",
        Fault::Control { .. } => "control",
        Fault::Escape { .. } => "escape",
        Fault::LoneSurrogate { .. } => "lone-surrogate",
        Fault::DuplicateName { .. } => "duplicate-name",
        Fault::NotInteger => "not-integer",
        Fault::LeadingZero => "leading-zero",
        Fault::NegativeZero => "negative-zero",
        Fault::IntegerRange => "integer-range",
        Fault::TooDeep => "too-deep",
        Fault::Trailing { .. } => "trailing",
        Fault::WhiteSpace => "white-space",
        Fault::Order { .. } => "order",
        Fault::Spelling => "spelling",
        Fault::Type { .. } => "type",
    }
}

#[test]
fn accepted() {
    let file = include_str!("../../../../vectors/canonical-json/accept.json");
    for case in cases::<Case>(file) {
        let canonical = case.canonical.as_ref().unwrap().as_bytes();
        assert_eq!(json::canonicalize(&case.bytes()).unwrap(), canonical, "{}", case.name);
        assert_eq!(json::require_canonical(canonical), Ok(()), "{}", case.name);
        let value = json::parse(canonical).unwrap();
        assert_eq!(json::to_canonical(&value).unwrap(), canonical, "{}", case.name);
        assert_eq!(json::from_canonical::<json::Value>(canonical).unwrap(), value);
    }
}

#[test]
fn legal_but_not_canonical() {
    let file = include_str!("../../../../vectors/canonical-json/other-layout.json");
    for case in cases::<Case>(file) {
        let bytes = case.bytes();
        let canonical = case.canonical.as_ref().unwrap().as_bytes();
        assert_eq!(json::canonicalize(&bytes).unwrap(), canonical, "{}", case.name);
        let error = json::require_canonical(&bytes).unwrap_err();
        assert_eq!(Some(name(&error.fault)), case.fault.as_deref(), "{}", case.name);
        assert_eq!(error.at.map(|at| at.offset), case.offset, "{}", case.name);
    }
}

#[test]
fn refused() {
    let file = include_str!("../../../../vectors/canonical-json/refuse.json");
    for case in cases::<Case>(file) {
        let bytes = case.bytes();
        let error = json::parse(&bytes).unwrap_err();
        assert_eq!(Some(name(&error.fault)), case.fault.as_deref(), "{}: {error}", case.name);
        assert_eq!(error.at.map(|at| at.offset), case.offset, "{}: {error}", case.name);
        assert_eq!(json::canonicalize(&bytes), Err(error.clone()), "{}", case.name);
        assert_eq!(json::from_strict::<json::Value>(&bytes), Err(error), "{}", case.name);
        // The canonical reader may stop earlier, at white space, but it always stops.
        assert!(json::require_canonical(&bytes).is_err(), "{}", case.name);
    }
}
