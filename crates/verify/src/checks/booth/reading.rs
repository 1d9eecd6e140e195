//! A list read in blocks of whole lines.
//!
//! A block is all that is in memory of a list. It ends at the end of a line, and no later than the
//! last line that a snapshot speaks of: whoever serves a list may go on for ever.

use artifact::bundle::{PIECE_BYTES, Reading, SourceError};

/// How much is read before it is judged: 4 MiB.
const BLOCK_BYTES: usize = 1 << 22;

/// The longest line of either list: a vote with an option of 200 bytes has 421.
const MAX_LINE_BYTES: usize = 4096;

/// Some lines of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Whole lines, each with its line feed.
    Lines(Vec<u8>),
    /// Bytes that are no line: without a line feed, at the end or for longer than any line.
    NoLine,
    /// There are no more.
    End,
}

/// A list under way.
pub(super) struct Blocks<'a> {
    reading: Reading<'a>,
    /// What was read behind the last whole line.
    rest: Vec<u8>,
    is_at_end: bool,
}

impl<'a> Blocks<'a> {
    /// A list from its beginning.
    pub(super) const fn new(reading: Reading<'a>) -> Self {
        Self { reading, rest: Vec::new(), is_at_end: false }
    }

    /// The next lines, at most `most` of them, which is not 0.
    pub(super) fn next(&mut self, most: u64) -> Result<Block, SourceError> {
        self.fill()?;
        let whole = self.whole(most);
        if whole == 0 {
            let is_end = self.rest.is_empty();
            return Ok(if is_end { Block::End } else { Block::NoLine });
        }
        let rest = self.rest.split_off(whole);
        Ok(Block::Lines(std::mem::replace(&mut self.rest, rest)))
    }

    /// Whether anything follows what was given out.
    pub(super) fn goes_on(&mut self) -> Result<bool, SourceError> {
        if self.rest.is_empty() && !self.is_at_end {
            let mut piece = [0];
            let count = self.reading.next(&mut piece)?;
            self.rest.extend(piece.get(..count).unwrap_or_default());
        }
        Ok(!self.rest.is_empty())
    }

    /// Reads on until a block is there, or the end, or a line that is none.
    fn fill(&mut self) -> Result<(), SourceError> {
        let mut piece = vec![0; PIECE_BYTES];
        while self.rest.len() < BLOCK_BYTES && !self.is_at_end {
            let count = self.reading.next(&mut piece)?;
            self.is_at_end = count == 0;
            let piece = piece.get(..count).unwrap_or_default();
            self.rest.extend_from_slice(piece);
            let from = self.rest.len().saturating_sub(MAX_LINE_BYTES);
            let tail = self.rest.get(from..).unwrap_or_default();
            if tail.len() == MAX_LINE_BYTES && !tail.contains(&b'\n') {
                break;
            }
        }
        Ok(())
    }

    /// Bytes of the whole lines at the beginning, at most `most` lines.
    fn whole(&self, most: u64) -> usize {
        let (mut whole, mut lines) = (0_usize, 0_u64);
        for line in self.rest.split_inclusive(|byte| *byte == b'\n') {
            let is_line = line.ends_with(b"\n") && line.len() <= MAX_LINE_BYTES;
            if !is_line || lines == most {
                break;
            }
            whole = whole.saturating_add(line.len());
            lines = lines.saturating_add(1);
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(bytes: &[u8]) -> Blocks<'_> {
        Blocks::new(Reading::plain("list", bytes, u64::MAX))
    }

    fn lines(text: &str) -> Block {
        Block::Lines(text.as_bytes().to_vec())
    }

    #[test]
    fn no_more_lines_are_given_than_asked_for() {
        let mut blocks = blocks(b"a\nb\nc\n");
        assert_eq!(blocks.next(2).unwrap(), lines("a\nb\n"));
        assert!(blocks.goes_on().unwrap());
        assert_eq!(blocks.next(9).unwrap(), lines("c\n"));
        assert!(!blocks.goes_on().unwrap());
        assert_eq!(blocks.next(9).unwrap(), Block::End);
    }

    #[test]
    fn what_has_no_line_feed_is_no_line() {
        let mut torn = blocks(b"a\nb");
        assert_eq!(torn.next(9).unwrap(), lines("a\n"));
        assert_eq!(torn.next(9).unwrap(), Block::NoLine);
        assert_eq!(blocks(&vec![b'x'; 3 * BLOCK_BYTES]).next(9).unwrap(), Block::NoLine);
    }

    #[test]
    fn a_long_list_comes_in_blocks_that_end_with_a_line() {
        let line = [vec![b'x'; 999], vec![b'\n']].concat();
        let list = line.repeat(10_000);
        let (mut blocks, mut bytes) = (blocks(&list), Vec::new());
        while let Block::Lines(block) = blocks.next(u64::MAX).unwrap() {
            assert!(block.ends_with(b"\n") && block.len() <= BLOCK_BYTES + PIECE_BYTES);
            bytes.extend(block);
        }
        assert_eq!(bytes, list);
    }
}
