//! Breaking text into lines.

/// The text in lines of at most `room` characters, broken at spaces; a longer word is cut.
///
/// Control characters are shown as `?`: what stands in evidence must not steer a terminal.
pub(super) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let room = room.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0_usize;
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().map(shown).collect();
        let needed = word.len().saturating_add(usize::from(used > 0));
        if used > 0 && used.saturating_add(needed) > room {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        while word.len() > room {
            let rest = word.split_off(room);
            lines.push(word.into_iter().collect());
            word = rest;
        }
        if used > 0 {
            line.push(' ');
            used = used.saturating_add(1);
        }
        used = used.saturating_add(word.len());
        line.extend(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Neither control characters nor those that turn the direction of writing.
fn shown(symbol: char) -> char {
    let turns = matches!(symbol,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if symbol.is_control() || turns { '?' } else { symbol }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_no_longer_than_the_room() {
        let lines = wrapped("one two three  four\nfive", 9);
        assert_eq!(lines, ["one two", "three", "four five"]);
        assert_eq!(wrapped("", 9), [""]);
        let hex = "0123456789abcdef";
        assert_eq!(wrapped(&format!("a {hex}"), 6), ["a", "012345", "6789ab", "cdef"]);
    }

    #[test]
    fn what_stands_in_evidence_does_not_steer_the_terminal() {
        assert_eq!(wrapped("a\u{1b}[31mb \u{202e}c", 40), ["a?[31mb ?c"]);
    }
}
