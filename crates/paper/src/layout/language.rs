//! What a language's letters need on paper: room above and below, and from where they are read.

use artifact::id::Language;

/// Languages that are read from right to left, by their main tag.
const FROM_RIGHT: [&str; 11] = ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// Scripts that are read from right to left, where a tag names one.
const SCRIPTS_FROM_RIGHT: [&str; 5] = ["Arab", "Hebr", "Nkoo", "Syrc", "Thaa"];

/// Languages whose letters reach far above and below the line.
const TALL: [&str; 26] = [
    "ar", "as", "bn", "bo", "ckb", "dv", "dz", "fa", "gu", "hi", "kn", "km", "lo", "ml", "mr",
    "my", "ne", "or", "pa", "ps", "sa", "sd", "si", "ta", "te", "th",
];

/// Whether a language is read from right to left.
pub fn is_from_right(language: &Language) -> bool {
    let mut parts = language.as_str().split('-');
    let main = parts.next().unwrap_or_default();
    // A script that is named is the last word: Azeri is written in two.
    match parts.find(|part| part.len() == 4) {
        Some(script) => SCRIPTS_FROM_RIGHT.contains(&script),
        None => FROM_RIGHT.contains(&main),
    }
}

/// Room above and below the baseline in hundredths of an em.
pub(super) fn room(language: &Language) -> (i32, i32) {
    let main = language.as_str().split('-').next().unwrap_or_default();
    match main {
        // Nastaliq hangs from the upper right to the lower left.
        "ur" => (130, 80),
        main if TALL.contains(&main) => (112, 52),
        // A capital with two accents, as in Vietnamese, reaches 1.06 em above the line.
        _ => (104, 28),
    }
}
