//! The list of links: which mandate cast which vote, for a trial's auditors alone.
//!
//! A trial may give up the secrecy of its votes, so that everything about them can be traced while
//! people come to know the system. Its campaign file then names auditors by the keys that
//! `age-keygen` made for them:
//!
//! ```toml
//! purpose = "trial"
//! link_auditors = ["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
//! ```
//!
//! Any other campaign that names one is refused: there, no such list can be made. The instance
//! writes a line for the records that become durable together, and keeps no key that opens it:
//!
//! ```text
//! base64( age file to all auditors ) LF
//!
//! content   "scrutineer/links/v1 " campaign LF, then of each record
//!           the line of the list of votes, the line of the list of voters, and line feeds up to
//!           the length of the campaign's longest record
//! ```
//!
//! An age file is as long as what it holds. In files of the lines as they are, who knows the order
//! in which people came would read their options off the lengths.

use canon::base64;

use crate::batch::Halves;
use crate::campaign::Campaign;
use crate::mandate::Mandate;
use crate::request::VoteRequest;
use crate::vote::Vote;

mod age;
mod key;

use age::AgeError;
pub use key::{Auditor, LinkKey};

/// Why a link cannot be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// No key that anything can be encrypted to.
    #[error("an auditor's key is `age1` and 58 letters and digits, as age-keygen shows it")]
    Auditor,
    /// No key that anything can be opened with.
    #[error("the file of a key has one line `AGE-SECRET-KEY-1…`, as age-keygen writes it")]
    Key,
    /// Not of the form of a line.
    #[error("a line of the list is an age file in base64")]
    Line,
    /// Encrypted to others.
    #[error("this line is for other auditors")]
    OtherAuditor,
    /// Changed.
    #[error("the line was changed")]
    Changed,
    /// Opened, and not of this campaign.
    #[error("what the line holds is of another campaign")]
    OtherCampaign,
    /// Opened, and no votes with their voters.
    #[error("what the line holds are no votes and no voters")]
    Content,
}

impl From<AgeError> for LinkError {
    fn from(error: AgeError) -> Self {
        match error {
            AgeError::Form => Self::Line,
            AgeError::OtherKey => Self::OtherAuditor,
            AgeError::Changed => Self::Changed,
        }
    }
}

/// The line of some records, for the campaign's auditors. `draw` gives 32 random bytes each time,
/// never the same.
pub fn line<'a>(
    campaign: &Campaign,
    records: impl IntoIterator<Item = &'a Halves>,
    draw: &mut dyn FnMut() -> [u8; 32],
) -> String {
    let mut content = heading(campaign);
    for Halves { vote, voter } in records {
        let end = content.len().saturating_add(campaign.longest_record());
        content.push_str(vote.line());
        content.push_str(voter.line());
        while content.len() < end {
            content.push('\n');
        }
    }
    let auditors = campaign.link_auditors().iter().map(|auditor| *auditor.key());
    let mut line = base64::encode(&age::encrypt(auditors, content.as_bytes(), draw));
    line.push('\n');
    line
}

impl LinkKey {
    /// The votes of a line with their voters; its line feed may be missing.
    pub fn open(&self, campaign: &Campaign, line: &str) -> Result<Vec<VoteRequest>, LinkError> {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let file = base64::decode(line.as_bytes()).ok_or(LinkError::Line)?;
        let content = age::decrypt(self.secret(), &file)?;
        let content = std::str::from_utf8(&content).map_err(|_| LinkError::Content)?;
        if !content.starts_with("scrutineer/links/v1 ") {
            return Err(LinkError::Content);
        }
        let content = content.strip_prefix(&heading(campaign)).ok_or(LinkError::OtherCampaign)?;
        read(content).ok_or(LinkError::Content)
    }
}

fn heading(campaign: &Campaign) -> String {
    format!("scrutineer/links/v1 {}\n", campaign.name())
}

fn read(content: &str) -> Option<Vec<VoteRequest>> {
    let mut lines = content.lines().filter(|line| !line.is_empty());
    let mut found = Vec::new();
    while let Some(vote) = lines.next() {
        let vote = Vote::from_line(vote).ok()?;
        let mandate = Mandate::from_voters_line(lines.next()?).ok()?;
        found.push(VoteRequest { vote, mandate });
    }
    Some(found)
}

#[cfg(test)]
mod tests;
