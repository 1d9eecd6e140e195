//! A display in words, for the page, the terminal and JSON alike.

use booth::station::{Ahead, ClockCheck, Display, Health, Protection};
use canon::Timestamp;
use serde::Serialize;

use super::error::StationError;

/// What stands on a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Screen {
    /// The station's name; empty where not even that is known.
    pub station: String,
    /// The six digits.
    pub code: Option<String>,
    /// The check character.
    pub check: Option<char>,
    /// Seconds until the next code.
    pub seconds_left: Option<u64>,
    /// When the secret was updated.
    pub updated: Option<Timestamp>,
    /// The same in words.
    pub updated_words: String,
    /// `good`, `off`, `old`, `one server` or `never`; empty where nothing is known.
    pub clock: &'static str,
    /// The same in words.
    pub clock_words: String,
    /// That codes of today were known before their time.
    pub ahead: Option<String>,
    /// Why there is no code.
    pub refused: Option<String>,
    /// What staff can do about it.
    pub hint: Option<String>,
    /// Whether the secret lies in a file, which is for development only.
    pub development: bool,
    /// What to say about that.
    pub warning: Option<&'static str>,
}

/// What every screen says when the secret lies in a file.
const DEVELOPMENT: &str = "FOR DEVELOPMENT ONLY. The secret lies in a file. Not for an election.";

impl Screen {
    /// What is shown, or why it cannot be.
    pub fn of(display: Result<Display, StationError>) -> Self {
        match display {
            Ok(display) => Self::shown(&display),
            Err(error) => Self {
                station: String::new(),
                code: None,
                check: None,
                seconds_left: None,
                updated: None,
                updated_words: String::new(),
                clock: "",
                clock_words: String::new(),
                ahead: None,
                hint: Some(error.hint().to_owned()),
                refused: Some(error.to_string()),
                development: false,
                warning: None,
            },
        }
    }

    fn shown(display: &Display) -> Self {
        let shown = display.code.as_ref().ok();
        let refused = display.code.as_ref().err();
        let development = display.protection == Protection::FileForDevelopment;
        Self {
            station: display.station.to_string(),
            code: shown.map(|shown| shown.code.to_string()),
            check: shown.map(|shown| shown.code.check_character()),
            seconds_left: shown.map(|shown| shown.seconds_left),
            updated: Some(display.updated),
            updated_words: written(display.updated),
            clock: match display.health {
                Health::Good => "good",
                Health::Off => "off",
                Health::OneServer => "one server",
                Health::Old => "old",
                Health::NeverCompared => "never",
            },
            clock_words: clock_words(display.health, display.clock, display.now),
            ahead: display.ahead.as_ref().map(known_ahead),
            refused: refused.map(ToString::to_string),
            hint: refused.map(|refused| refused.hint().to_owned()),
            development,
            warning: development.then_some(DEVELOPMENT),
        }
    }

    /// The code in two groups with its check character: `263 917 6`.
    pub fn grouped(&self) -> Option<String> {
        let (code, check) = (self.code.as_deref()?, self.check?);
        let (left, right) = code.split_at_checked(3)?;
        Some(format!("{left} {right} {check}"))
    }
}

/// What is to be said of codes that were shown before their time.
pub fn known_ahead(ahead: &Ahead) -> String {
    let [until, known_at] = [ahead.until, ahead.known_at].map(written);
    format!(
        "The clock was ahead: this station may have shown codes up to {until}, and they were known \
         by {known_at}"
    )
}

/// `22 November 2026, 14:27 UTC`.
fn written(instant: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let text = instant.to_string();
    let piece = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let month = piece(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month - 1));
    let (month, day) = (month.copied().unwrap_or_default(), piece(8..10).trim_start_matches('0'));
    format!("{day} {month} {}, {} UTC", piece(0..4), piece(11..16))
}

fn clock_words(health: Health, check: Option<ClockCheck>, now: Timestamp) -> String {
    let Some(check) = check else { return "never compared with another".into() };
    let (agreed, asked) = (check.agreed, check.asked);
    let apart = apart(check.offset_ms);
    let servers = if asked == 1 {
        "a time server alone".into()
    } else {
        format!("{agreed} of {asked} time servers")
    };
    let ago = ago(now.seconds_since(check.at));
    let state = match health {
        Health::Good => "right",
        Health::Off => "off",
        Health::OneServer => "right, if that server is",
        Health::Old => "compared too long ago",
        Health::NeverCompared => "never compared",
    };
    format!("{state}: {apart} {ago}, by {servers}")
}

fn apart(offset_ms: i64) -> String {
    let tenths = offset_ms.unsigned_abs().div_ceil(100);
    format!("within {}.{} s", tenths / 10, tenths % 10)
}

fn ago(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..120 => return "just now".into(),
        120..7_200 => (seconds / 60, "minutes"),
        7_200..172_800 => (seconds / 3_600, "hours"),
        _ => (seconds / 86_400, "days"),
    };
    format!("{number} {unit} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_words() {
        for (text, words) in [
            ("2026-11-22T14:27:38Z", "22 November 2026, 14:27 UTC"),
            ("2027-01-02T00:00:00Z", "2 January 2027, 00:00 UTC"),
        ] {
            assert_eq!(written(text.parse().unwrap()), words);
        }
    }

    #[test]
    fn a_clock_in_words() {
        let at = Timestamp::from_unix(1_800_000_000).unwrap();
        let words = |offset_ms, later| {
            let check = ClockCheck { at, offset_ms, agreed: 2, asked: 3 };
            let now = at.plus_seconds(later).unwrap();
            clock_words(Health::of(Some(check), now), Some(check), now)
        };
        assert_eq!(words(-40, 0), "right: within 0.1 s just now, by 2 of 3 time servers");
        assert_eq!(words(3_001, 7_200), "off: within 3.1 s 2 hours ago, by 2 of 3 time servers");
        let check = ClockCheck { at, offset_ms: 0, agreed: 1, asked: 1 };
        let one = clock_words(Health::of(Some(check), at), Some(check), at);
        assert_eq!(one, "right, if that server is: within 0.0 s just now, by a time server alone");
        let old = "compared too long ago: within 0.0 s 8 days ago, by 2 of 3 time servers";
        assert_eq!(words(0, 8 * 86_400), old);
    }
}
