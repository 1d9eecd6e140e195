//! Scripts of letters: what must be shaped together, and which file has the letters of each.

use icu_properties::CodePointMapData;
use icu_properties::props::Script;

/// The script of a letter.
pub(super) fn of(letter: char) -> Script {
    CodePointMapData::<Script>::new().get(letter)
}

/// Whether a letter belongs to no script by itself: spaces, digits, points, accents.
pub(super) fn is_of_none(letter: char) -> bool {
    [Script::Common, Script::Inherited].contains(&of(letter))
}

/// Whether a character is seen only in what it does to others.
pub(super) const fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{fe00}'..='\u{fe0f}')
}

/// The file of a free family that has the letters of a script.
pub(super) fn file(letter: char) -> &'static str {
    const FILES: [(Script, &str); 19] = [
        (Script::Arabic, "NotoSansArabic-Regular.ttf"),
        (Script::Armenian, "NotoSansArmenian-Regular.ttf"),
        (Script::Bengali, "NotoSansBengali-Regular.ttf"),
        (Script::Devanagari, "NotoSansDevanagari-Regular.ttf"),
        (Script::Ethiopic, "NotoSansEthiopic-Regular.ttf"),
        (Script::Georgian, "NotoSansGeorgian-Regular.ttf"),
        (Script::Gujarati, "NotoSansGujarati-Regular.ttf"),
        (Script::Gurmukhi, "NotoSansGurmukhi-Regular.ttf"),
        (Script::Hebrew, "NotoSansHebrew-Regular.ttf"),
        (Script::Khmer, "NotoSansKhmer-Regular.ttf"),
        (Script::Lao, "NotoSansLao-Regular.ttf"),
        (Script::Myanmar, "NotoSansMyanmar-Regular.ttf"),
        (Script::Tamil, "NotoSansTamil-Regular.ttf"),
        (Script::Telugu, "NotoSansTelugu-Regular.ttf"),
        (Script::Thai, "NotoSansThai-Regular.ttf"),
        (Script::Hangul, CJK),
        (Script::Han, CJK),
        (Script::Hiragana, CJK),
        (Script::Katakana, CJK),
    ];
    let script = of(letter);
    let found = FILES.iter().find(|(of, _)| *of == script);
    // Points of full width are nobody's letters.
    let is_wide = matches!(letter, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}');
    let other = if is_wide { CJK } else { "NotoSans-Regular.ttf" };
    found.map_or(other, |(_, file)| *file)
}

const CJK: &str = "NotoSansCJK-Regular.ttc";
