//! Names in a map, so that every reader of YAML takes them for the same texts.

use std::borrow::Cow;

/// What a reader of YAML (1.1 or 1.2) takes for something else than a text.
const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];

/// Whether a character may stand in a name at all. Control characters, the line ends of Unicode and
/// what is no character are not text in YAML (section 5.1), or end a line.
pub(super) fn is_allowed(found: char) -> bool {
    let is_line_end = matches!(found, '\u{85}' | '\u{2028}' | '\u{2029}');
    let is_none = matches!(found, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    !found.is_control() && !is_line_end && !is_none && !matches!(found, '"' | '\\')
}

/// Whether a name stands without quotes.
fn is_plain(name: &str) -> bool {
    let narrow = |found: char| {
        found.is_ascii_alphanumeric()
            || (!found.is_ascii() && found.is_alphanumeric())
            || matches!(found, ' ' | ',' | '.' | '\'' | '(' | ')' | '/' | '&' | '-')
    };
    let mut chars = name.chars();
    let is_word = WORDS.iter().any(|word| name.eq_ignore_ascii_case(word));
    let begins_well = match chars.next() {
        Some('0'..='9') => {
            let has_letter_and_space =
                name.contains(' ') && name.chars().any(|found| found.is_ascii_alphabetic());
            has_letter_and_space || name.bytes().filter(|byte| *byte == b'-').count() >= 3
        }
        Some(first) => first.is_alphabetic(),
        None => false,
    };
    begins_well && !is_word && name.chars().all(narrow)
}

/// The name as it stands in the file.
pub(super) fn written(name: &str) -> Cow<'_, str> {
    if is_plain(name) { name.into() } else { format!("\"{name}\"").into() }
}

/// The name that stands in the file, if it is written in its one way.
pub(super) fn read(text: &str) -> Option<&str> {
    let name = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    (written(name) == text).then_some(name)
}
