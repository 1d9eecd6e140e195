//! Votes that were prepared beforehand, in a file.
//!
//! ```text
//! <token> SP <line of the list of votes>         one a line
//! ```
//!
//! The file holds unspent mandates and is for its owner only. Its stamps are good for half an hour.

use booth::mandate::Mandate;
use booth::request::VoteRequest;
use booth::vote::Vote;

/// A line that is no prepared vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is no prepared vote")]
pub struct PreparedError {
    /// The line, from 1.
    pub line: usize,
}

/// Votes that only have to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared(pub Vec<VoteRequest>);

impl Prepared {
    /// The votes of a file's text.
    pub fn parse(text: &str) -> Result<Self, PreparedError> {
        let lines = (1..).zip(text.lines());
        let requests = lines.map(|(number, line)| read(line).ok_or(PreparedError { line: number }));
        requests.collect::<Result<_, _>>().map(Self)
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        let lines = self.0.iter().map(|VoteRequest { vote, mandate }| {
            let (token, line) = (mandate.token(), vote.line());
            format!("{token} {line}")
        });
        lines.collect()
    }
}

fn read(line: &str) -> Option<VoteRequest> {
    let (token, vote) = line.split_once(' ')?;
    let mandate = Mandate::from_token(token).ok()?;
    Some(VoteRequest { vote: Vote::from_line(vote).ok()?, mandate })
}
