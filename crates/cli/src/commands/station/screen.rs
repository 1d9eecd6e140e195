//! The station's screen on a terminal.

use std::fmt::Write as _;

use booth_server::station::Screen;

/// Another screen than the shell's, without a cursor (xterm's control sequences).
pub(super) const BEGIN: &str = "\x1b[?1049h\x1b[?25l";

/// Back to the shell's.
pub(super) const END: &str = "\x1b[?25h\x1b[?1049l";

/// Rows of a large character, five columns each.
const ROWS: usize = 5;

/// `0` to `9` and `A`.
const GLYPHS: [[&str; ROWS]; 11] = [
    ["#####", "#   #", "#   #", "#   #", "#####"],
    ["  #  ", " ##  ", "  #  ", "  #  ", " ### "],
    ["#####", "    #", "#####", "#    ", "#####"],
    ["#####", "    #", " ####", "    #", "#####"],
    ["#   #", "#   #", "#####", "    #", "    #"],
    ["#####", "#    ", "#####", "    #", "#####"],
    ["#####", "#    ", "#####", "#   #", "#####"],
    ["#####", "    #", "   # ", "  #  ", "  #  "],
    ["#####", "#   #", "#####", "#   #", "#####"],
    ["#####", "#   #", "#####", "    #", "#####"],
    [" ### ", "#   #", "#####", "#   #", "#   #"],
];

/// One line, for scripts.
pub(super) fn line(screen: &Screen, code: &str) -> String {
    let mut line = format!("{code}  {} s left", screen.seconds_left.unwrap_or_default());
    let _ = write!(line, "  station {}", screen.station);
    if let Some(updated) = screen.updated {
        let _ = write!(line, "  updated {updated}");
    }
    let _ = write!(line, "  clock {}", screen.clock_words);
    for warning in screen.ahead.as_deref().into_iter().chain(screen.warning) {
        let _ = write!(line, "  {warning}");
    }
    line
}

/// The whole screen, drawn over the last one.
pub(super) fn drawn(screen: &Screen) -> String {
    let mut lines = vec![String::new(), "  Booth code".to_owned(), String::new()];
    if let Some(warning) = screen.warning {
        lines.extend([format!("  \x1b[7m {warning} \x1b[0m"), String::new()]);
    }
    if let Some(ahead) = &screen.ahead {
        lines.extend(folded(ahead));
    }
    if let Some(code) = screen.grouped() {
        lines.extend(large(&code));
        lines.push(String::new());
        let left = screen.seconds_left.unwrap_or_default();
        let bar = "=".repeat(usize::try_from(left).unwrap_or_default());
        lines.push(format!("  {code}    next code in {left:>2} s  {bar}"));
        lines.push("  Type all seven characters. The last one finds typing errors.".into());
    } else {
        lines.push("  No code is shown.".into());
        let hint = screen.hint.iter().map(|text| format!("What to do: {text}."));
        lines.extend(screen.refused.iter().cloned().chain(hint).flat_map(|text| folded(&text)));
    }
    lines.extend([String::new(), format!("  Station   {}", screen.station)]);
    lines.push(format!("  Updated   {}", screen.updated_words));
    lines.push(format!("  Clock     {}", screen.clock_words));
    lines.extend([
        String::new(),
        "  This does not show that the station stands where it belongs: compare its".into(),
        "  name and this place with the published map.".into(),
    ]);
    let mut drawn = String::from("\x1b[H");
    for line in lines {
        // What an earlier screen left behind it goes.
        let _ = write!(drawn, "{line}\x1b[K\r\n");
    }
    drawn.push_str("\x1b[J");
    drawn
}

/// Characters of five rows; a space is narrower.
fn large(code: &str) -> Vec<String> {
    let row = |row: usize| {
        let pieces = code.chars().map(|found| match found.to_digit(11) {
            Some(digit) => GLYPHS[digit as usize][row].replace('#', "\u{2588}"),
            None => " ".to_owned(),
        });
        format!("  {}", pieces.collect::<Vec<_>>().join("  "))
    };
    (0..ROWS).map(row).collect()
}

/// Lines of at most 76 characters. Control characters of a token's message do not reach the
/// terminal.
fn folded(text: &str) -> Vec<String> {
    let mut lines = vec![String::from(" ")];
    let text: String =
        text.chars().map(|found| if found.is_control() { ' ' } else { found }).collect();
    for word in text.split_whitespace() {
        let room = lines.last().map_or(0, |line| line.chars().count() + 1 + word.chars().count());
        if room > 76 {
            lines.push(String::from(" "));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen() -> Screen {
        Screen {
            station: "a-1".into(),
            code: Some("550000".into()),
            check: Some('A'),
            seconds_left: Some(7),
            updated: None,
            updated_words: String::new(),
            clock: "good",
            clock_words: "right".into(),
            ahead: Some("The clock was ahead, ".repeat(7)),
            refused: None,
            hint: None,
            development: true,
            warning: Some("FOR DEVELOPMENT ONLY. The secret lies in a file. Not for an election."),
        }
    }

    #[test]
    fn a_screen_fits_80_columns_and_24_rows() {
        let refused = Some("the token does not answer: \x1b[2J ".repeat(9));
        let hint = Some("see".into());
        let blank = Screen { code: None, refused, hint, ..screen() };
        for screen in [screen(), blank] {
            let drawn = drawn(&screen);
            assert!(!drawn.contains("\x1b[2J"), "a message reached the terminal");
            assert!(drawn.contains("FOR DEVELOPMENT ONLY") && drawn.contains("was ahead"));
            let plain = drawn.replace("\x1b[H", "").replace("\x1b[K\r", "").replace("\x1b[J", "");
            let plain = plain.replace("\x1b[7m", "").replace("\x1b[0m", "");
            assert!(plain.lines().count() <= 24, "{plain}");
            assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
        }
        assert!(line(&screen(), "550 000 A").starts_with("550 000 A  7 s left  station a-1"));
        assert!(line(&screen(), "550 000 A").contains("  The clock was ahead, "));
    }
}
