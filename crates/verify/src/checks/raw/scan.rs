//! Looking for records of the booth path's lists in files that are none of the lists.
//!
//! The lists are served beside the log (section 13). A platform may submit campaigns, snapshots and
//! reveals, whose forms have no place for a record; what else it can put there are files that a
//! manifest lists. Packed or encrypted ones say nothing here.

use booth::mandate::VOTERS_LINE_BYTES;
use booth::publish::{vote_of, voter_of};

/// The longest line that is looked at.
const MAX_LINE_BYTES: usize = 4096;

/// No record is shorter: a signature and a stamp alone have 88 and 39 characters in a vote.
const SHORTEST: usize = 128;

/// A file under way, piece by piece.
#[derive(Default)]
pub(super) struct Scan {
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    lines: u64,
    found: Option<String>,
}

impl Scan {
    /// Looks at the next bytes.
    pub(super) fn piece(&mut self, piece: &[u8]) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            if self.found.is_some() {
                return;
            }
            let room = MAX_LINE_BYTES.saturating_sub(self.begun.len()).min(part.len());
            self.begun.extend_from_slice(part.get(..room).unwrap_or_default());
            if part.ends_with(b"\n") {
                self.line();
            }
        }
    }

    /// The first record, once all bytes have come: the line and what it is.
    pub(super) fn end(mut self) -> Option<String> {
        if self.found.is_none() {
            self.line();
        }
        self.found
    }

    fn line(&mut self) {
        self.lines = self.lines.saturating_add(1);
        if self.begun.len() >= SHORTEST {
            let what = record(&mut self.begun);
            self.found = what.map(|what| format!("{what} in line {}", self.lines));
        }
        self.begun.clear();
    }
}

/// What record a line is, if it is one.
fn record(line: &mut Vec<u8>) -> Option<&'static str> {
    while line.last().is_some_and(u8::is_ascii_whitespace) {
        line.pop();
    }
    line.push(b'\n');
    let is_vote = || line.first().is_some_and(u8::is_ascii_digit) && vote_of(line).is_some();
    let is_voter = || line.len() == VOTERS_LINE_BYTES && voter_of(line).is_some();
    if is_voter() { Some("a mandate") } else { is_vote().then_some("a vote") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOTER: &str = include_str!("../../../../../vectors/booth/voters-line.txt");

    fn found(bytes: &[u8], step: usize) -> Option<String> {
        let mut scan = Scan::default();
        bytes.chunks(step).for_each(|piece| scan.piece(piece));
        scan.end()
    }

    #[test]
    fn a_mandate_is_found_wherever_pieces_end() {
        let line = VOTER.trim_end();
        for text in [line.to_owned(), format!("a\nb\n{line}\r\nc\n"), format!("\n{line}")] {
            for step in [1, 7, 64, 4096] {
                let at = text.lines().position(|found| found == line).unwrap() + 1;
                assert_eq!(found(text.as_bytes(), step), Some(format!("a mandate in line {at}")));
            }
        }
        assert_eq!(found(&line.as_bytes()[1..], 64), None);
        assert_eq!(found(&vec![b'1'; 3 * MAX_LINE_BYTES], 64), None);
    }
}
