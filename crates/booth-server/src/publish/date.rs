//! Times as HTTP writes them: RFC 9110, 5.6.7.

use canon::Timestamp;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A time as it is sent: `Tue, 03 Nov 2026 07:00:00 GMT`.
pub(super) fn to_text(at: Timestamp) -> String {
    // 2026-11-03T07:00:00Z
    let text = at.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let day = usize::try_from(at.unix_u64() / 86_400 % 7).unwrap_or(0);
    let month = part(5..7).parse::<usize>().unwrap_or(1).saturating_sub(1) % 12;
    let (day, month) = (DAYS[day], MONTHS[month]);
    format!("{day}, {} {month} {} {} GMT", part(8..10), part(0..4), part(11..19))
}

/// A time in one of the three forms that a recipient has to take. The day's name is not looked at.
///
/// ```text
/// Tue, 03 Nov 2026 07:00:00 GMT
/// Tuesday, 03-Nov-26 07:00:00 GMT
/// Tue Nov  3 07:00:00 2026
/// ```
pub(super) fn from_text(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split(&[' ', '-']).filter(|word| !word.is_empty()).collect();
    let (day, month, year, time) = match *words {
        [name, day, month, year, time, "GMT"] if name.ends_with(',') => (day, month, year, time),
        [_, month, day, time, year] => (day, month, year, time),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| *name == month)?.saturating_add(1);
    let day: u8 = day.parse().ok()?;
    let year: u16 = match (year.len(), year.parse::<u16>().ok()?) {
        (4, year) => year,
        (2, year) => year.saturating_add(if year < 70 { 2000 } else { 1900 }),
        _ => return None,
    };
    format!("{year:04}-{month:02}-{day:02}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The dates of RFC 9110, 5.6.7, and of the day on which this campaign begins.
    #[test]
    fn dates_are_those_of_the_standard() {
        assert_eq!(to_text(at("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(to_text(at("2026-11-03T07:00:00Z")), "Tue, 03 Nov 2026 07:00:00 GMT");
        assert_eq!(to_text(at("1970-01-01T00:00:00Z")), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    /// The three forms of the standard's own example, and what is none of them.
    #[test]
    fn all_three_forms_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(from_text(text), Some(at("1994-11-06T08:49:37Z")), "{text}");
        }
        for text in [
            "",
            "now",
            "0",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:00:00 GMT",
            "Sun, 06 Non 1994 08:49:37 GMT",
        ] {
            assert_eq!(from_text(text), None, "{text}");
        }
    }
}
