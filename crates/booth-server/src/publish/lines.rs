//! Lines with a checksum: how a publisher writes down what must not be lost.
//!
//! ```text
//! <CRC-32C of the JSON, 8 hexadecimal digits> SP <JSON> LF
//! ```
//!
//! A line is written with one call and made durable with one sync. The last one may be a write that
//! was interrupted: it lacks its line feed, or a page of it is zeros. A line that is whole in these
//! respects and has another checksum is damage.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The line of a value.
pub(super) fn line(value: &impl Serialize) -> Option<Vec<u8>> {
    let json = serde_json::to_string(value).ok()?;
    Some(format!("{:08x} {json}\n", crc32c::crc32c(json.as_bytes())).into_bytes())
}

fn json(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (crc, json) = text.split_once(' ')?;
    (crc == format!("{:08x}", crc32c::crc32c(json.as_bytes()))).then_some(json)
}

/// The values of a file, and where the last whole one ends; `Err` is where damage is, or a value
/// that does not follow those before it.
pub(super) fn read<T: DeserializeOwned>(
    bytes: &[u8],
    mut follows: impl FnMut(Option<&T>, &T) -> bool,
) -> Result<(Vec<T>, u64), u64> {
    let (mut values, mut end): (Vec<T>, u64) = (Vec::new(), 0);
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        match json(line).and_then(|json| serde_json::from_str(json).ok()) {
            Some(value) if follows(values.last(), &value) => values.push(value),
            None if lines.peek().is_none() && is_torn(line) => return Ok((values, end)),
            _ => return Err(end),
        }
        end = end.saturating_add(line.len() as u64);
    }
    Ok((values, end))
}

fn is_torn(line: &[u8]) -> bool {
    // All of it but another last byte is no write that was interrupted.
    let is_whole = |begin: &[u8]| json(&[begin, b"\n"].concat()).is_some();
    let is_open = line.split_last().is_some_and(|(last, rest)| *last != b'\n' && !is_whole(rest));
    is_open || line.contains(&0)
}
