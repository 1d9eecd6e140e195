//! From the bytes of a CSV file to a manifest, or to all its faults.

use std::cmp::Ordering;

use canon::Digest;
use csv::{ReaderBuilder, StringRecord};

use super::fault::{Column, Fault, FaultKind, ManifestError};
use super::{BallotManifest, MAX_CARDS, Row};

/// Faults that are held; the rest is counted.
const MAX_FAULTS: usize = 1000;

pub(super) fn read(bytes: &[u8]) -> Result<BallotManifest, ManifestError> {
    let mut faults = Faults::default();
    let Some(text) = utf8(bytes, &mut faults) else {
        return Err(faults.into_error());
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns = None;
    let mut batches = Batches::default();
    // Reading fails for no text: the bytes are at hand and UTF-8, and rows may differ in length.
    while matches!(reader.read_record(&mut record), Ok(true)) {
        let line = lines.of(&record);
        if record.iter().any(|field| field.contains(['\n', '\r'])) {
            faults.add(line, FaultKind::Quotation);
        } else if let Some(columns) = &columns {
            batches.add(line, &record, columns, &mut faults);
        } else {
            let Some(found) = Columns::find(line, &record, &mut faults) else {
                return Err(faults.into_error());
            };
            columns = Some(found);
        }
    }
    if columns.is_none() {
        for column in [Column::Tabulator, Column::Batch, Column::Count] {
            faults.add(1, FaultKind::MissingColumn(column));
        }
    } else if batches.rows.is_empty() && faults.is_empty() {
        faults.add(1, FaultKind::NoBatches);
    }
    batches.find_duplicates(&mut faults);
    if !faults.is_empty() {
        return Err(faults.into_error());
    }
    let Batches { names, rows, .. } = batches;
    Ok(BallotManifest { digest: Digest::of(bytes), names, rows })
}

/// The bytes as text.
fn utf8<'a>(bytes: &'a [u8], faults: &mut Faults) -> Option<&'a str> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Some(text),
        Err(error) => error,
    };
    let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
    faults.add(line_breaks(good).saturating_add(1), FaultKind::Encoding);
    None
}

fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').fold(0, |count, _| count.saturating_add(1))
}

/// Knows the line of each record. The CSV reader counts lines too, but begins a record at the
/// blank lines above it.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, record: &StringRecord) -> u64 {
        let byte = record.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.text.get(start..).unwrap_or_default();
        let blank = rest.len().saturating_sub(rest.trim_start_matches(['\r', '\n']).len());
        let start = start.saturating_add(blank);
        let passed = self.text.get(self.at..start).unwrap_or_default();
        self.line = self.line.saturating_add(line_breaks(passed.as_bytes()));
        self.at = start;
        self.line
    }
}

/// Where the columns are.
struct Columns {
    tabulator: usize,
    batch: usize,
    count: usize,
}

impl Columns {
    /// Finds the columns by their names.
    fn find(line: u64, header: &StringRecord, faults: &mut Faults) -> Option<Self> {
        let mut find = |column, meanings: &[Meaning]| {
            for meaning in meanings {
                let mut places = header
                    .iter()
                    .enumerate()
                    .filter(|(_, name)| Meaning::of(name) == *meaning)
                    .map(|(place, _)| place);
                let Some(first) = places.next() else { continue };
                if let Some(second) = places.next() {
                    let (first, second) = (first.saturating_add(1), second.saturating_add(1));
                    faults.add(line, FaultKind::TwoColumns { column, first, second });
                    return None;
                }
                return Some(first);
            }
            faults.add(line, FaultKind::MissingColumn(column));
            None
        };
        let tabulator = find(Column::Tabulator, &[Meaning::Tabulator, Meaning::Container]);
        let batch = find(Column::Batch, &[Meaning::Batch]);
        let count = find(Column::Count, &[Meaning::Count]);
        Some(Self { tabulator: tabulator?, batch: batch?, count: count? })
    }
}

/// What the name of a column says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Tabulator,
    Container,
    Batch,
    Count,
    Other,
}

