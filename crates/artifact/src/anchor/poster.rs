//! The anchor as lines for a poster.

use canon::Digest;
use canon::base32::{self, Base32Error};

use super::Anchor;
use crate::id::{ElectionId, GrammarError, Name};

/// Bytes of the digest in one line.
const LINE_BYTES: usize = 8;

/// The word before the election's id.
const ELECTION: &str = "election";

/// What is wrong with one line of a poster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The line cannot be read.
    #[error("line {line}: {error}")]
    Unreadable {
        /// The line of the digest, from 1.
        line: usize,
        /// What is wrong with it.
        error: Base32Error,
    },
    /// The line's own number is another.
    #[error("line {line}: it has number {found} (is a line missing, or out of order?)")]
    Number {
        /// The line of the digest, from 1.
        line: usize,
        /// The number it bears.
        found: u8,
    },
    /// The line has too few or too many symbols.
    #[error("line {line}: it holds {found} bytes, a line holds {LINE_BYTES}")]
    Length {
        /// The line of the digest, from 1.
        line: usize,
        /// Bytes that it holds.
        found: usize,
    },
}

/// Why a text is no poster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PosterError {
    /// No line that begins with the word `election`.
    #[error("no line 'election <id>' before the numbered lines")]
    NoElection,
    /// The election's id cannot be read.
    #[error(transparent)]
    Election(#[from] GrammarError),
    /// Too few or too many numbered lines.
    #[error("a poster has 4 numbered lines after 'election <id>', found {found}")]
    Count {
        /// Lines found.
        found: usize,
    },
    /// Lines that do not hold; every one of them.
    #[error("{}", join(.0))]
    Lines(Vec<LineError>),
}

fn join(errors: &[LineError]) -> String {
    errors.iter().map(LineError::to_string).collect::<Vec<_>>().join("; ")
}

/// Whether a text is meant as a poster rather than as TOML.
pub(super) fn looks_like_poster(text: &str) -> bool {
    text.lines().any(|line| election_of(line).is_some())
}

pub(super) fn write(anchor: &Anchor) -> String {
    let mut out = String::new();
    if let Some(title) = &anchor.title {
        out.push_str(title.as_str());
        out.push('\n');
    }
    out.push_str(ELECTION);
    out.push(' ');
    out.push_str(anchor.election_id.as_str());
    out.push('\n');
    for (number, part) in (1_u8..).zip(anchor.charter.as_bytes().chunks(LINE_BYTES)) {
        // Numbers 1 to 4 and 8 bytes lie within what a line can hold.
        out.push_str(&base32::encode_line(number, part).unwrap_or_default());
        out.push('\n');
    }
    out
}

/// The first eight symbols, as `7K3M-1PW4`.
pub(super) fn short(digest: &Digest) -> String {
    let symbols = base32::encode(digest.as_bytes());
    let (first, rest) = symbols.split_at_checked(4).unwrap_or((&symbols, ""));
    format!("{first}-{}", rest.get(..4).unwrap_or(rest))
}

pub(super) fn parse(text: &str) -> Result<Anchor, PosterError> {
    let lines = text.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    // The last such line: a title may begin with the same word.
    let at = lines.iter().rposition(|line| election_of(line).is_some());
    let (before, rest) = lines.split_at(at.ok_or(PosterError::NoElection)?);
    let title = before.first().copied();
    let (election, numbered) = rest.split_first().ok_or(PosterError::NoElection)?;
    let election_id: ElectionId = election_of(election).unwrap_or_default().parse()?;
    if numbered.len() != 32 / LINE_BYTES {
        return Err(PosterError::Count { found: numbered.len() });
    }
    let mut errors = Vec::new();
    let mut bytes = Vec::with_capacity(32);
    for (line, text) in (1_usize..).zip(numbered) {
        match digest_line(line, text) {
            Ok(part) => bytes.extend(part),
            Err(error) => errors.push(error),
        }
    }
    match <[u8; 32]>::try_from(bytes) {
        Ok(digest) if errors.is_empty() => Ok(Anchor {
            election_id,
            charter: Digest(digest),
            title: title.and_then(|title| Name::try_from(title).ok()),
            log: None,
            witnesses: None,
        }),
        _ => Err(PosterError::Lines(errors)),
    }
}

/// The id of a line `election <id>`, in any case and with any space between.
fn election_of(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let is_election = words.next()?.eq_ignore_ascii_case(ELECTION);
    let id = words.next()?;
    (is_election && id != "=" && words.next().is_none()).then_some(id)
}

fn digest_line(line: usize, text: &str) -> Result<Vec<u8>, LineError> {
    let (number, data) =
        base32::decode_line(text).map_err(|error| LineError::Unreadable { line, error })?;
    if usize::from(number) != line {
        return Err(LineError::Number { line, found: number });
    }
    if data.len() != LINE_BYTES {
        return Err(LineError::Length { line, found: data.len() });
    }
    Ok(data)
}
