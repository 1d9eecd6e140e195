//! Votes: what the list of votes holds, with nothing about who cast them.
//!
//! ```text
//! P-UTC SP P-SIG SP voter stamp SP nonce SP "say" LF
//! 1670365684 IkYi...DA== 0EXM-BWAY-B4HB-H2QF-MR6G-38JW-ZM12-3456 8000000054e12cba "Humble Pluto"
//! ```
//!
//! The line is UTF-8; no option holds a quotation mark.

use std::fmt::Write as _;

use canon::Digest;

use crate::campaign::Period;
use crate::stamp::{PlatformStamp, STAMP_CHARS, VoterStamp};
use crate::text;
use crate::work::{Nonce, Puzzle};

/// Bytes of the longest line beside its option: P-UTC up to the year 9999, P-SIG, the stamp, 64
/// digits of nonce, four spaces, two quotation marks and the line feed.
pub const LINE_BYTES: usize = 12 + 88 + STAMP_CHARS + 64 + 7;

/// One vote.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Vote {
    /// The platform's stamp, which the vote was given under.
    pub platform: PlatformStamp,
    /// The voter's stamp, which names the vote.
    pub stamp: VoterStamp,
    /// The nonce that shows the work.
    pub nonce: Nonce,
    /// The option.
    pub say: String,
}

/// A line that is no vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line of the list is P-UTC, P-SIG, stamp, nonce and the option in quotation marks")]
pub struct VoteLineError;

impl Vote {
    /// The line of the list of votes, with its line feed.
    pub fn line(&self) -> String {
        let Self { platform, stamp, nonce, say } = self;
        let mut line = String::with_capacity(LINE_BYTES.saturating_add(say.len()));
        let signature = platform.signature_text();
        let _ = writeln!(line, "{} {signature} {stamp} {nonce} \"{say}\"", platform.period);
        line
    }

    /// The vote of a line; its line feed may be missing. [`Vote::line`] writes the line that was
    /// read, so lines that differ in more than that are not one vote.
    pub fn from_line(line: &str) -> Result<Self, VoteLineError> {
        let read = LineRead::of(line.strip_suffix('\n').unwrap_or(line)).ok_or(VoteLineError)?;
        let LineRead { platform, stamp, nonce, say } = read;
        Ok(Self { platform, stamp, nonce, say: say.to_owned() })
    }

    /// The digest of the line, by which the lists are sorted.
    pub fn digest(&self) -> Digest {
        Digest::of(self.line().as_bytes())
    }

    /// What the work is done on.
    pub fn puzzle(&self) -> Puzzle {
        let utc = self.platform.period.to_string();
        Puzzle::new(&utc, &self.platform.signature, &self.stamp.to_string(), &self.say)
    }

    /// The work that the vote shows, in bits.
    pub fn score(&self) -> u32 {
        self.puzzle().score(&self.nonce)
    }
}

/// A vote as a line says it, without a copy of the option.
pub(crate) struct LineRead<'a> {
    pub(crate) platform: PlatformStamp,
    pub(crate) stamp: VoterStamp,
    pub(crate) nonce: Nonce,
    pub(crate) say: &'a str,
}

impl<'a> LineRead<'a> {
    /// What a line says, without its line feed. Each field is taken in its one spelling only.
    pub(crate) fn of(line: &'a str) -> Option<Self> {
        let mut fields = line.splitn(5, ' ');
        let period = Period::from_text(fields.next()?)?;
        let signature = text::from_base64(fields.next()?)?;
        let stamp = fields.next()?.parse().ok()?;
        let nonce = fields.next()?.parse().ok()?;
        let say = fields.next()?.strip_prefix('"')?.strip_suffix('"')?;
        if say.is_empty() || say.contains('"') || say.contains(char::is_control) {
            return None;
        }
        let platform = PlatformStamp { period, signature };
        Some(Self { platform, stamp, nonce, say })
    }
}

/// What a voter finds of their vote in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The whole record, nonce included.
    AsCast,
    /// The stamp, with another record: changed, or another voter's vote shown under this stamp.
    Changed,
    /// The whole record more than once.
    Twice,
    /// Nothing.
    Missing,
}

/// Looks for a vote in the lines of a list. The whole record is compared: of two voters who chose
/// the same and were shown one stamp, only one finds their nonce.
pub fn find<'a>(own: &Vote, lines: impl IntoIterator<Item = &'a str>) -> Found {
    let (record, stamp) = (own.line(), own.stamp.to_string());
    let (mut same, mut other) = (0_u32, 0_u32);
    for line in lines {
        if line.trim_end_matches('\n') == record.trim_end_matches('\n') {
            same = same.saturating_add(1);
        } else if line.split(' ').nth(2) == Some(stamp.as_str()) {
            other = other.saturating_add(1);
        }
    }
    match (same, other) {
        (0, 0) => Found::Missing,
        (1, 0) => Found::AsCast,
        (0 | 1, _) => Found::Changed,
        _ => Found::Twice,
    }
}

#[cfg(test)]
mod tests;
