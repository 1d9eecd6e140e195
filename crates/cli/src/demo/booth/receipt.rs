//! A voter of the crowd whose device keeps the record of a vote.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Context as _;
use booth::vote::Vote;
use booth_server::voter::{KeptRecord, Record};

use super::platform::Platform;
use super::shown::Shown;

/// What is kept of a vote that the early snapshot shows.
pub(super) struct Kept {
    pub(super) vote: Vote,
    /// The file, as the voter's device writes it.
    pub(super) file: Vec<u8>,
}

impl Kept {
    /// Writes the record of the first voter who has both an acceptance and a receipt.
    pub(super) fn write(
        path: &Path,
        records: &[Record],
        shown: &Shown,
        platform: &Platform,
    ) -> anyhow::Result<Self> {
        let early: HashSet<&str> = shown.votes[..shown.early].iter().map(String::as_str).collect();
        let signed = |record: &&Record| record.acceptance.is_some() && record.receipt.is_some();
        let each = records.iter().filter(signed);
        let mut each = each.filter_map(|record| Some((record, record.vote()?)));
        let found = each.find(|(_, vote)| early.contains(vote.line().as_str()));
        let (record, vote) = found.context("nobody has a receipt of an early vote")?;
        let kept = KeptRecord {
            edge: platform.edge().to_owned(),
            roots: None,
            campaign: std::fs::read_to_string(platform.folder.join("campaign.toml"))?,
            record: record.clone(),
        };
        kept.write(path)?;
        Ok(Self { vote, file: kept.to_json() })
    }
}