impl Meaning {
    /// Looks at letters only: `# of Ballots`, `Number Of Ballots` and `num_ballots` say the same.
    fn of(name: &str) -> Self {
        let letters: String = name
            .chars()
            .filter(char::is_ascii_alphabetic)
            .map(|letter| letter.to_ascii_lowercase())
            .collect();
        let has = |words: &[&str]| words.iter().any(|word| letters.contains(word));
        if has(&["county", "location", "storage"]) {
            Self::Other
        } else if has(&["tabulator", "scanner", "device"]) {
            Self::Tabulator
        } else if has(&["ballots", "cards", "count", "size"]) {
            Self::Count
        } else if has(&["batch"]) {
            Self::Batch
        } else if has(&["container"]) {
            Self::Container
        } else {
            Self::Other
        }
    }
}

/// The batches read so far, and the line of each.
#[derive(Default)]
struct Batches {
    names: String,
    rows: Vec<Row>,
    lines: Vec<u64>,
    total: u64,
}

impl Batches {
    fn add(&mut self, line: u64, record: &StringRecord, at: &Columns, faults: &mut Faults) {
        if record.iter().all(|field| field.trim().is_empty()) {
            return; // Spreadsheets leave such rows at the end.
        }
        let mut field = |column, place| {
            let text = record.get(place).map(str::trim).filter(|text| !text.is_empty());
            if text.is_none() {
                faults.add(line, FaultKind::MissingField(column));
            }
            text
        };
        let tabulator = field(Column::Tabulator, at.tabulator);
        let batch = field(Column::Batch, at.batch);
        let cards = field(Column::Count, at.count);
        if let Some(cards) = cards {
            match count(cards) {
                Err(kind) => faults.add(line, kind),
                Ok(cards) => {
                    self.total = self.total.saturating_add(cards);
                    if self.total > MAX_CARDS {
                        faults.add(line, FaultKind::TooMany);
                        self.total = 0;
                    }
                }
            }
        }
        let (Some(tabulator), Some(batch)) = (tabulator, batch) else {
            return;
        };
        for (column, name) in [(Column::Tabulator, tabulator), (Column::Batch, batch)] {
            if name.contains(|c: char| c == '/' || c.is_control()) {
                faults.add(line, FaultKind::Name { column, name: name.to_owned() });
            }
        }
        self.names.push_str(tabulator);
        let middle = self.names.len();
        self.names.push_str(batch);
        self.rows.push(Row { last: self.total, middle, end: self.names.len() });
        self.lines.push(line);
    }

    /// The names of a row.
    fn pair(&self, number: usize) -> (&str, &str) {
        let start = number.checked_sub(1).and_then(|number| self.rows.get(number));
        let start = start.map_or(0, |row| row.end);
        let pair = self.rows.get(number).and_then(|row| {
            Some((self.names.get(start..row.middle)?, self.names.get(row.middle..row.end)?))
        });
        pair.unwrap_or_default()
    }

    /// Compares two rows as their cards are printed, `tabulator-batch`, so that two batches whose
    /// cards would bear the same numbers are found as well.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let printed = |number| {
            let (tabulator, batch) = self.pair(number);
            tabulator.bytes().chain([b'-']).chain(batch.bytes())
        };
        printed(a).cmp(printed(b))
    }

    fn find_duplicates(&self, faults: &mut Faults) {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_unstable_by(|a, b| self.compare(*a, *b).then(a.cmp(b)));
        for same in order.chunk_by(|a, b| self.compare(*a, *b).is_eq()) {
            let Some((first, later)) = same.split_first() else {
                continue;
            };
            let line = |number: usize| self.lines.get(number).copied().unwrap_or_default();
            for number in later {
                let (tabulator, batch) = self.pair(*number);
                let batch = format!("{tabulator}-{batch}");
                let earlier = line(*first);
                faults.add(line(*number), FaultKind::Duplicate { batch, earlier });
            }
        }
    }
}

/// A number of cards: decimal digits, at least 1.
fn count(text: &str) -> Result<u64, FaultKind> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) || text.bytes().all(|byte| byte == b'0') {
        return Err(FaultKind::Count(text.to_owned()));
    }
    // Digits alone, so only their number can be wrong.
    text.parse().map_err(|_| FaultKind::TooMany)
}

#[derive(Default)]
struct Faults {
    faults: Vec<Fault>,
    more: usize,
}

impl Faults {
    fn add(&mut self, line: u64, kind: FaultKind) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { line, kind });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    const fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    fn into_error(mut self) -> ManifestError {
        self.faults.sort_by_key(|fault| fault.line);
        ManifestError { faults: self.faults, more: self.more }
    }
}
