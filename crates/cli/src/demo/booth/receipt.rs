//! A voter of the crowd whose device keeps the record of a vote.

use std::path::Path;

use anyhow::Context as _;
use booth_server::voter::{KeptRecord, Record};

use super::platform::Platform;

/// What is kept of a vote.
pub(super) struct Kept {
    /// The file, as the voter's device writes it.
    pub(super) file: Vec<u8>,
}

impl Kept {
    /// Writes the record of the first voter who has both an acceptance and a receipt.
    pub(super) fn write(
        path: &Path,
        records: &[Record],
        platform: &Platform,
    ) -> anyhow::Result<Self> {
        let mut each = records.iter();
        let found = each.find(|record| record.acceptance.is_some() && record.receipt.is_some());
        let record = found.context("nobody has both an acceptance and a receipt")?;
        let kept = KeptRecord {
            edge: platform.edge().to_owned(),
            roots: None,
            campaign: std::fs::read_to_string(platform.folder.join("campaign.toml"))?,
            record: record.clone(),
        };
        kept.write(path)?;
        Ok(Self { file: kept.to_json() })
    }
}
